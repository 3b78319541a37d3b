import { Form, Input, InputNumber, Radio, Select, type TableColumnsType, Tag, Typography } from "antd";
import { useTranslation } from "react-i18next";
import type { ApiFields } from "../../rules/definition";
import { BACKEND_MS } from "../../rules/function";
import {
  isParameterName,
  isReservedHeader,
  type Mapping,
  PARAMETERS,
  type Parameter,
  SYSTEM,
  VALUE_CHARS,
  withoutSource,
} from "../../rules/parameters";
import { Rows } from "../../shared/Rows";
import { must } from "../../shared/rule";
import { FunctionFields } from "./FunctionFields";

/** The third step: the function that answers, and what it gets beside the request. */
export function BackEnd() {
  const { t } = useTranslation("definition");
  const grpc = Form.useWatch<ApiFields["req_protocol"] | undefined>("req_protocol") === "GRPCS";
  return (
    <>
      <FunctionFields />
      <Form.Item label={t("calledBy")} extra={grpc ? t("grpcHint") : t("calledByHint")}>
        {grpc ? (
          <Typography.Text strong>{t("GRPCS")}</Typography.Text>
        ) : (
          <Form.Item name="called_by" noStyle>
            <Radio.Group options={(["HTTPS", "GRPCS"] as const).map((value) => ({ value, label: t(value) }))} />
          </Form.Item>
        )}
      </Form.Item>
      <Form.Item
        name="timeout"
        label={t("timeout")}
        extra={t("timeoutHint")}
        rules={[
          {
            required: true,
            type: "integer",
            min: BACKEND_MS.least,
            max: BACKEND_MS.most,
            message: t("timeoutRule", BACKEND_MS),
          },
        ]}
      >
        <InputNumber style={{ width: 140 }} />
      </Form.Item>
      <Mappings />
      <Form.Item name="backend_remark" label={t("remark")}>
        <Input maxLength={VALUE_CHARS} />
      </Form.Item>
    </>
  );
}

function Mappings() {
  const { t } = useTranslation("definition");
  const form = Form.useFormInstance<ApiFields>();
  const parameters = Form.useWatch<Parameter[] | undefined>("req_params") ?? [];
  const columns: TableColumnsType<Mapping> = [
    { title: t("mapping"), key: "name", render: (_, one) => <span className="mono">{one.name}</span> },
    { title: t("location"), key: "location", render: (_, one) => <Tag>{one.location}</Tag> },
    { title: t("origin"), key: "origin", render: (_, one) => t(one.origin) },
    { title: t("value"), key: "value", render: (_, one) => <span className="mono break">{one.value}</span> },
  ];
  const sourced = {
    validator: (_: unknown, rows: Mapping[] | undefined) => {
      const wrong = withoutSource(rows ?? [], form.getFieldValue("req_params") ?? []);
      const text = () => t("withoutSource", { names: wrong.join(", ") });
      return wrong.length === 0 ? Promise.resolve() : Promise.reject(new Error(text()));
    },
  };
  return (
    <Form.Item name="backend_params" label={t("mappings")} dependencies={["req_params"]} rules={[sourced]}>
      <Rows<Mapping>
        kind="mapping"
        columns={columns}
        add={t("addMapping")}
        edit={t("editMapping")}
        empty={t("noMappings")}
        start={{ location: "HEADER", origin: parameters.length > 0 ? "REQUEST" : "CONSTANT" }}
        most={PARAMETERS}
        named={({ location, name }) => `${location} ${name}`}
        fields={() => <MappingFields parameters={parameters} />}
      />
    </Form.Item>
  );
}

function MappingFields({ parameters }: { parameters: readonly Parameter[] }) {
  const { t } = useTranslation("definition");
  const form = Form.useFormInstance<Mapping>();
  const origin = Form.useWatch<Mapping["origin"] | undefined>("origin") ?? "REQUEST";
  const named = ({ getFieldValue }: { getFieldValue: (field: string) => unknown }) => ({
    validator: (_: unknown, name = "") => {
      if (!isParameterName(name)) return Promise.reject(new Error(t("parameterRule")));
      const reserved = getFieldValue("location") === "HEADER" && isReservedHeader(name);
      return reserved ? Promise.reject(new Error(t("reservedRule"))) : Promise.resolve();
    },
  });
  const sources = {
    REQUEST: parameters.map(({ name }) => ({ value: name, label: name })),
    SYSTEM: SYSTEM.map((name) => ({ value: name, label: `${t(name.slice("$context.".length) as "stage")} · ${name}` })),
  };
  return (
    <>
      <Form.Item name="location" label={t("mappingLocation")}>
        <Radio.Group options={["HEADER", "QUERY"].map((value) => ({ value, label: value }))} />
      </Form.Item>
      <Form.Item name="name" label={t("mapping")} required dependencies={["location"]} rules={[named]}>
        <Input autoComplete="off" className="mono" maxLength={32} />
      </Form.Item>
      <Form.Item name="origin" label={t("origin")}>
        <Radio.Group
          onChange={() => form.setFieldValue("value", undefined)}
          options={(["REQUEST", "CONSTANT", "SYSTEM"] as const).map((value) => ({ value, label: t(value) }))}
        />
      </Form.Item>
      <Form.Item
        name="value"
        label={t("value")}
        required
        rules={[must((value) => value !== "", t(origin === "CONSTANT" ? "valueRule" : "sourceRule"))]}
      >
        {origin === "CONSTANT" ? (
          <Input autoComplete="off" className="mono" maxLength={VALUE_CHARS} />
        ) : (
          <Select options={sources[origin]} notFoundContent={t("noParameters")} />
        )}
      </Form.Item>
      <Form.Item name="remark" label={t("remark")}>
        <Input maxLength={VALUE_CHARS} />
      </Form.Item>
    </>
  );
}
