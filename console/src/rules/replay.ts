import type { Header } from "../api/headers";
import type { Request } from "./event";

/** Headers that belong to the connection, or that funcd writes anew for each request. */
const NOT_SENT =
  /^(host|connection|content-length|transfer-encoding|keep-alive|te|trailer|upgrade|expect|forwarded|via|x-cff-.*|x-forwarded-.*|x-real-ip)$/i;

/** What of the headers that were kept can be sent again, and the names of those whose values were not kept whole. */
export function headersAgain(kept: readonly Header[]): { headers: Request["headers"]; missing: string[] } {
  const own = kept.filter(({ name }) => !NOT_SENT.test(name));
  return {
    headers: own.flatMap(({ name, value, cut }) => (value === undefined || cut ? [] : [{ name, value }])),
    missing: own.filter(({ value, cut }) => value === undefined || cut).map(({ name }) => name),
  };
}
