import type { components } from "../generated/apig";
import { type Call, call, sendAll } from "./call";
import type { Scope } from "./gateway";

/** Policies, which are bound to published APIs: throttling, access control, plug-ins. */

type Schemas = components["schemas"];
export type Throttle = Required<Schemas["ThrottlesInfo"]>;
export type Special = Required<Schemas["ThrottleSpecialInfo"]>;
export type Acl = Required<Schemas["ApiAclInfoWithBindNum"]>;
export type Plugin = Required<Schemas["PluginInfo"]>;

const ROOT = "/v2/{project_id}/apigw/instances/{instance_id}";

export const throttles = {
  list: (scope: Scope) => call("GET", `${ROOT}/throttles`, scope),
  show: (scope: Scope, throttle_id: string) =>
    call("GET", `${ROOT}/throttles/{throttle_id}`, { ...scope, throttle_id }),
  create: (scope: Scope, body: object) => call("POST", `${ROOT}/throttles`, scope, { body }),
  update: (scope: Scope, throttle_id: string, body: object) =>
    call("PUT", `${ROOT}/throttles/{throttle_id}`, { ...scope, throttle_id }, { body }),
  remove: (scope: Scope, throttle_id: string) =>
    call("DELETE", `${ROOT}/throttles/{throttle_id}`, { ...scope, throttle_id }),
  specials: (scope: Scope, throttle_id: string) =>
    call("GET", `${ROOT}/throttles/{throttle_id}/throttle-specials`, { ...scope, throttle_id }),
  addSpecial: (scope: Scope, throttle_id: string, body: object) =>
    call("POST", `${ROOT}/throttles/{throttle_id}/throttle-specials`, { ...scope, throttle_id }, { body }),
  setSpecial: (scope: Scope, throttle_id: string, strategy_id: string, call_limits: number) =>
    call(
      "PUT",
      `${ROOT}/throttles/{throttle_id}/throttle-specials/{strategy_id}`,
      { ...scope, throttle_id, strategy_id },
      { body: { call_limits } },
    ),
  removeSpecial: (scope: Scope, throttle_id: string, strategy_id: string) =>
    call("DELETE", `${ROOT}/throttles/{throttle_id}/throttle-specials/{strategy_id}`, {
      ...scope,
      throttle_id,
      strategy_id,
    }),
};

export const acls = {
  list: (scope: Scope) => call("GET", `${ROOT}/acls`, scope),
  show: (scope: Scope, acl_id: string) => call("GET", `${ROOT}/acls/{acl_id}`, { ...scope, acl_id }),
  create: (scope: Scope, body: object) => call("POST", `${ROOT}/acls`, scope, { body }),
  update: (scope: Scope, acl_id: string, body: object) =>
    call("PUT", `${ROOT}/acls/{acl_id}`, { ...scope, acl_id }, { body }),
  remove: (scope: Scope, acl_id: string) => call("DELETE", `${ROOT}/acls/{acl_id}`, { ...scope, acl_id }),
};

export const plugins = {
  list: (scope: Scope) => call("GET", `${ROOT}/plugins`, scope),
  show: (scope: Scope, plugin_id: string) => call("GET", `${ROOT}/plugins/{plugin_id}`, { ...scope, plugin_id }),
  create: (scope: Scope, body: object) => call("POST", `${ROOT}/plugins`, scope, { body }),
  update: (scope: Scope, plugin_id: string, body: object) =>
    call("PUT", `${ROOT}/plugins/{plugin_id}`, { ...scope, plugin_id }, { body }),
  remove: (scope: Scope, plugin_id: string) => call("DELETE", `${ROOT}/plugins/{plugin_id}`, { ...scope, plugin_id }),
};

export type Kind = "throttles" | "acls" | "plugins";

/** A published API, in one environment. */
export interface Place {
  api: string;
  name: string;
  group: string;
  path: string;
  env: string;
  envName: string;
  publication: string;
}

/** Where a policy is bound, and how that is undone. */
export interface Bound extends Place {
  id: string;
  since: string;
  undo: Call;
}

/** What is bound at an API. */
export interface Policy {
  id: string;
  kind: Kind;
  name: string;
  env: string;
  envName: string;
  binding: string;
  since: string;
  undo: Call;
}

type Listed = Record<string, string | undefined>;

/** Each kind names the fields of a published API in its own way. */
const place = (one: Listed): Place => ({
  api: one.api_id ?? one.id ?? "",
  name: one.api_name ?? one.name ?? "",
  group: one.group_name ?? "",
  path: one.req_uri ?? "",
  env: one.env_id ?? one.run_env_id ?? "",
  envName: one.env_name ?? one.run_env_name ?? "",
  publication: one.publish_id ?? "",
});

const items = async (list: Call<unknown>, field: string) =>
  (await sendAll(list as Call<Record<string, Listed[]>>, field)) as Listed[];

/** Undoes a binding; a plug-in is detached by what it is attached to. */
function undo(scope: Scope, kind: Kind, policy: string, at: { binding: string; api: string; env: string }): Call {
  if (kind === "throttles") {
    return call("DELETE", `${ROOT}/throttle-bindings/{throttle_binding_id}`, {
      ...scope,
      throttle_binding_id: at.binding,
    });
  }
  if (kind === "acls")
    return call("DELETE", `${ROOT}/acl-bindings/{acl_bindings_id}`, { ...scope, acl_bindings_id: at.binding });
  const body = { env_id: at.env, api_ids: [at.api] };
  return call("PUT", `${ROOT}/plugins/{plugin_id}/detach`, { ...scope, plugin_id: policy }, { body });
}

/** The published APIs that a policy is bound to. */
export async function boundApis(scope: Scope, kind: Kind, policy: string): Promise<Bound[]> {
  const list = {
    throttles: () =>
      call("GET", `${ROOT}/throttle-bindings/binded-apis`, scope, { query: { throttle_id: policy } }) as Call,
    acls: () => call("GET", `${ROOT}/acl-bindings/binded-apis`, scope, { query: { acl_id: policy } }) as Call,
    plugins: () => call("GET", `${ROOT}/plugins/{plugin_id}/attached-apis`, { ...scope, plugin_id: policy }) as Call,
  }[kind]();
  return (await items(list, "apis")).map((one) => {
    const at = place(one);
    const binding = one.throttle_apply_id ?? one.bind_id ?? one.plugin_attach_id ?? "";
    const since = one.apply_time ?? one.bind_time ?? one.attached_time ?? "";
    return { ...at, id: binding, since, undo: undo(scope, kind, policy, { binding, ...at }) };
  });
}

/** The published APIs of an environment that a policy is not bound to. */
export async function freeApis(scope: Scope, kind: Kind, policy: string, env_id: string): Promise<Place[]> {
  const list = {
    throttles: () =>
      call("GET", `${ROOT}/throttle-bindings/unbinded-apis`, scope, {
        query: { throttle_id: policy, env_id },
      }) as Call,
    acls: () => call("GET", `${ROOT}/acl-bindings/unbinded-apis`, scope, { query: { acl_id: policy, env_id } }) as Call,
    plugins: () =>
      call(
        "GET",
        `${ROOT}/plugins/{plugin_id}/attachable-apis`,
        { ...scope, plugin_id: policy },
        {
          query: { env_id },
        },
      ) as Call,
  }[kind]();
  return (await items(list, "apis")).map(place);
}

/** Binds a policy: a plug-in to APIs of an environment, the others to publications. */
export function bind(
  scope: Scope,
  kind: Kind,
  policy: string,
  at: { env: string; apis: string[]; publications: string[] },
): Call {
  if (kind === "plugins") {
    const body = { env_id: at.env, api_ids: at.apis };
    return call("POST", `${ROOT}/plugins/{plugin_id}/attach`, { ...scope, plugin_id: policy }, { body });
  }
  if (kind === "acls")
    return call("POST", `${ROOT}/acl-bindings`, scope, { body: { acl_id: policy, publish_ids: at.publications } });
  return call("POST", `${ROOT}/throttle-bindings`, scope, {
    body: { strategy_id: policy, publish_ids: at.publications },
  });
}

/** Everything that is bound at an API, in every environment. */
export async function policiesOfApi(scope: Scope, api_id: string): Promise<Policy[]> {
  const query = { api_id };
  const [limits, lists, attached] = await Promise.all([
    items(call("GET", `${ROOT}/throttle-bindings/binded-throttles`, scope, { query }), "throttles"),
    items(call("GET", `${ROOT}/acl-bindings/binded-acls`, scope, { query }), "acls"),
    items(call("GET", `${ROOT}/apis/{api_id}/attached-plugins`, { ...scope, api_id }), "plugins"),
  ]);
  const envs = (await items(call("GET", `${ROOT}/envs`, scope), "envs")) as unknown as { id: string; name: string }[];
  const policy = (kind: Kind, one: Listed, id = "", name = ""): Policy => {
    const env = one.env_id ?? envs.find((known) => known.name === one.env_name)?.id ?? "";
    const binding = one.bind_id ?? one.plugin_attach_id ?? "";
    const since = one.bind_time ?? one.attached_time ?? "";
    const back = undo(scope, kind, id, { binding, api: api_id, env });
    return { id, kind, name, env, envName: one.env_name ?? "", binding, since, undo: back };
  };
  return [
    ...limits.map((one) => policy("throttles", one, one.id, one.name)),
    ...lists.map((one) => policy("acls", one, one.acl_id, one.acl_name)),
    ...attached.map((one) => policy("plugins", one, one.plugin_id, one.plugin_name)),
  ];
}
