import { useNavigate, useParams } from "@tanstack/react-router";
import { Flex, Tabs, Typography } from "antd";
import { useTranslation } from "react-i18next";
import { Machine } from "./Machine";
import { Quotas } from "./Quotas";
import { Runtimes } from "./Runtimes";
import { UsageTable } from "./UsageTable";

const TABS = { machine: Machine, runtimes: Runtimes, quotas: Quotas, usage: UsageTable };
type Tab = keyof typeof TABS;

/** The installation: its machine, runtimes, limits, and what is used of them. */
export default function SystemPage() {
  const { t } = useTranslation("system");
  const { tab } = useParams({ from: "/observe/system/$tab" });
  const navigate = useNavigate();
  return (
    <Flex vertical gap={4}>
      <Typography.Title level={1} style={{ fontSize: 20, margin: 0 }}>
        {t("systemPage", { ns: "shell" })}
      </Typography.Title>
      <Tabs
        activeKey={tab in TABS ? tab : "machine"}
        destroyOnHidden
        items={Object.entries(TABS).map(([key, Part]) => ({
          key,
          label: t(`tab.${key as Tab}`),
          children: <Part />,
        }))}
        onChange={(key) => navigate({ to: "/system/$tab", params: { tab: key } })}
      />
    </Flex>
  );
}
