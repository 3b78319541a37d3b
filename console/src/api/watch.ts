import { queryOptions } from "@tanstack/react-query";
import type { components } from "../generated/funcd";
import { body, funcd } from "./client";
import type { Place } from "./function";
import { sessionKey } from "./session";

export type RequestRecord = components["schemas"]["FuncdRequest"];
export type LogLine = components["schemas"]["FuncdLogLine"];

/** The newest finished requests of a function, newest first. */
export const requestList = ({ project, urn }: Place, limit: number) =>
  queryOptions({
    queryKey: ["requests", project, urn, limit],
    queryFn: async () => {
      const path = { project_id: project, function_urn: urn };
      const found = await body(
        funcd.GET("/v2/{project_id}/funcd/functions/{function_urn}/requests", { params: { path, query: { limit } } }),
      );
      return found.requests.toReversed();
    },
  });

/** Lines of a function's log: the newest kept ones, then new ones as they come, until `signal`. */
export async function followLog(
  { project, urn }: Place,
  limit: number,
  take: (lines: LogLine[]) => void,
  signal: AbortSignal,
) {
  const path = `/v2/${project}/funcd/functions/${encodeURIComponent(urn)}/logs?follow=true&limit=${limit}`;
  const answer = await fetch(path, { headers: { "x-funcd-session": sessionKey() ?? "" }, signal });
  if (!answer.ok || !answer.body) throw new Error(`HTTP ${answer.status}`);
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    const pieces = (rest + value).split("\n");
    rest = pieces.pop() ?? "";
    // An empty line says that the connection lives.
    const lines = pieces.filter(Boolean).map((piece) => JSON.parse(piece) as LogLine);
    if (lines.length > 0) take(lines);
  }
}
