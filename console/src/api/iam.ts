import type { components as Own } from "../generated/funcd";
import type { components } from "../generated/iam";
import { type Call, call, send } from "./call";

/** Who may do what: users with their keys, groups, policies and agencies; and the trail of what was done. */

type Schemas = components["schemas"];
export interface User {
  id: string;
  name: string;
  enabled: boolean;
  description: string;
  is_domain_owner: boolean;
  pwd_strength: string;
  create_time: string;
}
export interface Group {
  id: string;
  name: string;
  description: string;
  create_time: number;
}
export interface Role {
  id: string;
  display_name: string;
  type: string;
  catalog: string;
  description: string;
  description_cn: string;
  policy: Policy;
  references?: number;
}
export interface Policy {
  Version: string;
  Statement: { Effect: "Allow" | "Deny"; Action: string[]; Resource?: string[] }[];
}
export interface Key {
  access: string;
  status: "active" | "inactive";
  description: string;
  create_time: string;
  last_use_time?: string;
}
/** A new key, with what is shown once. */
export type NewKey = Schemas["CreatePermanentAccessKeyResponse"];
export interface Agency {
  id: string;
  name: string;
  description: string;
  trust_domain_name: string;
  duration: string;
  create_time: string;
  expire_time: string;
}
export type Trace = Own["schemas"]["Trace"];

/** The items of an answer, which has them in one field. */
export const list = async <T>(of: Call<unknown>, field: string): Promise<T[]> => {
  const answer = (await send(of)) as Record<string, T[] | undefined>;
  return answer[field] ?? [];
};

export const users = {
  list: () => call("GET", "/v3/users", {}),
  create: (user: object) => call("POST", "/v3.0/OS-USER/users", {}, { body: { user } }),
  show: (user_id: string) => call("GET", "/v3.0/OS-USER/users/{user_id}", { user_id }),
  update: (user_id: string, user: object) =>
    call("PUT", "/v3.0/OS-USER/users/{user_id}", { user_id }, { body: { user } }),
  remove: (user_id: string) => call("DELETE", "/v3/users/{user_id}", { user_id }),
  groups: (user_id: string) => call("GET", "/v3/users/{user_id}/groups", { user_id }),
  password: (user_id: string, original_password: string, password: string) =>
    call("POST", "/v3/users/{user_id}/password", { user_id }, { body: { user: { original_password, password } } }),
};

export const keys = {
  list: (user_id: string) => call("GET", "/v3.0/OS-CREDENTIAL/credentials", {}, { query: { user_id } }),
  create: (user_id: string, description: string) =>
    call("POST", "/v3.0/OS-CREDENTIAL/credentials", {}, { body: { credential: { user_id, description } } }),
  set: (access_key: string, status: "active" | "inactive") =>
    call("PUT", "/v3.0/OS-CREDENTIAL/credentials/{access_key}", { access_key }, { body: { credential: { status } } }),
  remove: (access_key: string) => call("DELETE", "/v3.0/OS-CREDENTIAL/credentials/{access_key}", { access_key }),
};

export const groups = {
  list: () => call("GET", "/v3/groups", {}),
  show: (group_id: string) => call("GET", "/v3/groups/{group_id}", { group_id }),
  create: (group: object) => call("POST", "/v3/groups", {}, { body: { group } }),
  update: (group_id: string, group: object) =>
    call("PATCH", "/v3/groups/{group_id}", { group_id }, { body: { group } }),
  remove: (group_id: string) => call("DELETE", "/v3/groups/{group_id}", { group_id }),
  users: (group_id: string) => call("GET", "/v3/groups/{group_id}/users", { group_id }),
  add: (group_id: string, user_id: string) =>
    call("PUT", "/v3/groups/{group_id}/users/{user_id}", { group_id, user_id }),
  take: (group_id: string, user_id: string) =>
    call("DELETE", "/v3/groups/{group_id}/users/{user_id}", { group_id, user_id }),
};

export const roles = {
  system: () => call("GET", "/v3/roles", {}),
  custom: () => call("GET", "/v3.0/OS-ROLE/roles", {}),
  create: (role: object) => call("POST", "/v3.0/OS-ROLE/roles", {}, { body: { role } }),
  update: (role_id: string, role: object) =>
    call("PATCH", "/v3.0/OS-ROLE/roles/{role_id}", { role_id }, { body: { role } }),
  remove: (role_id: string) => call("DELETE", "/v3.0/OS-ROLE/roles/{role_id}", { role_id }),
};

export const agencies = {
  list: (domain_id: string) => call("GET", "/v3.0/OS-AGENCY/agencies", {}, { query: { domain_id } }),
  show: (agency_id: string) => call("GET", "/v3.0/OS-AGENCY/agencies/{agency_id}", { agency_id }),
  create: (agency: object) => call("POST", "/v3.0/OS-AGENCY/agencies", {}, { body: { agency } }),
  update: (agency_id: string, agency: object) =>
    call("PUT", "/v3.0/OS-AGENCY/agencies/{agency_id}", { agency_id }, { body: { agency } }),
  remove: (agency_id: string) => call("DELETE", "/v3.0/OS-AGENCY/agencies/{agency_id}", { agency_id }),
};

/** Where a role is granted: in every project, or in one. */
export interface Place {
  domain_id?: string;
  project_id?: string;
}

/** Roles of a group or an agency in a place. */
export const grants = {
  group: {
    list: (group_id: string, { domain_id = "", project_id }: Place): Call =>
      project_id
        ? call("GET", "/v3/projects/{project_id}/groups/{group_id}/roles", { project_id, group_id })
        : call("GET", "/v3/domains/{domain_id}/groups/{group_id}/roles", { domain_id, group_id }),
    put: (group_id: string, role_id: string, { domain_id = "", project_id }: Place): Call =>
      project_id
        ? call("PUT", "/v3/projects/{project_id}/groups/{group_id}/roles/{role_id}", { project_id, group_id, role_id })
        : call("PUT", "/v3/domains/{domain_id}/groups/{group_id}/roles/{role_id}", { domain_id, group_id, role_id }),
    remove: (group_id: string, role_id: string, { domain_id = "", project_id }: Place): Call =>
      project_id
        ? call("DELETE", "/v3/projects/{project_id}/groups/{group_id}/roles/{role_id}", {
            project_id,
            group_id,
            role_id,
          })
        : call("DELETE", "/v3/domains/{domain_id}/groups/{group_id}/roles/{role_id}", { domain_id, group_id, role_id }),
  },
  agency: {
    list: (agency_id: string, { domain_id = "", project_id }: Place): Call =>
      project_id
        ? call("GET", "/v3.0/OS-AGENCY/projects/{project_id}/agencies/{agency_id}/roles", { project_id, agency_id })
        : call("GET", "/v3.0/OS-AGENCY/domains/{domain_id}/agencies/{agency_id}/roles", { domain_id, agency_id }),
    put: (agency_id: string, role_id: string, { domain_id = "", project_id }: Place): Call =>
      project_id
        ? call("PUT", "/v3.0/OS-AGENCY/projects/{project_id}/agencies/{agency_id}/roles/{role_id}", {
            project_id,
            agency_id,
            role_id,
          })
        : call("PUT", "/v3.0/OS-AGENCY/domains/{domain_id}/agencies/{agency_id}/roles/{role_id}", {
            domain_id,
            agency_id,
            role_id,
          }),
    remove: (agency_id: string, role_id: string, { domain_id = "", project_id }: Place): Call =>
      project_id
        ? call("DELETE", "/v3.0/OS-AGENCY/projects/{project_id}/agencies/{agency_id}/roles/{role_id}", {
            project_id,
            agency_id,
            role_id,
          })
        : call("DELETE", "/v3.0/OS-AGENCY/domains/{domain_id}/agencies/{agency_id}/roles/{role_id}", {
            domain_id,
            agency_id,
            role_id,
          }),
  },
};

export const traces = {
  list: (project_id: string, query: Record<string, string | number | undefined>) =>
    call("GET", "/v3/{project_id}/traces", { project_id }, { query }),
  chain: (project_id: string) => call("GET", "/v2/{project_id}/funcd/traces/chain", { project_id }),
};
