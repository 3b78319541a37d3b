import { DeleteOutlined, EditOutlined, PlusOutlined } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { Button, Card, Flex, Form, Input, Radio, Select, Tag } from "antd";
import { useTranslation } from "react-i18next";
import { list, type Policy, type Role, roles } from "../../api/iam";
import { isAction } from "../../rules/iam";
import { CopyLine } from "../../shared/CopyLine";
import { FormButton } from "../../shared/FormButton";
import { Listing } from "../../shared/Listing";
import { must } from "../../shared/rule";
import { DeleteButton } from "../../shared/SendButton";

interface Given {
  name?: string;
  description?: string;
  statements?: Partial<Policy["Statement"][number]>[];
}

const body = ({ name = "", description = "", statements = [] }: Given) => ({
  display_name: name,
  type: "AX",
  description,
  policy: {
    Version: "1.1",
    Statement: statements.map(({ Effect = "Allow", Action = [], Resource = [] }) => ({
      Effect,
      Action,
      ...(Resource.length > 0 ? { Resource } : {}),
    })),
  },
});

/** Policies: those of the system, and custom ones. */
export default function RolesTab() {
  const { t, i18n } = useTranslation("iam");
  const found = useQuery({
    queryKey: ["roles", "all"],
    queryFn: async () =>
      (await Promise.all([list<Role>(roles.custom(), "roles"), list<Role>(roles.system(), "roles")])).flat(),
  });
  const custom = (one: Role) => one.catalog === "CUSTOMED";
  const said = (one: Role) => (i18n.language === "zh" && one.description_cn) || one.description;
  return (
    <Listing<Role>
      list={found}
      id={(one) => one.id}
      words={(one) => `${one.display_name} ${one.description} ${one.description_cn}`}
      empty=""
      expandedRow={(one) => <CopyLine text={JSON.stringify(one.policy, null, 2)} />}
      columns={[
        { title: t("role"), key: "name", render: (_, one) => <strong>{one.display_name}</strong> },
        { title: t("kind"), key: "kind", render: (_, one) => <Tag>{t(custom(one) ? "custom" : "system")}</Tag> },
        { title: t("description", { ns: "common" }), key: "description", render: (_, one) => said(one) },
        {
          title: t("used"),
          key: "used",
          render: (_, one) => one.references !== undefined && t("times", { count: one.references }),
        },
        {
          key: "actions",
          align: "end",
          render: (_, one) =>
            custom(one) && (
              <Flex justify="end">
                <FormButton<Given, unknown>
                  small
                  label={t("edit")}
                  icon={<EditOutlined />}
                  width={680}
                  initial={{ name: one.display_name, description: one.description, statements: one.policy.Statement }}
                  fields={<Fields />}
                  request={(given) => roles.update(one.id, body(given))}
                  changed={[["roles"]]}
                  done={t("roleSaved")}
                />
                <DeleteButton
                  title={t("deleteRole", { name: one.display_name })}
                  text={t("deleteRoleText")}
                  call={roles.remove(one.id)}
                  changed={[["roles"], ["rights"]]}
                  done={t("roleDeleted")}
                />
              </Flex>
            ),
        },
      ]}
    >
      <FormButton<Given, unknown>
        label={t("createRole")}
        icon={<PlusOutlined />}
        button={{ type: "primary" }}
        width={680}
        initial={{ statements: [{ Effect: "Allow", Action: [], Resource: [] }] }}
        fields={<Fields />}
        request={(given) => roles.create(body(given))}
        changed={[["roles"]]}
        done={t("roleMade")}
      />
    </Listing>
  );
}

/** Some of the actions there are; others can be typed. */
const ACTIONS = [
  "functiongraph:*:*",
  "functiongraph:*:get*",
  "functiongraph:*:list*",
  "functiongraph:function:list",
  "functiongraph:function:getConfig",
  "functiongraph:function:invoke",
  "apig:*:*",
  "apig:*:get",
  "apig:*:list",
  "iam:*:*",
].map((value) => ({ value }));

function Fields() {
  const { t } = useTranslation("iam");
  const fits = (value: string[] | string) => Array.isArray(value) && value.length > 0 && value.every(isAction);
  return (
    <>
      <Form.Item name="name" label={t("role")} required rules={[must((text) => text.trim() !== "", t("roleRule"))]}>
        <Input autoComplete="off" maxLength={128} />
      </Form.Item>
      <Form.Item name="description" label={t("description", { ns: "common" })}>
        <Input maxLength={255} />
      </Form.Item>
      <Form.List name="statements">
        {(fields, { add, remove }) => (
          <Flex vertical gap={12} style={{ marginBottom: 12 }}>
            {fields.map(({ key, name }) => (
              <Card
                key={key}
                size="small"
                title={`${t("statement")} ${name + 1}`}
                extra={
                  fields.length > 1 && (
                    <Button
                      type="text"
                      icon={<DeleteOutlined />}
                      aria-label={t("removeStatement")}
                      onClick={() => remove(name)}
                    />
                  )
                }
              >
                <Form.Item name={[name, "Effect"]}>
                  <Radio.Group
                    options={[
                      { value: "Allow", label: t("allow") },
                      { value: "Deny", label: t("deny") },
                    ]}
                  />
                </Form.Item>
                <Form.Item
                  name={[name, "Action"]}
                  label={t("actions")}
                  extra={t("actionsHint")}
                  required
                  rules={[must<string[] | string>(fits, t("actionsRule"))]}
                >
                  <Select mode="tags" tokenSeparators={[",", " "]} options={ACTIONS} />
                </Form.Item>
                <Form.Item name={[name, "Resource"]} label={t("resources")} extra={t("resourcesHint")}>
                  <Select mode="tags" tokenSeparators={[",", " "]} open={false} suffixIcon={null} />
                </Form.Item>
              </Card>
            ))}
            <div>
              <Button icon={<PlusOutlined />} onClick={() => add({ Effect: "Allow", Action: [], Resource: [] })}>
                {t("addStatement")}
              </Button>
            </div>
          </Flex>
        )}
      </Form.List>
    </>
  );
}
