import { queryOptions } from "@tanstack/react-query";
import type { components } from "../generated/apig";
import { call } from "./call";
import { apig, body, funcd } from "./client";
import type { Scope } from "./gateway";

type Schemas = components["schemas"];
export type Group = Schemas["ApiGroupInfo"];

const PAGE = 500;

const gateways = new Map<string, Promise<string>>();

/** The id of the one gateway, which every path of the vendor's names. It never changes. */
export function gatewayId(project: string): Promise<string> {
  const known = gateways.get(project);
  if (known) return known;
  const asked = body(apig.GET("/v2/{project_id}/apigw/instances", { params: { path: { project_id: project } } })).then(
    (found) => found.instances?.[0]?.id ?? "",
  );
  gateways.set(project, asked);
  asked.catch(() => gateways.delete(project));
  return asked;
}

/** What the gateway is: its addresses and the group that answers at the bare one. */
export const gatewayInfo = (project: string) =>
  queryOptions({
    queryKey: ["info", project],
    queryFn: () => body(funcd.GET("/v2/{project_id}/funcd/info", { params: { path: { project_id: project } } })),
    staleTime: 60_000,
  });

export const groupList = (project: string) =>
  queryOptions({
    queryKey: ["groups", project],
    queryFn: async () => {
      const path = { project_id: project, instance_id: await gatewayId(project) };
      const found = await body(
        apig.GET("/v2/{project_id}/apigw/instances/{instance_id}/api-groups", {
          params: { path, query: { limit: PAGE } },
        }),
      );
      return found.groups ?? [];
    },
  });

export type Api = Schemas["ShowDetailsOfApiV2Response"];
export type ListedApi = Schemas["ApiInfoPerPage"];
export type Definition = Schemas["ApiCreate"];
export type Version = NonNullable<Schemas["ListApiVersionsV2Response"]["api_versions"]>[number];

export const apiList = (project: string) =>
  queryOptions({
    queryKey: ["apis", project],
    queryFn: async () => {
      const path = { project_id: project, instance_id: await gatewayId(project) };
      const found = await body(
        apig.GET("/v2/{project_id}/apigw/instances/{instance_id}/apis", { params: { path, query: { limit: PAGE } } }),
      );
      return found.apis ?? [];
    },
  });

const of = async (project: string, api_id: string) => ({
  params: { path: { project_id: project, instance_id: await gatewayId(project), api_id } },
});

export const oneApi = (project: string, id: string) =>
  queryOptions({
    queryKey: ["api", project, id],
    queryFn: async () =>
      body(apig.GET("/v2/{project_id}/apigw/instances/{instance_id}/apis/{api_id}", await of(project, id))),
  });

export const apiVersions = (project: string, id: string) =>
  queryOptions({
    queryKey: ["api", project, id, "versions"],
    queryFn: async () => {
      const found = await body(
        apig.GET("/v2/{project_id}/apigw/instances/{instance_id}/apis/publish/{api_id}", await of(project, id)),
      );
      return found.api_versions ?? [];
    },
  });

export const environmentList = (project: string) =>
  queryOptions({
    queryKey: ["environments", project],
    queryFn: async () => {
      const path = { project_id: project, instance_id: await gatewayId(project) };
      const found = await body(
        apig.GET("/v2/{project_id}/apigw/instances/{instance_id}/envs", { params: { path, query: { limit: PAGE } } }),
      );
      return found.envs ?? [];
    },
  });

const APIS = "/v2/{project_id}/apigw/instances/{instance_id}/apis";

export interface Publishing {
  action: "online" | "offline";
  api_id: string;
  env_id: string;
  remark?: string;
}

/** What changes APIs: as calls, which are sent, and shown to be copied. */
export const apis = {
  create: (scope: Scope, body: Definition) => call("POST", APIS, scope, { body }),
  update: (scope: Scope, api_id: string, body: Definition) =>
    call("PUT", `${APIS}/{api_id}`, { ...scope, api_id }, { body }),
  remove: (scope: Scope, api_id: string) => call("DELETE", `${APIS}/{api_id}`, { ...scope, api_id }),
  /** Published, or taken offline, in one environment. */
  publish: (scope: Scope, body: Publishing) => call("POST", `${APIS}/action`, scope, { body }),
  switch: (scope: Scope, api_id: string, version_id: string) =>
    call("PUT", `${APIS}/publish/{api_id}`, { ...scope, api_id }, { body: { version_id } }),
};
