import { EditOutlined, PlusOutlined } from "@ant-design/icons";
import { Card, Flex, Form, Input, Typography } from "antd";
import { useTranslation } from "react-i18next";
import { environments } from "../../api/gateway";
import { type Variable, variables } from "../../api/groups";
import { isVariableName } from "../../rules/gateway";
import { FormButton } from "../../shared/FormButton";
import { Listing } from "../../shared/Listing";
import { must } from "../../shared/rule";
import { DeleteButton } from "../../shared/SendButton";
import { EnvironmentField, RELEASE } from "../apps/Grants";
import { useItems, useScope } from "../gateway/scope";

interface Given {
  env?: string;
  name?: string;
  value?: string;
}

/** Variables of a group: each has a value in each environment. */
export function Variables({ group }: { group: string }) {
  const { t } = useTranslation("groups");
  const scope = useScope();
  const key = ["variables", group];
  const list = useItems(key, variables.list(scope, group), "variables");
  const all = useItems(["environments"], environments.list(scope), "envs");
  const environment = (id: string) => all.data?.find((one) => one.id === id)?.name ?? id;
  return (
    <Card size="small" title={t("variables")}>
      <Listing<Variable>
        list={list}
        id={(one) => one.id}
        empty={t("noVariables")}
        columns={[
          {
            title: t("variable"),
            key: "name",
            render: (_, one) => <span className="mono">#{one.variable_name}#</span>,
          },
          { title: t("environment"), key: "env", render: (_, one) => environment(one.env_id) },
          {
            title: t("value"),
            key: "value",
            render: (_, one) => <span className="mono break">{one.variable_value}</span>,
          },
          {
            key: "actions",
            align: "end",
            render: (_, one) => (
              <Flex justify="end">
                <FormButton<Given, unknown>
                  small
                  label={t("edit", { ns: "common" })}
                  icon={<EditOutlined />}
                  initial={{ value: one.variable_value }}
                  fields={<Value />}
                  request={({ value = "" }) => variables.update(scope, one.id, value)}
                  changed={[key]}
                  done={t("variableSet")}
                />
                <DeleteButton
                  title={t("deleteVariable", { name: one.variable_name })}
                  call={variables.remove(scope, one.id)}
                  changed={[key]}
                  done={t("variableDeleted")}
                />
              </Flex>
            ),
          },
        ]}
      >
        <FormButton<Given, unknown>
          label={t("addVariable")}
          icon={<PlusOutlined />}
          initial={{ env: RELEASE }}
          fields={
            <>
              <EnvironmentField />
              <Form.Item name="name" label={t("variable")} required rules={[must(isVariableName, t("variableRule"))]}>
                <Input autoComplete="off" className="mono" maxLength={32} />
              </Form.Item>
              <Value />
            </>
          }
          request={({ env, name, value }) =>
            variables.create(scope, { env_id: env, group_id: group, variable_name: name, variable_value: value })
          }
          changed={[key]}
          done={t("variableSet")}
        />
      </Listing>
      <Typography.Text type="secondary">{t("variablesHint")}</Typography.Text>
    </Card>
  );
}

function Value() {
  const { t } = useTranslation("groups");
  return (
    <Form.Item name="value" label={t("value")} rules={[{ required: true }]}>
      <Input autoComplete="off" className="mono" maxLength={255} />
    </Form.Item>
  );
}
