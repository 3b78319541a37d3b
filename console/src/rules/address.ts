/** Where an API answers: the server's rule, as it is said in `crates/api/src/addresses.rs` and `crates/gateway/src/grpc.rs`. */

/** What `funcd/info` says of the gateway. */
export interface Gateway {
  gateway_url: string;
  gateway_port: number;
  gateway_tls_url: string | null;
  gateway_tls_port: number | null;
  default_group_id: string;
}

/** What is told of a group. */
export interface Group {
  id: string;
  sl_domain?: string;
  sl_domain_access_enabled?: boolean;
  url_domains?: { domain?: string }[];
}

/** What is told of an API. */
export interface Called {
  req_protocol?: string;
  req_uri?: string;
}

const withPort = (scheme: string, host: string, port: number) =>
  `${scheme}://${host}${port === (scheme === "https" ? 443 : 80) ? "" : `:${port}`}`;

/** Addresses of a host, or of the bare one, where the gateway has https: of an API that asks for https only that one, of all others both,
 * first the one that the API names. */
function origins(gateway: Gateway, protocol: string, host: string | undefined): string[] {
  const plain = host ? withPort("http", host, gateway.gateway_port) : gateway.gateway_url;
  if (!gateway.gateway_tls_url || !gateway.gateway_tls_port) return [plain];
  const secure = host ? withPort("https", host, gateway.gateway_tls_port) : gateway.gateway_tls_url;
  if (protocol === "HTTPS" || protocol === "GRPCS") return [secure];
  return protocol === "BOTH" ? [secure, plain] : [plain, secure];
}

/** Every URL at which an API of a group answers: at the group's own host first, then at its domains. */
export function urls(gateway: Gateway, group: Group | undefined, api: Called): string[] {
  const bare = !group || group.id === gateway.default_group_id;
  const open = group?.sl_domain_access_enabled !== false;
  const own = bare ? [undefined] : open && group?.sl_domain ? [group.sl_domain] : [];
  const domains = (group?.url_domains ?? []).map((one) => one.domain).filter((one) => one !== undefined);
  return [...own, ...domains]
    .flatMap((host) => origins(gateway, api.req_protocol ?? "", host))
    .map((origin) => `${origin}${api.req_uri ?? ""}`);
}

/** The one to try: a wildcard is no name of a host. */
export const first = (all: string[]) => all.find((url) => !url.includes("://*.")) ?? "";
