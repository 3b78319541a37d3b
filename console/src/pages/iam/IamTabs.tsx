import { useLocation, useNavigate } from "@tanstack/react-router";
import { Skeleton, Tabs, Typography } from "antd";
import { lazy, Suspense } from "react";
import { useTranslation } from "react-i18next";

const PAGES = {
  users: lazy(() => import("./UsersTab")),
  groups: lazy(() => import("./GroupsTab")),
  roles: lazy(() => import("./RolesTab")),
  agencies: lazy(() => import("./AgenciesTab")),
} as const;
type Tab = keyof typeof PAGES;
const TABS = Object.keys(PAGES) as Tab[];

/** Who may do what, each kind in a tab with an address. */
export default function IamTabs() {
  const { t } = useTranslation("iam");
  const { pathname } = useLocation();
  const navigate = useNavigate();
  const named = pathname.split("/")[2] ?? "";
  const tab = TABS.find((one) => one === named) ?? "users";
  const Shown = PAGES[tab];
  return (
    <>
      <Typography.Title level={1} style={{ fontSize: 20, margin: 0 }}>
        {t("title")}
      </Typography.Title>
      <Tabs
        activeKey={tab}
        onChange={(key) => navigate({ to: `/iam/${key}` as "/iam/users" })}
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
