/** The documents of plug-ins as fields of a form, and back. What a form has no field for stays as it is in the document. */

export const PLUGIN_TYPES = ["cors", "rate_limit", "set_resp_headers"] as const;
export type PluginType = (typeof PLUGIN_TYPES)[number];

export interface CorsFields {
  allow_origin?: string;
  allow_methods?: string[];
  allow_headers?: string[];
  expose_headers?: string[];
  max_age?: number | null;
  allow_credentials?: boolean;
}

export interface HeaderChange {
  name?: string;
  value?: string;
  action?: string;
}

export interface RateFields {
  scope?: string;
  default_interval?: number | null;
  default_time_unit?: string;
  /** Empty is no limit. */
  api_limit?: number | null;
  user_limit?: number | null;
  app_limit?: number | null;
  ip_limit?: number | null;
  specials?: { type?: string; key?: string; limit?: number | null }[];
}

export interface Content {
  cors: CorsFields;
  set_resp_headers: { headers: HeaderChange[] };
  rate_limit: RateFields;
}

type Document = Record<string, unknown>;

/** A document, if the text is one. */
export function documentOf(text: string): Document | undefined {
  try {
    const read: unknown = JSON.parse(text);
    return typeof read === "object" && read !== null && !Array.isArray(read) ? (read as Document) : undefined;
  } catch {
    return undefined;
  }
}

const list = (text: unknown) =>
  String(text ?? "")
    .split(",")
    .map((part) => part.trim())
    .filter(Boolean);
const said = (words: string[] | undefined) => (words ?? []).join(",");
const count = (value: unknown) => (typeof value === "number" && value > 0 ? value : null);

/** What a new plug-in of a type begins with. */
export const START: Content = {
  cors: { allow_origin: "*", allow_methods: ["GET", "POST", "PUT", "DELETE"], max_age: 600 },
  set_resp_headers: { headers: [{ action: "override" }] },
  rate_limit: { scope: "basic", default_interval: 60, default_time_unit: "second", api_limit: 100, specials: [] },
};

/** The fields of a document. */
export function fieldsOf(type: PluginType, document: Document): Partial<Content> {
  if (type === "cors") {
    return {
      cors: {
        allow_origin: String(document.allow_origin ?? ""),
        allow_methods: list(document.allow_methods),
        allow_headers: list(document.allow_headers),
        expose_headers: list(document.expose_headers),
        max_age: typeof document.max_age === "number" ? document.max_age : null,
        allow_credentials: document.allow_credentials === true,
      },
    };
  }
  if (type === "set_resp_headers") {
    return { set_resp_headers: { headers: (document.response_headers ?? []) as HeaderChange[] } };
  }
  const specials = (document.specials ?? []) as { type: string; policies: { key: string; limit: number }[] }[];
  return {
    rate_limit: {
      scope: String(document.scope ?? "basic"),
      default_interval: count(document.default_interval),
      default_time_unit: String(document.default_time_unit ?? "second"),
      api_limit: count(document.api_limit),
      user_limit: count(document.user_limit),
      app_limit: count(document.app_limit),
      ip_limit: count(document.ip_limit),
      specials: specials.flatMap(({ type: kind, policies }) => policies.map((one) => ({ type: kind, ...one }))),
    },
  };
}

/** The document that fields make, over the one that was there. */
export function documentWith(type: PluginType, fields: Partial<Content>, before: Document = {}): Document {
  if (type === "cors") return { ...before, ...cors(fields.cors ?? {}) };
  if (type === "set_resp_headers") {
    const headers = fields.set_resp_headers?.headers ?? [];
    return { ...before, response_headers: headers.map((one) => headerOf(one ?? {})) };
  }
  return { ...before, ...rate(fields.rate_limit ?? {}) };
}

const headerOf = ({ name = "", value = "", action = "override" }: HeaderChange) => ({
  name,
  value: action === "delete" ? "" : value,
  value_type: "custom_value",
  action,
});

const cors = (given: CorsFields): Document => ({
  allow_origin: given.allow_origin ?? "",
  allow_methods: said(given.allow_methods),
  allow_headers: said(given.allow_headers),
  expose_headers: said(given.expose_headers),
  ...(given.max_age === null || given.max_age === undefined ? {} : { max_age: given.max_age }),
  allow_credentials: given.allow_credentials ?? false,
});

function rate(given: RateFields): Document {
  const of = (kind: string) =>
    (given.specials ?? [])
      .filter((one) => one?.type === kind)
      .map(({ key = "", limit }) => ({ key: key.trim(), limit: limit ?? 0 }));
  const specials = ["app", "user"].map((type) => ({ type, policies: of(type) })).filter((one) => one.policies.length);
  return {
    scope: given.scope ?? "basic",
    default_interval: given.default_interval ?? 1,
    default_time_unit: given.default_time_unit ?? "second",
    api_limit: given.api_limit ?? -1,
    user_limit: given.user_limit ?? 0,
    app_limit: given.app_limit ?? 0,
    ip_limit: given.ip_limit ?? 0,
    specials,
  };
}
