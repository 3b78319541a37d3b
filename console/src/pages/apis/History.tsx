import { useQuery } from "@tanstack/react-query";
import { Card, Empty, Table, Tag } from "antd";
import { useTranslation } from "react-i18next";
import { type Api, apis, apiVersions, type Version } from "../../api/apig";
import { ErrorNote } from "../../shared/ErrorNote";
import { moment } from "../../shared/format";
import { SendButton } from "../../shared/SendButton";
import { shell } from "../../shared/shell";
import { useScope } from "../gateway/scope";

/** Everything that was published of an API; one of each environment answers, and another can be made to. */
export function History({ api }: { api: Api }) {
  const { t, i18n } = useTranslation("apis");
  const scope = useScope();
  const id = api.id ?? "";
  const versions = useQuery(apiVersions(scope.project_id, id));
  const letAnswer = (one: Version) => (
    <SendButton
      button={{ size: "small" }}
      label={t("switch")}
      title={t("switchTitle", { version: one.version_no ?? "", env: one.env_name ?? "" })}
      text={t("switchText")}
      call={apis.switch(scope, id, one.version_id ?? "")}
      cli={`sudo funcd api switch ${shell(id)} ${shell(one.version_id ?? "")}`}
      changed={[["api"], ["apis"]]}
      done={t("switched")}
    />
  );
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
          { key: "actions", align: "end", render: (_, one) => one.status !== 1 && letAnswer(one) },
        ]}
      />
    </Card>
  );
}
