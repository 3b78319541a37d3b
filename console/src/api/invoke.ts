import { fromBase64 } from "../shared/base64";
import { body, functions } from "./client";
import type { Place } from "./function";

export interface Answer {
  requestId: string;
  status: number;
  headers: [string, string][];
  body: Uint8Array;
  log: string;
  summary: { duration?: number; billingDuration?: number; memorySize?: number; memoryUsed?: number };
}

interface Envelope {
  statusCode: number;
  headers: Record<string, string[]>;
  body: string;
}

/** Calls the function through the API with an event, and answers with the end of its log. */
export async function invoke({ project, urn }: Place, event: unknown): Promise<Answer> {
  const call = functions.POST("/v2/{project_id}/fgs/functions/{function_urn}/invocations", {
    params: {
      path: { project_id: project, function_urn: urn },
      header: { "X-Cff-Log-Type": "tail", "X-CFF-Request-Version": "v1" },
    },
    body: event as never,
  });
  const { response } = await call;
  const wrapper = (await body(call)) as unknown as { request_id: string; result: string; log: string };
  const envelope = JSON.parse(wrapper.result) as Envelope;
  return {
    requestId: wrapper.request_id,
    status: envelope.statusCode,
    headers: Object.entries(envelope.headers).flatMap(([name, values]) =>
      values.map((value): [string, string] => [name, value]),
    ),
    body: fromBase64(envelope.body),
    log: wrapper.log,
    summary: JSON.parse(response.headers.get("x-cff-invoke-summary") ?? "{}"),
  };
}
