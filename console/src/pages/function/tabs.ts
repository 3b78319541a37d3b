import { texts } from "../../i18n/texts";

/** The names of a function's tabs. */
export const tabs = texts(
  {
    overview: "Overview",
    code: "Code",
    test: "Test",
    triggers: "Triggers",
    versions: "Versions and aliases",
    instances: "Instances",
    monitor: "Monitor",
    requests: "Requests",
    logs: "Logs",
    configuration: "Configuration",
    reserved: "Reserved",
    dependencies: "Dependencies",
    tags: "Tags",
  },
  {
    overview: "概览",
    code: "代码",
    test: "测试",
    triggers: "触发器",
    versions: "版本与别名",
    instances: "实例",
    monitor: "监控",
    requests: "请求",
    logs: "日志",
    configuration: "设置",
    reserved: "预留实例",
    dependencies: "依赖包",
    tags: "标签",
  },
);
