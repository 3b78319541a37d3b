import { Flex, Typography } from "antd";
import { useTranslation } from "react-i18next";
import { LogView } from "./LogView";

/** What the functions of the project say. */
export default function LogsPage() {
  const { t } = useTranslation("shell");
  return (
    <Flex vertical gap={16}>
      <Typography.Title level={1} style={{ fontSize: 20, margin: 0 }}>
        {t("logs")}
      </Typography.Title>
      <LogView />
    </Flex>
  );
}
