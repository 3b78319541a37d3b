import { useMutation, useQueryClient } from "@tanstack/react-query";
import { App, Button, Card, Flex, Form, Input, InputNumber, Select, Switch } from "antd";
import { useTranslation } from "react-i18next";
import { type FunctionConfig, updateConfig } from "../../api/function";
import {
  CONCURRENT_NUM,
  DESCRIPTION_CHARS,
  INITIALIZER,
  INSTANCES,
  MEMORY_MB,
  PRE_STOP,
  STORAGE_MB,
  TIMEOUT,
} from "../../rules/function";
import { ErrorNote } from "../../shared/ErrorNote";
import { SameAs } from "../../shared/SameAs";
import { changes, type Fields, fieldsOf } from "./fields";
import { usePlace } from "./place";
import { Variables } from "./Variables";

/** All the function's settings, grouped as the vendor's console groups them. Only what was changed is sent. */
export function Configuration({ config }: { config: FunctionConfig }) {
  const { t } = useTranslation("fn");
  const { project, urn } = usePlace();
  const queries = useQueryClient();
  const { message } = App.useApp();
  const [form] = Form.useForm<Fields>();
  const start = fieldsOf(config);
  const now = { ...start, ...Form.useWatch([], form) };
  const changed = changes(start, now);
  const save = useMutation({
    mutationFn: () => updateConfig({ project, urn }, changed),
    onSuccess: async () => {
      message.success(t("configuration.saved"));
      await Promise.all([["function"], ["functions"]].map((queryKey) => queries.invalidateQueries({ queryKey })));
    },
  });
  const untouched = Object.keys(changed).length === 0;
  return (
    <Form form={form} layout="vertical" initialValues={start} onFinish={() => save.mutate()} style={{ maxWidth: 860 }}>
      <Flex vertical gap={16}>
        <Basic />
        <Concurrency />
        <Card size="small" title={t("configuration.variables")}>
          <Variables start={start.variables} />
        </Card>
        <LifeCycle />
        <Network />
        {save.isError && <ErrorNote error={save.error} />}
        <Flex gap={12}>
          <Button type="primary" htmlType="submit" loading={save.isPending} disabled={untouched}>
            {t("save", { ns: "common" })}
          </Button>
          <Button onClick={() => form.resetFields()} disabled={untouched}>
            {t("cancel", { ns: "common" })}
          </Button>
        </Flex>
        {!untouched && (
          <SameAs
            rest={{
              method: "PUT",
              path: `/v2/${project}/fgs/functions/${config.func_urn}/config`,
              body: shown(changed),
            }}
          />
        )}
      </Flex>
    </Form>
  );
}

/** A body as a line to copy: values to be sealed are not for the screen. */
function shown(changed: ReturnType<typeof changes>) {
  return changed.encrypted_user_data ? { ...changed, encrypted_user_data: "{…}" } : changed;
}

interface NumberProps {
  name: keyof Fields;
  label: string;
  range: { least: number; most: number };
  hint?: string;
  required?: boolean;
}

function NumberField({ name, label, range, hint, required = true }: NumberProps) {
  const { t } = useTranslation("fn");
  const { least: min, most: max } = range;
  return (
    <Form.Item
      name={name}
      label={label}
      extra={hint}
      style={{ flex: "1 1 220px" }}
      rules={[{ required, type: "integer", min, max, message: t("configuration.range", range) }]}
    >
      <InputNumber style={{ width: 160 }} />
    </Form.Item>
  );
}

function Basic() {
  const { t } = useTranslation("fn");
  return (
    <Card size="small" title={t("configuration.basic")}>
      <Flex gap={16} wrap>
        <Form.Item
          name="memory"
          label={t("configuration.memory")}
          extra={t("configuration.memoryHint")}
          style={{ flex: "1 1 220px" }}
        >
          <Select style={{ width: 160 }} options={MEMORY_MB.map((size) => ({ value: size, label: `${size} MB` }))} />
        </Form.Item>
        <NumberField name="timeout" label={t("configuration.timeout")} range={TIMEOUT} />
      </Flex>
      <Form.Item name="description" label={t("configuration.description")}>
        <Input.TextArea maxLength={DESCRIPTION_CHARS} showCount rows={2} />
      </Form.Item>
    </Card>
  );
}

function Concurrency() {
  const { t } = useTranslation("fn");
  return (
    <Card size="small" title={t("configuration.concurrency")}>
      <Flex gap={16} wrap>
        <NumberField
          name="perInstance"
          label={t("configuration.perInstance")}
          hint={t("configuration.perInstanceHint")}
          range={CONCURRENT_NUM}
        />
        <NumberField
          name="instances"
          label={t("configuration.instances")}
          hint={t("configuration.instancesHint")}
          range={INSTANCES}
        />
      </Flex>
    </Card>
  );
}

function LifeCycle() {
  const { t } = useTranslation("fn");
  return (
    <Card size="small" title={t("configuration.lifecycle")}>
      <Flex gap={16} wrap>
        <Form.Item
          name="initializerHandler"
          label={t("configuration.initializerHandler")}
          extra={t("configuration.initializerHandlerHint")}
          style={{ flex: "1 1 220px" }}
        >
          <Input maxLength={128} autoComplete="off" />
        </Form.Item>
        <NumberField
          name="initializerTimeout"
          label={t("configuration.initializer")}
          hint={t("configuration.initializerHint")}
          range={INITIALIZER}
          required={false}
        />
      </Flex>
      <Flex gap={16} wrap>
        <Form.Item
          name="preStopHandler"
          label={t("configuration.preStop")}
          extra={t("configuration.preStopHint")}
          style={{ flex: "1 1 220px" }}
        >
          <Input maxLength={128} autoComplete="off" />
        </Form.Item>
        <NumberField
          name="preStopTimeout"
          label={t("configuration.preStopTimeout")}
          range={PRE_STOP}
          required={false}
        />
      </Flex>
    </Card>
  );
}

function Network() {
  const { t } = useTranslation("fn");
  return (
    <Card size="small" title={t("configuration.network")}>
      <Form.Item name="internet" label={t("configuration.internet")} valuePropName="checked" layout="horizontal">
        <Switch />
      </Form.Item>
      <Form.Item name="storage" label={t("configuration.storage")}>
        <Select style={{ width: 160 }} options={STORAGE_MB.map((size) => ({ value: size, label: `${size} MB` }))} />
      </Form.Item>
      <Form.Item name="agency" label={t("configuration.agency")} extra={t("configuration.agencyHint")}>
        <Input maxLength={256} autoComplete="off" style={{ maxWidth: 320 }} />
      </Form.Item>
      <Form.Item name="credentials" label={t("configuration.credentials")} valuePropName="checked" layout="horizontal">
        <Switch />
      </Form.Item>
    </Card>
  );
}
