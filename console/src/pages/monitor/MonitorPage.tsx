import { useQuery } from "@tanstack/react-query";
import { Flex, Select, Typography } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { functionList, withoutVersion } from "../../api/functions";
import { useProject } from "../../shell/project";
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

interface Choice {
  project: string;
  value: string | undefined;
  onChange: (fn: string | undefined) => void;
}

/** One function, or all of the project. */
export function FunctionSelect({ project, value, onChange }: Choice) {
  const { t } = useTranslation("monitor");
  const functions = useQuery(functionList(project));
  return (
    <Select
      showSearch
      allowClear
      aria-label={t("function")}
      placeholder={t("allFunctions")}
      loading={functions.isPending}
      value={value}
      onChange={onChange}
      style={{ minWidth: 200, maxWidth: "100%" }}
      options={(functions.data ?? []).map((one) => ({
        value: withoutVersion(one.func_urn),
        label: one.package === "default" ? one.func_name : `${one.package}:${one.func_name}`,
      }))}
    />
  );
}
