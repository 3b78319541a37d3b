import { queryOptions } from "@tanstack/react-query";
import type { components } from "../generated/funcd";
import type { components as Fgs } from "../generated/functiongraph";
import { call } from "./call";
import { body, funcd, functions } from "./client";

export type Finding = components["schemas"]["FuncdFinding"];
export type Node = components["schemas"]["FuncdNode"];
export type Space = components["schemas"]["FuncdSpace"];
export type Runtime = components["schemas"]["FuncdRuntime"];

export type Quota = Fgs["schemas"]["Resources"];

const of = (project_id: string) => ({ params: { path: { project_id } } });

export const doctor = (project: string) =>
  queryOptions({
    queryKey: ["doctor", project],
    queryFn: () => body(funcd.GET("/v2/{project_id}/funcd/doctor", of(project))),
  });

/** What the machine has changes by itself. */
export const nodes = (project: string) =>
  queryOptions({
    queryKey: ["nodes", project],
    queryFn: () => body(funcd.GET("/v2/{project_id}/funcd/nodes", of(project))),
    refetchInterval: 10_000,
  });

/** Looked at again while one is being installed, whoever asked for it. */
export const runtimes = (project: string) =>
  queryOptions({
    queryKey: ["runtimes", project],
    queryFn: () => body(funcd.GET("/v2/{project_id}/funcd/runtimes", of(project))),
    refetchInterval: (query) => (query.state.data?.runtimes.some((one) => one.installing) ? 1_000 : false),
  });

export const installRuntime = (project_id: string, runtime_id: string, from: string | undefined) =>
  call(
    "POST",
    "/v2/{project_id}/funcd/runtimes/{runtime_id}",
    { project_id, runtime_id },
    { body: from ? { from } : {} },
  );

export const quotas = (project: string) =>
  queryOptions({
    queryKey: ["quotas", project],
    queryFn: async () => {
      const answer = await body(functions.GET("/v2/{project_id}/fgs/quotas", of(project)));
      return answer.quotas?.resources ?? [];
    },
  });
