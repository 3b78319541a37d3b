import { DeleteOutlined, EditOutlined, PlusOutlined, RollbackOutlined } from "@ant-design/icons";
import { Button, Card, Empty, Flex, Progress, Table, Tag, Tooltip, Typography } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { type Alias, deleteAlias, type Version } from "../../api/versions";
import { aliasFields, publishedBefore } from "../../rules/alias";
import { CopyLine } from "../../shared/CopyLine";
import { moment } from "../../shared/format";
import { SendButton } from "../../shared/SendButton";
import { shell } from "../../shared/shell";
import { usePlace } from "../function/place";
import { AliasDialog } from "./AliasDialog";

interface Props {
  versions: Version[];
  aliases: Alias[];
  loading: boolean;
  onMove: (alias: Alias, to: string) => void;
}

export function Aliases({ versions, aliases, loading, onMove }: Props) {
  const { t, i18n } = useTranslation("versions");
  const { urn } = usePlace();
  const [editing, edit] = useState<{ alias: Alias | undefined }>();
  const add = (
    <Button icon={<PlusOutlined />} onClick={() => edit({ alias: undefined })}>
      {t("createAlias")}
    </Button>
  );
  return (
    <Card size="small" title={t("aliases")} extra={add}>
      <Typography.Paragraph type="secondary">{t("aliasesHint")}</Typography.Paragraph>
      <Table<Alias>
        size="small"
        rowKey="name"
        loading={loading}
        dataSource={aliases}
        pagination={false}
        scroll={{ x: "max-content" }}
        locale={{ emptyText: <NoAliases line={`sudo funcd alias set ${shell(urn)} prod v1`} /> }}
        columns={[
          { title: t("aliasName"), key: "name", render: (_, one) => <strong className="mono">{one.name}</strong> },
          { title: t("standsFor"), key: "version", render: (_, one) => <StandsFor alias={one} /> },
          {
            title: t("description"),
            key: "description",
            responsive: ["md"],
            render: (_, { description }) => <span className="break">{description}</span>,
          },
          {
            title: t("modified"),
            key: "modified",
            responsive: ["md"],
            render: (_, one) => moment(one.last_modified, i18n.language),
          },
          {
            key: "actions",
            align: "end",
            render: (_, one) => (
              <Flex gap={4} justify="end">
                <RollBack alias={one} versions={versions} onMove={onMove} />
                <Tooltip title={t("edit")}>
                  <Button
                    size="small"
                    icon={<EditOutlined />}
                    aria-label={t("editAlias", { name: one.name })}
                    onClick={() => edit({ alias: one })}
                  />
                </Tooltip>
                <Delete alias={one} />
              </Flex>
            ),
          },
        ]}
      />
      {editing && (
        <AliasDialog alias={editing.alias} versions={versions} aliases={aliases} onClose={() => edit(undefined)} />
      )}
    </Card>
  );
}

/** Back to the version before; from the oldest one there is no way back, and the other versions are newer. */
function RollBack({ alias, versions, onMove }: { alias: Alias } & Pick<Props, "versions" | "onMove">) {
  const { t } = useTranslation("versions");
  const to = publishedBefore(alias.version, versions);
  return (
    <Tooltip title={to ? undefined : t("nothingBefore", { version: alias.version })}>
      <Button
        size="small"
        icon={<RollbackOutlined />}
        disabled={to === undefined}
        onClick={() => to && onMove(alias, to)}
      >
        {t("rollBack")}
      </Button>
    </Tooltip>
  );
}

function NoAliases({ line }: { line: string }) {
  const { t } = useTranslation("versions");
  return (
    <Empty
      image={Empty.PRESENTED_IMAGE_SIMPLE}
      description={
        <Flex vertical gap={8} align="center">
          {t("noAliases")}
          <CopyLine text={line} />
        </Flex>
      }
    />
  );
}

/** `v1`, or two versions with what each gets. */
function StandsFor({ alias }: { alias: Alias }) {
  const { t } = useTranslation("versions");
  const { version, share, additional, weight, combine, rules } = aliasFields(alias, alias.version);
  if (share === "none") return <Tag>{version}</Tag>;
  if (share === "weight")
    return (
      <Flex gap={8} align="center" wrap>
        <Tag style={{ margin: 0 }}>
          {version} {100 - weight} %
        </Tag>
        <Progress percent={100 - weight} size="small" showInfo={false} style={{ width: 80 }} aria-hidden />
        <Tag style={{ margin: 0 }}>
          {additional} {weight} %
        </Tag>
      </Flex>
    );
  const said = rules.map((one) => `${t(one.rule_type ?? "header")} ${one.param} ${one.op} ${one.value}`);
  return (
    <Flex vertical gap={4}>
      <span>
        <Tag>{version}</Tag>
      </span>
      <Typography.Text type="secondary" className="break" style={{ maxWidth: 420 }}>
        {t("where", { version: additional, rules: said.join(t(combine)) })}
      </Typography.Text>
    </Flex>
  );
}

function Delete({ alias }: { alias: Alias }) {
  const { t } = useTranslation("versions");
  const { project, urn } = usePlace();
  const name = alias.name;
  return (
    <SendButton
      small
      danger
      button={{ size: "small", type: "default" }}
      icon={<DeleteOutlined />}
      label={`${t("delete", { ns: "common" })} ${name}`}
      title={t("deleteAlias", { name })}
      text={t("deleteAliasText")}
      call={deleteAlias({ project, urn }, name)}
      cli={`sudo funcd alias delete ${shell(urn)} ${shell(name)}`}
      changed={[["function"]]}
      done={t("deleted", { name })}
    />
  );
}
