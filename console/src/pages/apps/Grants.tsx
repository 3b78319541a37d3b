import { LinkOutlined } from "@ant-design/icons";
import { Link } from "@tanstack/react-router";
import { App as AntApp, Card, Form, Select, type TableColumnsType } from "antd";
import { useTranslation } from "react-i18next";
import type { Call } from "../../api/call";
import { type App, apps, environments, type Grant, grants } from "../../api/gateway";
import { FormButton } from "../../shared/FormButton";
import { moment } from "../../shared/format";
import { Listing } from "../../shared/Listing";
import { shell } from "../../shared/SameAs";
import { DeleteButton } from "../../shared/SendButton";
import { useItems, useScope } from "../gateway/scope";

/** The id of the environment that everything is published in unless said otherwise. */
export const RELEASE = "DEFAULT_ENVIRONMENT_RELEASE_ID";

/** The APIs that an app may call. */
export function GrantsOfApp({ app }: { app: App }) {
  const { t } = useTranslation("apps");
  const list = useItems(["grants", "app", app.id], grants.ofApp(useScope(), app.id), "auths");
  const columns = useColumns();
  return (
    <Card size="small" title={t("apis")}>
      <Listing<Grant>
        list={list}
        id={(one) => one.id}
        empty={t("noGrants")}
        cli={`sudo funcd app authorize ${shell(app.name)} API`}
        columns={[
          {
            title: t("api"),
            key: "api",
            render: (_, one) => (
              <Link to="/apis/$api" params={{ api: one.api_id }}>
                {one.api_name}
              </Link>
            ),
          },
          { title: t("group"), dataIndex: "group_name" },
          ...columns,
        ]}
      >
        <AuthorizeApis app={app} />
      </Listing>
    </Card>
  );
}

/** The apps that may call an API. */
export function GrantsOfApi({ api }: { api: { id: string; name: string; environments: string[] } }) {
  const { t } = useTranslation("apps");
  const list = useItems(["grants", "api", api.id], grants.ofApi(useScope(), api.id), "auths");
  const columns = useColumns();
  return (
    <Card size="small" title={t("callers")}>
      <Listing<Grant>
        list={list}
        id={(one) => one.id}
        empty={t("noCallers")}
        cli={`sudo funcd app authorize APP ${shell(api.name)}`}
        columns={[
          {
            title: t("app"),
            key: "app",
            render: (_, one) => (
              <Link to="/apis/apps/$app" params={{ app: one.app_id }}>
                {one.app_name}
              </Link>
            ),
          },
          ...columns,
        ]}
      >
        <AuthorizeApps api={api} />
      </Listing>
    </Card>
  );
}

function useColumns(): TableColumnsType<Grant> {
  const { t, i18n } = useTranslation("apps");
  const scope = useScope();
  return [
    { title: t("environment"), dataIndex: "env_name" },
    { title: t("since"), key: "since", render: (_, one) => moment(one.auth_time, i18n.language) },
    {
      key: "actions",
      align: "end",
      render: (_, one) => (
        <DeleteButton
          title={t("revokeTitle")}
          text={t("revokeText", { app: one.app_name, api: one.api_name, env: one.env_name })}
          call={grants.take(scope, one.id)}
          cli={`sudo funcd app authorize ${shell(one.app_name)} ${shell(one.api_name)} --env ${shell(one.env_id)} --cancel`}
          changed={[["grants"], ["apps"]]}
          done={t("revoked")}
        />
      ),
    },
  ];
}

interface Asked {
  env?: string;
  apps?: string[];
  apis?: string[];
}

type Given = ReturnType<typeof grants.give> extends Call<infer T> ? T : never;

/** What could not be given is said; the answer is a success all the same. */
function useRefusals() {
  const { t } = useTranslation("apps");
  const { message } = AntApp.useApp();
  return (answer: Given) => {
    const results = (answer.auths ?? []).map((one) => one.auth_result);
    const failed = results.filter((one) => one?.status === "FAILED");
    if (failed.length > 0) message.warning(t("partly", { why: failed.map((one) => one?.error_msg).join("; ") }));
  };
}

function AuthorizeApis({ app }: { app: App }) {
  const { t } = useTranslation("apps");
  const scope = useScope();
  const refusals = useRefusals();
  return (
    <FormButton<Asked, Given>
      label={t("authorize")}
      title={t("authorizeTitle", { name: app.name })}
      icon={<LinkOutlined />}
      button={{ type: "primary" }}
      initial={{ env: RELEASE }}
      fields={<ApiFields app={app} />}
      request={({ env = "", apis = [] }) => grants.give(scope, { env_id: env, app_ids: [app.id], api_ids: apis })}
      cli={({ env = "", apis = [] }) =>
        apis.map((id) => `sudo funcd app authorize ${shell(app.name)} ${id} --env ${shell(env)}`).join("\n")
      }
      changed={[["grants"], ["apps"]]}
      done={t("authorized")}
      then={refusals}
    />
  );
}

function ApiFields({ app }: { app: App }) {
  const { t } = useTranslation("apps");
  const env = Form.useWatch<string | undefined>("env") ?? RELEASE;
  const free = useItems(["grants", "missing", app.id, env], grants.missing(useScope(), app.id, env), "apis");
  return (
    <>
      <EnvironmentField />
      <Form.Item name="apis" label={t("api")} rules={[{ required: true, type: "array" }]}>
        <Select
          mode="multiple"
          loading={free.isFetching}
          optionFilterProp="label"
          notFoundContent={t("noApis")}
          options={(free.data ?? []).map((one) => ({ value: one.id, label: `${one.name} · ${one.req_uri}` }))}
        />
      </Form.Item>
    </>
  );
}

function AuthorizeApps({ api }: { api: { id: string; name: string; environments: string[] } }) {
  const { t } = useTranslation("apps");
  const scope = useScope();
  const refusals = useRefusals();
  const all = useItems(["apps"], apps.list(scope), "apps");
  return (
    <FormButton<Asked, Given>
      label={t("authorize")}
      icon={<LinkOutlined />}
      initial={{ env: api.environments[0] ?? RELEASE }}
      fields={
        <>
          <EnvironmentField only={api.environments} />
          <Form.Item name="apps" label={t("app")} rules={[{ required: true, type: "array" }]}>
            <Select
              mode="multiple"
              loading={all.isFetching}
              optionFilterProp="label"
              options={(all.data ?? []).map((one) => ({ value: one.id, label: one.name }))}
            />
          </Form.Item>
        </>
      }
      request={({ env = "", apps: chosen = [] }) =>
        grants.give(scope, { env_id: env, app_ids: chosen, api_ids: [api.id] })
      }
      cli={({ env = "", apps: chosen = [] }) =>
        chosen.map((id) => `sudo funcd app authorize ${id} ${api.id} --env ${shell(env)}`).join("\n")
      }
      changed={[["grants"], ["apps"]]}
      done={t("authorized")}
      then={refusals}
    />
  );
}

/** Which environment; only those that are named, if some are. */
export function EnvironmentField({ only = [] }: { only?: string[] }) {
  const { t } = useTranslation("apps");
  const all = useItems(["environments"], environments.list(useScope()), "envs");
  const shown = (all.data ?? []).filter((one) => only.length === 0 || only.includes(one.id));
  return (
    <Form.Item name="env" label={t("environment")} rules={[{ required: true }]}>
      <Select loading={all.isFetching} options={shown.map((one) => ({ value: one.id, label: one.name }))} />
    </Form.Item>
  );
}
