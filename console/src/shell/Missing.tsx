import { Link } from "@tanstack/react-router";
import { Result } from "antd";
import { useTranslation } from "react-i18next";

export function Missing() {
  const { t } = useTranslation("shell");
  return <Result status="404" title={t("missing")} extra={<Link to="/functions">{t("home")}</Link>} />;
}
