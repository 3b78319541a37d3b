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
