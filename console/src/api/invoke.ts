import { fromBase64 } from "../shared/base64";
import { body, functions } from "./client";
import type { Place } from "./function";

export interface Request {
  method: string;
  /** With its query. */
  path: string;
  headers: { name: string; value: string }[];
  body: string;
}

export interface Answer {
  requestId: string;
  status: number;
  headers: [string, string][];
  body: Uint8Array;
  log: string;
  summary: { duration?: number; billingDuration?: number; memorySize?: number; memoryUsed?: number };
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

interface Envelope {
  statusCode: number;
  headers: Record<string, string[]>;
  body: string;
}

/** Calls the function through the API, with the end of its log. */
export async function invoke({ project, urn }: Place, request: Request): Promise<Answer> {
  const call = functions.POST("/v2/{project_id}/fgs/functions/{function_urn}/invocations", {
    params: {
      path: { project_id: project, function_urn: urn },
      header: { "X-Cff-Log-Type": "tail", "X-CFF-Request-Version": "v1" },
    },
    body: eventOf(request) as never,
  });
  const { response } = await call;
  const wrapper = (await body(call)) as unknown as { request_id: string; result: string; log: string };
  const envelope = JSON.parse(wrapper.result) as Envelope;
  return {
    requestId: wrapper.request_id,
    status: envelope.statusCode,
    headers: Object.entries(envelope.headers).flatMap(([name, values]) =>
      values.map((value): [string, string] => [name, value]),
    ),
    body: fromBase64(envelope.body),
    log: wrapper.log,
    summary: JSON.parse(response.headers.get("x-cff-invoke-summary") ?? "{}"),
  };
}
