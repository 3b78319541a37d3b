import { Flex, Typography } from "antd";
import { useTranslation } from "react-i18next";
import { RequestView } from "./RequestView";

/** What the functions of the project are asked, as it happens. */
export default function RequestsPage() {
  const { t } = useTranslation("shell");
  return (
    <Flex vertical gap={16}>
      <Typography.Title level={1} style={{ fontSize: 20, margin: 0 }}>
        {t("requests")}
      </Typography.Title>
      <RequestView />
    </Flex>
  );
}
