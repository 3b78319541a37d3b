import { queryOptions } from "@tanstack/react-query";
import type { components } from "../generated/funcd";
import { body, funcd } from "./client";

export type History = components["schemas"]["FuncdHistory"];
export type HistoryPoint = components["schemas"]["FuncdHistoryPoint"];
export type Usage = components["schemas"]["FuncdUsage"];

/** A span of time: so many seconds up to a moment (milliseconds since 1970), or up to now. */
export interface Span {
  seconds: number;
  until?: number;
}

const times = ({ seconds, until }: Span) => {
  const end = until ?? Date.now();
  const since = new Date(end - seconds * 1000).toISOString();
  return until === undefined ? { since } : { since, until: new Date(end).toISOString() };
};

/** What requests came to, of a function or of the project. What lies in the past stays as it is. */
export const history = (project_id: string, fn: string | undefined, span: Span) =>
  queryOptions({
    queryKey: ["history", project_id, fn, span],
    queryFn: () =>
      body(
        funcd.GET("/v2/{project_id}/funcd/history", {
          params: { path: { project_id }, query: { ...(fn && { function: fn }), ...times(span) } },
        }),
      ),
    // A point is a minute at least.
    refetchInterval: span.until === undefined && 15_000,
    placeholderData: (before) => before,
  });

export const usage = (project_id: string, span: Span) =>
  queryOptions({
    queryKey: ["usage", project_id, span],
    queryFn: () =>
      body(funcd.GET("/v2/{project_id}/funcd/usage", { params: { path: { project_id }, query: times(span) } })),
  });
