import { DeleteOutlined, EditOutlined, PlusOutlined } from "@ant-design/icons";
import { Link } from "@tanstack/react-router";
import {
  Button,
  Flex,
  Form,
  Grid,
  Input,
  InputNumber,
  Select,
  Switch,
  type TableColumnsType,
  Tag,
  Typography,
} from "antd";
import { useTranslation } from "react-i18next";
import { type Authorizer, authorizers } from "../../api/authorizers";
import { bodyOf, type Given, givenOf, IDENTITIES, isIdentity, START, TTL, USER_DATA } from "../../rules/authorizer";
import { isAppName } from "../../rules/gateway";
import { FormButton } from "../../shared/FormButton";
import { moment } from "../../shared/format";
import { Listing } from "../../shared/Listing";
import { must } from "../../shared/rule";
import { DeleteButton } from "../../shared/SendButton";
import { FunctionFields } from "../definition/FunctionFields";
import { useItems, useScope } from "../gateway/scope";

/** Functions that decide who may call an API. */
export default function AuthorizersTab() {
  const { t } = useTranslation("authorizers");
  const scope = useScope();
  const list = useItems(["authorizers"], authorizers.list(scope), "authorizer_list");
  const columns = useColumns();
  return (
    <Listing<Authorizer>
      list={list}
      id={(one) => one.id}
      columns={columns}
      words={({ name }) => name}
      empty={t("empty")}
    >
      <FormButton<Given, unknown>
        label={t("create")}
        icon={<PlusOutlined />}
        button={{ type: "primary" }}
        initial={START}
        fields={<Fields />}
        request={(given) => authorizers.create(scope, bodyOf(given))}
        shown={(given) => authorizers.create(scope, hidden(given))}
        changed={[["authorizers"]]}
        done={t("made")}
      />
    </Listing>
  );
}

/** What the function gets along may be a password: it is not for the screen. */
const hidden = (given: Given) => ({ ...bodyOf(given), ...(given.user_data ? { user_data: "…" } : {}) });

function Fields() {
  const { t } = useTranslation("authorizers");
  return (
    <>
      <Form.Item name="name" label={t("name")} required rules={[must(isAppName, t("nameRule"))]}>
        <Input autoComplete="off" maxLength={64} />
      </Form.Item>
      <FunctionFields />
      <Identities />
      <Flex gap={32} wrap>
        <Form.Item
          name="ttl"
          label={t("ttl")}
          extra={t("ttlHint")}
          dependencies={["identities"]}
          rules={[
            { required: true, type: "integer", min: 0, max: TTL, message: t("ttlRule", { most: TTL }) },
            ({ getFieldValue }) => ({
              validator: (_, ttl: number) =>
                ttl > 0 && (getFieldValue("identities") ?? []).length === 0
                  ? Promise.reject(new Error(t("ttlNeeds")))
                  : Promise.resolve(),
            }),
          ]}
        >
          <InputNumber style={{ width: 130 }} />
        </Form.Item>
        <Form.Item name="need_body" label={t("body")} valuePropName="checked">
          <Switch />
        </Form.Item>
      </Flex>
      <Form.Item name="user_data" label={t("userData")} extra={t("userDataHint")}>
        <Input.Password autoComplete="new-password" maxLength={USER_DATA} className="mono" />
      </Form.Item>
    </>
  );
}

const PLACES = ["HEADER", "QUERY"].map((value) => ({ value, label: value }));

/** What of a request says who calls: without it the function is not asked. */
function Identities() {
  const { t } = useTranslation("authorizers");
  return (
    <Form.List name="identities">
      {(fields, { add, remove }) => (
        <Flex vertical gap={8} style={{ marginBottom: 16 }}>
          <Typography.Text>{t("identities")}</Typography.Text>
          {fields.map(({ key, name }) => (
            <Flex key={key} gap={8} align="start">
              <Form.Item name={[name, "location"]} style={{ margin: 0, width: 120 }}>
                <Select options={PLACES} aria-label={t("place")} />
              </Form.Item>
              <Form.Item
                name={[name, "name"]}
                rules={[must(isIdentity, t("identityRule"))]}
                style={{ margin: 0 }}
                className="grow"
              >
                <Input placeholder={t("identity")} aria-label={t("identity")} className="mono" autoComplete="off" />
              </Form.Item>
              <Button
                type="text"
                icon={<DeleteOutlined />}
                aria-label={t("remove")}
                title={t("remove")}
                onClick={() => remove(name)}
              />
            </Flex>
          ))}
          <Typography.Text type="secondary">{t("identitiesHint")}</Typography.Text>
          <div>
            <Button
              icon={<PlusOutlined />}
              disabled={fields.length >= IDENTITIES}
              onClick={() => add({ location: "HEADER", name: "" })}
            >
              {t("addIdentity")}
            </Button>
          </div>
        </Flex>
      )}
    </Form.List>
  );
}

function useColumns(): TableColumnsType<Authorizer> {
  const { t, i18n } = useTranslation("authorizers");
  const wide = Grid.useBreakpoint().md ?? true;
  const start: TableColumnsType<Authorizer> = [
    {
      title: t("name"),
      key: "name",
      sorter: (a, b) => a.name.localeCompare(b.name),
      render: (_, one) => <strong>{one.name}</strong>,
    },
    { title: t("function", { ns: "definition" }), key: "function", render: (_, one) => <Called authorizer={one} /> },
  ];
  const more: TableColumnsType<Authorizer> = [
    {
      title: t("identities"),
      key: "identities",
      render: (_, one) => one.identities.map(({ location, name }) => `${location} ${name}`).join(", "),
    },
    { title: t("ttl"), dataIndex: "ttl" },
    {
      title: t("created", { ns: "common" }),
      key: "created",
      render: (_, one) => moment(one.create_time, i18n.language),
    },
  ];
  const actions: TableColumnsType<Authorizer> = [
    { key: "actions", align: "end", render: (_, one) => <Actions authorizer={one} /> },
  ];
  return [...start, ...(wide ? more : []), ...actions];
}

function Called({ authorizer }: { authorizer: Authorizer }) {
  const [app = "", name = ""] = authorizer.authorizer_uri.split(":").slice(5, 7);
  return (
    <Flex gap={8} wrap>
      <Link to="/functions/$app/$name/$tab" params={{ app, name, tab: "overview" }}>
        {name}
      </Link>
      <Tag>{givenOf(authorizer).qualifier}</Tag>
    </Flex>
  );
}

function Actions({ authorizer }: { authorizer: Authorizer }) {
  const { t } = useTranslation("authorizers");
  const scope = useScope();
  return (
    <Flex justify="end">
      <FormButton<Given, unknown>
        small
        label={t("edit", { ns: "common" })}
        title={authorizer.name}
        icon={<EditOutlined />}
        initial={givenOf(authorizer)}
        fields={<Fields />}
        request={(given) => authorizers.update(scope, authorizer.id, bodyOf(given))}
        shown={(given) => authorizers.update(scope, authorizer.id, hidden(given))}
        changed={[["authorizers"]]}
        done={t("saved")}
      />
      <DeleteButton
        title={t("deleteTitle", { name: authorizer.name })}
        text={t("deleteText")}
        call={authorizers.remove(scope, authorizer.id)}
        changed={[["authorizers"]]}
        done={t("deleted")}
      />
    </Flex>
  );
}
