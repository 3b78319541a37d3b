import { texts } from "../../i18n/texts";

export const gateway = texts(
  {
    title: "APIs",
    apis: "APIs",
    groups: "Groups",
    apps: "Apps",
    throttles: "Throttling",
    acls: "Access control",
    plugins: "Plug-ins",
    authorizers: "Custom authorizers",
    environments: "Environments",
  },
  {
    title: "API 管理",
    apis: "API 列表",
    groups: "API 分组",
    apps: "凭据(应用)",
    throttles: "流量控制",
    acls: "访问控制",
    plugins: "插件",
    authorizers: "自定义认证",
    environments: "环境",
  },
);
