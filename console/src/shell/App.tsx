import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { App as AntApp, ConfigProvider, theme } from "antd";
import en from "antd/locale/en_US";
import zh from "antd/locale/zh_CN";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { ApiError, onSessionEnd } from "../api/client";
import { onSessionChange, sessionKey } from "../api/session";
import { Login } from "../pages/login/Login";
import { nonce } from "./nonce";
import { router } from "./router";
import { isCalm, useDark } from "./theme";

/** Texts that the usual theme has fainter than 4.5 : 1 (WCAG 2.1, 1.4.3). */
const LIGHT = {
  colorTextTertiary: "rgba(0, 0, 0, 0.62)",
  colorTextDescription: "rgba(0, 0, 0, 0.62)",
  colorTextPlaceholder: "rgba(0, 0, 0, 0.6)",
  colorSuccess: "#237804",
  colorSuccessBg: "#f6ffed",
  colorSuccessBorder: "#b7eb8f",
  colorError: "#cf1322",
  colorLink: "#1158b7",
  colorPrimaryHover: "#1158b7",
};
const DARK = {
  colorTextTertiary: "rgba(255, 255, 255, 0.68)",
  colorTextDescription: "rgba(255, 255, 255, 0.68)",
  colorTextPlaceholder: "rgba(255, 255, 255, 0.6)",
  colorLink: "#69a8ff",
  colorLinkHover: "#91c0ff",
};
/** Coloured texts, where the usual colours are meant for what lies under white text. */
const DARK_PARTS = {
  Button: { colorError: "#ff7875", dangerColor: "#1f1f1f" },
  Tag: { colorSuccess: "#237804" },
  Form: { colorError: "#ff7875" },
  Typography: { colorError: "#ff7875", colorErrorText: "#ff7875" },
  Table: { rowSelectedBg: "#111d33", rowSelectedHoverBg: "#15233d" },
  Menu: { itemSelectedColor: "#91c0ff" },
  Tabs: { itemSelectedColor: "#69a8ff", itemHoverColor: "#91c0ff", itemActiveColor: "#69a8ff" },
};

const refused = (error: unknown) => error instanceof ApiError && error.status >= 400 && error.status < 500;
const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 2_000,
      // funcd is on this machine or near it: what fails for want of an answer is asked again until there is one.
      retry: (count, error) => !refused(error) && (count < 2 || (error instanceof ApiError && error.status === 0)),
      retryDelay: (count) => Math.min(500 * 2 ** count, 5_000),
    },
  },
});

/** Whether somebody is signed in, here or in another tab. */
function useSignedIn(): [boolean, () => void] {
  const [key, setKey] = useState(sessionKey);
  useEffect(() => {
    const look = () => {
      queries.clear();
      setKey(sessionKey());
    };
    onSessionEnd(look);
    return onSessionChange(look);
  }, []);
  return [key !== null, () => setKey(sessionKey())];
}

export function App() {
  const { i18n } = useTranslation();
  const dark = useDark();
  const [signedIn, look] = useSignedIn();
  useEffect(() => {
    document.documentElement.dataset.theme = dark ? "dark" : "light";
  }, [dark]);
  return (
    <ConfigProvider
      button={{ autoInsertSpace: false }}
      csp={{ nonce }}
      locale={i18n.language === "zh" ? zh : en}
      theme={{
        algorithm: dark ? theme.darkAlgorithm : theme.defaultAlgorithm,
        token: { colorPrimary: "#1668dc", borderRadius: 6, motion: !isCalm, ...(dark ? DARK : LIGHT) },
        components: dark ? DARK_PARTS : {},
      }}
    >
      <AntApp className="app">
        <QueryClientProvider client={queries}>
          {signedIn ? <RouterProvider router={router} /> : <Login onSignedIn={look} />}
        </QueryClientProvider>
      </AntApp>
    </ConfigProvider>
  );
}
