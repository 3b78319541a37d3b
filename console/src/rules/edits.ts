import { archive, type Part, partOf } from "./archive";
import { content, type Entry, packedBytes, readZip, ZipError } from "./zip";

/** A package with changes that are not deployed yet: the new content of a file, or null for one that is removed. */
export interface Draft {
  zip: Uint8Array;
  entries: Entry[];
  changed: ReadonlyMap<string, Uint8Array | null>;
}

export const open = (zip: Uint8Array): Draft => ({ zip, entries: readZip(zip), changed: new Map() });

const isFolder = (name: string) => name.endsWith("/");

/** Every file there would be, by path. */
export function files(draft: Draft): string[] {
  const names = new Set(draft.entries.map((entry) => entry.name).filter((name) => !isFolder(name)));
  for (const [name, bytes] of draft.changed) {
    if (bytes === null) names.delete(name);
    else names.add(name);
  }
  return [...names].sort((a, b) => a.localeCompare(b));
}

/** A file as it would be; undefined for one that is not there. */
export function read(draft: Draft, name: string): Uint8Array | undefined {
  const changed = draft.changed.get(name);
  if (changed !== undefined) return changed ?? undefined;
  const entry = draft.entries.find((one) => one.name === name);
  return entry && content(draft.zip, entry);
}

/** With other content of a file; the same content as deployed is no change. */
export function write(draft: Draft, name: string, bytes: Uint8Array | null): Draft {
  const changed = new Map(draft.changed);
  const entry = draft.entries.find((one) => one.name === name);
  const same = bytes === null ? !entry : entry && equal(content(draft.zip, entry), bytes);
  if (same) changed.delete(name);
  else changed.set(name, bytes);
  return { ...draft, changed };
}

/** The changes over another package: those that it has are none any more. */
export const rebase = ({ changed }: Draft, onto: Draft): Draft =>
  [...changed].reduce((draft, [name, bytes]) => write(draft, name, bytes), onto);

/** Without a call for each byte: packages have millions. */
export function equal(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let at = 0; at < a.length; at += 1) if (a[at] !== b[at]) return false;
  return true;
}

/** A path that a file may have in a package. */
export function isFilePath(path: string): boolean {
  const parts = path.split("/");
  return (
    path.length <= 1000 && !/[\\\0]/.test(path) && parts.every((part) => part !== "" && part !== "." && part !== "..")
  );
}

/** What a file that comes new gets: it may be started if it starts itself. */
const modeOf = (name: string, bytes: Uint8Array) =>
  name === "bootstrap" || (bytes[0] === 0x23 && bytes[1] === 0x21) ? 0o100755 : 0o100644;

/** The package with its changes: files keep their modes, links stay links, empty folders stay. */
export function pack({ zip, entries, changed }: Draft): Uint8Array<ArrayBuffer> {
  const parts: Part[] = [];
  for (const entry of entries) {
    const bytes = changed.get(entry.name);
    if (bytes === null) continue;
    if (entry.encrypted) throw new ZipError("encrypted");
    const { name, mode } = entry;
    parts.push(bytes ? partOf(name, bytes, mode) : { ...entry, packed: packedBytes(zip, entry) });
  }
  const known = new Set(entries.map((entry) => entry.name));
  for (const [name, bytes] of changed) {
    if (bytes !== null && !known.has(name)) parts.push(partOf(name, bytes, modeOf(name, bytes)));
  }
  return archive(parts);
}
