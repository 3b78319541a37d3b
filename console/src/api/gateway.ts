import type { components } from "../generated/apig";
import { call } from "./call";

/** Operations of the gateway on what is beside its APIs: as calls, which are sent, and shown to be copied. */

type Schemas = components["schemas"];
export type App = Required<Schemas["AppInfoWithBindNum"]>;
export type AppCode = Required<Schemas["AppCodeBaseInfo"]>;
export type Grant = Required<Schemas["ApiAuthInfo"]>;
export type Environment = Required<Schemas["EnvInfo"]>;

/** What every path of these operations begins with. */
export interface Scope {
  project_id: string;
  instance_id: string;
}

const ROOT = "/v2/{project_id}/apigw/instances/{instance_id}";

export const apps = {
  list: (scope: Scope) => call("GET", `${ROOT}/apps`, scope),
  show: (scope: Scope, app_id: string) => call("GET", `${ROOT}/apps/{app_id}`, { ...scope, app_id }),
  create: (scope: Scope, body: object) => call("POST", `${ROOT}/apps`, scope, { body }),
  update: (scope: Scope, app_id: string, body: object) =>
    call("PUT", `${ROOT}/apps/{app_id}`, { ...scope, app_id }, { body }),
  remove: (scope: Scope, app_id: string) => call("DELETE", `${ROOT}/apps/{app_id}`, { ...scope, app_id }),
  resetSecret: (scope: Scope, app_id: string) =>
    call("PUT", `${ROOT}/apps/secret/{app_id}`, { ...scope, app_id }, { body: {} }),
  codes: (scope: Scope, app_id: string) => call("GET", `${ROOT}/apps/{app_id}/app-codes`, { ...scope, app_id }),
  makeCode: (scope: Scope, app_id: string) => call("PUT", `${ROOT}/apps/{app_id}/app-codes`, { ...scope, app_id }),
  addCode: (scope: Scope, app_id: string, app_code: string) =>
    call("POST", `${ROOT}/apps/{app_id}/app-codes`, { ...scope, app_id }, { body: { app_code } }),
  removeCode: (scope: Scope, app_id: string, app_code_id: string) =>
    call("DELETE", `${ROOT}/apps/{app_id}/app-codes/{app_code_id}`, { ...scope, app_id, app_code_id }),
  acl: (scope: Scope, app_id: string) => call("GET", `${ROOT}/apps/{app_id}/app-acl`, { ...scope, app_id }),
  setAcl: (scope: Scope, app_id: string, body: object) =>
    call("PUT", `${ROOT}/apps/{app_id}/app-acl`, { ...scope, app_id }, { body }),
  removeAcl: (scope: Scope, app_id: string) => call("DELETE", `${ROOT}/apps/{app_id}/app-acl`, { ...scope, app_id }),
};

/** Which app may call which API in which environment. */
export const grants = {
  ofApp: (scope: Scope, app_id: string) => call("GET", `${ROOT}/app-auths/binded-apis`, scope, { query: { app_id } }),
  ofApi: (scope: Scope, api_id: string) => call("GET", `${ROOT}/app-auths/binded-apps`, scope, { query: { api_id } }),
  missing: (scope: Scope, app_id: string, env_id: string) =>
    call("GET", `${ROOT}/app-auths/unbinded-apis`, scope, { query: { app_id, env_id } }),
  give: (scope: Scope, body: { env_id: string; app_ids: string[]; api_ids: string[] }) =>
    call("POST", `${ROOT}/app-auths`, scope, { body }),
  take: (scope: Scope, app_auth_id: string) =>
    call("DELETE", `${ROOT}/app-auths/{app_auth_id}`, { ...scope, app_auth_id }),
};

export const environments = {
  list: (scope: Scope) => call("GET", `${ROOT}/envs`, scope),
  create: (scope: Scope, body: object) => call("POST", `${ROOT}/envs`, scope, { body }),
  update: (scope: Scope, env_id: string, body: object) =>
    call("PUT", `${ROOT}/envs/{env_id}`, { ...scope, env_id }, { body }),
  remove: (scope: Scope, env_id: string) => call("DELETE", `${ROOT}/envs/{env_id}`, { ...scope, env_id }),
};

/** An API called for a test, as it is edited or as it is published. */
export const debug = (scope: Scope, api_id: string, body: object) =>
  call("POST", `${ROOT}/apis/debug/{api_id}`, { ...scope, api_id }, { body });
