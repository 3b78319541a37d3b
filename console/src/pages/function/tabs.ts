import { texts } from "../../i18n/texts";

/** The names of a function's tabs. */
export const tabs = texts(
  {
    overview: "Overview",
    code: "Code",
    test: "Test",
    triggers: "Triggers",
    versions: "Versions and aliases",
    monitor: "Monitor",
    requests: "Requests",
    logs: "Logs",
    configuration: "Configuration",
  },
  {
    overview: "概览",
    code: "代码",
    test: "测试",
    triggers: "触发器",
    versions: "版本与别名",
    monitor: "监控",
    requests: "请求",
    logs: "日志",
    configuration: "设置",
  },
);
