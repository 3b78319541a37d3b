import type { components } from "../generated/apig";

type Schemas = components["schemas"];
type Shown = Schemas["ShowDetailsOfApiV2Response"];
type Wanted = Schemas["ApiCreate"];

/** The fields of an API that a request may set; an answer has more. */
const FIELDS = [
  "name",
  "type",
  "version",
  "req_protocol",
  "req_method",
  "req_uri",
  "auth_type",
  "auth_opt",
  "match_mode",
  "backend_type",
  "remark",
  "group_id",
  "body_remark",
  "result_normal_sample",
  "result_failure_sample",
  "authorizer_id",
  "tags",
  "content_type",
  "is_send_fg_body_base64",
] as const satisfies readonly (keyof Wanted & keyof Shown)[];
const BACK_END = [
  "function_urn",
  "invocation_type",
  "timeout",
  "network_type",
  "remark",
  "version",
  "alias_urn",
  "req_protocol",
];
const PARAMETER = [
  "name",
  "type",
  "location",
  "default_value",
  "sample_value",
  "required",
  "valid_enable",
  "remark",
  "enumerations",
  "min_num",
  "max_num",
  "min_size",
  "max_size",
  "regular",
  "json_schema",
  "pass_through",
  "orchestrations",
];
const MAPPING = ["origin", "name", "location", "value", "remark"];

/** Those of the fields that say something. */
function pick(from: object | undefined, fields: readonly string[]): Record<string, unknown> {
  const entries = Object.entries(from ?? {}).filter(([name, value]) => {
    const empty = value === null || value === undefined || value === "";
    return fields.includes(name) && !empty;
  });
  return Object.fromEntries(entries);
}

/** The definition that an API has, with what is changed: the API is given whole, as the vendor's update replaces all of it. */
export function redefined(api: Shown, changed: Partial<Wanted>): Wanted {
  const parameters = (api.req_params ?? []).map((one) => pick(one, PARAMETER));
  const mappings = (api.backend_params ?? []).map((one) => pick(one, MAPPING));
  return {
    ...pick(api, FIELDS),
    func_info: pick(api.func_info, BACK_END),
    ...(parameters.length > 0 ? { req_params: parameters } : {}),
    ...(mappings.length > 0 ? { backend_params: mappings } : {}),
    ...changed,
  } as Wanted;
}

/** 3 to 255 letters, digits and -_./:() that begin with a letter or a digit. */
export const isApiName = (name: string) =>
  [...name].length >= 3 && [...name].length <= 255 && /^[\p{L}\p{N}][\p{L}\p{N}\-_./:()（）：、]*$/u.test(name);

/** A path, where a part may be a parameter in braces. */
export function isTemplate(path: string): boolean {
  const parts = path.split("/").slice(1);
  const legal = (part: string) =>
    /^\{[A-Za-z][\w.-]*\}$/.test(part) || /^(?:[A-Za-z0-9\-._~!$&'()*+,;=:@]|%[0-9A-Fa-f]{2})*$/.test(part);
  const inside = parts.every((part, at) => part !== "." && part !== ".." && (part !== "" || at === parts.length - 1));
  return path.startsWith("/") && path.length <= 512 && inside && parts.every(legal);
}
