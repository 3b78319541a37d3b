import { DeleteOutlined, PlusOutlined } from "@ant-design/icons";
import { Button, Col, Flex, Form, Input, InputNumber, Row, Segmented, Select, Switch, Typography } from "antd";
import { useTranslation } from "react-i18next";
import { isPluginName } from "../../rules/gateway";
import {
  type Content,
  documentOf,
  documentWith,
  fieldsOf,
  PLUGIN_TYPES,
  type PluginType,
  START,
} from "../../rules/plugin";
import { must } from "../../shared/rule";

export interface PluginGiven extends Partial<Content> {
  name?: string;
  remark?: string;
  type?: PluginType;
  mode?: "form" | "json";
  /** The document as text: what counts in mode json, and what fields are put over in mode form. */
  json?: string;
}

/** The document that was entered. */
export function contentOf(given: PluginGiven): string {
  if (given.mode === "json") return given.json ?? "";
  return JSON.stringify(documentWith(given.type ?? "cors", given, documentOf(given.json ?? "") ?? {}));
}

export const newPlugin: PluginGiven = { type: "cors", mode: "form", ...START };

export function PluginFields({ fixed = false }: { fixed?: boolean }) {
  const { t } = useTranslation("policies");
  const type = Form.useWatch<PluginType | undefined>("type") ?? "cors";
  const json = Form.useWatch("mode") === "json";
  return (
    <>
      <Form.Item name="name" label={t("name")} required rules={[must(isPluginName, t("pluginNameRule"))]}>
        <Input autoComplete="off" maxLength={255} />
      </Form.Item>
      <Form.Item name="type" label={t("type")}>
        <Select disabled={fixed} options={PLUGIN_TYPES.map((value) => ({ value, label: t(value) }))} />
      </Form.Item>
      <Mode type={type} />
      {json && (
        <Form.Item
          name="json"
          label={t("content")}
          rules={[must((text) => documentOf(text) !== undefined, t("jsonRule"))]}
        >
          <Input.TextArea rows={12} className="mono" spellCheck={false} />
        </Form.Item>
      )}
      {!json && type === "cors" && <Cors />}
      {!json && type === "set_resp_headers" && <Headers />}
      {!json && type === "rate_limit" && <Rate />}
      <Form.Item name="remark" label={t("description", { ns: "common" })}>
        <Input maxLength={255} />
      </Form.Item>
    </>
  );
}

/** Fields or text; what was entered goes along. A text that is no such document stays text. */
function Mode({ type }: { type: PluginType }) {
  const { t } = useTranslation("policies");
  const form = Form.useFormInstance<PluginGiven>();
  const change = (mode: "form" | "json") => {
    const given: PluginGiven = form.getFieldsValue(true);
    if (mode === "json") {
      const text = contentOf({ ...given, mode: "form" });
      form.setFieldsValue({ mode, json: JSON.stringify(documentOf(text), null, 2) });
      return;
    }
    const document = documentOf(given.json ?? "");
    try {
      if (document) form.setFieldsValue({ mode, ...fieldsOf(type, document) } as never);
    } catch {
      // The document has another shape than the form: it can only be mended as text.
    }
  };
  const mode = Form.useWatch<"form" | "json" | undefined>("mode") ?? "form";
  return (
    <Form.Item label={t("content")} style={{ marginBottom: 8 }}>
      <Form.Item name="mode" noStyle hidden>
        <Input />
      </Form.Item>
      <Segmented<"form" | "json">
        value={mode}
        onChange={change}
        options={[
          { value: "form", label: t("form") },
          { value: "json", label: t("json") },
        ]}
      />
    </Form.Item>
  );
}

const METHODS = ["GET", "POST", "PUT", "DELETE", "HEAD", "PATCH", "OPTIONS", "*"].map((value) => ({ value }));

function Cors() {
  const { t } = useTranslation("policies");
  return (
    <>
      <Form.Item
        name={["cors", "allow_origin"]}
        label={t("origin")}
        extra={t("originHint")}
        rules={[must((text) => text.trim() !== "", t("originRule"))]}
        required
      >
        <Input className="mono" />
      </Form.Item>
      <Form.Item name={["cors", "allow_methods"]} label={t("methods")}>
        <Select mode="multiple" options={METHODS} />
      </Form.Item>
      <Form.Item name={["cors", "allow_headers"]} label={t("headers")}>
        <Select mode="tags" tokenSeparators={[",", " "]} open={false} suffixIcon={null} />
      </Form.Item>
      <Form.Item name={["cors", "expose_headers"]} label={t("exposed")}>
        <Select mode="tags" tokenSeparators={[",", " "]} open={false} suffixIcon={null} />
      </Form.Item>
      <Row gutter={12}>
        <Col span={12}>
          <Form.Item name={["cors", "max_age"]} label={t("maxAge")}>
            <InputNumber min={0} precision={0} style={{ width: "100%" }} />
          </Form.Item>
        </Col>
        <Col span={12}>
          <Form.Item name={["cors", "allow_credentials"]} label={t("credentials")} valuePropName="checked">
            <Switch />
          </Form.Item>
        </Col>
      </Row>
    </>
  );
}

const ACTIONS = ["override", "append", "delete", "skip", "add"] as const;

function Headers() {
  const { t } = useTranslation("policies");
  const actions = ACTIONS.map((value) => ({ value, label: t(value) }));
  return (
    <Form.List name={["set_resp_headers", "headers"]}>
      {(fields, { add, remove }) => (
        <Flex vertical gap={4} style={{ marginBottom: 16 }}>
          {fields.map(({ key, name }) => (
            <Flex key={key} gap={8} align="start" wrap>
              <Form.Item name={[name, "name"]} rules={[must(isToken, t("headerRule"))]} style={{ margin: 0, flex: 2 }}>
                <Input placeholder={t("header")} aria-label={t("header")} className="mono" />
              </Form.Item>
              <Form.Item name={[name, "value"]} style={{ margin: 0, flex: 3 }}>
                <Input placeholder={t("value")} aria-label={t("value")} className="mono" />
              </Form.Item>
              <Form.Item name={[name, "action"]} initialValue="override" style={{ margin: 0, minWidth: 130 }}>
                <Select options={actions} aria-label={t("action")} />
              </Form.Item>
              <Button type="text" icon={<DeleteOutlined />} aria-label={t("remove")} onClick={() => remove(name)} />
            </Flex>
          ))}
          <div>
            <Button icon={<PlusOutlined />} disabled={fields.length >= 10} onClick={() => add({ action: "override" })}>
              {t("addHeader")}
            </Button>
          </div>
        </Flex>
      )}
    </Form.List>
  );
}

/** A name of a header (RFC 9110 section 5.6.2). */
const isToken = (text: string) => /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(text);

function Rate() {
  const { t } = useTranslation("policies");
  const limit = (name: string, label: string) => (
    <Col xs={24} sm={12}>
      <Form.Item name={["rate_limit", name]} label={label}>
        <InputNumber min={1} precision={0} placeholder={t("limitHint")} style={{ width: "100%" }} />
      </Form.Item>
    </Col>
  );
  const units = (["second", "minute", "hour", "day"] as const).map((value) => ({ value, label: t(value) }));
  const scopes = (["basic", "share"] as const).map((value) => ({ value, label: t(value) }));
  return (
    <>
      <Row gutter={12}>
        <Col span={12}>
          <Form.Item name={["rate_limit", "default_interval"]} label={t("window")}>
            <InputNumber min={1} precision={0} style={{ width: "100%" }} />
          </Form.Item>
        </Col>
        <Col span={12}>
          <Form.Item name={["rate_limit", "default_time_unit"]} label={t("unit")}>
            <Select options={units} />
          </Form.Item>
        </Col>
        {limit("api_limit", t("apiLimit"))}
        {limit("ip_limit", t("ipLimit"))}
        {limit("user_limit", t("userLimit"))}
        {limit("app_limit", t("appLimit"))}
      </Row>
      <Form.Item name={["rate_limit", "scope"]} label={t("counted")}>
        <Select options={scopes} />
      </Form.Item>
      <Specials />
      <Typography.Paragraph type="secondary">{t("rateHint")}</Typography.Paragraph>
    </>
  );
}

function Specials() {
  const { t } = useTranslation("policies");
  const kinds = (["app", "user"] as const).map((value) => ({ value, label: t(value) }));
  const fits = (text: string) => text.trim().length >= 1 && text.trim().length <= 64;
  return (
    <Form.List name={["rate_limit", "specials"]}>
      {(fields, { add, remove }) => (
        <Flex vertical gap={4} style={{ marginBottom: 12 }}>
          <Typography.Text>{t("special")}</Typography.Text>
          {fields.map(({ key, name }) => (
            <Flex key={key} gap={8} align="start" wrap>
              <Form.Item name={[name, "type"]} style={{ margin: 0, minWidth: 120 }}>
                <Select options={kinds} aria-label={t("kind")} />
              </Form.Item>
              <Form.Item name={[name, "key"]} rules={[must(fits, t("keyRule"))]} style={{ margin: 0, flex: 1 }}>
                <Input placeholder={t("keyHint")} aria-label={t("keyHint")} className="mono" />
              </Form.Item>
              <Form.Item name={[name, "limit"]} rules={[{ required: true }]} style={{ margin: 0 }}>
                <InputNumber min={1} precision={0} placeholder={t("calls")} aria-label={t("calls")} />
              </Form.Item>
              <Button type="text" icon={<DeleteOutlined />} aria-label={t("remove")} onClick={() => remove(name)} />
            </Flex>
          ))}
          <div>
            <Button icon={<PlusOutlined />} onClick={() => add({ type: "app" })}>
              {t("addSpecial")}
            </Button>
          </div>
        </Flex>
      )}
    </Form.List>
  );
}
