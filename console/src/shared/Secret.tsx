import { EyeInvisibleOutlined, EyeOutlined } from "@ant-design/icons";
import { Button, Flex, Typography } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";

/** A text that others should not read over a shoulder: shown when asked for, copied without being shown. */
export function Secret({ text }: { text: string }) {
  const { t } = useTranslation();
  const [shown, setShown] = useState(false);
  return (
    <Flex align="center" gap={4}>
      <Typography.Text className="mono break" copyable={{ text }}>
        {shown ? text : "••••••••••••"}
      </Typography.Text>
      <Button
        type="text"
        size="small"
        icon={shown ? <EyeInvisibleOutlined /> : <EyeOutlined />}
        aria-label={t(shown ? "hide" : "show")}
        onClick={() => setShown(!shown)}
      />
    </Flex>
  );
}
