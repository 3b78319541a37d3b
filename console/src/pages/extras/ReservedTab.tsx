import { DeleteOutlined, EditOutlined, PlusOutlined } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { Button, Flex, Form, Input, InputNumber, Switch, Tag, Typography } from "antd";
import { useTranslation } from "react-i18next";
import { type Reserved, reservedList, reservedUrn, setReserved } from "../../api/extras";
import type { FunctionConfig } from "../../api/function";
import { LATEST, qualified } from "../../api/versions";
import { cronOf, isCron, minute, type Policy, policyOf, RESERVED, seconds } from "../../rules/extras";
import { FormButton } from "../../shared/FormButton";
import { Listing } from "../../shared/Listing";
import { must } from "../../shared/rule";
import { SendButton } from "../../shared/SendButton";
import { shell } from "../../shared/shell";
import { usePlace } from "../function/place";
import { Qualifier } from "../function/Qualifier";

interface Fields {
  qualifier: string;
  count: number;
  idle: boolean;
  policies: Policy[];
}

type Row = Reserved & { now: number };

const CHANGED = [["function"], ["instances"]];
const YEAR = 365 * 86_400;

const body = ({ count, idle, policies }: Fields) => ({
  count,
  idle_mode: idle,
  tactics_config: { cron_configs: (policies ?? []).map(cronOf) },
});

const qualifierOf = (one: Reserved) => reservedUrn(one).split(":")[7] ?? LATEST;

/** Instances that are kept: how many, of which version or alias, and when. */
export default function ReservedTab({ config }: { config: FunctionConfig }) {
  const { t } = useTranslation("extras");
  const { project, urn } = usePlace();
  const list = useQuery(reservedList({ project, urn: config.func_urn }));
  const at = (qualifier: string) => ({ project, urn: qualified(config.func_urn, qualifier) });
  const cli = ({ qualifier, count, idle, policies }: Fields) => {
    if ((policies ?? []).length > 0) return undefined;
    return `sudo funcd reserve ${shell(qualifier === LATEST ? urn : `${urn}:${qualifier}`)} ${count}${idle ? " --idle" : ""}`;
  };
  const form = (label: string, initial: Fields, small?: boolean) => (
    <FormButton<Fields, unknown>
      label={label}
      {...(small ? { small, icon: <EditOutlined /> } : { icon: <PlusOutlined />, button: { type: "primary" } })}
      width={940}
      initial={initial}
      request={(given) => setReserved(at(given.qualifier), body(given))}
      cli={cli}
      changed={CHANGED}
      done={t("reserved.done")}
      fields={<FieldsOf />}
    />
  );
  return (
    <>
      <Typography.Paragraph type="secondary">{t("reserved.hint")}</Typography.Paragraph>
      <Listing<Row>
        list={list}
        id={reservedUrn}
        empty={t("reserved.none")}
        cli={`sudo funcd reserve ${shell(urn)} 1`}
        columns={[
          {
            title: t("reserved.of"),
            key: "of",
            render: (_, one) => <strong className="mono">{one.qualifier_name}</strong>,
          },
          { title: t("reserved.count"), dataIndex: "min_count" },
          { title: t("reserved.now"), dataIndex: "now" },
          {
            title: t("reserved.idle"),
            key: "idle",
            responsive: ["md"],
            render: (_, one) => <Tag>{t(one.idle_mode ? "yes" : "no", { ns: "common" })}</Tag>,
          },
          {
            title: t("reserved.policies"),
            key: "policies",
            responsive: ["md"],
            render: (_, one) => (
              <Flex vertical>
                {(one.tactics_config?.cron_configs ?? []).map((policy) => (
                  <span key={policy.name} className="break">
                    {policy.name}: <code>{policy.cron}</code> → {policy.count}
                  </span>
                ))}
              </Flex>
            ),
          },
          {
            key: "actions",
            align: "end",
            render: (_, one) => (
              <Flex gap={4} justify="end">
                {form(
                  t("reserved.edit", { name: one.qualifier_name ?? "" }),
                  {
                    qualifier: qualifierOf(one),
                    count: one.min_count ?? 0,
                    idle: one.idle_mode ?? false,
                    policies: (one.tactics_config?.cron_configs ?? []).map(policyOf),
                  },
                  true,
                )}
                <SendButton
                  small
                  danger
                  icon={<DeleteOutlined />}
                  label={t("reserved.end")}
                  title={t("reserved.endTitle", { name: one.qualifier_name ?? "" })}
                  text={t("reserved.endText")}
                  call={setReserved(at(qualifierOf(one)), { count: 0 })}
                  cli={cli({ qualifier: qualifierOf(one), count: 0, idle: false, policies: [] })}
                  changed={CHANGED}
                  done={t("reserved.ended", { name: one.qualifier_name ?? "" })}
                />
              </Flex>
            ),
          },
        ]}
      >
        {form(t("reserved.set"), { qualifier: LATEST, count: 1, idle: false, policies: [] })}
      </Listing>
    </>
  );
}

/** `value` and `onChange` are the form's. */
function Of({ value, onChange }: { value?: string; onChange?: (value: string) => void }) {
  return <Qualifier value={value ?? LATEST} onChange={onChange ?? (() => {})} />;
}

function FieldsOf() {
  const { t } = useTranslation("extras");
  const form = Form.useFormInstance<Fields>();
  const least = Form.useWatch("count", form) ?? 0;
  const count = (from: number) => [
    must<number>(
      (value) => Number.isInteger(value) && value >= from && value <= RESERVED,
      t("reserved.countRule", { least: from }),
    ),
  ];
  return (
    <>
      <Flex gap={24} wrap>
        <Form.Item name="qualifier" label={t("reserved.of")}>
          <Of />
        </Form.Item>
        <Form.Item name="count" label={t("reserved.count")} rules={count(0)}>
          <InputNumber style={{ width: 120 }} />
        </Form.Item>
        <Form.Item name="idle" label={t("reserved.idle")} valuePropName="checked" extra={t("reserved.idleHint")}>
          <Switch />
        </Form.Item>
      </Flex>
      <Form.Item label={t("reserved.policies")} extra={t("reserved.policiesHint")}>
        <Policies rules={count(least)} least={least} />
      </Form.Item>
    </>
  );
}

function Policies({ rules, least }: { rules: ReturnType<typeof must>[]; least: number }) {
  const { t } = useTranslation("extras");
  const now = Date.now() / 1000;
  const field = { margin: 0, flex: "1 1 130px" };
  const named = (name: string) => name.trim().length > 0 && name.length <= 60;
  return (
    <Form.List name="policies">
      {(fields, { add, remove }) => (
        <Flex vertical gap={12}>
          {fields.map(({ key, name }) => (
            <Flex gap={8} key={key} align="start" wrap>
              <Form.Item name={[name, "name"]} style={field} rules={[must(named, t("reserved.nameRule"))]}>
                <Input aria-label={t("reserved.name")} placeholder={t("reserved.name")} />
              </Form.Item>
              <Form.Item name={[name, "cron"]} style={field} rules={[must(isCron, t("reserved.cronRule"))]}>
                <Input aria-label={t("reserved.cron")} placeholder="0 0 9 * * 1-5" className="mono" />
              </Form.Item>
              <Form.Item name={[name, "count"]} style={{ margin: 0 }} rules={rules}>
                <InputNumber aria-label={t("reserved.count")} style={{ width: 80 }} />
              </Form.Item>
              <Time at={name} field="from" />
              <Time at={name} field="until" />
              <Button
                type="text"
                icon={<DeleteOutlined />}
                aria-label={t("reserved.remove")}
                onClick={() => remove(name)}
              />
            </Flex>
          ))}
          <Button
            type="dashed"
            icon={<PlusOutlined />}
            style={{ alignSelf: "start" }}
            onClick={() =>
              add({ name: "", cron: "", count: Math.max(1, least), from: minute(now), until: minute(now + YEAR) })
            }
          >
            {t("reserved.add")}
          </Button>
        </Flex>
      )}
    </Form.List>
  );
}

function Time({ at, field }: { at: number; field: "from" | "until" }) {
  const { t } = useTranslation("extras");
  const form = Form.useFormInstance<Fields>();
  const fine = (text: string) => {
    const from = seconds(form.getFieldValue(["policies", at, "from"]) ?? "");
    return seconds(text) >= 0 && (field === "from" || seconds(text) > from);
  };
  return (
    <Form.Item name={[at, field]} style={{ margin: 0, flex: "1 1 150px" }} rules={[must(fine, t("reserved.timeRule"))]}>
      <Input aria-label={t(`reserved.${field}`)} placeholder={t(`reserved.${field}`)} type="datetime-local" />
    </Form.Item>
  );
}
