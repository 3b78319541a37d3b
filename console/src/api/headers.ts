import { queryOptions } from "@tanstack/react-query";
import type { components } from "../generated/funcd";
import { type Call, call } from "./call";
import { body, funcd } from "./client";
import type { Place } from "./function";

type Schemas = components["schemas"];
export type Capture = Schemas["FuncdCapture"];
export type RequestHeaders = Schemas["FuncdRequestHeaders"];
export type Header = Schemas["FuncdHeader"];

const CAPTURE = "/v2/{project_id}/funcd/functions/{function_urn}/header-capture";
const named = ({ project, urn }: Place) => ({ project_id: project, function_urn: urn });

/** It ends by itself, which nothing tells. */
const AGAIN = 15_000;

/** Whether headers of a function's requests are kept. */
export const capture = (place: Place) =>
  queryOptions({
    queryKey: ["headers", place, "capture"],
    queryFn: () => body(funcd.GET(CAPTURE, { params: { path: named(place) } })),
    refetchInterval: AGAIN,
  });

/** The functions of the project whose headers are kept. */
export const captures = (project: string) =>
  queryOptions({
    queryKey: ["headers", project, "captures"],
    queryFn: async () => {
      const path = { project_id: project };
      return (await body(funcd.GET("/v2/{project_id}/funcd/header-captures", { params: { path } }))).captures;
    },
    refetchInterval: AGAIN,
  });

/** What was kept of a request. */
export const requestHeaders = (place: Place, request_id: string) =>
  queryOptions({
    queryKey: ["headers", place, "of", request_id],
    queryFn: () =>
      body(
        funcd.GET("/v2/{project_id}/funcd/functions/{function_urn}/requests/{request_id}/headers", {
          params: { path: { ...named(place), request_id } },
        }),
      ),
  });

export const startCapture = (place: Place, wanted: Schemas["FuncdStartCapture"]) =>
  call("PUT", CAPTURE, named(place), { body: wanted }) as Call<Capture>;

export const stopCapture = (place: Place) => call("DELETE", CAPTURE, named(place));
