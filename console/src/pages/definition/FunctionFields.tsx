import { useQuery } from "@tanstack/react-query";
import { Flex, Form, Select } from "antd";
import { useTranslation } from "react-i18next";
import { functionList, withoutVersion } from "../../api/functions";
import { LATEST } from "../../api/versions";
import { ErrorNote } from "../../shared/ErrorNote";
import { useProject } from "../../shell/project";
import { Qualifier } from "../function/Qualifier";

/** Which function is called, and which version or alias of it: fields `function_urn` and `qualifier` of the form around. */
export function FunctionFields() {
  const { t } = useTranslation("definition");
  const project = useProject();
  const list = useQuery(functionList(project));
  const form = Form.useFormInstance();
  const urn = Form.useWatch<string | undefined>("function_urn") ?? "";
  const known = (list.data ?? []).map((one) => ({ value: withoutVersion(one.func_urn), label: titleOf(one.func_urn) }));
  // One that may not be listed is still called.
  const options =
    known.some(({ value }) => value === urn) || !urn ? known : [...known, { value: urn, label: titleOf(urn) }];
  return (
    <>
      {list.isError && <ErrorNote error={list.error} retry={list.refetch} />}
      <Flex gap="0 16px" wrap>
        <Form.Item
          name="function_urn"
          label={t("function")}
          rules={[{ required: true, message: t("functionRule") }]}
          style={{ flex: "1 1 240px", minWidth: 0 }}
        >
          <Select
            showSearch={{ optionFilterProp: "label" }}
            loading={list.isPending}
            options={options}
            placeholder={t("chooseFunction")}
            onChange={() => form.setFieldValue("qualifier", LATEST)}
          />
        </Form.Item>
        <Form.Item name="qualifier" label={t("qualifier")} style={{ flex: "1 1 180px" }}>
          {urn ? <OfForm place={{ project, urn }} /> : <Select disabled options={[{ value: LATEST, label: LATEST }]} />}
        </Form.Item>
      </Flex>
    </>
  );
}

/** The name, with its app where that is not the usual one. */
function titleOf(urn: string): string {
  const [app = "", name = urn] = urn.split(":").slice(5, 7);
  return app === "default" || app === "" ? name : `${app} / ${name}`;
}

interface OfFormProps {
  id?: string;
  value?: string;
  onChange?: (value: string) => void;
  place: { project: string; urn: string };
}

function OfForm({ id, value = LATEST, onChange = () => {}, place }: OfFormProps) {
  return <Qualifier {...(id ? { id } : {})} value={value} onChange={onChange} place={place} />;
}
