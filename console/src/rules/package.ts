import { type Entry, head, readZip, ZipError } from "./zip";

/** The rules of `crates/store/src/package` that people run into, so that they are told before a package is sent. The server checks all of
 * them again, and more. */
export const PACKAGE_BYTES = 50 * 1024 * 1024;
const UNPACKED_BYTES = 1536 * 1024 * 1024;
const ENTRIES = 30_000;
const LISTED = 10;
const HEAD_BYTES = 64 * 1024;
const BOOTSTRAP = "bootstrap";

/** What is wrong, for `texts` to say. */
export type Problem =
  | {
      what: "notZip" | "damaged" | "zip64" | "bootstrapEmpty" | "bom" | "utf16" | "windows" | "macos" | "crlf" | "link";
    }
  | { what: "tooLarge" | "unpackedTooLarge" | "tooMany"; count: number }
  | { what: "encrypted" | "method" | "backslash" | "absolute" | "goesUp"; name: string }
  | { what: "nested" | "misnamed" | "deep" | "folder"; name: string }
  | { what: "missing"; found: string };

/** What a package is, seen from outside. */
export interface Look {
  problems: Problem[];
  files: number;
  unpacked: number;
  /** The start command, where `bootstrap` is a short text. */
  start: string | undefined;
}

export function inspect(zip: Uint8Array): Look {
  const look: Look = { problems: [], files: 0, unpacked: 0, start: undefined };
  if (zip.length > PACKAGE_BYTES) look.problems.push({ what: "tooLarge", count: zip.length });
  let entries: Entry[];
  try {
    entries = readZip(zip);
  } catch (error) {
    const reason = error instanceof ZipError ? error.message : "";
    look.problems.push({ what: reason === "zip64" ? "zip64" : reason === "damaged" ? "damaged" : "notZip" });
    return look;
  }
  look.files = entries.filter((entry) => !entry.name.endsWith("/")).length;
  look.unpacked = entries.reduce((sum, entry) => sum + entry.size, 0);
  if (entries.length > ENTRIES) look.problems.push({ what: "tooMany", count: entries.length });
  if (look.unpacked > UNPACKED_BYTES) look.problems.push({ what: "unpackedTooLarge", count: look.unpacked });
  look.problems.push(...entries.flatMap(unusualEntry).slice(0, LISTED));
  look.problems.push(...lookAtBootstrap(zip, entries, look));
  return look;
}

function unusualEntry(entry: Entry): Problem[] {
  const { name } = entry;
  if (entry.encrypted) return [{ what: "encrypted", name }];
  if (entry.method !== 0 && entry.method !== 8) return [{ what: "method", name }];
  if (name.includes("\\")) return [{ what: "backslash", name }];
  if (name.startsWith("/") || /^[a-z]:/i.test(name)) return [{ what: "absolute", name }];
  if (name.split("/").includes("..")) return [{ what: "goesUp", name }];
  return [];
}

function lookAtBootstrap(zip: Uint8Array, entries: Entry[], look: Look): Problem[] {
  const plain = (entry: Entry) => entry.name.replace(/^(\.\/)+/, "");
  const entry = entries.find((one) => plain(one) === BOOTSTRAP);
  const inside = entries.some((one) => plain(one).startsWith(`${BOOTSTRAP}/`));
  if (!entry) return [inside ? { what: "folder", name: `${BOOTSTRAP}/` } : missing(entries.map(plain))];
  if (entry.mode !== undefined && (entry.mode & 0o170000) === 0o120000) return [{ what: "link" }];
  try {
    const bytes = head(zip, entry, HEAD_BYTES);
    const problem = unusable(bytes);
    if (!problem) look.start = startCommand(bytes);
    return problem ? [problem] : [];
  } catch {
    // Encrypted or compressed by another method: said already. Anything else is damage.
    return entry.encrypted || (entry.method !== 0 && entry.method !== 8) ? [] : [{ what: "damaged" }];
  }
}

const starts = (bytes: Uint8Array, ...with_: number[]) => with_.every((byte, at) => bytes[at] === byte);

function unusable(bytes: Uint8Array): Problem | undefined {
  if (new TextDecoder("latin1").decode(bytes).trim() === "") return { what: "bootstrapEmpty" };
  if (starts(bytes, 0xef, 0xbb, 0xbf)) return { what: "bom" };
  if (starts(bytes, 0xff, 0xfe) || starts(bytes, 0xfe, 0xff)) return { what: "utf16" };
  if (starts(bytes, 0x4d, 0x5a)) return { what: "windows" };
  if (isMacProgram(bytes)) return { what: "macos" };
  if (starts(bytes, 0x7f, 0x45, 0x4c, 0x46)) return undefined;
  const returns = bytes.some((byte, at) => byte === 13 && (bytes[at + 1] === 10 || at === bytes.length - 1));
  return returns ? { what: "crlf" } : undefined;
}

const isMacProgram = (bytes: Uint8Array) =>
  starts(bytes, 0xcf, 0xfa, 0xed, 0xfe) ||
  starts(bytes, 0xce, 0xfa, 0xed, 0xfe) ||
  starts(bytes, 0xca, 0xfe, 0xba, 0xbe);

function startCommand(bytes: Uint8Array): string | undefined {
  if (starts(bytes, 0x7f, 0x45, 0x4c, 0x46) || bytes.length > 2_000) return undefined;
  const text = new TextDecoder().decode(bytes);
  return text.includes("\u0000") ? undefined : text.trim();
}

/** What there is in place of a `bootstrap` at the root. */
function missing(names: string[]): Problem {
  const top = [...new Set(names.map((name) => name.split("/")[0] ?? ""))].filter((name) => name && name !== "__MACOSX");
  const nested = top.find((folder) => names.includes(`${folder}/${BOOTSTRAP}`));
  if (nested) return { what: "nested", name: `${nested}/${BOOTSTRAP}` };
  const alike = top.find((name) => names.includes(name) && /^bootstrap($|[._\- ])/i.test(name.trim()));
  if (alike) return { what: "misnamed", name: alike };
  const deep = names.find((name) => name.endsWith(`/${BOOTSTRAP}`));
  if (deep) return { what: "deep", name: deep };
  const shown = top.slice(0, LISTED).map((name) => (names.includes(name) ? name : `${name}/`));
  return { what: "missing", found: shown.join(", ") };
}
