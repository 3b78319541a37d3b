import { Flex, Form, Input, Radio, Select, type TableColumnsType, Tag } from "antd";
import { useTranslation } from "react-i18next";
import { type ApiFields, isTemplate } from "../../rules/definition";
import { type Mapping, notInPath, PARAMETERS, type Parameter, plain, renamed } from "../../rules/parameters";
import { Rows } from "../../shared/Rows";
import { must } from "../../shared/rule";
import { ParameterFields } from "./ParameterFields";

const METHODS = ["ANY", "GET", "POST", "PUT", "DELETE", "HEAD", "PATCH", "OPTIONS"];
const PROTOCOLS = { HTTP: "HTTP", HTTPS: "HTTPS", BOTH: "HTTP & HTTPS", GRPCS: "GRPCS" };

/** The second step: which requests the API takes. */
export function Request() {
  const { t } = useTranslation("definition");
  const protocol = Form.useWatch<ApiFields["req_protocol"] | undefined>("req_protocol");
  return (
    <>
      <Form.Item name="req_protocol" label={t("protocol")} extra={protocol === "GRPCS" && t("grpcHint")}>
        <Radio.Group options={Object.entries(PROTOCOLS).map(([value, label]) => ({ value, label }))} />
      </Form.Item>
      <Form.Item
        name="req_uri"
        label={t("path")}
        extra={t("pathHint")}
        required
        rules={[must(isTemplate, t("pathRule"))]}
      >
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
      </Flex>
      <Parameters />
    </>
  );
}

function Parameters() {
  const { t } = useTranslation("definition");
  const form = Form.useFormInstance<ApiFields>();
  const columns: TableColumnsType<Parameter> = [
    { title: t("parameter"), key: "name", render: (_, one) => <span className="mono">{one.name}</span> },
    { title: t("location"), key: "location", render: (_, one) => <Tag>{one.location}</Tag> },
    { title: t("type"), dataIndex: "type" },
    {
      title: t("required"),
      key: "required",
      render: (_, one) => t(one.required === 1 ? "yes" : "no", { ns: "common" }),
    },
    { title: t("default"), key: "default", render: (_, one) => <span className="mono">{one.default_value}</span> },
    {
      title: t("passThrough"),
      key: "pass",
      render: (_, one) => t(one.pass_through === 2 ? "no" : "yes", { ns: "common" }),
    },
  ];
  const placed = {
    validator: (_: unknown, rows: Parameter[] | undefined) => {
      const wrong = notInPath(rows ?? [], form.getFieldValue("req_uri") ?? "");
      return wrong.length === 0
        ? Promise.resolve()
        : Promise.reject(new Error(t("notInPath", { names: wrong.join(", ") })));
    },
  };
  return (
    <Form.Item name="req_params" label={t("parameters")} dependencies={["req_uri"]} rules={[placed]}>
      <Rows<Parameter>
        kind="parameter"
        columns={columns}
        add={t("addParameter")}
        edit={t("editParameter")}
        empty={t("noParameters")}
        start={{ location: "QUERY", type: "STRING", required: 2, pass_through: 1, valid_enable: 2 }}
        most={PARAMETERS}
        named={({ name }) => name}
        made={plain}
        replaced={(before, now) => {
          const mappings: Mapping[] = form.getFieldValue("backend_params") ?? [];
          form.setFieldValue("backend_params", renamed(mappings, before.name, now.name));
        }}
        fields={(others) => <ParameterFields others={others} path={form.getFieldValue("req_uri") ?? ""} />}
      />
    </Form.Item>
  );
}
