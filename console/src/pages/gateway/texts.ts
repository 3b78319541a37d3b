import { texts } from "../../i18n/texts";

export const gateway = texts(
  {
    title: "APIs",
    apis: "APIs",
    groups: "Groups",
    apps: "Apps",
  },
  {
    title: "API 管理",
    apis: "API 列表",
    groups: "API 分组",
    apps: "凭据(应用)",
  },
);
