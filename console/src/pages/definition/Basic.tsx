import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Alert, Form, Input, Radio, Select, Switch } from "antd";
import { useTranslation } from "react-i18next";
import { groupList } from "../../api/apig";
import { authorizers } from "../../api/authorizers";
import { type ApiFields, isApiName } from "../../rules/definition";
import { must } from "../../shared/rule";
import { useProject } from "../../shell/project";
import { useItems, useScope } from "../gateway/scope";

const TAG_CHARS = 128;

/** The first step: what the API is called, where it belongs, and who may call it. */
export function Basic() {
  const { t } = useTranslation("definition");
  const groups = useQuery(groupList(useProject()));
  const auth = Form.useWatch<ApiFields["auth_type"] | undefined>("auth_type") ?? "NONE";
  return (
    <>
      <Form.Item name="name" label={t("name")} required rules={[must(isApiName, t("nameRule", { ns: "apis" }))]}>
        <Input autoComplete="off" maxLength={255} />
      </Form.Item>
      <Form.Item name="group_id" label={t("group")} rules={[{ required: true, message: t("groupRule") }]}>
        <Select
          loading={groups.isPending}
          options={(groups.data ?? []).map((one) => ({ value: one.id, label: `${one.name} · ${one.sl_domain}` }))}
        />
      </Form.Item>
      <Form.Item name="auth_type" label={t("auth")}>
        <Radio.Group
          vertical
          options={(["APP", "IAM", "AUTHORIZER", "NONE"] as const).map((value) => ({ value, label: t(value) }))}
        />
      </Form.Item>
      {auth === "APP" && (
        <Form.Item name="simple" label={t("simple")} extra={t("simpleHint")} valuePropName="checked">
          <Switch />
        </Form.Item>
      )}
      {auth === "AUTHORIZER" && <Authorizer />}
      {auth === "NONE" && <Alert type="warning" showIcon title={t("noneWarning")} style={{ marginBottom: 12 }} />}
      <Form.Item
        name="tags"
        label={t("tags")}
        rules={[
          must<string[]>((all) => all.length === 0 || all.every((tag) => tag.length <= TAG_CHARS), t("tagsRule")),
        ]}
      >
        <Select mode="tags" open={false} suffixIcon={null} tokenSeparators={[","]} />
      </Form.Item>
      <Form.Item name="remark" label={t("remark")}>
        <Input.TextArea maxLength={255} rows={2} />
      </Form.Item>
    </>
  );
}

function Authorizer() {
  const { t } = useTranslation("definition");
  const list = useItems(["authorizers"], authorizers.list(useScope()), "authorizer_list");
  const known = (list.data ?? []).map(({ id, name }) => ({ value: id, label: name }));
  return (
    <Form.Item
      name="authorizer_id"
      label={t("authorizer")}
      rules={[must((id) => id !== "", t("authorizerRule"))]}
      extra={<Link to="/apis/authorizers">{t(known.length > 0 ? "authorizers" : "noAuthorizers")}</Link>}
    >
      <Select loading={list.isPending} options={known} />
    </Form.Item>
  );
}
