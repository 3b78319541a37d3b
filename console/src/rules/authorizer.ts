import type { components } from "../generated/apig";

/** The server's rules for custom authorizers (`crates/api/src/apig/authorizers.rs`, `crates/model/src/apig/authorizer.rs`). */

type Schemas = components["schemas"];
type Identity = Schemas["Identity"];

export const TTL = 3600;
export const IDENTITIES = 10;
export const USER_DATA = 2048;

/** The name of a header (RFC 9110 section 5.6.2), which a query's may be, too. */
export const isIdentity = (name: string) => /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,128}$/.test(name);

/** An authorizer as the form has it. */
export interface Given {
  name?: string;
  function_urn?: string;
  qualifier?: string;
  identities?: Identity[];
  ttl?: number;
  need_body?: boolean;
  user_data?: string;
}

export const START: Given = { qualifier: "latest", identities: [], ttl: 0, need_body: false };

export function bodyOf({
  name = "",
  function_urn = "",
  qualifier = "latest",
  ...given
}: Given): Schemas["AuthorizerCreate"] {
  const alias = qualifier.startsWith("!");
  return {
    name,
    type: "FRONTEND",
    authorizer_type: "FUNC",
    authorizer_uri: function_urn,
    network_type: "V2",
    ...(alias ? { authorizer_alias_uri: `${function_urn}:${qualifier}` } : { authorizer_version: qualifier }),
    identities: (given.identities ?? []).map(({ location, name: named }) => ({ location, name: named })),
    ttl: given.ttl ?? 0,
    need_body: given.need_body ?? false,
    user_data: given.user_data ?? "",
  };
}

export const givenOf = (shown: Schemas["AuthorizerCreate"]): Given => ({
  name: shown.name,
  function_urn: shown.authorizer_uri,
  qualifier: shown.authorizer_alias_uri?.split(":").at(-1) || shown.authorizer_version || "latest",
  identities: shown.identities ?? [],
  ttl: shown.ttl ?? 0,
  need_body: shown.need_body ?? false,
  user_data: shown.user_data ?? "",
});
