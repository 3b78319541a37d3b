import type { FunctionConfig } from "../api/function";
import { type Draft, read } from "./edits";
import { asText, content, type Entry, readZip } from "./zip";

/** One thing that is not the same on both sides; undefined where a side does not have it. */
export interface Difference {
  name: string;
  from: string | undefined;
  to: string | undefined;
}

/** What every version has of its own, and what is shown with the code. */
const OWN = new Set([
  "func_urn",
  "version",
  "version_description",
  "image_name",
  "last_modified",
  "digest",
  "code_size",
  "code_filename",
  "code_type",
  "code_url",
  "func_code",
  "strategy_config",
  "dependencies",
  "user_data",
  "encrypted_user_data",
]);

/** Settings one by one: objects and lists of variables are taken apart. */
function flat(config: FunctionConfig): Map<string, string> {
  const all = new Map<string, string>();
  const put = (name: string, value: unknown) => {
    if (value === undefined || value === null || value === "") return;
    if (typeof value === "object" && !Array.isArray(value)) {
      for (const [key, inside] of Object.entries(value)) put(`${name}.${key}`, inside);
    } else all.set(name, typeof value === "string" ? value : JSON.stringify(value));
  };
  for (const [name, value] of Object.entries(config)) if (!OWN.has(name)) put(name, value);
  put("strategy_config", config.strategy_config);
  for (const name of ["user_data", "encrypted_user_data"] as const) put(name, parsed(config[name]));
  for (const one of config.dependencies ?? []) put(`dependencies.${one.name}`, one.version ?? one.id);
  return all;
}

function parsed(text: string | undefined): unknown {
  if (!text) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** The settings that are not the same, by name. */
export function settings(from: FunctionConfig, to: FunctionConfig): Difference[] {
  const [before, after] = [flat(from), flat(to)];
  const names = [...new Set([...before.keys(), ...after.keys()])].sort();
  return names
    .map((name) => ({ name, from: before.get(name), to: after.get(name) }))
    .filter((one) => one.from !== one.to);
}

/** A file that is not the same on both sides. */
export interface FileDifference {
  name: string;
  from: Uint8Array | undefined;
  to: Uint8Array | undefined;
}

const isFile = (entry: Entry) => !entry.name.endsWith("/");
const equal = (a: Uint8Array, b: Uint8Array) => a.length === b.length && a.every((byte, at) => byte === b[at]);

/** The files of two packages that are not the same, by name. */
export function files(from: Uint8Array, to: Uint8Array): FileDifference[] {
  const [before, after] = [from, to].map(
    (zip) =>
      new Map(
        readZip(zip)
          .filter(isFile)
          .map((entry) => [entry.name, content(zip, entry)] as const),
      ),
  ) as [Map<string, Uint8Array>, Map<string, Uint8Array>];
  const names = [...new Set([...before.keys(), ...after.keys()])].sort();
  return names
    .map((name) => ({ name, from: before.get(name), to: after.get(name) }))
    .filter((one) => !(one.from && one.to && equal(one.from, one.to)));
}

/** The files of a draft that are not as they were deployed, by name. */
export function draftFiles(draft: Draft): FileDifference[] {
  const deployed = { ...draft, changed: new Map() };
  return [...draft.changed.keys()].sort().map((name) => ({ name, from: read(deployed, name), to: read(draft, name) }));
}

/** Both sides as text, where both are; a side that is not there is empty. */
export function texts({ from, to }: FileDifference): [string, string] | undefined {
  const [before, after] = [from, to].map((bytes) => (bytes ? asText(bytes) : ""));
  return before === undefined || after === undefined ? undefined : [before, after];
}
