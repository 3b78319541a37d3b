import type { components } from "../generated/funcd";
import { lines } from "../rules/stream";
import { funcd } from "./client";

export type LogLine = components["schemas"]["FuncdLogLine"];
export type RequestRecord = components["schemas"]["FuncdRequest"];
/** In place of records that came faster than they could be sent. */
export interface Skipped {
  skipped: number;
}

/** funcd sends something every ten seconds. */
const SILENCE = 25_000;

export interface LogQuery {
  function?: string;
  text?: string;
  level?: string;
  stream?: string;
  instance?: string;
  version?: string;
  request_id?: string;
  field?: string;
  since?: string;
  until?: string;
}

export interface RequestQuery {
  function?: string;
  status?: string;
  slow_ms?: number;
  cold?: string;
  failed?: string;
  text?: string;
  since?: string;
}

type Asked<Query> = Query & { limit: number; follow?: "true" };
type Open = (signal: AbortSignal) => Promise<{ data?: unknown; response: Response }>;

export const openLog =
  (project_id: string, query: Asked<LogQuery>): Open =>
  (signal) =>
    funcd.GET("/v2/{project_id}/funcd/logs", {
      params: { path: { project_id }, query: query as never },
      parseAs: "stream",
      signal,
    });

export const openRequests =
  (project_id: string, query: Asked<RequestQuery>): Open =>
  (signal) =>
    funcd.GET("/v2/{project_id}/funcd/requests", {
      params: { path: { project_id }, query: query as never },
      parseAs: "stream",
      signal,
    });

/** Gives the objects of an answer as they come, and first whether a search could not look at everything; ends with the answer. */
export async function read<T>(open: Open, take: (objects: T[], cut: boolean) => void, signal: AbortSignal) {
  const silent = new AbortController();
  let watch = setTimeout(() => silent.abort(), SILENCE);
  try {
    const { data, response } = await open(AbortSignal.any([signal, silent.signal]));
    const cut = response.headers.get("x-funcd-search") === "cut";
    take([], cut);
    const reader = (data as ReadableStream<BufferSource>).pipeThrough(new TextDecoderStream()).getReader();
    let rest = "";
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      clearTimeout(watch);
      watch = setTimeout(() => silent.abort(), SILENCE);
      const found = lines(rest, value);
      rest = found.rest;
      if (found.whole.length > 0)
        take(
          found.whole.map((line) => JSON.parse(line) as T),
          cut,
        );
    }
  } finally {
    clearTimeout(watch);
  }
}

/** All objects of an answer that ends. */
export async function readAll<T>(open: Open, signal: AbortSignal): Promise<T[]> {
  const all: T[] = [];
  await read<T>(open, (some) => all.push(...some), signal);
  return all;
}
