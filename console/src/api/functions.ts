import { queryOptions } from "@tanstack/react-query";
import type { components as Own } from "../generated/funcd";
import type { components } from "../generated/functiongraph";
import { call } from "./call";
import { body, functions } from "./client";

export type ListedFunction = components["schemas"]["ListFunctionResult"] & Own["schemas"]["FuncdListedFunction"];

/** The most a page may have. */
const PAGE = 400;

/** Every function of a project: pinned ones first, then by name. */
async function listAll(project_id: string, signal: AbortSignal): Promise<ListedFunction[]> {
  const all: ListedFunction[] = [];
  let marker = 0;
  for (;;) {
    const query = { marker: String(marker), maxitems: String(PAGE) };
    const call = functions.GET("/v2/{project_id}/fgs/functions", { params: { path: { project_id }, query }, signal });
    const page = await body(call);
    const found = (page.functions ?? []) as ListedFunction[];
    all.push(...found);
    const next = page.next_marker ?? 0;
    if (found.length === 0 || next <= marker || all.length >= (page.count ?? 0)) return all;
    marker = next;
  }
}

export const functionList = (project: string) =>
  queryOptions({ queryKey: ["functions", project], queryFn: ({ signal }) => listAll(project, signal) });

/** A URN without its version: what deletes the whole function. */
export const withoutVersion = (urn: string) => urn.split(":").slice(0, 7).join(":");

export const deleteFunction = (project_id: string, urn: string) =>
  call("DELETE", "/v2/{project_id}/fgs/functions/{function_urn}", { project_id, function_urn: withoutVersion(urn) });

export const pinFunction = (project_id: string, urn: string, pinned: boolean) =>
  call("PUT", "/v2/{project_id}/fgs/functions/{func_urn}/collect/{state}", {
    project_id,
    func_urn: withoutVersion(urn),
    state: String(pinned),
  });
