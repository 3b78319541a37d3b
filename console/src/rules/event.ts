import { fromBase64 } from "../shared/base64";

export interface Request {
  method: string;
  /** With its query. */
  path: string;
  headers: { name: string; value: string }[];
  body: string;
}

/** The event of the vendor's gateway that becomes this request. */
export function eventOf(request: Request) {
  const at = request.path.indexOf("?");
  const query = new URLSearchParams(at < 0 ? "" : request.path.slice(at + 1));
  const several = (pairs: Iterable<[string, string]>) => {
    const all: Record<string, string[]> = {};
    for (const [name, value] of pairs) all[name] = [...(all[name] ?? []), value];
    return all;
  };
  return {
    httpMethod: request.method,
    path: at < 0 ? request.path : request.path.slice(0, at),
    headers: several(request.headers.filter((one) => one.name).map(({ name, value }) => [name.toLowerCase(), value])),
    queryStringParameters: several(query),
    body: request.body,
    isBase64Encoded: false,
  };
}

/** The request that an event stands for; what is no event of a gateway is the body of a POST. */
export function requestOf(event: unknown): Request {
  const given = (event ?? {}) as Partial<ReturnType<typeof eventOf>>;
  if (typeof given !== "object" || typeof given.httpMethod !== "string")
    return { method: "POST", path: "/", headers: [], body: JSON.stringify(event, null, 2) };
  const pairs = (all: Record<string, string[]> | undefined) =>
    Object.entries(all ?? {}).flatMap(([name, values]) =>
      [values].flat().map((value) => ({ name, value: String(value) })),
    );
  const query = new URLSearchParams(pairs(given.queryStringParameters).map(({ name, value }) => [name, value]));
  const path = given.path || "/";
  const body = typeof given.body === "string" ? given.body : JSON.stringify(given.body ?? "");
  return {
    method: given.httpMethod,
    path: query.size > 0 ? `${path}?${query}` : path,
    headers: pairs(given.headers),
    body: given.isBase64Encoded ? new TextDecoder().decode(fromBase64(body)) : body,
  };
}

const KNOWN = ["httpMethod", "path", "headers", "queryStringParameters", "body", "isBase64Encoded"];

/** Whether nothing of an event is lost in the form of a request. */
export function isRequest(event: unknown): boolean {
  if (typeof event !== "object" || event === null || Array.isArray(event)) return false;
  const { httpMethod, isBase64Encoded, path } = event as Partial<ReturnType<typeof eventOf>>;
  const said = typeof httpMethod === "string" && typeof path === "string" && !isBase64Encoded;
  return said && Object.keys(event).every((name) => KNOWN.includes(name));
}

/** What keeps a text from being an event of an HTTP function. */
export type EventProblem =
  | "json"
  | "object"
  | "method"
  | "methodRule"
  | "path"
  | "pathRule"
  | "pairs"
  | "headerName"
  | "body"
  | "flag"
  | "base64";

const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const isValue = (one: unknown) =>
  one === null ||
  ["string", "number", "boolean"].includes(typeof one) ||
  (Array.isArray(one) && one.every((text) => typeof text === "string"));
const isPairs = (given: unknown) =>
  given === undefined ||
  given === null ||
  (typeof given === "object" && !Array.isArray(given) && Object.values(given).every(isValue));

/** The server's rules (`crates/api/src/fgs/invocation/event.rs`), and the field that breaks one. */
export function eventProblem(text: string): { problem: EventProblem; field: string } | undefined {
  let event: Record<string, unknown>;
  try {
    event = JSON.parse(text);
  } catch (error) {
    return { problem: "json", field: error instanceof Error ? error.message : "" };
  }
  if (typeof event !== "object" || event === null || Array.isArray(event)) return { problem: "object", field: "" };
  const checks: [boolean, EventProblem, string][] = [
    [typeof event.httpMethod !== "string", "method", "httpMethod"],
    [!isMethod(event.httpMethod), "methodRule", "httpMethod"],
    [typeof event.path !== "string", "path", "path"],
    [!String(event.path).startsWith("/"), "pathRule", "path"],
    [!isPairs(event.headers), "pairs", "headers"],
    [!Object.keys(event.headers ?? {}).every((name) => TOKEN.test(name)), "headerName", "headers"],
    [!isPairs(event.queryStringParameters), "pairs", "queryStringParameters"],
    [typeof (event.body ?? "") !== "string", "body", "body"],
    [typeof (event.isBase64Encoded ?? false) !== "boolean", "flag", "isBase64Encoded"],
    [event.isBase64Encoded === true && !isBase64(event.body ?? ""), "base64", "body"],
  ];
  const [, problem, field] = checks.find(([wrong]) => wrong) ?? [];
  return problem && { problem, field: field ?? "" };
}

const isMethod = (given: unknown) =>
  typeof given === "string" && TOKEN.test(given) && given.toUpperCase() !== "CONNECT";

const isBase64 = (given: unknown) =>
  typeof given === "string" && given.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(given);
