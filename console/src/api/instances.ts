import { queryOptions } from "@tanstack/react-query";
import type { components } from "../generated/funcd";
import { body, funcd } from "./client";
import type { Place } from "./function";

export type Instance = components["schemas"]["FuncdInstance"];
export type EndedInstance = components["schemas"]["FuncdEndedInstance"];

/** The instances of every version of a function, and those that ended lately. */
export const instanceList = ({ project, urn }: Place) =>
  queryOptions({
    queryKey: ["instances", project, urn],
    queryFn: () => {
      const path = { project_id: project, function_urn: urn };
      return body(funcd.GET("/v2/{project_id}/funcd/functions/{function_urn}/instances", { params: { path } }));
    },
  });
