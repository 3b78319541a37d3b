import { queryOptions } from "@tanstack/react-query";
import type { components } from "../generated/apig";
import { apig, body, funcd } from "./client";

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
