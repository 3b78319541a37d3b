import { Flex, Typography } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useProject } from "../../shell/project";
import { FunctionSelect } from "./FunctionSelect";
import { Monitor } from "./Monitor";

/** What the requests of the project came to, or those of one of its functions. */
export default function MonitorPage() {
  const { t } = useTranslation("monitor");
  const project = useProject();
  const [fn, setFn] = useState<string>();
  return (
    <Flex vertical gap={16}>
      <Flex gap={12} wrap align="center">
        <Typography.Title level={1} style={{ fontSize: 20, margin: 0 }}>
          {t("monitor", { ns: "shell" })}
        </Typography.Title>
        <span className="grow" />
        <FunctionSelect project={project} value={fn} onChange={setFn} />
      </Flex>
      <Monitor key={fn ?? ""} project={project} fn={fn} />
    </Flex>
  );
}
