import { useQuery } from "@tanstack/react-query";
import { Select } from "antd";
import { useTranslation } from "react-i18next";
import { functionList, withoutVersion } from "../../api/functions";

interface Props {
  project: string;
  value: string | undefined;
  onChange: (fn: string | undefined) => void;
}

/** One function, or all of the project. */
export function FunctionSelect({ project, value, onChange }: Props) {
  const { t } = useTranslation("monitor");
  const functions = useQuery(functionList(project));
  return (
    <Select
      showSearch={{ optionFilterProp: "label" }}
      allowClear
      aria-label={t("function")}
      placeholder={t("allFunctions")}
      loading={functions.isPending}
      value={value}
      onChange={onChange}
      style={{ minWidth: 180, maxWidth: "100%" }}
      options={(functions.data ?? []).map((one) => ({
        value: withoutVersion(one.func_urn),
        label: one.package === "default" ? one.func_name : `${one.package}:${one.func_name}`,
      }))}
    />
  );
}
