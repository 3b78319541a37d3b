import { queryOptions } from "@tanstack/react-query";
import type { components } from "../generated/functiongraph";
import { base64, fromBase64 } from "../shared/base64";
import { call, send } from "./call";
import type { Place } from "./function";
import { withoutVersion } from "./functions";
import { ELIDED } from "./package";

type Schemas = components["schemas"];
export type Tag = Required<Schemas["KvItem"]>;
export type Reserved = Schemas["ReservedInstanceConfigs"];
export type Cron = Schemas["CronConfig"];
export type Dependency = Schemas["ListDependenciesResult"];
export type DependencyVersion = Schemas["ListDependencyVersionsResult"];

/** Every item of a list that is answered in pages by `marker` and `maxitems`. */
async function sendMarked<T>(path: string, signal: AbortSignal): Promise<T[]> {
  const all: T[] = [];
  for (;;) {
    const query = `marker=${all.length}&maxitems=400`;
    const page = await send<{ dependencies: T[]; count: number }>({ method: "GET", path: `${path}?${query}` }, signal);
    all.push(...page.dependencies);
    if (page.dependencies.length === 0 || all.length >= page.count) return all;
  }
}

const tagPath = "/v2/{project_id}/{resource_type}/{resource_id}/tags" as const;
const tagged = ({ project, urn }: Place) => ({ project_id: project, resource_type: "functions", resource_id: urn });

export const tagList = (place: Place) =>
  queryOptions({
    queryKey: ["function", place, "tags"],
    queryFn: async () => ((await send(call("GET", tagPath, tagged(place)))).tags ?? []) as Tag[],
  });

export const addTag = (place: Place, tag: Tag) =>
  call("POST", `${tagPath}/create`, tagged(place), { body: { action: "create", tags: [tag] } });

export const removeTag = (place: Place, tag: Tag) =>
  call("DELETE", `${tagPath}/delete`, tagged(place), { body: { action: "delete", tags: [tag] } });

/** What versions and aliases of a function are to have, and how many of them now. */
export const reservedList = ({ project, urn }: Place) =>
  queryOptions({
    queryKey: ["function", { project, urn }, "reserved"],
    queryFn: async () => {
      const names = { project_id: project };
      const configs = await send(
        call("GET", "/v2/{project_id}/fgs/functions/reservedinstanceconfigs", names, {
          query: { function_urn: withoutVersion(urn), limit: 500 },
        }),
      );
      const now = await send(
        call("GET", "/v2/{project_id}/fgs/functions/reservedinstances", names, { query: { urn: withoutVersion(urn) } }),
      );
      const counts = new Map((now.reservedinstances ?? []).map((one) => [one.func_urn, one.count]));
      return (configs.reserved_instances ?? []).map((one) => ({ ...one, now: counts.get(reservedUrn(one)) ?? 0 }));
    },
  });

/** The URN with the version or alias that a setting is of. */
export const reservedUrn = ({ function_urn, qualifier_type, qualifier_name }: Reserved) =>
  `${withoutVersion(function_urn ?? "")}:${qualifier_type === "alias" ? "!" : ""}${qualifier_name}`;

export const setReserved = (
  { project, urn }: Place,
  wanted: Schemas["UpdateFunctionReservedInstancesCountRequestBody"],
) =>
  call(
    "PUT",
    "/v2/{project_id}/fgs/functions/{function_urn}/reservedinstances",
    { project_id: project, function_urn: urn },
    { body: wanted },
  );

export const dependencyList = (project: string) =>
  queryOptions({
    queryKey: ["dependencies", project],
    queryFn: ({ signal }) => sendMarked<Dependency>(`/v2/${project}/fgs/dependencies`, signal),
  });

/** The newest first. */
export const dependencyVersions = (project: string, id: string) =>
  queryOptions({
    queryKey: ["dependencies", project, id],
    queryFn: ({ signal }) => sendMarked<DependencyVersion>(`/v2/${project}/fgs/dependencies/${id}/version`, signal),
    enabled: id !== "",
  });

export const createDependency = (
  project: string,
  wanted: { name: string; description?: string; depend_file: Blob | undefined; runtime: string },
) =>
  call(
    "POST",
    "/v2/{project_id}/fgs/dependencies/version",
    { project_id: project },
    { body: { depend_type: "zip", ...wanted, depend_file: wanted.depend_file ?? ELIDED } },
  );

export const deleteDependencyVersion = (project: string, depend_id: string, version: number) =>
  call("DELETE", "/v2/{project_id}/fgs/dependencies/{depend_id}/version/{version}", {
    project_id: project,
    depend_id,
    version: String(version),
  });

/** Ids of the versions of dependencies that a function has: all of them are given at once. */
export const setDependencies = ({ project, urn }: Place, ids: string[]) =>
  call(
    "PUT",
    "/v2/{project_id}/fgs/functions/{function_urn}/code",
    { project_id: project, function_urn: urn },
    { body: { depend_version_list: ids } },
  );

export type Template = Schemas["ShowFunctionTemplateResponseBody"];

/** Functions to begin with; without their code. */
export const templateList = (project: string) =>
  queryOptions({
    queryKey: ["templates", project],
    queryFn: async () => {
      const names = { project_id: project };
      const page = await send(call("GET", "/v2/{project_id}/fgs/templates", names, { query: { maxitems: "100" } }));
      return (page as { func_templates?: Template[] }).func_templates ?? [];
    },
    staleTime: Number.POSITIVE_INFINITY,
  });

/** One with its code: a zip as base64. */
export const template = (project: string, template_id: string) =>
  send(call("GET", "/v2/{project_id}/fgs/templates/{template_id}", { project_id: project, template_id })) as Promise<
    Template & { code?: string }
  >;

const eventPath = "/v2/{project_id}/fgs/functions/{function_urn}/events" as const;
const at = ({ project, urn }: Place) => ({ project_id: project, function_urn: urn });
const json = (content: unknown) => base64(new TextEncoder().encode(JSON.stringify(content)));

/** The saved events of a function, the oldest first. */
export const eventList = (place: Place) =>
  queryOptions({
    queryKey: ["function", place, "events"],
    queryFn: async () => (await send(call("GET", eventPath, at(place)))).events ?? [],
  });

export async function savedEvent(place: Place, event_id: string): Promise<unknown> {
  const event = await send(call("GET", `${eventPath}/{event_id}`, { ...at(place), event_id }));
  return JSON.parse(new TextDecoder().decode(fromBase64(event.content ?? "")));
}

export const createEvent = (place: Place, name: string, content: unknown) =>
  call("POST", eventPath, at(place), { body: { name, content: json(content) } });

export const updateEvent = (place: Place, event_id: string, content: unknown) =>
  call("PUT", `${eventPath}/{event_id}`, { ...at(place), event_id }, { body: { content: json(content) } });

export const deleteEvent = (place: Place, event_id: string) =>
  call("DELETE", `${eventPath}/{event_id}`, { ...at(place), event_id });

/** The tags of every function of the project that has some, by its URN without version. */
export const taggedFunctions = (project: string) =>
  queryOptions({
    queryKey: ["functions", project, "tags"],
    queryFn: async () => {
      const found = new Map<string, Tag[]>();
      for (let offset = 0; ; offset += TAGGED_PAGE) {
        const names = { project_id: project, resource_type: "functions", action: "filter" };
        const body = { action: "filter", limit: String(TAGGED_PAGE), offset: String(offset) };
        const path = "/v2/{project_id}/{resource_type}/resource-instances/{action}";
        const page = (await send(call("POST", path, names, { body }))) as {
          resources?: { resource_detail: { detailId: string }; tags: Tag[] }[];
        };
        const resources = page.resources ?? [];
        for (const one of resources) found.set(one.resource_detail.detailId, one.tags);
        if (resources.length < TAGGED_PAGE) return found;
      }
    },
  });

const TAGGED_PAGE = 1000;

/** Seconds that the figures of a list of functions are of. */
export const LATELY = 300;

/** Calls, failures and refusals of each function lately, by its URN without version. */
export const latelyUsed = (project: string) =>
  queryOptions({
    queryKey: ["usage", project, LATELY],
    queryFn: async () => {
      const since = new Date(Date.now() - LATELY * 1000).toISOString();
      const names = { project_id: project };
      const used = await send(call("GET", "/v2/{project_id}/funcd/usage", names, { query: { since } }));
      const spanned = Math.max(1, (Date.parse(used.until) - Date.parse(used.since)) / 1000);
      return { spanned, by: new Map(used.functions.map((one) => [one.function, one])) };
    },
  });
