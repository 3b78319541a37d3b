import { Alert, Flex, Form, Input, InputNumber, Select, Switch } from "antd";
import { useTranslation } from "react-i18next";
import {
  ENUMERATION_CHARS,
  isParameterName,
  LARGEST,
  type Parameter,
  pathParameters,
  VALUE_CHARS,
} from "../../rules/parameters";

const LOCATIONS = ["PATH", "QUERY", "HEADER", "COOKIE"].map((value) => ({ value, label: value }));
const TYPES = ["STRING", "NUMBER"].map((value) => ({ value, label: value }));

/** One parameter of an API's requests: the dialog's fields. */
export function ParameterFields({ others, path }: { others: readonly Parameter[]; path: string }) {
  const { t } = useTranslation("definition");
  const location = Form.useWatch<Parameter["location"] | undefined>("location") ?? "QUERY";
  const kept = location === "QUERY" || location === "HEADER";
  return (
    <>
      <Flex gap={16} wrap>
        <Form.Item name="location" label={t("location")}>
          <Select style={{ width: 130 }} options={LOCATIONS} />
        </Form.Item>
        <Form.Item name="type" label={t("type")}>
          <Select style={{ width: 130 }} options={TYPES} />
        </Form.Item>
      </Flex>
      <Name others={others} path={path} location={location} />
      <Flex gap={32} wrap>
        {location !== "PATH" && <Flag name="required" label={t("required")} />}
        {kept && <Flag name="pass_through" label={t("passThrough")} />}
        <Flag name="valid_enable" label={t("checked")} />
      </Flex>
      {location === "PATH" && <Alert type="info" title={t("pathRequired")} style={{ marginBottom: 12 }} />}
      <Checks />
      <Form.Item name="default_value" label={t("default")}>
        <Input autoComplete="off" maxLength={VALUE_CHARS} />
      </Form.Item>
      <Form.Item name="sample_value" label={t("sample")}>
        <Input autoComplete="off" maxLength={VALUE_CHARS} />
      </Form.Item>
      <Form.Item name="remark" label={t("remark")}>
        <Input maxLength={VALUE_CHARS} />
      </Form.Item>
    </>
  );
}

interface NameProps {
  others: readonly Parameter[];
  path: string;
  location: Parameter["location"];
}

/** A name of its own; one of the path is chosen from those in braces there. */
function Name({ others, path, location }: NameProps) {
  const { t } = useTranslation("definition");
  const named = {
    validator: (_: unknown, name = "") => {
      const taken = others.some((one) => one.name.toLowerCase() === name.toLowerCase());
      if (!isParameterName(name)) return Promise.reject(new Error(t("parameterRule")));
      if (taken) return Promise.reject(new Error(t("parameterTaken", { name })));
      if (location === "PATH" && !pathParameters(path).includes(name))
        return Promise.reject(new Error(t("notInPath", { names: name })));
      return Promise.resolve();
    },
  };
  return (
    <Form.Item name="name" label={t("parameter")} required dependencies={["location"]} rules={[named]}>
      <Input autoComplete="off" className="mono" maxLength={32} />
    </Form.Item>
  );
}

/** Yes and no as 1 and 2. */
function Flag({ name, label }: { name: keyof Parameter; label: string }) {
  return (
    <Form.Item
      name={name}
      label={label}
      getValueProps={(value: number | undefined) => ({ checked: value === 1 })}
      normalize={(checked: boolean) => (checked ? 1 : 2)}
      valuePropName="checked"
    >
      <Switch />
    </Form.Item>
  );
}

/** What is checked of a value before the function is called. */
function Checks() {
  const { t } = useTranslation("definition");
  const number = Form.useWatch<string | undefined>("type") === "NUMBER";
  const [least, most] = number ? (["min_num", "max_num"] as const) : (["min_size", "max_size"] as const);
  const floor = number ? -LARGEST - 1 : 0;
  if (Form.useWatch<number | undefined>("valid_enable") !== 1) return null;
  return (
    <>
      <Flex gap={16} wrap>
        <Form.Item name={least} label={t(number ? "least" : "shortest")}>
          <InputNumber min={floor} max={LARGEST} precision={0} style={{ width: 160 }} />
        </Form.Item>
        <Form.Item
          name={most}
          label={t(number ? "greatest" : "longest")}
          dependencies={[least]}
          rules={[
            ({ getFieldValue }) => ({
              validator: (_, value: number | null | undefined) =>
                (value ?? 0) >= (getFieldValue(least) ?? 0)
                  ? Promise.resolve()
                  : Promise.reject(new Error(t("rangeRule"))),
            }),
          ]}
        >
          <InputNumber min={floor} max={LARGEST} precision={0} style={{ width: 160 }} />
        </Form.Item>
      </Flex>
      <Form.Item name="enumerations" label={t("enumerations")} extra={t("enumerationsHint")}>
        <Input autoComplete="off" className="mono" maxLength={ENUMERATION_CHARS} />
      </Form.Item>
    </>
  );
}
