import { DeleteOutlined, PlusOutlined } from "@ant-design/icons";
import { Button, Flex, Form, Input, Radio, Select } from "antd";
import { useTranslation } from "react-i18next";
import { isParameter, RULES } from "../../rules/alias";

/** Headers and cookies by which requests go to the other version. */
export function Rules() {
  const { t } = useTranslation("versions");
  return (
    <>
      <Form.Item name="combine" label={t("combine")}>
        <Radio.Group
          options={[
            { value: "and", label: t("all") },
            { value: "or", label: t("any") },
          ]}
        />
      </Form.Item>
      <Form.Item label={t("rules")} extra={t("inHint")}>
        <Form.List name="rules">
          {(fields, { add, remove }) => (
            <Flex vertical gap={8}>
              {fields.map(({ key, name }) => (
                <One key={key} at={name} onRemove={fields.length > 1 ? () => remove(name) : undefined} />
              ))}
              {fields.length < RULES && (
                <Button
                  type="dashed"
                  icon={<PlusOutlined />}
                  style={{ alignSelf: "start" }}
                  onClick={() => add({ rule_type: "header", param: "", op: "=", value: "" })}
                >
                  {t("addRule")}
                </Button>
              )}
            </Flex>
          )}
        </Form.List>
      </Form.Item>
    </>
  );
}

function One({ at, onRemove }: { at: number; onRemove: (() => void) | undefined }) {
  const { t } = useTranslation("versions");
  const param = (_: unknown, name: string) =>
    isParameter(name ?? "") ? Promise.resolve() : Promise.reject(new Error(t("paramRule")));
  const none = { margin: 0 };
  return (
    <Flex gap={8} align="start" wrap>
      <Form.Item name={[at, "rule_type"]} style={none}>
        <Select
          aria-label={t("ruleType")}
          style={{ width: 110 }}
          options={[
            { value: "header", label: t("header") },
            { value: "cookie", label: t("cookie") },
          ]}
        />
      </Form.Item>
      <Form.Item name={[at, "param"]} rules={[{ validator: param }]} style={{ ...none, flex: "1 1 120px" }}>
        <Input aria-label={t("param")} placeholder={t("param")} className="mono" autoComplete="off" />
      </Form.Item>
      <Form.Item name={[at, "op"]} style={none}>
        <Select
          aria-label={t("op")}
          style={{ width: 70 }}
          options={["=", "in"].map((value) => ({ value, label: value }))}
        />
      </Form.Item>
      <Form.Item
        name={[at, "value"]}
        rules={[{ required: true, whitespace: true, max: 1024, message: t("valueRule") }]}
        style={{ ...none, flex: "1 1 140px" }}
      >
        <Input aria-label={t("value")} placeholder={t("value")} className="mono" autoComplete="off" />
      </Form.Item>
      {onRemove && <Button type="text" icon={<DeleteOutlined />} aria-label={t("removeRule")} onClick={onRemove} />}
    </Flex>
  );
}
