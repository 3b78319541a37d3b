import { DeleteOutlined, DiffOutlined, TagOutlined } from "@ant-design/icons";
import { Button, Card, Dropdown, Flex, Table, Tag, Tooltip, Typography } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { FunctionConfig } from "../../api/function";
import { type Alias, deleteVersion, LATEST, type Version } from "../../api/versions";
import { bytes, moment } from "../../shared/format";
import { SendButton } from "../../shared/SendButton";
import { shell } from "../../shared/shell";
import { usePlace } from "../function/place";
import { Publish } from "./Publish";

interface Props {
  versions: Version[];
  aliases: Alias[];
  config: FunctionConfig;
  loading: boolean;
  onMove: (alias: Alias, to: string) => void;
  onCompare: (from: string, to: string) => void;
}

export function Versions({ versions, aliases, config, loading, onMove, onCompare }: Props) {
  const { t, i18n } = useTranslation("versions");
  const [publishing, setPublishing] = useState(false);
  const publish = (
    <Button type="primary" icon={<TagOutlined />} onClick={() => setPublishing(true)}>
      {t("publish")}
    </Button>
  );
  return (
    <Card size="small" title={t("versions")} extra={publish}>
      <Typography.Paragraph type="secondary">{t("versionsHint")}</Typography.Paragraph>
      <Table<Version>
        size="small"
        rowKey="version"
        loading={loading}
        dataSource={versions}
        pagination={false}
        scroll={{ x: "max-content" }}
        columns={[
          { title: t("version"), key: "version", render: (_, one) => <Name version={one} aliases={aliases} /> },
          {
            title: t("description"),
            key: "description",
            responsive: ["md"],
            render: (_, one) => (
              <Typography.Text type={one.version === LATEST ? "secondary" : undefined} className="break">
                {one.version === LATEST ? t("latest") : one.version_description}
              </Typography.Text>
            ),
          },
          {
            title: t("code"),
            key: "code",
            responsive: ["md"],
            render: (_, one) => (
              <Tooltip title={`SHA-512 ${one.digest}`}>
                <span className="mono">
                  {one.digest.slice(0, 8)} · {bytes(one.code_size)}
                </span>
              </Tooltip>
            ),
          },
          { title: t("memory"), key: "memory", responsive: ["md"], render: (_, one) => `${one.memory_size} MB` },
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
                <Tooltip title={t("compare")}>
                  <Button
                    size="small"
                    icon={<DiffOutlined />}
                    aria-label={`${t("compare")} ${one.version}`}
                    disabled={versions.length < 2}
                    onClick={() => onCompare(one.version, other(one, versions))}
                  />
                </Tooltip>
                <MoveHere version={one} aliases={aliases} onMove={onMove} />
                {one.version !== LATEST && <Delete version={one} />}
              </Flex>
            ),
          },
        ]}
      />
      {publishing && <Publish config={config} onClose={() => setPublishing(false)} />}
    </Card>
  );
}

/** What a version is compared with first: `latest`, and that with the newest published one. */
const other = (one: Version, versions: Version[]) =>
  versions.find(({ version }) => (one.version === LATEST ? version !== LATEST : version === LATEST))?.version ?? LATEST;

function Name({ version, aliases }: { version: Version; aliases: Alias[] }) {
  const names = aliases
    .filter((alias) => {
      const second = { ...alias.additional_version_weights, ...alias.additional_version_strategy };
      return alias.version === version.version || version.version in second;
    })
    .map((alias) => alias.name);
  return (
    <Flex gap={6} align="center" wrap>
      <strong className="mono">{version.version}</strong>
      {names.map((name) => (
        <Tag key={name} style={{ margin: 0 }}>
          {name}
        </Tag>
      ))}
    </Flex>
  );
}

function MoveHere({ version, aliases, onMove }: Pick<Props, "aliases" | "onMove"> & { version: Version }) {
  const { t } = useTranslation("versions");
  if (aliases.length === 0) return null;
  return (
    <Dropdown
      trigger={["click"]}
      menu={{
        items: aliases.map(({ name }) => ({ key: name, label: name })),
        onClick: ({ key }) => {
          const alias = aliases.find(({ name }) => name === key);
          if (alias) onMove(alias, version.version);
        },
      }}
    >
      <Button size="small">{t("move")}</Button>
    </Dropdown>
  );
}

function Delete({ version }: { version: Version }) {
  const { t } = useTranslation("versions");
  const { project, urn } = usePlace();
  const name = version.version;
  return (
    <SendButton
      small
      danger
      button={{ size: "small", type: "default" }}
      icon={<DeleteOutlined />}
      label={`${t("delete", { ns: "common" })} ${name}`}
      title={t("deleteVersion", { name })}
      text={t("deleteVersionText")}
      call={deleteVersion({ project, urn: version.func_urn })}
      cli={`sudo funcd delete ${shell(urn)} --version ${shell(name)} --yes`}
      changed={[["function"]]}
      done={t("deleted", { name })}
    />
  );
}
