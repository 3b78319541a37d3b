import { useQuery } from "@tanstack/react-query";
import { Form, Input, Select } from "antd";
import { useTranslation } from "react-i18next";
import { type Api, apis, environmentList, type Publishing } from "../../api/apig";
import { FormButton } from "../../shared/FormButton";
import { shell } from "../../shared/shell";
import { useScope } from "../gateway/scope";

interface Fields {
  env: string;
  remark?: string;
}

interface Environment {
  id: string;
  name: string;
}

const CHANGED = [["api"], ["apis"], ["function"]];

const RELEASE = "RELEASE";
const usual = (all: Environment[]) => (all.find((one) => one.name === RELEASE) ?? all[0])?.id ?? "";

/** Lets the API answer as it is edited, in an environment. */
export function Publish({ api }: { api: Api }) {
  const { t } = useTranslation("apis");
  const found = useQuery(environmentList(useScope().project_id));
  const environments = (found.data ?? []).map(({ id = "", name = "" }) => ({ id, name }));
  return (
    <FormButton<Fields, unknown>
      label={t("publish")}
      okText={t("publish")}
      title={t("publishTitle", { name: api.name ?? "" })}
      button={{ type: "primary", loading: found.isPending }}
      fields={<Fields environments={environments} remark />}
      {...usePublishing(api, "online", environments)}
      done={t("published")}
    />
  );
}

/** Its URL answers 404 in an environment. */
export function TakeOffline({ api }: { api: Api }) {
  const { t } = useTranslation("apis");
  const parts = (text: string | undefined) => (text ?? "").split("|").filter(Boolean);
  const names = parts(api.run_env_name);
  const environments = parts(api.run_env_id).map((id, at) => ({ id, name: names[at] ?? id }));
  return (
    <FormButton<Fields, unknown>
      label={t("takeOffline")}
      okText={t("takeOffline")}
      danger
      title={t("offlineTitle", { name: api.name ?? "" })}
      text={t("offlineText")}
      fields={<Fields environments={environments} />}
      {...usePublishing(api, "offline", environments)}
      done={t("tookOffline")}
    />
  );
}

/** The request for one environment, and its command. */
function usePublishing(api: Api, action: Publishing["action"], environments: Environment[]) {
  const scope = useScope();
  const id = api.id ?? "";
  return {
    initial: { env: usual(environments) },
    request: ({ env, remark }: Fields) =>
      apis.publish(scope, { action, api_id: id, env_id: env, ...(remark ? { remark } : {}) }),
    cli: ({ env, remark }: Fields) => {
      const name = environments.find((one) => one.id === env)?.name ?? env;
      const where = name === RELEASE ? "" : ` --env ${shell(name)}`;
      const what = action === "online" ? "publish" : "offline";
      return `sudo funcd api ${what} ${shell(id)}${where}${remark ? ` --description ${shell(remark)}` : ""}`;
    },
    changed: CHANGED,
  };
}

function Fields({ environments, remark = false }: { environments: Environment[]; remark?: boolean }) {
  const { t } = useTranslation("apis");
  return (
    <>
      <Form.Item name="env" label={t("environment")} rules={[{ required: true }]}>
        <Select options={environments.map(({ id, name }) => ({ value: id, label: name }))} />
      </Form.Item>
      {remark && (
        <Form.Item name="remark" label={t("remark")}>
          <Input.TextArea maxLength={255} rows={2} />
        </Form.Item>
      )}
    </>
  );
}
