import type { paths as ApigPaths } from "../generated/apig";
import type { paths as FuncdPaths } from "../generated/funcd";
import type { paths as FunctionPaths } from "../generated/functiongraph";
import type { paths as IamPaths } from "../generated/iam";
import { ApiError, failed } from "./client";
import { json, packed } from "./package";
import { sessionKey } from "./session";
import { transfer } from "./transfer";

type All = ApigPaths & IamPaths & FuncdPaths & FunctionPaths;
type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
type Offered<P extends keyof All> = {
  [M in Method]: All[P] extends { [K in Lowercase<M>]: { responses: unknown } } ? M : never;
}[Method];
type Responses<P extends keyof All, M extends Method> = All[P] extends { [K in Lowercase<M>]: { responses: infer R } }
  ? R
  : never;
type Json<R> = R extends { content: { "application/json": infer T } } ? T : never;
type Answer<R> = Json<R[keyof R & (200 | 201)]>;
/** The names in braces of a path. */
type Names<P> = P extends `${string}{${infer Name}}${infer Rest}` ? Name | Names<Rest> : never;

/** A request as it is sent, and as it is shown for copying. */
export interface Call<T = unknown> {
  method: Method;
  path: string;
  /** Packages in it are blobs, and sent in base64. */
  body?: unknown;
  /** What it answers; known to the compiler only. */
  readonly answers?: T;
}

/** A call of an operation of the specification, whose parameters are put into its path. */
export function call<P extends keyof All & string, M extends Offered<P>>(
  method: M,
  template: P,
  names: Record<Names<P>, string>,
  more: { query?: Record<string, string | number | undefined>; body?: unknown } = {},
): Call<Answer<Responses<P, M>>> {
  const path = template.replace(/\{(\w+)\}/g, (_, name: Names<P>) => segment(names[name]));
  const given = Object.entries(more.query ?? {}).filter(([, value]) => value !== undefined && value !== "");
  const query = new URLSearchParams(given.map(([name, value]): [string, string] => [name, String(value)])).toString();
  return { method, path: query ? `${path}?${query}` : path, ...(more.body === undefined ? {} : { body: more.body }) };
}

/** A segment of a path. A colon may stand there as it is (RFC 3986, 3.3), and URNs are easier to read so. */
const segment = (text: string) => encodeURIComponent(text).replaceAll("%3A", ":");

/** How much of the packages in a request has gone, in their own bytes. */
export interface Sent {
  bytes: number;
  total: number;
}

/** Sends a call. What the API refuses is thrown as an `ApiError`; an answer without a body is undefined. `onSent` is told again and again how
 * much of the packages in it has gone; nothing of a call without one. */
export async function send<T>(
  { method, path, body }: Call<T>,
  signal?: AbortSignal,
  onSent?: (sent: Sent) => void,
): Promise<T> {
  const headers: Record<string, string> = { "x-funcd-session": sessionKey() ?? "" };
  if (body !== undefined) headers["content-type"] = "application/json";
  const total = packed(body);
  const sent = (part: number) => onSent?.({ bytes: Math.round(part * total), total });
  if (total > 0) sent(0);
  const text = body === undefined ? null : await json(body, signal);
  const request = { method, headers, body: text, ...(signal ? { signal } : {}) };
  const answer = await (total > 0 ? transfer(path, request, sent) : fetch(path, request)).catch((cause) => {
    if (signal?.aborted) throw cause;
    throw new ApiError("", 0, "", "");
  });
  if (!answer.ok) throw await failed(answer);
  const said = await answer.text();
  return (said === "" ? undefined : JSON.parse(said)) as T;
}

/** The most that a page of a list may have. */
const PAGE = 500;

/** Every item of a list that is answered in pages by `offset` and `limit`. */
export async function sendAll<T, F extends keyof T>(list: Call<T>, field: F): Promise<Items<T[F]>> {
  const all: unknown[] = [];
  for (;;) {
    const path = `${list.path}${list.path.includes("?") ? "&" : "?"}offset=${all.length}&limit=${PAGE}`;
    const page = await send({ ...list, path });
    const items = (page[field] ?? []) as unknown[];
    all.push(...items);
    if (items.length < PAGE) return all as Items<T[F]>;
  }
}

type Items<T> = Exclude<T, undefined | null>;
