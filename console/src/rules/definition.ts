import type { components } from "../generated/apig";
import { shell } from "../shared/shell";
import { isParameterName, type Mapping, type Parameter, pathParameters } from "./parameters";

type Schemas = components["schemas"];
type Shown = Schemas["ShowDetailsOfApiV2Response"];
type Wanted = Schemas["ApiCreate"];

/** An API as the form has it. */
export interface ApiFields
  extends Pick<Wanted, "name" | "group_id" | "auth_type" | "req_protocol" | "req_uri" | "req_method"> {
  match_mode: "SWA" | "NORMAL";
  /** With authentication by apps: an AppCode is enough. */
  simple: boolean;
  authorizer_id: string;
  remark: string;
  tags: string[];
  req_params: Parameter[];
  /** The back end: a function's URN without version, and a version or an alias after `!`. */
  function_urn: string;
  qualifier: string;
  timeout: number;
  /** What the function is called by. */
  called_by: "HTTPS" | "GRPCS";
  backend_remark: string;
  backend_params: Mapping[];
}

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
  "response_id",
  "tags",
  "content_type",
  "is_send_fg_body_base64",
] as const satisfies readonly (keyof Wanted & keyof Shown)[];
const BACK_END = ["invocation_type", "network_type"];
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

const LATEST = "latest";

const EMPTY: ApiFields = {
  name: "",
  group_id: "",
  auth_type: "NONE",
  simple: false,
  authorizer_id: "",
  remark: "",
  tags: [],
  req_protocol: "HTTP",
  req_uri: "/",
  match_mode: "NORMAL",
  req_method: "ANY",
  req_params: [],
  function_urn: "",
  qualifier: LATEST,
  timeout: 5_000,
  called_by: "HTTPS",
  backend_remark: "",
  backend_params: [],
};
const SAME = [
  "name",
  "group_id",
  "auth_type",
  "authorizer_id",
  "remark",
  "tags",
  "req_protocol",
  "req_uri",
  "match_mode",
  "req_method",
] as const satisfies readonly (keyof ApiFields & keyof Shown)[];

/** What the form begins with: an API as it is, or a new one. */
export function fieldsOf(api: Shown): ApiFields {
  const { alias_urn, version, timeout, function_urn, ...called }: Partial<Schemas["ApiFunc"]> = api.func_info ?? {};
  const qualifier = alias_urn?.split(":").at(-1) || version;
  const said = { qualifier, timeout, function_urn, called_by: called.req_protocol, backend_remark: called.remark };
  return {
    ...EMPTY,
    ...pick(api, SAME),
    ...pick(said, Object.keys(said)),
    simple: api.auth_opt?.app_code_auth_type === "HEADER",
    req_params: (api.req_params ?? []).map((one) => pick(one, PARAMETER)) as unknown as Parameter[],
    backend_params: (api.backend_params ?? []).map((one) => pick(one, MAPPING)) as unknown as Mapping[],
  };
}

/**
 * The definition that was entered, over the one that an API has: it is given whole, as the vendor's update replaces all of it.
 * Who takes gRPC passes gRPC on.
 */
export function definitionOf(given: ApiFields, api: Shown = {}): Wanted {
  const { authorizer_id: _, auth_opt: __, ...same } = pick(api, FIELDS) as Partial<Wanted>;
  const { qualifier, function_urn } = given;
  const called = qualifier.startsWith("!") ? { alias_urn: `${function_urn}:${qualifier}` } : { version: qualifier };
  return {
    type: 1,
    backend_type: "FUNCTION",
    ...same,
    name: given.name,
    group_id: given.group_id,
    auth_type: given.auth_type,
    ...(given.auth_type === "APP" ? { auth_opt: { app_code_auth_type: given.simple ? "HEADER" : "DISABLE" } } : {}),
    ...(given.auth_type === "AUTHORIZER" ? { authorizer_id: given.authorizer_id } : {}),
    remark: given.remark,
    tags: given.tags,
    req_protocol: given.req_protocol,
    req_uri: given.req_uri,
    match_mode: given.match_mode,
    req_method: given.req_method,
    req_params: given.req_params,
    func_info: {
      invocation_type: "sync",
      network_type: "V1",
      ...pick(api.func_info, BACK_END),
      function_urn,
      ...called,
      timeout: given.timeout,
      req_protocol: given.req_protocol === "GRPCS" ? "GRPCS" : given.called_by,
      remark: given.backend_remark,
    },
    backend_params: given.backend_params,
  };
}

/** The options of `funcd api create` and `funcd api edit`; undefined is what they cannot say. */
const OPTIONS: Partial<Record<keyof ApiFields, (given: ApiFields) => string | undefined>> = {
  name: ({ name }) => `--name ${shell(name)}`,
  group_id: ({ group_id }) => `--group ${shell(group_id)}`,
  function_urn: ({ function_urn }) => `--function ${shell(function_urn)}`,
  qualifier: ({ qualifier }) =>
    qualifier.startsWith("!") ? `--alias ${shell(qualifier.slice(1))}` : `--version ${shell(qualifier)}`,
  req_uri: ({ req_uri }) => `--path ${shell(req_uri)}`,
  req_method: ({ req_method }) => `--method ${req_method}`,
  match_mode: ({ match_mode }) => `--match ${match_mode === "SWA" ? "prefix" : "exact"}`,
  auth_type: ({ auth_type, authorizer_id }) =>
    `--auth ${auth_type.toLowerCase()}${auth_type === "AUTHORIZER" ? ` --authorizer ${shell(authorizer_id)}` : ""}`,
  authorizer_id: ({ auth_type, authorizer_id }) =>
    auth_type === "AUTHORIZER" ? `--authorizer ${shell(authorizer_id)}` : "",
  simple: ({ simple }) => (simple ? "--simple-auth" : undefined),
  timeout: ({ timeout }) => `--timeout ${timeout}`,
  remark: ({ remark }) => `--description ${shell(remark)}`,
};

/** The command that does the same to an API, if there is one; without an id it makes one. */
export function commandOf(given: ApiFields, start: ApiFields, id?: string): string | undefined {
  const differs = (field: keyof ApiFields) =>
    JSON.stringify(given[field]) !== JSON.stringify(start[field]) ||
    // Another function is called at its latest version, if nothing else is said.
    (field === "qualifier" && given.function_urn !== start.function_urn && given.qualifier !== LATEST);
  const changed = (Object.keys(given) as (keyof ApiFields)[]).filter(differs);
  const always: (keyof ApiFields)[] = id ? [] : ["function_urn", "group_id", "req_uri"];
  const said = [...always, ...changed.filter((one) => !always.includes(one) && (id || one !== "name"))];
  // The authorizer goes with its way to sign in.
  const once = said.includes("auth_type") ? said.filter((one) => one !== "authorizer_id") : said;
  const words = once.map((field) => OPTIONS[field]?.(given));
  const missing = !id && (given.name === "" || given.function_urn === "");
  if (words.length === 0 || missing || words.includes(undefined)) return undefined;
  const begin = id ? `sudo funcd api edit ${shell(id)}` : `sudo funcd api create ${shell(given.name)}`;
  return [begin, ...words.filter(Boolean)].join(" ");
}

/** 3 to 255 letters, digits and -_./:() that begin with a letter or a digit. */
export const isApiName = (name: string) =>
  [...name].length >= 3 && [...name].length <= 255 && /^[\p{L}\p{N}][\p{L}\p{N}\-_./:()（）：、]*$/u.test(name);

/** A path, where a part may be a parameter in braces, each name once, and #name# stands for a variable of the group. */
export function isTemplate(path: string): boolean {
  const pieces = path.split("#");
  const variables = pieces.filter((_, at) => at % 2 === 1);
  const whole = pieces.length % 2 === 1 && variables.every((name) => /^[A-Za-z][\w-]{2,31}$/.test(name));
  const filled = pieces.map((piece, at) => (at % 2 === 1 ? "x" : piece)).join("");
  const parts = filled.split("/").slice(1);
  const legal = (part: string) =>
    /^\{.*\}$/.test(part)
      ? isParameterName(part.slice(1, -1))
      : /^(?:[A-Za-z0-9\-._~!$&'()*+,;=:@]|%[0-9A-Fa-f]{2})*$/.test(part);
  const inside = parts.every((part, at) => part !== "." && part !== ".." && (part !== "" || at === parts.length - 1));
  const names = pathParameters(filled);
  const distinct = new Set(names).size === names.length;
  return whole && path.startsWith("/") && path.length <= 512 && inside && distinct && parts.every(legal);
}
