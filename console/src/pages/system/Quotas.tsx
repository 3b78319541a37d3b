import { useQuery } from "@tanstack/react-query";
import { Flex, Progress, Table, type TableColumnsType } from "antd";
import { useTranslation } from "react-i18next";
import { type Quota, quotas } from "../../api/system";
import { ErrorNote } from "../../shared/ErrorNote";
import { SameAs } from "../../shared/SameAs";
import { useProject } from "../../shell/project";

/** What a project may have, and what it has. */
export function Quotas() {
  const { t } = useTranslation("system");
  const project = useProject();
  const found = useQuery(quotas(project));
  const columns: TableColumnsType<Quota> = [
    { title: t("quota"), key: "type", render: (_, one) => t(`quotas.${one.type as "fgs_func_num"}`, one.type ?? "") },
    { title: t("used"), key: "used", align: "end", render: (_, one) => one.used ?? "–" },
    { title: t("limit"), key: "limit", align: "end", render: (_, one) => `${one.quota ?? ""} ${one.unit ?? ""}` },
    {
      key: "share",
      render: (_, one) =>
        one.used !== undefined && one.quota ? (
          <Progress
            aria-label={t("used")}
            percent={Math.round((100 * one.used) / one.quota)}
            size="small"
            style={{ minWidth: 120 }}
          />
        ) : null,
    },
  ];
  return (
    <Flex vertical gap={12}>
      {found.isError && <ErrorNote error={found.error} retry={found.refetch} />}
      <Table<Quota>
        size="small"
        rowKey={(one) => one.type ?? ""}
        columns={columns}
        // There are no workflows.
        dataSource={(found.data ?? []).filter((one) => one.type !== "fgs_workflow_num")}
        loading={found.isPending}
        pagination={false}
        scroll={{ x: "max-content" }}
      />
      <SameAs rest={{ method: "GET", path: `/v2/${project}/fgs/quotas` }} />
    </Flex>
  );
}
