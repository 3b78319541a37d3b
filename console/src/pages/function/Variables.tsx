import { DeleteOutlined, PlusOutlined } from "@ant-design/icons";
import { Button, Checkbox, Flex, Form, Input, Typography } from "antd";
import { useTranslation } from "react-i18next";
import { isVariable } from "../../rules/function";
import type { Variable } from "./fields";

/** The environment of the function, one variable a row. */
export function Variables({ start }: { start: Variable[] }) {
  const { t } = useTranslation("fn");
  const form = Form.useFormInstance();
  const sealed = new Set(start.filter((one) => one.encrypted).map((one) => one.key));
  const all = (Form.useWatch("variables", form) ?? start) as Partial<Variable>[];
  const check = (_: unknown, key: string) => {
    const once = all.filter((one) => one?.key === key).length < 2;
    return isVariable(key ?? "") && once ? Promise.resolve() : Promise.reject(new Error(t("configuration.keyRule")));
  };
  return (
    <Form.List name="variables">
      {(fields, { add, remove }) => (
        <Flex vertical gap={8}>
          <Typography.Text type="secondary">{t("configuration.variablesHint")}</Typography.Text>
          {fields.map(({ key, name }) => (
            <Flex gap={8} key={key} align="start" wrap>
              <Form.Item name={[name, "key"]} rules={[{ validator: check }]} style={{ flex: "1 1 160px", margin: 0 }}>
                <Input aria-label={t("configuration.key")} placeholder={t("configuration.key")} className="mono" />
              </Form.Item>
              <Form.Item name={[name, "value"]} style={{ flex: "2 1 200px", margin: 0 }}>
                <Input
                  aria-label={t("configuration.value")}
                  placeholder={t(sealed.has(all[name]?.key ?? "") ? "configuration.kept" : "configuration.value")}
                  className="mono"
                  autoComplete="off"
                />
              </Form.Item>
              <Form.Item name={[name, "encrypted"]} valuePropName="checked" style={{ margin: 0 }}>
                <Checkbox>{t("configuration.encrypted")}</Checkbox>
              </Form.Item>
              <Button
                type="text"
                icon={<DeleteOutlined />}
                aria-label={t("configuration.remove")}
                onClick={() => remove(name)}
              />
            </Flex>
          ))}
          <Button
            type="dashed"
            icon={<PlusOutlined />}
            onClick={() => add({ key: "", value: "", encrypted: false })}
            style={{ alignSelf: "start" }}
          >
            {t("configuration.add")}
          </Button>
        </Flex>
      )}
    </Form.List>
  );
}
