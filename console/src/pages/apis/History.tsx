import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { App, Button, Card, Empty, Table, Tag } from "antd";
import { useTranslation } from "react-i18next";
import { type Api, apiVersions, switchVersion, type Version } from "../../api/apig";
import { ErrorNote } from "../../shared/ErrorNote";
import { moment } from "../../shared/format";
import { useProject } from "../../shell/project";

/** Everything that was published of an API; one of each environment answers, and another can be made to. */
export function History({ api }: { api: Api }) {
  const { t, i18n } = useTranslation("apis");
  const project = useProject();
  const queries = useQueryClient();
  const { message } = App.useApp();
  const versions = useQuery(apiVersions(project, api.id ?? ""));
  const change = useMutation({
    mutationFn: (version: string) => switchVersion(project, api.id ?? "", version),
    onSuccess: () => message.success(t("switched")),
    onError: (error) => message.error(error.message),
    onSettled: () => Promise.all([["api"], ["apis"]].map((queryKey) => queries.invalidateQueries({ queryKey }))),
  });
  return (
    <Card size="small" title={t("history")}>
      {versions.isError && <ErrorNote error={versions.error} retry={versions.refetch} />}
      <Table<Version>
        size="small"
        rowKey={(one) => one.version_id ?? ""}
        loading={versions.isPending}
        dataSource={versions.data ?? []}
        scroll={{ x: "max-content" }}
        pagination={false}
        locale={{ emptyText: <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={t("noHistory")} /> }}
        columns={[
          { title: t("version"), key: "version", render: (_, one) => <span className="mono">{one.version_no}</span> },
          { title: t("environment"), dataIndex: "env_name" },
          { title: t("time"), key: "time", render: (_, one) => moment(one.publish_time, i18n.language) },
          { title: t("remark"), dataIndex: "remark" },
          {
            title: t("state"),
            key: "state",
            render: (_, one) =>
              one.status === 1 ? (
                <Tag color="success" variant="solid">
                  {t("current")}
                </Tag>
              ) : (
                <Tag>{t("old")}</Tag>
              ),
          },
          {
            key: "actions",
            align: "end",
            render: (_, one) =>
              one.status !== 1 && (
                <Button size="small" loading={change.isPending} onClick={() => change.mutate(one.version_id ?? "")}>
                  {t("switch")}
                </Button>
              ),
          },
        ]}
      />
    </Card>
  );
}
