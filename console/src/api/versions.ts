import { queryOptions } from "@tanstack/react-query";
import type { components } from "../generated/functiongraph";
import { type Call, call } from "./call";
import { body, functions } from "./client";
import type { FunctionConfig, Place } from "./function";
import { withoutVersion } from "./functions";

type Schemas = components["schemas"];
/** funcd also says what was written about a version when it was published. */
export type Version = Schemas["ListFunctionVersionResult"] & { version_description?: string };
export type Strategy = Schemas["VersionStrategy"];
export type Rule = Schemas["VersionStrategyRules"];
/** funcd lists the rules, too. */
export type Alias = Schemas["ListVersionAliasResult"] & { additional_version_strategy?: Record<string, Strategy> };
export type AliasChange = Schemas["UpdateVersionAliasRequestBody"];

/** What changes with every deploy, and is no version. */
export const LATEST = "latest";

const at = ({ project, urn }: Place) => ({ params: { path: { project_id: project, function_urn: urn } } });

/** Every version, `latest` first, then the newest: at most 21, which fit one page. */
export const versionList = (place: Place) =>
  queryOptions({
    queryKey: ["function", place, "versions"],
    queryFn: async () => {
      const page = await body(functions.GET("/v2/{project_id}/fgs/functions/{function_urn}/versions", at(place)));
      const all = (page.versions ?? []) as Version[];
      const published = all.filter((one) => one.version !== LATEST);
      published.sort((a, b) => b.last_modified.localeCompare(a.last_modified));
      return [...all.filter((one) => one.version === LATEST), ...published];
    },
  });

export const aliasList = (place: Place) =>
  queryOptions({
    queryKey: ["function", place, "aliases"],
    queryFn: () =>
      body(functions.GET("/v2/{project_id}/fgs/functions/{function_urn}/aliases", at(place))) as Promise<Alias[]>,
  });

/** The function's URN with a version, or with an alias after `!`. */
export const qualified = (urn: string, qualifier: string) => `${withoutVersion(urn)}:${qualifier}`;

const FUNCTION = "/v2/{project_id}/fgs/functions/{function_urn}";
const named = ({ project, urn }: Place) => ({ project_id: project, function_urn: urn });

export const publishVersion = (place: Place, wanted: Schemas["CreateFunctionVersionRequestBody"]) =>
  call("POST", `${FUNCTION}/versions`, named(place), { body: wanted }) as Call<FunctionConfig>;

/** `urn` names the version; without one the whole function would go. */
export function deleteVersion(place: Place) {
  if (withoutVersion(place.urn) === place.urn) throw new Error(`no version in ${place.urn}`);
  return call("DELETE", FUNCTION, named(place));
}

/** An alias that is there is changed as a whole. */
export const setAlias = (place: Place, name: string, wanted: AliasChange, isNew: boolean) =>
  isNew
    ? call("POST", `${FUNCTION}/aliases`, named(place), { body: { name, ...wanted } })
    : call("PUT", `${FUNCTION}/aliases/{alias_name}`, { ...named(place), alias_name: name }, { body: wanted });

export const deleteAlias = (place: Place, name: string) =>
  call("DELETE", `${FUNCTION}/aliases/{alias_name}`, { ...named(place), alias_name: name });
