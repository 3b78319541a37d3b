import { DeleteOutlined, DisconnectOutlined, PlusOutlined, UploadOutlined } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { Button, Card, Empty, Flex, Form, Input, Select, Table, Typography, Upload } from "antd";
import { useTranslation } from "react-i18next";
import {
  createDependency,
  type Dependency,
  deleteDependencyVersion,
  dependencyList,
  dependencyVersions,
  setDependencies,
} from "../../api/extras";
import type { FunctionConfig } from "../../api/function";
import { DEPENDENCY_BYTES, isDependencyName } from "../../rules/extras";
import { DESCRIPTION_CHARS } from "../../rules/function";
import { FormButton } from "../../shared/FormButton";
import { bytes, moment } from "../../shared/format";
import { Listing } from "../../shared/Listing";
import { must } from "../../shared/rule";
import { SendButton } from "../../shared/SendButton";
import { shell } from "../../shared/shell";
import { usePlace } from "../function/place";

const CHANGED = [["function"], ["functions"], ["dependencies"]];
/** Some of those the API knows: a label. */
const RUNTIMES = [
  "http",
  "Node.js18.15",
  "Node.js16.17",
  "Python3.10",
  "Python3.9",
  "Java17",
  "Go1.x",
  "PHP8.3",
  "Custom",
];

const time = (at: number | undefined) => new Date((at ?? 0) * 1000).toISOString();

/** Packages that complete the function's code, and all that there are. */
export default function DependenciesTab({ config }: { config: FunctionConfig }) {
  return (
    <Flex vertical gap={16}>
      <Used config={config} />
      <All />
    </Flex>
  );
}

function Used({ config }: { config: FunctionConfig }) {
  const { t } = useTranslation("extras");
  const { project, urn } = usePlace();
  const place = { project, urn };
  const used = config.dependencies ?? [];
  const ids = used.map((one) => one.id ?? "");
  return (
    <Card size="small" title={t("dependencies.used")} extra={<Attach ids={ids} />}>
      <Typography.Paragraph type="secondary">{t("dependencies.usedHint")}</Typography.Paragraph>
      <Table
        size="small"
        rowKey="id"
        dataSource={used}
        pagination={false}
        scroll={{ x: "max-content" }}
        locale={{ emptyText: <Empty image={Empty.PRESENTED_IMAGE_SIMPLE} description={t("dependencies.usedNone")} /> }}
        columns={[
          { title: t("dependencies.name"), key: "name", render: (_, one) => <strong>{one.name}</strong> },
          { title: t("dependencies.version"), dataIndex: "version" },
          { title: t("dependencies.runtime"), dataIndex: "runtime", responsive: ["md"] },
          { title: t("dependencies.size"), key: "size", render: (_, one) => bytes(one.size ?? 0) },
          {
            key: "actions",
            align: "end",
            render: (_, one) => (
              <SendButton
                small
                icon={<DisconnectOutlined />}
                label={`${t("dependencies.detach")} ${one.name}`}
                title={t("dependencies.detachTitle", { name: one.name ?? "" })}
                call={setDependencies(
                  place,
                  ids.filter((id) => id !== one.id),
                )}
                changed={CHANGED}
                done={t("dependencies.detached")}
              />
            ),
          },
        ]}
      />
    </Card>
  );
}

function Attach({ ids }: { ids: string[] }) {
  const { t } = useTranslation("extras");
  const { project, urn } = usePlace();
  return (
    <FormButton<{ dependency: string; version: string }, unknown>
      label={t("dependencies.attach")}
      title={t("dependencies.attachTitle")}
      icon={<PlusOutlined />}
      request={({ version }) => setDependencies({ project, urn }, [...ids, version ?? ""])}
      changed={CHANGED}
      done={t("dependencies.attached")}
      fields={<Choice />}
    />
  );
}

function Choice() {
  const { t } = useTranslation("extras");
  const { project } = usePlace();
  const form = Form.useFormInstance();
  const chosen: string = Form.useWatch("dependency", form) ?? "";
  const all = useQuery(dependencyList(project));
  const versions = useQuery(dependencyVersions(project, chosen));
  const needed = [{ required: true, message: t("dependencies.allNone") }];
  return (
    <>
      <Form.Item name="dependency" label={t("dependencies.name")} rules={needed}>
        <Select
          options={(all.data ?? []).map(({ id, name }) => ({ value: id, label: name }))}
          onChange={() => form.setFieldValue("version", undefined)}
        />
      </Form.Item>
      <Form.Item
        name="version"
        label={t("dependencies.version")}
        rules={[{ required: true, message: t("dependencies.version") }]}
      >
        <Select
          loading={versions.isFetching}
          options={(versions.data ?? []).map(({ id, version, description }) => ({
            value: id,
            label: description ? `${version} · ${description}` : String(version),
          }))}
        />
      </Form.Item>
    </>
  );
}

function All() {
  const { t, i18n } = useTranslation("extras");
  const { project } = usePlace();
  const all = useQuery(dependencyList(project));
  return (
    <Card size="small" title={t("dependencies.all")}>
      <Listing<Dependency>
        list={all}
        id={(one) => one.id}
        words={(one) => `${one.name} ${one.description ?? ""}`}
        empty={t("dependencies.allNone")}
        cli="sudo funcd dependency add ./node_modules --name web-modules"
        columns={[
          { title: t("dependencies.name"), key: "name", render: (_, one) => <strong>{one.name}</strong> },
          { title: t("dependencies.version"), dataIndex: "version" },
          { title: t("dependencies.runtime"), dataIndex: "runtime", responsive: ["md"] },
          { title: t("dependencies.size"), key: "size", render: (_, one) => bytes(one.size) },
          {
            title: t("dependencies.modified"),
            key: "modified",
            responsive: ["md"],
            render: (_, one) => moment(time(one.last_modified), i18n.language),
          },
          { key: "versions", align: "end", render: (_, one) => <Versions of={one} /> },
        ]}
      >
        <Create />
      </Listing>
    </Card>
  );
}

/** The newest version of each is there to be deleted; the one before is the newest then. */
function Versions({ of }: { of: Dependency }) {
  const { t } = useTranslation("extras");
  const { project } = usePlace();
  const version = of.version ?? 1;
  return (
    <SendButton
      small
      danger
      icon={<DeleteOutlined />}
      label={`${t("delete", { ns: "common" })} ${of.name}:${version}`}
      title={t("dependencies.deleteTitle", { name: of.name, version })}
      text={t("dependencies.deleteText")}
      call={deleteDependencyVersion(project, of.id, version)}
      cli={`sudo funcd dependency delete ${of.name}:${version}`}
      changed={CHANGED}
      done={t("dependencies.deleted")}
    />
  );
}

interface New {
  name: string;
  runtime: string;
  description: string;
  file: { name: string; content: Blob } | undefined;
}

function Create() {
  const { t } = useTranslation("extras");
  const { project } = usePlace();
  return (
    <FormButton<New, unknown>
      label={t("dependencies.create")}
      icon={<PlusOutlined />}
      button={{ type: "primary" }}
      initial={{ runtime: "http", description: "" }}
      request={({ name, runtime, description, file }) =>
        createDependency(project, { name, runtime, description, depend_file: file?.content })
      }
      cli={({ name, runtime, description, file }) =>
        `sudo funcd dependency add ${shell(file?.name ?? "code.zip")} --name ${shell(name ?? "")} --runtime ${shell(runtime)}${description ? ` --description ${shell(description)}` : ""}`
      }
      changed={CHANGED}
      done={t("dependencies.created")}
      fields={
        <>
          <Form.Item
            name="name"
            label={t("dependencies.name")}
            required
            extra={t("dependencies.createHint")}
            rules={[must(isDependencyName, t("dependencies.nameRule"))]}
          >
            <Input autoComplete="off" />
          </Form.Item>
          <Form.Item name="runtime" label={t("dependencies.runtime")}>
            <Select options={RUNTIMES.map((value) => ({ value, label: value }))} />
          </Form.Item>
          <Form.Item
            name="file"
            label={t("dependencies.file")}
            required
            rules={[
              must<New["file"]>(
                (file) => Boolean(file && file.content.size <= DEPENDENCY_BYTES),
                t("dependencies.fileRule"),
              ),
            ]}
          >
            <Zip />
          </Form.Item>
          <Form.Item name="description" label={t("description", { ns: "common" })}>
            <Input.TextArea maxLength={DESCRIPTION_CHARS} showCount rows={2} />
          </Form.Item>
        </>
      }
    />
  );
}

function Zip({ value, onChange }: { value?: New["file"]; onChange?: (file: New["file"]) => void }) {
  const { t } = useTranslation("extras");
  const take = async (file: File) => onChange?.({ name: file.name, content: new Blob([await file.arrayBuffer()]) });
  return (
    <Upload
      accept=".zip,application/zip"
      maxCount={1}
      showUploadList={false}
      beforeUpload={(file) => {
        void take(file);
        return false;
      }}
    >
      <Flex gap={8} align="center">
        <Button icon={<UploadOutlined />}>{t("dependencies.choose")}</Button>
        {value && `${value.name} · ${bytes(value.content.size)}`}
      </Flex>
    </Upload>
  );
}
