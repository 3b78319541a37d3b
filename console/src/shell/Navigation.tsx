import {
  ApiOutlined,
  AuditOutlined,
  FileTextOutlined,
  FunctionOutlined,
  LineChartOutlined,
  SettingOutlined,
  SwapOutlined,
  TeamOutlined,
} from "@ant-design/icons";
import { Link, useLocation } from "@tanstack/react-router";
import { Menu } from "antd";
import { useTranslation } from "react-i18next";

/** The menu: what is there, and nothing else. */
export function Navigation({ onChosen }: { onChosen?: () => void }) {
  const { t } = useTranslation("shell");
  const { pathname } = useLocation();
  const here = pathname.split("/")[1] ?? "";
  return (
    <Menu
      mode="inline"
      selectedKeys={[here]}
      onClick={onChosen}
      style={{ borderInlineEnd: 0, paddingTop: 8 }}
      items={[
        { key: "functions", icon: <FunctionOutlined />, label: <Link to="/functions">{t("functions")}</Link> },
        { key: "apis", icon: <ApiOutlined />, label: <Link to="/apis">{t("apis")}</Link> },
        { key: "monitor", icon: <LineChartOutlined />, label: <Link to="/monitor">{t("monitor")}</Link> },
        { key: "requests", icon: <SwapOutlined />, label: <Link to="/requests">{t("requests")}</Link> },
        { key: "logs", icon: <FileTextOutlined />, label: <Link to="/logs">{t("logs")}</Link> },
        { key: "system", icon: <SettingOutlined />, label: <Link to="/system">{t("systemPage")}</Link> },
        { key: "iam", icon: <TeamOutlined />, label: <Link to="/iam/users">{t("iam")}</Link> },
        { key: "audit", icon: <AuditOutlined />, label: <Link to="/audit">{t("audit")}</Link> },
      ]}
    />
  );
}
