import type { components } from "../generated/apig";
import { call } from "./call";
import type { Scope } from "./gateway";

/** A group of APIs: its hosts and certificates, its variables, its own words for the gateway's refusals. */

type Schemas = components["schemas"];
export type Domain = Schemas["UrlDomain"];
export type Certificate = Required<Schemas["ShowDetailsOfDomainNameCertificateV2Response"]>;
export type Variable = Required<Schemas["EnvVariableInfo"]>;
export type Responses = Required<Schemas["ResponsesInfo"]>;
export type ResponseRule = Schemas["ResponseInfoResp"];

const ROOT = "/v2/{project_id}/apigw/instances/{instance_id}";
const GROUP = `${ROOT}/api-groups/{group_id}` as const;
const DOMAIN = `${GROUP}/domains/{domain_id}` as const;

/** A group of a gateway. */
export interface InGroup extends Scope {
  group_id: string;
}

export const group = {
  create: (scope: Scope, body: { name: string; remark: string }) => call("POST", `${ROOT}/api-groups`, scope, { body }),
  remove: (at: InGroup) => call("DELETE", GROUP, at),
  show: (at: InGroup) => call("GET", GROUP, at),
  update: (at: InGroup, body: object) => call("PUT", GROUP, at, { body }),
  ownHost: (at: InGroup, sl_domain_access_enabled: boolean) =>
    call("PUT", `${GROUP}/sl-domain-access-settings`, at, { body: { sl_domain_access_enabled } }),
};

export const domains = {
  add: (at: InGroup, body: object) => call("POST", `${GROUP}/domains`, at, { body }),
  update: (at: InGroup, domain_id: string, is_http_redirect_to_https: boolean) =>
    call("PUT", DOMAIN, { ...at, domain_id }, { body: { min_ssl_version: "TLSv1.2", is_http_redirect_to_https } }),
  remove: (at: InGroup, domain_id: string) => call("DELETE", DOMAIN, { ...at, domain_id }),
  certify: (at: InGroup, domain_id: string, body: object) =>
    call("POST", `${DOMAIN}/certificate`, { ...at, domain_id }, { body }),
  certificate: (at: InGroup, domain_id: string, certificate_id: string) =>
    call("GET", `${DOMAIN}/certificate/{certificate_id}`, { ...at, domain_id, certificate_id }),
  uncertify: (at: InGroup, domain_id: string, certificate_id: string) =>
    call("DELETE", `${DOMAIN}/certificate/{certificate_id}`, { ...at, domain_id, certificate_id }),
};

export const variables = {
  list: (scope: Scope, group_id: string) => call("GET", `${ROOT}/env-variables`, scope, { query: { group_id } }),
  create: (scope: Scope, body: object) => call("POST", `${ROOT}/env-variables`, scope, { body }),
  update: (scope: Scope, env_variable_id: string, variable_value: string) =>
    call("PUT", `${ROOT}/env-variables/{env_variable_id}`, { ...scope, env_variable_id }, { body: { variable_value } }),
  remove: (scope: Scope, env_variable_id: string) =>
    call("DELETE", `${ROOT}/env-variables/{env_variable_id}`, { ...scope, env_variable_id }),
};

export const responses = {
  list: (at: InGroup) => call("GET", `${GROUP}/gateway-responses`, at),
  create: (at: InGroup, name: string) => call("POST", `${GROUP}/gateway-responses`, at, { body: { name } }),
  remove: (at: InGroup, response_id: string) =>
    call("DELETE", `${GROUP}/gateway-responses/{response_id}`, { ...at, response_id }),
  set: (at: InGroup, response_id: string, response_type: string, body: object) =>
    call(
      "PUT",
      `${GROUP}/gateway-responses/{response_id}/{response_type}`,
      { ...at, response_id, response_type },
      {
        body,
      },
    ),
  usual: (at: InGroup, response_id: string, response_type: string) =>
    call("DELETE", `${GROUP}/gateway-responses/{response_id}/{response_type}`, { ...at, response_id, response_type }),
};
