import type { components } from "../generated/apig";

/** The server's rules for the parameters of an API (`crates/api/src/apig/apis/parameters.rs`, `crates/model/src/apig/path.rs`). */

type Schemas = components["schemas"];
/** A parameter of an API's requests. */
export type Parameter = Schemas["ReqParamBase"];
/** One more value for the back end. */
export type Mapping = Schemas["BackendParamBase"];

/** Parameters of either kind. */
export const PARAMETERS = 50;
export const VALUE_CHARS = 255;
export const ENUMERATION_CHARS = 512;
/** What a number's or a length's bounds may be. */
export const LARGEST = 2 ** 31 - 1;
/** What the gateway knows of a request. */
export const SYSTEM = ["sourceIp", "stage", "apiId", "apiName", "requestId", "handleTime"].map(
  (name) => `$context.${name}`,
);

/** A letter, then letters, digits and _ - . */
export const isParameterName = (name: string) => /^[A-Za-z][A-Za-z0-9_.-]{0,31}$/.test(name);

const RESERVED = [
  "host",
  "connection",
  "content-length",
  "transfer-encoding",
  "te",
  "trailer",
  "upgrade",
  "expect",
  "keep-alive",
  "proxy-connection",
  "authorization",
  "x-real-ip",
  "x-request-id",
  "x-stage",
];
const RESERVED_BEGINNINGS = ["x-cff-", "x-forwarded-", "x-apig-"];

/** A header that the gateway writes itself; functions see underscores as hyphens in places. */
export function isReservedHeader(name: string): boolean {
  const plain = name.toLowerCase().replaceAll("_", "-");
  return RESERVED.includes(plain) || RESERVED_BEGINNINGS.some((beginning) => plain.startsWith(beginning));
}

/** The names in braces of a path, in order. */
export const pathParameters = (path: string) =>
  path.split("/").flatMap((part) => (/^\{.*\}$/.test(part) ? [part.slice(1, -1)] : []));

/** Parameters that are to stand in the path, and do not. */
export function notInPath(parameters: readonly Parameter[], path: string): string[] {
  const names = pathParameters(path);
  return parameters
    .filter(({ location, name }) => location === "PATH" && !names.includes(name))
    .map(({ name }) => name);
}

/** What the back end is to get of parameters that are not there. */
export const withoutSource = (mappings: readonly Mapping[], parameters: readonly Parameter[]): string[] =>
  mappings
    .filter(({ origin, value }) => origin === "REQUEST" && !parameters.some(({ name }) => name === value))
    .map(({ name }) => name);

/** The mappings after a parameter got another name. */
export const renamed = (mappings: readonly Mapping[], from: string, to: string): Mapping[] =>
  mappings.map((one) => (one.origin === "REQUEST" && one.value === from ? { ...one, value: to } : one));

/** A parameter without what does not go with its place and kind. */
export function plain(given: Parameter): Parameter {
  const { min_num, max_num, min_size, max_size, enumerations, ...kept } = given;
  const inPath = given.location === "PATH";
  const checked = given.valid_enable === 1;
  const bounds = given.type === "NUMBER" ? { min_num, max_num } : { min_size, max_size };
  const said = checked ? { enumerations, ...bounds } : {};
  const whole = {
    ...kept,
    required: inPath ? 1 : (given.required ?? 2),
    pass_through: given.location === "QUERY" || given.location === "HEADER" ? (given.pass_through ?? 1) : 1,
    ...said,
  };
  const entries = Object.entries(whole).filter(([, value]) => value !== undefined && value !== null && value !== "");
  return Object.fromEntries(entries) as unknown as Parameter;
}
