import { useLocation, useNavigate } from "@tanstack/react-router";
import { Skeleton, Tabs, Typography } from "antd";
import { lazy, Suspense } from "react";
import { useTranslation } from "react-i18next";

const PAGES = {
  apis: lazy(() => import("../apis/ApisTab")),
  groups: lazy(() => import("../apis/Groups")),
  apps: lazy(() => import("../apps/AppsTab")),
  throttles: lazy(() => import("../policies/ThrottlesTab")),
  acls: lazy(() => import("../policies/AclsTab")),
  plugins: lazy(() => import("../policies/PluginsTab")),
  authorizers: lazy(() => import("../authorizers/AuthorizersTab")),
  environments: lazy(() => import("../groups/EnvironmentsTab")),
} as const;
type Tab = keyof typeof PAGES;
const TABS = Object.keys(PAGES) as Tab[];

/** The gateway's page: what can be managed of it, each in a tab with an address. */
export default function GatewayTabs() {
  const { t } = useTranslation("gateway");
  const { pathname } = useLocation();
  const navigate = useNavigate();
  const named = pathname.split("/")[2] ?? "";
  const tab = TABS.find((one) => one === named) ?? "apis";
  const Shown = PAGES[tab];
  return (
    <>
      <Typography.Title level={1} style={{ fontSize: 20, margin: 0 }}>
        {t("title")}
      </Typography.Title>
      <Tabs
        activeKey={tab}
        onChange={(key) => navigate({ to: key === "apis" ? "/apis" : (`/apis/${key}` as "/apis") })}
        items={TABS.map((key) => ({
          key,
          label: t(key),
          children: key === tab && (
            <Suspense fallback={<Skeleton active />}>
              <Shown />
            </Suspense>
          ),
        }))}
      />
    </>
  );
}
