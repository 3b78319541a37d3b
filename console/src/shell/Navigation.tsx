import {
  ApiOutlined,
  AuditOutlined,
  FileTextOutlined,
  FunctionOutlined,
  LineChartOutlined,
  LockOutlined,
  SettingOutlined,
  SwapOutlined,
  TeamOutlined,
} from "@ant-design/icons";
import { Link, useLocation } from "@tanstack/react-router";
import { Menu } from "antd";
import { useTranslation } from "react-i18next";
import { type Area, useRefusal } from "./rights";

/** The menu: what is there, and nothing else. */
export function Navigation({ onChosen }: { onChosen?: () => void }) {
  const { t } = useTranslation("shell");
  const { pathname } = useLocation();
  const here = pathname.split("/")[1] ?? "";
  return (
    <nav aria-label={t("menu")}>
      <Menu
        mode="inline"
        selectedKeys={[here]}
        onClick={onChosen}
        style={{ borderInlineEnd: 0, paddingTop: 8 }}
        items={[
          { key: "functions", icon: <FunctionOutlined />, label: <Link to="/functions">{t("functions")}</Link> },
          { key: "apis", icon: <ApiOutlined />, label: <Entry area="apis" to="/apis" /> },
          { key: "monitor", icon: <LineChartOutlined />, label: <Link to="/monitor">{t("monitor")}</Link> },
          { key: "requests", icon: <SwapOutlined />, label: <Link to="/requests">{t("requests")}</Link> },
          { key: "logs", icon: <FileTextOutlined />, label: <Link to="/logs">{t("logs")}</Link> },
          { key: "system", icon: <SettingOutlined />, label: <Link to="/system">{t("systemPage")}</Link> },
          { key: "iam", icon: <TeamOutlined />, label: <Entry area="iam" to="/iam/users" /> },
          { key: "audit", icon: <AuditOutlined />, label: <Entry area="audit" to="/audit" /> },
        ]}
      />
    </nav>
  );
}

/** An entry that says so where its page is closed to whoever is signed in. */
function Entry({ area, to }: { area: Area; to: "/apis" | "/iam/users" | "/audit" }) {
  const { t } = useTranslation("shell");
  const refusal = useRefusal(area);
  return (
    <Link to={to} title={refusal}>
      {t(area)} {refusal && <LockOutlined aria-label={t("closed")} />}
    </Link>
  );
}
