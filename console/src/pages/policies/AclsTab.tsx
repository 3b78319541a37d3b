import { EditOutlined, PlusOutlined } from "@ant-design/icons";
import { Link } from "@tanstack/react-router";
import { Flex, Form, Grid, Input, Radio, Select, type TableColumnsType, Tag } from "antd";
import { useTranslation } from "react-i18next";
import { type Acl, acls } from "../../api/policies";
import { isAppName, lines } from "../../rules/gateway";
import { FormButton } from "../../shared/FormButton";
import { moment } from "../../shared/format";
import { Listing } from "../../shared/Listing";
import { must } from "../../shared/rule";
import { DeleteButton } from "../../shared/SendButton";
import { useItems, useScope } from "../gateway/scope";

interface Given {
  name?: string;
  effect?: string;
  entity?: string;
  values?: string;
}

const body = ({ name = "", effect, entity, values }: Given) => ({
  acl_name: name,
  acl_type: effect,
  entity_type: entity,
  acl_value: lines(values).join(","),
});

/** Access control policies: who may call, by address or account. */
export default function AclsTab() {
  const { t } = useTranslation("policies");
  const scope = useScope();
  const list = useItems(["acls"], acls.list(scope), "acls");
  const columns = useColumns();
  return (
    <Listing<Acl> list={list} id={(one) => one.id} columns={columns} words={words} empty={t("aclEmpty")}>
      <FormButton<Given, unknown>
        label={t("createAcl")}
        icon={<PlusOutlined />}
        button={{ type: "primary" }}
        initial={{ effect: "PERMIT", entity: "IP" }}
        fields={<Fields />}
        request={(given) => acls.create(scope, body(given))}
        changed={[["acls"]]}
        done={t("saved")}
      />
    </Listing>
  );
}

const words = (one: Acl) => `${one.acl_name} ${one.acl_value}`;

/** Changes a policy. */
export function EditAcl({ acl, small = false }: { acl: Acl; small?: boolean }) {
  const { t } = useTranslation("policies");
  const scope = useScope();
  return (
    <FormButton<Given, unknown>
      small={small}
      label={t("edit", { ns: "common" })}
      title={t("editPolicy")}
      icon={<EditOutlined />}
      initial={{
        name: acl.acl_name,
        effect: acl.acl_type,
        entity: acl.entity_type,
        values: acl.acl_value.split(",").join("\n"),
      }}
      fields={<Fields />}
      request={(given) => acls.update(scope, acl.id, body(given))}
      changed={[["acls"]]}
      done={t("saved")}
    />
  );
}

function Fields() {
  const { t } = useTranslation("policies");
  return (
    <>
      <Form.Item name="name" label={t("name")} required rules={[must(isAppName, t("nameRule"))]}>
        <Input autoComplete="off" maxLength={64} />
      </Form.Item>
      <Form.Item name="effect" label={t("effect")}>
        <Radio.Group options={(["PERMIT", "DENY"] as const).map((value) => ({ value, label: t(value) }))} />
      </Form.Item>
      <Form.Item name="entity" label={t("entity")}>
        <Select options={(["IP", "DOMAIN", "DOMAIN_ID"] as const).map((value) => ({ value, label: t(value) }))} />
      </Form.Item>
      <Form.Item name="values" label={t("values")} extra={t("valuesHint")} rules={[{ required: true }]}>
        <Input.TextArea rows={5} className="mono" />
      </Form.Item>
    </>
  );
}

function useColumns(): TableColumnsType<Acl> {
  const { t, i18n } = useTranslation("policies");
  const scope = useScope();
  const wide = Grid.useBreakpoint().md ?? true;
  const start: TableColumnsType<Acl> = [
    {
      title: t("name"),
      key: "name",
      sorter: (a, b) => a.acl_name.localeCompare(b.acl_name),
      render: (_, one) => (
        <Link to="/apis/acls/$policy" params={{ policy: one.id }}>
          <strong>{one.acl_name}</strong>
        </Link>
      ),
    },
    { title: t("effect"), key: "effect", render: (_, one) => <Tag>{t(one.acl_type)}</Tag> },
  ];
  const more: TableColumnsType<Acl> = [
    { title: t("entity"), key: "entity", render: (_, one) => t(one.entity_type as "IP") },
    {
      title: t("values"),
      key: "values",
      width: 320,
      render: (_, one) => <span className="mono break">{one.acl_value.split(",").join(", ")}</span>,
    },
    { title: t("bound"), key: "bound", render: (_, one) => t("boundCount", { count: one.bind_num }) },
    { title: t("updated", { ns: "apis" }), key: "time", render: (_, one) => moment(one.update_time, i18n.language) },
  ];
  const actions: TableColumnsType<Acl> = [
    {
      key: "actions",
      align: "end",
      render: (_, one) => (
        <Flex justify="end">
          <EditAcl acl={one} small />
          <DeleteButton
            title={t("deleteTitle", { name: one.acl_name })}
            text={t("deleteText")}
            call={acls.remove(scope, one.id)}
            changed={[["acls"], ["bindings"]]}
            done={t("deleted")}
          />
        </Flex>
      ),
    },
  ];
  return [...start, ...(wide ? more : []), ...actions];
}
