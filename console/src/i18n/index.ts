import i18next from "i18next";
import { initReactI18next } from "react-i18next";
import { apis } from "../pages/apis/texts";
import { apps } from "../pages/apps/texts";
import { audit } from "../pages/audit/texts";
import { authorizers } from "../pages/authorizers/texts";
import { callPage } from "../pages/call/texts";
import { create } from "../pages/create/texts";
import { definition } from "../pages/definition/texts";
import { extras } from "../pages/extras/texts";
import { configuration } from "../pages/function/configurationTexts";
import { invoke } from "../pages/function/invokeTexts";
import { tabs } from "../pages/function/tabs";
import { fn } from "../pages/function/texts";
import { functions } from "../pages/functions/texts";
import { gateway } from "../pages/gateway/texts";
import { groups } from "../pages/groups/texts";
import { iam } from "../pages/iam/texts";
import { instances } from "../pages/instances/texts";
import { login } from "../pages/login/texts";
import { logs } from "../pages/logs/texts";
import { monitor } from "../pages/monitor/texts";
import { policies } from "../pages/policies/texts";
import { headers } from "../pages/requests/headerTexts";
import { requests } from "../pages/requests/texts";
import { system } from "../pages/system/texts";
import { versions } from "../pages/versions/texts";
import { common } from "../shared/texts";
import { shell } from "../shell/texts";

const pages = {
  common,
  shell,
  login,
  functions,
  create,
  fn,
  tabs,
  invoke,
  configuration,
  versions,
  instances,
  extras,
  apis,
  definition,
  authorizers,
  gateway,
  apps,
  monitor,
  requests,
  headers,
  logs,
  system,
  policies,
  groups,
  iam,
  callPage,
  audit,
};
type Pages = typeof pages;

const of = (language: "en" | "zh") =>
  Object.fromEntries(Object.entries(pages).map(([name, texts]) => [name, texts[language]]));

declare module "i18next" {
  interface CustomTypeOptions {
    defaultNS: "common";
    resources: { [Name in keyof Pages]: Pages[Name]["en"] };
  }
}

export type Language = "en" | "zh";
const KEY = "funcd.language";

function preferred(): Language {
  const kept = localStorage.getItem(KEY);
  if (kept === "en" || kept === "zh") return kept;
  return navigator.language.toLowerCase().startsWith("zh") ? "zh" : "en";
}

export function setLanguage(language: Language) {
  localStorage.setItem(KEY, language);
  document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
  void i18next.changeLanguage(language);
}

export function startTexts() {
  const lng = preferred();
  void i18next.use(initReactI18next).init({
    lng,
    fallbackLng: "en",
    defaultNS: "common",
    resources: { en: of("en"), zh: of("zh") },
    interpolation: { escapeValue: false },
    initAsync: false,
  });
  document.documentElement.lang = lng === "zh" ? "zh-CN" : "en";
}
