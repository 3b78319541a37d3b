import { DisconnectOutlined, LinkOutlined } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Card, Form, Select, Tag, Typography } from "antd";
import { useTranslation } from "react-i18next";
import { acls, bind, type Kind, type Policy, plugins, policiesOfApi, throttles } from "../../api/policies";
import { FormButton } from "../../shared/FormButton";
import { moment } from "../../shared/format";
import { Listing } from "../../shared/Listing";
import { SendButton } from "../../shared/SendButton";
import { EnvironmentField } from "../apps/Grants";
import { useItems, useScope } from "../gateway/scope";

interface Props {
  api: { id: string; name: string; environments: string[]; publications: string[] };
}

const KINDS = ["throttles", "acls", "plugins"] as const;
const PAGE = {
  throttles: "/apis/throttles/$policy",
  acls: "/apis/acls/$policy",
  plugins: "/apis/plugins/$policy",
} as const;

/** Every policy that is bound at an API. */
export function PoliciesOfApi({ api }: Props) {
  const { t, i18n } = useTranslation("policies");
  const scope = useScope();
  const list = useQuery({ queryKey: ["bindings", "api", api.id], queryFn: () => policiesOfApi(scope, api.id) });
  return (
    <Card size="small" title={t("ofApi")}>
      <Listing<Policy>
        list={list}
        id={(one) => `${one.kind} ${one.id} ${one.env}`}
        empty={t("noneOfApi")}
        columns={[
          {
            title: t("name"),
            key: "name",
            render: (_, one) => (
              <Link to={PAGE[one.kind]} params={{ policy: one.id }}>
                {one.name}
              </Link>
            ),
          },
          { title: t("kind"), key: "kind", render: (_, one) => <Tag>{t(one.kind)}</Tag> },
          { title: t("environment"), dataIndex: "envName" },
          { title: t("since"), key: "since", render: (_, one) => moment(one.since, i18n.language) },
          {
            key: "actions",
            align: "end",
            render: (_, one) => (
              <SendButton
                small
                icon={<DisconnectOutlined />}
                label={t("unbind")}
                title={t("unbindTitle", { name: one.name, api: api.name })}
                call={one.undo}
                changed={[["bindings"], [one.kind]]}
                done={t("unbound")}
              />
            ),
          },
        ]}
      >
        {api.environments.length > 0 ? (
          <BindOne api={api} />
        ) : (
          <Typography.Text type="secondary">{t("notPublished")}</Typography.Text>
        )}
      </Listing>
    </Card>
  );
}

interface Asked {
  env?: string;
  kind?: Kind;
  policy?: string;
}

function BindOne({ api }: Props) {
  const { t } = useTranslation("policies");
  const scope = useScope();
  const publication = (env: string) => api.publications[api.environments.indexOf(env)] ?? "";
  return (
    <FormButton<Asked, unknown>
      label={t("bindPolicy")}
      icon={<LinkOutlined />}
      initial={{ env: api.environments[0] ?? "", kind: "throttles" }}
      fields={<Fields only={api.environments} />}
      request={({ env = "", kind = "throttles", policy = "" }) =>
        bind(scope, kind, policy, { env, apis: [api.id], publications: [publication(env)] })
      }
      changed={[["bindings"], ["throttles"], ["acls"], ["plugins"]]}
      done={t("bindDone")}
    />
  );
}

function Fields({ only }: { only: string[] }) {
  const { t } = useTranslation("policies");
  const form = Form.useFormInstance();
  const kind = Form.useWatch<Kind | undefined>("kind") ?? "throttles";
  const options = usePolicies()[kind];
  return (
    <>
      <EnvironmentField only={only} />
      <Form.Item name="kind" label={t("kind")}>
        <Select
          options={KINDS.map((value) => ({ value, label: t(value) }))}
          onChange={() => form.resetFields(["policy"])}
        />
      </Form.Item>
      <Form.Item name="policy" label={t("name")} rules={[{ required: true }]}>
        <Select showSearch optionFilterProp="label" options={options} notFoundContent={t("noPolicies")} />
      </Form.Item>
    </>
  );
}

function usePolicies() {
  const scope = useScope();
  const limits = useItems(["throttles"], throttles.list(scope), "throttles");
  const lists = useItems(["acls"], acls.list(scope), "acls");
  const all = useItems(["plugins"], plugins.list(scope), "plugins");
  return {
    throttles: (limits.data ?? []).map((one) => ({ value: one.id, label: one.name })),
    acls: (lists.data ?? []).map((one) => ({ value: one.id, label: one.acl_name })),
    plugins: (all.data ?? []).map((one) => ({ value: one.plugin_id, label: one.plugin_name })),
  };
}
