import { Col, Form, Input, InputNumber, Radio, Row, Select } from "antd";
import type { Rule } from "antd/es/form";
import { useTranslation } from "react-i18next";
import type { Throttle } from "../../api/policies";
import { isAppName } from "../../rules/gateway";
import { must } from "../../shared/rule";

export type ThrottleGiven = Partial<
  Pick<Throttle, "name" | "remark" | "time_unit" | "time_interval" | "api_call_limits" | "type"> & {
    user_call_limits: number | null;
    app_call_limits: number | null;
    ip_call_limits: number | null;
  }
>;

/** The largest of each number. */
export const MOST = 2_147_483_647;
export const UNITS = ["SECOND", "MINUTE", "HOUR", "DAY"] as const;

export const START: ThrottleGiven = { time_interval: 1, time_unit: "MINUTE", api_call_limits: 100, type: 1 };

/** A policy as fields: no limit is an empty field. */
export const given = (policy: Throttle): ThrottleGiven => ({
  ...policy,
  user_call_limits: policy.user_call_limits || null,
  app_call_limits: policy.app_call_limits || null,
  ip_call_limits: policy.ip_call_limits || null,
});

/** The request for the fields. */
export const throttle = (one: ThrottleGiven) => ({
  name: one.name ?? "",
  remark: one.remark ?? "",
  time_interval: one.time_interval,
  time_unit: one.time_unit,
  api_call_limits: one.api_call_limits,
  user_call_limits: one.user_call_limits ?? 0,
  app_call_limits: one.app_call_limits ?? 0,
  ip_call_limits: one.ip_call_limits ?? 0,
  type: one.type,
});

type Limit = "api_call_limits" | "user_call_limits" | "app_call_limits" | "ip_call_limits";

export function ThrottleFields() {
  const { t } = useTranslation("policies");
  return (
    <>
      <Form.Item name="name" label={t("name")} required rules={[must(isAppName, t("nameRule"))]}>
        <Input autoComplete="off" maxLength={64} />
      </Form.Item>
      <Row gutter={12}>
        <Col span={12}>
          <Form.Item name="time_interval" label={t("window")} rules={[whole(t("limitRule"))]} required>
            <InputNumber style={{ width: "100%" }} />
          </Form.Item>
        </Col>
        <Col span={12}>
          <Form.Item name="time_unit" label={t("unit")}>
            <Select options={UNITS.map((value) => ({ value, label: t(value) }))} />
          </Form.Item>
        </Col>
        <LimitField name="api_call_limits" label={t("apiLimit")} required />
        <LimitField name="ip_call_limits" label={t("ipLimit")} within="api_call_limits" text={t("noMore")} />
        <LimitField name="user_call_limits" label={t("userLimit")} within="api_call_limits" text={t("noMore")} />
        <LimitField name="app_call_limits" label={t("appLimit")} within="user_call_limits" text={t("noMoreUser")} />
      </Row>
      <Form.Item name="type" label={t("counted")}>
        <Radio.Group
          options={[
            { value: 1, label: t("eachApi") },
            { value: 2, label: t("together") },
          ]}
        />
      </Form.Item>
      <Form.Item name="remark" label={t("description", { ns: "common" })}>
        <Input.TextArea maxLength={255} rows={2} />
      </Form.Item>
    </>
  );
}

/** A number that must be there. */
const whole = (text: string) =>
  must<number | string>(
    (value) => typeof value === "number" && Number.isInteger(value) && value >= 1 && value <= MOST,
    text,
  );

interface LimitProps {
  name: Limit;
  label: string;
  required?: boolean;
  /** The limit that this one is a part of; an empty one is the API's. */
  within?: Limit;
  text?: string;
}

function LimitField({ name, label, required = false, within, text = "" }: LimitProps) {
  const { t } = useTranslation("policies");
  const part: Rule = ({ getFieldValue }) => ({
    validator: (_, value: number | null) => {
      const most = getFieldValue(within) || getFieldValue("api_call_limits") || MOST;
      return !value || value <= most ? Promise.resolve() : Promise.reject(new Error(text));
    },
  });
  const number = must<number | string>(
    (value) => value === "" || (Number.isInteger(value) && Number(value) >= 1 && Number(value) <= MOST),
    t("limitRule"),
  );
  return (
    <Col xs={24} sm={12}>
      <Form.Item
        name={name}
        label={label}
        required={required}
        dependencies={within ? [within, "api_call_limits"] : []}
        rules={[required ? whole(t("limitRule")) : number, ...(within ? [part] : [])]}
      >
        <InputNumber style={{ width: "100%" }} placeholder={required ? "" : t("limitHint")} />
      </Form.Item>
    </Col>
  );
}
