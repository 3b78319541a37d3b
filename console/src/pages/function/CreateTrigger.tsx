import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Alert, App, Flex, Form, Input, InputNumber, Modal, Radio, Select } from "antd";
import { useTranslation } from "react-i18next";
import { gatewayInfo, groupList } from "../../api/apig";
import { type Call, send } from "../../api/call";
import { createTrigger, type FunctionConfig, type NewTrigger, type Place } from "../../api/function";
import { LATEST } from "../../api/versions";
import { triggerCommand } from "../../rules/command";
import { BACKEND_MS, isPath } from "../../rules/function";
import { ErrorNote } from "../../shared/ErrorNote";
import { SameAs } from "../../shared/SameAs";
import { usePlace } from "./place";

interface Fields {
  type: "DEDICATEDGATEWAY" | "APIG";
  name: string;
  group: string;
  path: string;
  method: string;
  match: "SWA" | "NORMAL";
  auth: "NONE" | "APP" | "IAM";
  protocol: "HTTP" | "HTTPS";
  timeout: number;
}

/** A group of the function's own, which answers at its host. */
const OWN = "own";
const METHODS = ["ANY", "GET", "POST", "PUT", "DELETE", "HEAD", "PATCH", "OPTIONS"];

/** What the API takes to make it. */
function request(fields: Fields, host: string): NewTrigger {
  const place = fields.group === OWN ? { sl_domain: host } : { group_id: fields.group };
  const event_data = {
    name: fields.name,
    path: fields.path,
    protocol: fields.protocol,
    req_method: fields.method,
    match_mode: fields.match,
    auth: fields.auth,
    env_name: "RELEASE",
    func_info: { timeout: fields.timeout },
    ...place,
  };
  return { trigger_type_code: fields.type, event_data } as unknown as NewTrigger;
}

/** `shop.localhost`, and `prod-shop.localhost` of its alias. */
function hostOf(config: FunctionConfig, place: Place): string {
  const qualifier = place.urn.split(":")[7] ?? LATEST;
  const name = qualifier === LATEST ? config.func_name : `${qualifier.replace("!", "")}-${config.func_name}`;
  return `${name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .slice(0, 63)}.localhost`;
}

interface Props {
  open: boolean;
  config: FunctionConfig;
  /** The version or alias that it is to call. */
  place: Place;
  /** Whether it has no trigger yet. */
  first: boolean;
  onClose: () => void;
}

export function CreateTrigger({ open, config, place, first, onClose }: Props) {
  const { t } = useTranslation("fn");
  const queries = useQueryClient();
  const { message } = App.useApp();
  const host = hostOf(config, place);
  const [form] = Form.useForm<Fields>();
  const start: Fields = {
    type: "DEDICATEDGATEWAY",
    name: `API_${config.func_name}`,
    group: OWN,
    path: "/",
    method: "ANY",
    match: "SWA",
    auth: "NONE",
    protocol: "HTTP",
    timeout: Math.min(config.timeout * 1000, BACKEND_MS.most),
  };
  const fields = { ...start, ...Form.useWatch([], form) };
  const info = useQuery(gatewayInfo(place.project));
  const wanted = request(fields, host);
  const { urn } = usePlace();
  const at = place.urn.endsWith(`:${LATEST}`) ? urn : place.urn;
  const cli = triggerCommand(wanted, { urn: at, first, host, bare: info.data?.default_group_id ?? "" });
  const create = useMutation({
    mutationFn: (made: Call) => send(made),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ["function"] });
      message.success(t("triggers.made"));
      onClose();
    },
  });
  return (
    <Modal
      open={open}
      title={t("triggers.create")}
      okText={t("ok", { ns: "common" })}
      confirmLoading={create.isPending}
      onCancel={onClose}
      onOk={form.submit}
      destroyOnHidden
      width={640}
      afterOpenChange={() => create.reset()}
    >
      <Form
        form={form}
        layout="vertical"
        initialValues={start}
        onFinish={(given) => create.mutate(createTrigger(place, request({ ...start, ...given }, host)))}
      >
        <What fields={fields} host={host} />
        <How />
        {fields.auth === "NONE" && (
          <Alert type="warning" showIcon title={t("triggers.noneWarning")} style={{ marginBottom: 12 }} />
        )}
        {create.isError && <ErrorNote error={create.error} />}
        <SameAs cli={cli} rest={createTrigger(place, wanted)} />
      </Form>
    </Modal>
  );
}

function What({ fields, host }: { fields: Fields; host: string }) {
  const { t } = useTranslation("fn");
  return (
    <>
      <Flex gap={16} wrap>
        <Form.Item name="type" label={t("triggers.type")} style={{ flex: "1 1 240px" }}>
          <Select
            options={[
              { value: "DEDICATEDGATEWAY", label: t("triggers.dedicated") },
              { value: "APIG", label: t("triggers.shared") },
            ]}
          />
        </Form.Item>
        <Form.Item name="name" label={t("triggers.name")} rules={[{ required: true }]} style={{ flex: "1 1 240px" }}>
          <Input maxLength={255} autoComplete="off" />
        </Form.Item>
      </Flex>
      <GroupField host={host} />
      <Form.Item name="auth" label={t("triggers.auth")}>
        <Radio.Group
          vertical
          options={[
            { value: "APP", label: t("triggers.authApp") },
            { value: "IAM", label: t("triggers.authIam") },
            { value: "NONE", label: t("triggers.authNone") },
          ]}
        />
      </Form.Item>
      {fields.protocol === "HTTPS" && (
        <Alert type="info" showIcon title={t("triggers.https")} style={{ marginBottom: 12 }} />
      )}
    </>
  );
}

function GroupField({ host: own }: { host: string }) {
  const { t } = useTranslation("fn");
  const { project } = usePlace();
  const groups = useQuery(groupList(project));
  const info = useQuery(gatewayInfo(project));
  const bare = info.data?.default_group_id ?? "DEFAULT";
  const host = { name: own.replace(".localhost", ""), port: info.data?.gateway_port ?? 8080 };
  const others = (groups.data ?? []).filter((group) => group.id !== bare);
  const options = [
    { value: OWN, label: `${t("triggers.host")}: ${t("triggers.hostName", host)}` },
    { value: bare, label: `${t("triggers.bare")} (${info.data?.gateway_url ?? ""})` },
    ...others.map((group) => ({ value: group.id, label: `${group.name} · ${group.sl_domain}` })),
  ];
  return (
    <Form.Item name="group" label={t("triggers.group")}>
      <Select options={options} />
    </Form.Item>
  );
}

function How() {
  const { t } = useTranslation("fn");
  const path = (_: unknown, value: string) =>
    isPath(value ?? "") ? Promise.resolve() : Promise.reject(new Error(t("triggers.pathRule")));
  return (
    <Flex gap={16} wrap>
      <Form.Item name="path" label={t("triggers.path")} rules={[{ validator: path }]} style={{ flex: "1 1 180px" }}>
        <Input autoComplete="off" maxLength={512} className="mono" />
      </Form.Item>
      <Form.Item name="match" label={t("triggers.match")}>
        <Select
          style={{ width: 110 }}
          options={[
            { value: "SWA", label: t("triggers.prefix") },
            { value: "NORMAL", label: t("triggers.exact") },
          ]}
        />
      </Form.Item>
      <Form.Item name="method" label={t("triggers.method")}>
        <Select style={{ width: 110 }} options={METHODS.map((value) => ({ value, label: value }))} />
      </Form.Item>
      <Form.Item name="protocol" label={t("triggers.protocol")}>
        <Select style={{ width: 110 }} options={["HTTP", "HTTPS"].map((value) => ({ value, label: value }))} />
      </Form.Item>
      <Form.Item
        name="timeout"
        label={t("triggers.timeoutMs")}
        rules={[
          {
            required: true,
            type: "integer",
            min: BACKEND_MS.least,
            max: BACKEND_MS.most,
            message: t("configuration.range", BACKEND_MS),
          },
        ]}
      >
        <InputNumber style={{ width: 130 }} />
      </Form.Item>
    </Flex>
  );
}
