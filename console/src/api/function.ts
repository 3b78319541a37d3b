import { queryOptions } from "@tanstack/react-query";
import type { components } from "../generated/functiongraph";
import { type Call, call } from "./call";
import { body, funcd, functions } from "./client";
import { ELIDED, inBase64 } from "./package";

type Schemas = components["schemas"];
type Shown = Schemas["ShowFunctionConfigResponse"];
/** What funcd always answers; the vendor's specification requires nothing of an answer. */
type Always = "func_name" | "func_urn" | "package" | "image_name" | "memory_size" | "timeout";
export type FunctionConfig = Shown & Required<Pick<Shown, Always>>;
/** What is not given stays as it is, though the vendor's specification requires some. */
export type ConfigChanges = Partial<Schemas["UpdateFunctionConfigRequestBody"]>;
/** funcd requires less than the vendor's specification, and takes the concurrency at once. */
export type NewFunction = Partial<Schemas["CreateFunctionRequestBody"]> & {
  strategy_config?: Partial<Schemas["StrategyConfig"]>;
};
export type Trigger = Schemas["ListFunctionTriggerResult"];
export type NewTrigger = Schemas["CreateFunctionTriggerRequestBody"];
export type Code = Schemas["ShowFunctionCodeResponse"];

/** Where a function is: the project, and its name as the API takes it, `app:name`. */
export interface Place {
  project: string;
  urn: string;
}

const at = ({ project, urn }: Place) => ({ params: { path: { project_id: project, function_urn: urn } } });

export const functionConfig = (place: Place) =>
  queryOptions({
    queryKey: ["function", place, "config"],
    queryFn: () =>
      body(functions.GET("/v2/{project_id}/fgs/functions/{function_urn}/config", at(place))) as Promise<FunctionConfig>,
  });

export const functionCode = (place: Place) =>
  queryOptions({
    queryKey: ["function", place, "code"],
    queryFn: () => body(functions.GET("/v2/{project_id}/fgs/functions/{function_urn}/code", at(place))),
  });

export const functionTriggers = (place: Place) =>
  queryOptions({
    queryKey: ["function", place, "triggers"],
    queryFn: () => body(functions.GET("/v2/{project_id}/fgs/triggers/{function_urn}", at(place))),
  });

const FUNCTION = "/v2/{project_id}/fgs/functions/{function_urn}";
const TRIGGERS = "/v2/{project_id}/fgs/triggers/{function_urn}";
const named = ({ project, urn }: Place) => ({ project_id: project, function_urn: urn });

export const createFunction = (project: string, wanted: NewFunction) =>
  call("POST", "/v2/{project_id}/fgs/functions", { project_id: project }, { body: wanted }) as Call<FunctionConfig>;

export const updateConfig = (place: Place, changes: ConfigChanges) =>
  call("PUT", `${FUNCTION}/config`, named(place), { body: changes });

/** Without a package yet, the request as it will be. */
export const deployCode = (place: Place, content: Blob | undefined, name: string) =>
  call("PUT", `${FUNCTION}/code`, named(place), {
    body: { code_type: "zip", code_filename: name, func_code: { file: content ? inBase64(content) : ELIDED } },
  });

/** The vendor's default where a function that was disabled is enabled again. */
const INSTANCES = 400;

/** Whether there may be instances of it. */
export const enableFunction = (place: Place, enabled: boolean) =>
  call("PUT", `${FUNCTION}/config-max-instance`, named(place), {
    body: { max_instance_num: enabled ? INSTANCES : 0 },
  });

export const createTrigger = (place: Place, wanted: NewTrigger) =>
  call("POST", TRIGGERS, named(place), { body: wanted });

export const deleteTrigger = (place: Place, { trigger_type_code, trigger_id }: Trigger) =>
  call("DELETE", `${TRIGGERS}/{trigger_type_code}/{trigger_id}`, { ...named(place), trigger_type_code, trigger_id });

/** The package as it was deployed, by the link of an answer; only its path counts, as this page may know funcd by another name. */
export async function download(code: Code): Promise<Uint8Array> {
  const link = code.func_code?.link;
  if (!link) throw new Error("the answer has no link to the package");
  const { pathname, search } = new URL(link, window.location.origin);
  const answer = await fetch(pathname + search);
  if (!answer.ok) throw new Error(`HTTP ${answer.status}`);
  return new Uint8Array(await answer.arrayBuffer());
}

/** The record of one request, once it is written. */
export const requestRecord = ({ project, urn }: Place, request_id: string) =>
  queryOptions({
    queryKey: ["request", project, request_id],
    queryFn: async () => {
      const path = { project_id: project, function_urn: urn };
      const found = await body(
        funcd.GET("/v2/{project_id}/funcd/functions/{function_urn}/requests", {
          params: { path, query: { request_id } },
        }),
      );
      return found.requests[0] ?? null;
    },
  });
