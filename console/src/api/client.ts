import createClient, { type Middleware } from "openapi-fetch";
import type { paths as ApigPaths } from "../generated/apig";
import type { paths as FuncdPaths } from "../generated/funcd";
import type { paths as FunctionPaths } from "../generated/functiongraph";
import type { paths as IamPaths } from "../generated/iam";
import { forgetSession, sessionKey } from "./session";

/** A refusal or failure of the API. */
export class ApiError extends Error {
  constructor(
    message: string,
    readonly status: number,
    readonly code: string,
    readonly requestId: string,
  ) {
    super(message);
  }
}

let ended = () => {};

/** Calls `then` when the API no longer knows the session. */
export function onSessionEnd(then: () => void) {
  ended = then;
}

const session: Middleware = {
  onRequest({ request }) {
    request.headers.set("x-funcd-session", sessionKey() ?? "");
    return request;
  },
  async onResponse({ response }) {
    if (response.ok) return response;
    throw await failed(response);
  },
  onError() {
    throw new ApiError("", 0, "", "");
  },
};

/** What a refusal says; one of the session itself ends it here, too. */
export async function failed(response: Response): Promise<ApiError> {
  const error = await failure(response);
  if (error.status === 401) {
    forgetSession();
    ended();
  }
  return error;
}

/** The API's words for a failure, whichever of its two shapes they have. */
async function failure(response: Response): Promise<ApiError> {
  const id = response.headers.get("x-request-id") ?? "";
  try {
    const body = await response.clone().json();
    const text = body.error_msg ?? body.error?.message ?? response.statusText;
    return new ApiError(text, response.status, body.error_code ?? "", id);
  } catch {
    return new ApiError(response.statusText, response.status, "", id);
  }
}

const make = <Paths extends object>() => {
  const client = createClient<Paths>({ baseUrl: window.location.origin });
  client.use(session);
  return client;
};

export const functions = make<FunctionPaths>();
export const apig = make<ApigPaths>();
export const iam = make<IamPaths>();
export const funcd = make<FuncdPaths>();

/** The body of an answer that has one; failures were thrown before. */
export async function body<T>(call: Promise<{ data?: T }>): Promise<NonNullable<T>> {
  const { data } = await call;
  if (data === undefined || data === null) throw new ApiError("the answer has no body", 502, "", "");
  return data as NonNullable<T>;
}
