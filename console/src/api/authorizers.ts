import type { components } from "../generated/apig";
import { call } from "./call";
import type { Scope } from "./gateway";

/** The functions that decide who may call some APIs. */

type Schemas = components["schemas"];
export type Authorizer = Required<Schemas["AuthorizerResp"]>;

const ROOT = "/v2/{project_id}/apigw/instances/{instance_id}";

export const authorizers = {
  list: (scope: Scope) => call("GET", `${ROOT}/authorizers`, scope),
  create: (scope: Scope, body: object) => call("POST", `${ROOT}/authorizers`, scope, { body }),
  update: (scope: Scope, authorizer_id: string, body: object) =>
    call("PUT", `${ROOT}/authorizers/{authorizer_id}`, { ...scope, authorizer_id }, { body }),
  remove: (scope: Scope, authorizer_id: string) =>
    call("DELETE", `${ROOT}/authorizers/{authorizer_id}`, { ...scope, authorizer_id }),
};
