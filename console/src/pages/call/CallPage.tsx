import { DeleteOutlined, PlusOutlined, SendOutlined } from "@ant-design/icons";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { Button, Card, Flex, Form, Input, Select, Skeleton, Typography } from "antd";
import { useTranslation } from "react-i18next";
import { type Api, oneApi } from "../../api/apig";
import { send } from "../../api/call";
import { apps, debug } from "../../api/gateway";
import { first } from "../../rules/address";
import { CopyLine } from "../../shared/CopyLine";
import { ErrorNote } from "../../shared/ErrorNote";
import { Failure, PageHead } from "../../shared/PageHead";
import { must } from "../../shared/rule";
import { SameAs } from "../../shared/SameAs";
import { shell } from "../../shared/shell";
import { useUrls } from "../apis/ApiPage";
import { useItems, useScope } from "../gateway/scope";
import { Answer } from "./Answer";

interface Fields {
  stage: string;
  method: string;
  path: string;
  headers: { name?: string; value?: string }[];
  body?: string;
  app?: string;
}

const METHODS = ["GET", "POST", "PUT", "DELETE", "HEAD", "PATCH", "OPTIONS"].map((value) => ({ value }));
/** What is edited, in place of an environment's name. */
const DRAFT = "";

/** Calls an API for a test and shows everything about it. */
export default function CallPage() {
  const { t } = useTranslation("callPage");
  const { api: id } = useParams({ from: "/apis/$api/call" });
  const scope = useScope();
  const api = useQuery({ ...oneApi(scope.project_id, id), refetchOnWindowFocus: false });
  if (api.isPending) return <Skeleton active />;
  if (api.isError) return <Failure error={api.error} retry={api.refetch} />;
  const name = api.data.name ?? "";
  return (
    <Flex vertical gap={16}>
      <PageHead up={{ to: "/apis/$api", params: { api: id }, label: name }} title={t("title", { name })} />
      <Typography.Text type="secondary">{t("hint")}</Typography.Text>
      <Caller api={api.data} />
    </Flex>
  );
}

const several = (pairs: [string, string][]) => {
  const all: Record<string, string[]> = {};
  for (const [name, value] of pairs) all[name] = [...(all[name] ?? []), value];
  return all;
};

function Caller({ api }: { api: Api }) {
  const { t } = useTranslation("callPage");
  const scope = useScope();
  const [form] = Form.useForm<Fields>();
  const all = useItems(["apps"], apps.list(scope), "apps");
  const environments = (api.run_env_name ?? "").split("|").filter(Boolean);
  const request = (given: Fields) => {
    const [path = "", query = ""] = (given.path ?? "").split(/\?(.*)/s);
    const app = all.data?.find((one) => one.id === given.app);
    const headers = (given.headers ?? []).filter((one) => one?.name);
    return debug(scope, api.id ?? "", {
      mode: given.stage === DRAFT ? "DEVELOPER" : "CONSUMER",
      scheme: api.req_protocol === "HTTPS" || api.req_protocol === "GRPCS" ? "HTTPS" : "HTTP",
      method: given.method,
      path,
      ...(given.stage === DRAFT ? {} : { stage: given.stage }),
      query: several([...new URLSearchParams(query)]),
      header: several(headers.map(({ name = "", value = "" }) => [name, value])),
      ...(given.body ? { body: given.body } : {}),
      ...(app ? { app_key: app.app_key, app_secret: app.app_secret } : {}),
    });
  };
  const called = useMutation({ mutationFn: (given: Fields) => send(request(given)) });
  const start: Fields = {
    stage: environments[0] ?? DRAFT,
    method: api.req_method === "ANY" ? "GET" : (api.req_method ?? "GET"),
    path: api.req_uri ?? "/",
    headers: [{ name: "X-Funcd-Timing", value: "1" }],
    app: "",
  };
  return (
    <>
      <Card size="small">
        <Form
          form={form}
          layout="vertical"
          initialValues={start}
          onFinish={() => called.mutate(form.getFieldsValue(true))}
        >
          <Request environments={environments} app={api.auth_type === "APP"} all={all.data ?? []} />
          <Button type="primary" icon={<SendOutlined />} htmlType="submit" loading={called.isPending}>
            {t("send")}
          </Button>
          <Form.Item noStyle shouldUpdate>
            {() => {
              const given: Fields = { ...start, ...form.getFieldsValue(true) };
              const { app_key, app_secret, ...body } = request(given).body as Record<string, unknown>;
              const secret = app_key ? { app_key, app_secret: app_secret ? "…" : "" } : {};
              const method = given.method === "GET" ? "" : ` --method ${given.method}`;
              return (
                <>
                  <Curl api={api} given={given} />
                  <SameAs
                    cli={`sudo funcd api debug ${shell(api.id ?? "")} --path ${shell(given.path)}${method}`}
                    rest={{ ...request(given), body: { ...body, ...secret } }}
                  />
                </>
              );
            }}
          </Form.Item>
        </Form>
      </Card>
      {called.isError && <ErrorNote error={called.error} />}
      {called.data && <Answer answer={called.data} />}
    </>
  );
}

interface RequestProps {
  environments: string[];
  app: boolean;
  all: { id: string; name: string }[];
}

function Request({ environments, app, all }: RequestProps) {
  const { t } = useTranslation("callPage");
  const stages = [
    ...environments.map((value) => ({ value, label: t("published", { env: value }) })),
    { value: DRAFT, label: t("draft") },
  ];
  return (
    <>
      <Flex gap={12} wrap>
        <Form.Item name="stage" label={t("stage")} style={{ minWidth: 220 }}>
          <Select options={stages} />
        </Form.Item>
        {app && (
          <Form.Item name="app" label={t("app")} style={{ minWidth: 180 }}>
            <Select
              options={[{ value: "", label: t("noApp") }, ...all.map(({ id, name }) => ({ value: id, label: name }))]}
            />
          </Form.Item>
        )}
      </Flex>
      <Flex gap={12}>
        <Form.Item name="method" label={t("method")} style={{ width: 120 }}>
          <Select options={METHODS} />
        </Form.Item>
        <Form.Item
          name="path"
          label={t("path")}
          required
          className="grow"
          rules={[must((text) => text.startsWith("/"), t("pathRule"))]}
        >
          <Input className="mono" spellCheck={false} />
        </Form.Item>
      </Flex>
      <HeaderFields />
      <Form.Item name="body" label={t("body")}>
        <Input.TextArea rows={3} className="mono" spellCheck={false} />
      </Form.Item>
    </>
  );
}

function HeaderFields() {
  const { t } = useTranslation("callPage");
  return (
    <Form.List name="headers">
      {(fields, { add, remove }) => (
        <Flex vertical gap={8} style={{ marginBottom: 12 }}>
          <Typography.Text>{t("headers")}</Typography.Text>
          {fields.map(({ key, name }) => (
            <Flex key={key} gap={8}>
              <Form.Item name={[name, "name"]} noStyle>
                <Input placeholder={t("header")} aria-label={t("header")} className="mono" />
              </Form.Item>
              <Form.Item name={[name, "value"]} noStyle>
                <Input placeholder={t("value")} aria-label={t("value")} className="mono" />
              </Form.Item>
              <Button type="text" icon={<DeleteOutlined />} aria-label={t("remove")} onClick={() => remove(name)} />
            </Flex>
          ))}
          <div>
            <Button icon={<PlusOutlined />} onClick={() => add({})}>
              {t("addHeader")}
            </Button>
          </div>
        </Flex>
      )}
    </Form.List>
  );
}

/** The request as a line for a terminal: at the gateway, where the API is published. */
function Curl({ api, given }: { api: Api; given: Fields }) {
  const { t } = useTranslation("callPage");
  const url = first(useUrls(api));
  if (!url || given.stage === DRAFT) return null;
  const origin = new URL(url).origin;
  const words = [
    "curl -i",
    ...(given.method === "GET" ? [] : [`-X ${given.method}`]),
    ...(given.headers ?? [])
      .filter((one) => one?.name)
      .map(({ name, value = "" }) => `-H ${shell(`${name}: ${value}`)}`),
    ...(given.stage === "RELEASE" ? [] : [`-H ${shell(`X-Stage: ${given.stage}`)}`]),
    ...(given.body ? [`--data-raw ${shell(given.body)}`] : []),
    shell(`${origin}${given.path ?? ""}`),
  ];
  return (
    <Flex vertical gap={4} style={{ marginTop: 12 }}>
      <Typography.Text type="secondary">{t("curl")}</Typography.Text>
      <CopyLine text={words.join(" ")} />
      {api.auth_type === "APP" && <Typography.Text type="secondary">{t("curlSigned")}</Typography.Text>}
    </Flex>
  );
}
