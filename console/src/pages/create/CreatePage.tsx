import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { App, Button, Card, Flex, Form, Input, InputNumber, Radio, Select, Typography } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { createFunction, type NewFunction } from "../../api/function";
import { functionList } from "../../api/functions";
import { inBase64 } from "../../api/package";
import { deployCommand } from "../../rules/command";
import { CONCURRENT_NUM, DESCRIPTION_CHARS, isName, MEMORY_MB, nameFrom, TIMEOUT } from "../../rules/function";
import { ErrorNote } from "../../shared/ErrorNote";
import { canBeSent, type Package, PackageDrop } from "../../shared/PackageDrop";
import { SameAs, shell } from "../../shared/SameAs";
import { Sending, type Upload, useUpload } from "../../shared/Sending";
import { useChosen, useProject } from "../../shell/project";
import { Templates } from "./Templates";

interface Fields {
  name: string;
  app: string;
  description?: string;
  memory: number;
  timeout: number;
  requests: number;
}

const START: Fields = { name: "", app: "default", memory: 512, timeout: 30, requests: 20 };

/** What the API takes to make it. */
function request(fields: Fields, file: Package | undefined): NewFunction {
  return {
    func_name: fields.name,
    package: fields.app,
    runtime: "http",
    handler: "bootstrap",
    memory_size: fields.memory,
    timeout: fields.timeout,
    strategy_config: { concurrent_num: fields.requests },
    ...(fields.description ? { description: fields.description } : {}),
    code_type: file ? "zip" : "inline",
    ...(file ? { code_filename: file.name, func_code: { file: inBase64(file.content) } } : {}),
  };
}

function command(fields: Fields, file: Package | undefined): string | undefined {
  const deploy = deployCommand(file?.name ?? "./my-app", `${fields.app}:${fields.name || "web"}`);
  const more = fields.description ? ` --description ${shell(fields.description)}` : "";
  return (
    deploy && `${deploy} --memory ${fields.memory} --timeout ${fields.timeout} --concurrency ${fields.requests}${more}`
  );
}

export function CreatePage() {
  const { t } = useTranslation("create");
  const [form] = Form.useForm<Fields>();
  const fields = { ...START, ...Form.useWatch([], form) };
  const [file, setFile] = useState<Package>();
  const upload = useUpload();
  const create = useCreate(file, upload);
  const choose = (chosen: Package | undefined) => {
    setFile(chosen);
    if (chosen && !form.getFieldValue("name")) form.setFieldsValue({ name: nameFrom(chosen.name) });
  };
  const ready = !file || canBeSent(file.look);
  const { session, project } = useChosen();
  return (
    <Form
      form={form}
      layout="vertical"
      initialValues={START}
      disabled={create.isPending}
      onFinish={(given) => create.mutate(given)}
      style={{ maxWidth: 760 }}
    >
      <Typography.Title level={1} style={{ fontSize: 20, marginTop: 0 }}>
        {t("title")}
      </Typography.Title>
      <Typography.Paragraph type="secondary">{t("intro")}</Typography.Paragraph>
      <Flex vertical gap={16}>
        <Card title={t("code")} size="small">
          <Templates
            onChosen={(chosen, from) => {
              choose(chosen);
              form.setFieldsValue({
                memory: from.memory_size ?? START.memory,
                timeout: from.timeout ?? START.timeout,
              });
            }}
          />
          <PackageDrop value={file} onChange={choose} />
        </Card>
        <Card title={t("basics")} size="small">
          <Basics region={session.region} />
        </Card>
        {create.isError && <ErrorNote error={create.error} />}
        <Sending of={upload} />
        <Flex gap={12} align="center" wrap>
          <Button type="primary" htmlType="submit" disabled={!ready || create.isPending}>
            {t("submit")}
          </Button>
        </Flex>
        <SameAs cli={command(fields, file)} rest={createFunction(project, request(fields, file))} />
      </Flex>
    </Form>
  );
}

function Basics({ region }: { region: string }) {
  const { t } = useTranslation("create");
  const taken = useTaken();
  return (
    <>
      <Form.Item
        name="name"
        label={t("name")}
        tooltip={t("nameRule")}
        required
        dependencies={["app"]}
        rules={[
          {
            validator: (_, name) => (isName(name ?? "") ? Promise.resolve() : Promise.reject(new Error(t("nameRule")))),
          },
          ({ getFieldValue }) => ({
            validator: (_, name) =>
              taken(getFieldValue("app"), name) ? Promise.reject(new Error(t("nameTaken"))) : Promise.resolve(),
          }),
        ]}
      >
        <Input autoComplete="off" maxLength={60} />
      </Form.Item>
      <Flex gap={16} wrap>
        <Form.Item label={t("type")} extra={t("typeHint")} style={{ flex: "1 1 320px" }}>
          <Radio.Group
            value="http"
            options={[
              { value: "http", label: t("typeHttp") },
              { value: "event", label: t("typeEvent"), disabled: true },
            ]}
          />
        </Form.Item>
        <Form.Item label={t("region")} style={{ minWidth: 160 }}>
          <Typography.Text>{region}</Typography.Text>
        </Form.Item>
        <Form.Item
          name="app"
          label={t("package")}
          rules={[
            {
              validator: (_, name) =>
                isName(name ?? "") ? Promise.resolve() : Promise.reject(new Error(t("nameRule"))),
            },
          ]}
        >
          <Input autoComplete="off" maxLength={60} />
        </Form.Item>
      </Flex>
      <Flex gap={16} wrap>
        <Form.Item name="memory" label={t("memory")}>
          <Select style={{ width: 160 }} options={MEMORY_MB.map((size) => ({ value: size, label: `${size} MB` }))} />
        </Form.Item>
        <Form.Item
          name="timeout"
          label={t("timeout")}
          rules={[
            {
              required: true,
              type: "integer",
              min: TIMEOUT.least,
              max: TIMEOUT.most,
              message: t("timeoutRule", TIMEOUT),
            },
          ]}
        >
          <InputNumber style={{ width: 160 }} />
        </Form.Item>
        <Form.Item
          name="requests"
          label={t("requests")}
          tooltip={t("requestsHint")}
          rules={[
            {
              required: true,
              type: "integer",
              min: CONCURRENT_NUM.least,
              max: CONCURRENT_NUM.most,
              message: t("requestsRule", CONCURRENT_NUM),
            },
          ]}
        >
          <InputNumber style={{ width: 160 }} />
        </Form.Item>
      </Flex>
      <Form.Item name="description" label={t("description")}>
        <Input.TextArea maxLength={DESCRIPTION_CHARS} showCount rows={2} />
      </Form.Item>
    </>
  );
}

/** Whether a function of this name is in the list that the console has. */
function useTaken() {
  const project = useProject();
  const list = useQuery(functionList(project));
  return (app: string, name: string) =>
    (list.data ?? []).some((one) => one.func_name === name && one.package === (app || "default"));
}

function useCreate(file: Package | undefined, upload: Upload) {
  const { t } = useTranslation("create");
  const project = useProject();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const { message } = App.useApp();
  return useMutation({
    mutationFn: (fields: Fields) => upload.run(createFunction(project, request(fields, file))),
    onSuccess: async (made) => {
      await queries.invalidateQueries({ queryKey: ["functions"] });
      message.success(t("created", { name: made.func_name }));
      await navigate({
        to: "/functions/$app/$name/$tab",
        params: { app: made.package, name: made.func_name, tab: "code" },
      });
    },
  });
}
