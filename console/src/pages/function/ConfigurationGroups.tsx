import { DeleteOutlined, PlusOutlined } from "@ant-design/icons";
import { Button, Card, Flex, Form, Input, InputNumber, Select, Switch, Typography } from "antd";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import {
  CONCURRENT_NUM,
  DESCRIPTION_CHARS,
  HANDLER_CHARS,
  INITIALIZER,
  INSTANCES,
  isLogTag,
  LABEL_CHARS,
  LOG_TAGS,
  MEMORY_MB,
  PRE_STOP,
  STORAGE_MB,
  TIMEOUT,
} from "../../rules/function";
import { must } from "../../shared/rule";
import type { Fields, LogTag } from "./fields";

/** The groups of a function's settings, as the vendor's console has them. */

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

export function Basic() {
  const { t } = useTranslation("fn");
  const { t: own } = useTranslation("configuration");
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
      <Flex gap={16} wrap>
        <Form.Item
          name="handler"
          label={own("handler")}
          extra={own("handlerHint")}
          style={{ flex: "1 1 220px" }}
          rules={[must((text) => text !== "", own("handlerRule"))]}
        >
          <Input maxLength={HANDLER_CHARS} autoComplete="off" />
        </Form.Item>
        <Label name="enterpriseProject" label={own("enterpriseProject")} hint={own("enterpriseProjectHint")} />
      </Flex>
      <Form.Item name="description" label={t("configuration.description")}>
        <Input.TextArea maxLength={DESCRIPTION_CHARS} showCount rows={2} />
      </Form.Item>
    </Card>
  );
}

export function Concurrency() {
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

export function LifeCycle() {
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

export function Permissions() {
  const { t } = useTranslation("fn");
  const { t: own } = useTranslation("configuration");
  return (
    <Card size="small" title={own("permissions")}>
      <Flex gap={16} wrap>
        <Label name="settingsAgency" label={own("settingsAgency")} hint={own("settingsAgencyHint")} />
        <Label name="agency" label={own("agency")} hint={t("configuration.agencyHint")} />
      </Flex>
      <Toggle name="credentials" label={t("configuration.credentials")} />
    </Card>
  );
}

export function Network() {
  const { t } = useTranslation("fn");
  const { t: own } = useTranslation("configuration");
  return (
    <Card size="small" title={own("network")}>
      <Toggle name="internet" label={t("configuration.internet")} />
    </Card>
  );
}

export function Disk() {
  const { t } = useTranslation("fn");
  const { t: own } = useTranslation("configuration");
  return (
    <Card size="small" title={own("disk")}>
      <Form.Item name="storage" label={t("configuration.storage")} style={{ margin: 0 }}>
        <Select style={{ width: 160 }} options={STORAGE_MB.map((size) => ({ value: size, label: `${size} MB` }))} />
      </Form.Item>
    </Card>
  );
}

export function Advanced() {
  const { t } = useTranslation("configuration");
  return (
    <Card size="small" title={t("advanced")}>
      <Toggle name="anyMemory" label={t("anyMemory")} hint={t("anyMemoryHint")} />
    </Card>
  );
}

export function Logs({ told }: { told: boolean }) {
  const { t } = useTranslation("configuration");
  return (
    <Card size="small" title={t("logs")}>
      <Toggle name="logTold" label={t("logTold")} hint={t("logToldHint")} />
      {told && (
        <Flex gap={16} wrap>
          <Label name="logGroup" label={t("logGroup")} hint={t("logGroupHint")} />
          <Label name="logStream" label={t("logStream")} hint={t("logStreamHint")} />
        </Flex>
      )}
      <LogTags />
    </Card>
  );
}

/** What each line of the log carries: names and values, each name once. */
function LogTags() {
  const { t } = useTranslation("configuration");
  const all = Form.useWatch<Partial<LogTag>[] | undefined>("logTags") ?? [];
  const once = (key: string) => all.filter((one) => one?.key === key).length < 2;
  const field = (name: number, part: keyof LogTag) => (
    <Form.Item
      name={[name, part]}
      rules={[
        must((text) => isLogTag(text), t("logTagRule")),
        ...(part === "key" ? [must(once, t("logTagTwice"))] : []),
      ]}
      style={{ flex: "1 1 140px", margin: 0 }}
    >
      <Input aria-label={t(part)} placeholder={t(part)} className="mono" autoComplete="off" />
    </Form.Item>
  );
  return (
    <Form.List name="logTags">
      {(fields, { add, remove }) => (
        <Flex vertical gap={8}>
          <Typography.Text>{t("logTags")}</Typography.Text>
          {fields.map(({ key, name }) => (
            <Flex gap={8} key={key} align="start">
              {field(name, "key")}
              {field(name, "value")}
              <Button type="text" icon={<DeleteOutlined />} aria-label={t("removeTag")} onClick={() => remove(name)} />
            </Flex>
          ))}
          <Button
            type="dashed"
            icon={<PlusOutlined />}
            disabled={fields.length >= LOG_TAGS}
            onClick={() => add({ key: "", value: "" })}
            style={{ alignSelf: "start" }}
          >
            {t("addTag")}
          </Button>
        </Flex>
      )}
    </Form.List>
  );
}

interface FieldProps {
  name: keyof Fields;
  label: string;
  hint?: ReactNode;
}

/** A name or an id of something elsewhere. */
function Label({ name, label, hint }: FieldProps) {
  return (
    <Form.Item name={name} label={label} extra={hint} style={{ flex: "1 1 220px" }}>
      <Input maxLength={LABEL_CHARS} autoComplete="off" />
    </Form.Item>
  );
}

function Toggle({ name, label, hint }: FieldProps) {
  return (
    <Form.Item name={name} label={label} extra={hint} valuePropName="checked" layout="horizontal" colon={false}>
      <Switch />
    </Form.Item>
  );
}
