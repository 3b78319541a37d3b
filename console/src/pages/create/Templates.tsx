import { useMutation, useQuery } from "@tanstack/react-query";
import { Alert, Flex, Select, Typography } from "antd";
import { useTranslation } from "react-i18next";
import { type Template, template, templateList } from "../../api/extras";
import { inspect } from "../../rules/package";
import { fromBase64 } from "../../shared/base64";
import { ErrorNote } from "../../shared/ErrorNote";
import type { Package } from "../../shared/PackageDrop";
import { useProject } from "../../shell/project";

/** Functions to begin with: the chosen one's code comes as if its zip was given. */
export function Templates({ onChosen }: { onChosen: (file: Package, from: Template) => void }) {
  const { t } = useTranslation("extras");
  const project = useProject();
  const all = useQuery(templateList(project));
  const open = useMutation({
    mutationFn: (id: string) => template(project, id),
    onSuccess: (found) => {
      const content = fromBase64(found.code ?? "");
      onChosen({ name: `${found.id}.zip`, content: new Blob([content]), look: inspect(content) }, found);
    },
  });
  const warning = open.data?.temp_detail?.warning;
  return (
    <Flex vertical gap={8} style={{ marginBottom: 12 }}>
      <Select
        placeholder={t("templates.choose")}
        aria-label={t("templates.choose")}
        loading={all.isPending || open.isPending}
        onChange={(id: string) => open.mutate(id)}
        optionFilterProp="label"
        options={(all.data ?? []).map(({ id, title, description }) => ({
          value: id,
          label: title,
          title: description,
        }))}
      />
      {open.data && <Typography.Text type="secondary">{open.data.description}</Typography.Text>}
      {warning && <Alert type="info" showIcon title={warning} />}
      {all.isError && <ErrorNote error={all.error} retry={all.refetch} />}
      {open.isError && <ErrorNote error={open.error} />}
    </Flex>
  );
}
