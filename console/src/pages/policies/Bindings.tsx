import { DisconnectOutlined, LinkOutlined } from "@ant-design/icons";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Card, Form, Select } from "antd";
import { useTranslation } from "react-i18next";
import { type Bound, bind, boundApis, freeApis, type Kind } from "../../api/policies";
import { FormButton } from "../../shared/FormButton";
import { moment } from "../../shared/format";
import { Listing } from "../../shared/Listing";
import { SendButton } from "../../shared/SendButton";
import { EnvironmentField, RELEASE } from "../apps/Grants";
import { useScope } from "../gateway/scope";

interface Props {
  kind: Kind;
  policy: { id: string; name: string };
}

/** Where a policy is bound, and to what it can be. */
export function Bindings({ kind, policy }: Props) {
  const { t, i18n } = useTranslation("policies");
  const scope = useScope();
  const list = useQuery({
    queryKey: ["bindings", kind, policy.id],
    queryFn: () => boundApis(scope, kind, policy.id),
  });
  return (
    <Card size="small" title={t("bound")}>
      <Listing<Bound>
        list={list}
        id={(one) => `${one.api} ${one.env}`}
        empty={t("notBound")}
        columns={[
          {
            title: t("api"),
            key: "api",
            render: (_, one) => (
              <Link to="/apis/$api" params={{ api: one.api }}>
                {one.name}
              </Link>
            ),
          },
          { title: t("group"), dataIndex: "group" },
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
                title={t("unbindTitle", { name: policy.name, api: one.name })}
                call={one.undo}
                changed={[["bindings"], [kind]]}
                done={t("unbound")}
              />
            ),
          },
        ]}
      >
        <Bind kind={kind} policy={policy} />
      </Listing>
    </Card>
  );
}

interface Asked {
  env?: string;
  /** API and publication of each that was chosen. */
  places?: string[];
}

function Bind({ kind, policy }: Props) {
  const { t } = useTranslation("policies");
  const scope = useScope();
  return (
    <FormButton<Asked, unknown>
      label={t("bind")}
      title={t("bindTitle", { name: policy.name })}
      icon={<LinkOutlined />}
      button={{ type: "primary" }}
      initial={{ env: RELEASE }}
      fields={<Places kind={kind} policy={policy} />}
      request={({ env = "", places = [] }) => {
        const ids = places.map((place) => place.split(" "));
        const [apis, publications] = [ids.map(([api = ""]) => api), ids.map(([, publication = ""]) => publication)];
        return bind(scope, kind, policy.id, { env, apis, publications });
      }}
      changed={[["bindings"], [kind]]}
      done={t("bindDone")}
    />
  );
}

function Places({ kind, policy }: Props) {
  const { t } = useTranslation("policies");
  const scope = useScope();
  const env = Form.useWatch<string | undefined>("env") ?? RELEASE;
  const free = useQuery({
    queryKey: ["bindings", kind, policy.id, "free", env],
    queryFn: () => freeApis(scope, kind, policy.id, env),
  });
  return (
    <>
      <EnvironmentField />
      <Form.Item name="places" label={t("api")} rules={[{ required: true, type: "array" }]}>
        <Select
          mode="multiple"
          loading={free.isFetching}
          optionFilterProp="label"
          notFoundContent={t("noFree")}
          options={(free.data ?? []).map((one) => ({
            value: `${one.api} ${one.publication}`,
            label: `${one.name} · ${one.path}`,
          }))}
        />
      </Form.Item>
    </>
  );
}
