import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useParams } from "@tanstack/react-router";
import {
  Alert,
  App,
  Breadcrumb,
  Button,
  Card,
  Flex,
  Form,
  Input,
  InputNumber,
  Radio,
  Select,
  Skeleton,
  Steps,
} from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { type Api, type Definition, groupList, oneApi, updateApi } from "../../api/apig";
import { isApiName, isTemplate, redefined } from "../../rules/definition";
import { BACKEND_MS } from "../../rules/function";
import { ErrorNote } from "../../shared/ErrorNote";
import { useProject } from "../../shell/project";

type Fields = Pick<
  Definition,
  "name" | "group_id" | "auth_type" | "remark" | "req_protocol" | "req_uri" | "match_mode" | "req_method"
> & {
  timeout: number;
};

const METHODS = ["ANY", "GET", "POST", "PUT", "DELETE", "HEAD", "PATCH", "OPTIONS"];
const FIRST: (keyof Fields)[] = ["name", "group_id", "auth_type", "remark"];

/** Edits an API in the two steps of the vendor's console: basic information, then the request. */
export function EditApiPage() {
  const { t } = useTranslation("apis");
  const { api: id } = useParams({ from: "/apis/$api/edit" });
  const api = useQuery({ ...oneApi(useProject(), id), refetchOnWindowFocus: false });
  if (api.isPending) return <Skeleton active />;
  if (api.isError) return <ErrorNote error={api.error} retry={api.refetch} />;
  return (
    <Flex vertical gap={16} style={{ maxWidth: 760 }}>
      <Breadcrumb
        items={[
          { title: <Link to="/apis">{t("title")}</Link> },
          {
            title: (
              <Link to="/apis/$api" params={{ api: id }}>
                {api.data.name}
              </Link>
            ),
          },
          { title: t("edit") },
        ]}
      />
      <Editor api={api.data} />
    </Flex>
  );
}

function Editor({ api }: { api: Api }) {
  const { t } = useTranslation("apis");
  const [form] = Form.useForm<Fields>();
  const [step, setStep] = useState(0);
  const save = useSave(api);
  const start = {
    name: api.name,
    group_id: api.group_id,
    auth_type: api.auth_type,
    remark: api.remark,
    req_protocol: api.req_protocol,
    req_uri: api.req_uri,
    match_mode: api.match_mode ?? "NORMAL",
    req_method: api.req_method,
    timeout: api.func_info?.timeout ?? 5_000,
  };
  const next = () =>
    form.validateFields(FIRST).then(
      () => setStep(1),
      () => {},
    );
  return (
    <Form form={form} layout="vertical" initialValues={start} onFinish={() => save.mutate(form.getFieldsValue(true))}>
      <Steps
        current={step}
        size="small"
        items={[{ title: t("basic") }, { title: t("request") }]}
        style={{ marginBottom: 16 }}
      />
      <Card size="small" style={{ marginBottom: 16 }}>
        {/* Both stay in the form, so that either step can be looked at again. */}
        <div hidden={step !== 0}>
          <Basic auth={api.auth_type ?? "NONE"} />
        </div>
        <div hidden={step !== 1}>
          <Request />
        </div>
      </Card>
      {save.isError && <ErrorNote error={save.error} />}
      <Flex gap={12}>
        {step === 1 && <Button onClick={() => setStep(0)}>{t("back")}</Button>}
        {step === 0 && (
          <Button type="primary" onClick={next}>
            {t("next")}
          </Button>
        )}
        <Button type={step === 1 ? "primary" : "default"} htmlType="submit" loading={save.isPending}>
          {t("finish")}
        </Button>
      </Flex>
    </Form>
  );
}

function useSave(api: Api) {
  const { t } = useTranslation("apis");
  const project = useProject();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const { message } = App.useApp();
  return useMutation({
    mutationFn: ({ timeout, ...given }: Fields) => {
      const same = redefined(api, given);
      const func_info = { ...same.func_info, timeout } as Definition["func_info"];
      return updateApi(project, api.id ?? "", { ...same, func_info });
    },
    onSuccess: async () => {
      await Promise.all([["api"], ["apis"], ["function"]].map((queryKey) => queries.invalidateQueries({ queryKey })));
      message.success(t("saved"));
      await navigate({ to: "/apis/$api", params: { api: api.id ?? "" } });
    },
  });
}

function Basic({ auth }: { auth: string }) {
  const { t } = useTranslation("apis");
  const groups = useQuery(groupList(useProject()));
  const name = (_: unknown, value: string) =>
    isApiName(value ?? "") ? Promise.resolve() : Promise.reject(new Error(t("nameRule")));
  const options = ["APP", "IAM", "NONE", ...(auth === "AUTHORIZER" ? ["AUTHORIZER"] : [])];
  return (
    <>
      <Form.Item name="name" label={t("name")} required rules={[{ validator: name }]}>
        <Input autoComplete="off" maxLength={255} />
      </Form.Item>
      <Form.Item name="group_id" label={t("group")}>
        <Select
          options={(groups.data ?? []).map((one) => ({ value: one.id, label: `${one.name} · ${one.sl_domain}` }))}
        />
      </Form.Item>
      <Form.Item name="auth_type" label={t("auth")}>
        <Radio.Group options={options.map((value) => ({ value, label: value }))} />
      </Form.Item>
      {auth === "AUTHORIZER" && <Alert type="info" showIcon title={t("authorizerKept")} style={{ marginBottom: 12 }} />}
      <Form.Item name="remark" label={t("remark")}>
        <Input.TextArea maxLength={255} rows={2} />
      </Form.Item>
    </>
  );
}

function Request() {
  const { t } = useTranslation("apis");
  const path = (_: unknown, value: string) =>
    isTemplate(value ?? "") ? Promise.resolve() : Promise.reject(new Error(t("pathRule")));
  return (
    <>
      <Form.Item name="req_protocol" label={t("protocol")}>
        <Radio.Group
          options={["HTTP", "HTTPS", "BOTH"].map((value) => ({
            value,
            label: value === "BOTH" ? "HTTP & HTTPS" : value,
          }))}
        />
      </Form.Item>
      <Form.Item name="req_uri" label={t("path")} required rules={[{ validator: path }]}>
        <Input className="mono" autoComplete="off" maxLength={512} />
      </Form.Item>
      <Flex gap={16} wrap>
        <Form.Item name="match_mode" label={t("match")}>
          <Select
            style={{ width: 140 }}
            options={[
              { value: "SWA", label: t("prefix") },
              { value: "NORMAL", label: t("exact") },
            ]}
          />
        </Form.Item>
        <Form.Item name="req_method" label={t("method")}>
          <Select style={{ width: 140 }} options={METHODS.map((value) => ({ value, label: value }))} />
        </Form.Item>
        <Form.Item
          name="timeout"
          label={t("timeoutMs")}
          rules={[{ required: true, type: "integer", min: BACKEND_MS.least, max: BACKEND_MS.most }]}
        >
          <InputNumber style={{ width: 140 }} />
        </Form.Item>
      </Flex>
    </>
  );
}
