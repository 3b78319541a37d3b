/** The server's rules for a function (`crates/model/src/limits.rs`, `crates/api/src/fgs/check.rs`), to be told while somebody types. */
export const MEMORY_MB = [
  128, 256, 512, 768, 1024, 1280, 1536, 1792, 2048, 2560, 3072, 3584, 4096, 8192, 10240,
] as const;
export const TIMEOUT = { least: 3, most: 259_200 } as const;
export const CONCURRENT_NUM = { least: 1, most: 1000 } as const;
export const INSTANCES = { least: -1, most: 1000 } as const;
export const INITIALIZER = { least: 1, most: 300 } as const;
export const PRE_STOP = { least: 1, most: 90 } as const;
export const BACKEND_MS = { least: 1, most: 60_000 } as const;
export const STORAGE_MB = [512, 10_240] as const;
export const DESCRIPTION_CHARS = 512;
export const HANDLER_CHARS = 128;
/** Of agencies, projects, log groups and streams. */
export const LABEL_CHARS = 256;
export const LOG_TAGS = 10;
export const NAME_CHARS = 60;
export const VARIABLES = 20;
export const VARIABLES_CHARS = 4096;

/** Letters, digits, `-` and `_`; begins with a letter, ends with a letter or digit. */
export const isName = (name: string) => /^[A-Za-z](?:[A-Za-z0-9_-]{0,58}[A-Za-z0-9])?$/.test(name);

/** A name made from that of a file. */
export function nameFrom(file: string): string {
  const stem = file.replace(/\.zip$/i, "").replace(/[^A-Za-z0-9_-]+/g, "-");
  const name = stem
    .replace(/^[^A-Za-z]+/, "")
    .slice(0, NAME_CHARS)
    .replace(/[^A-Za-z0-9]+$/, "");
  return name;
}

/** RFC 3986 section 3.3, without what a gateway and a function could read differently. */
export function isPath(path: string): boolean {
  const legal = /^\/(?:[A-Za-z0-9\-._~!$&'()*+,;=:@/]|%[0-9A-Fa-f]{2})*$/.test(path);
  return (
    legal &&
    path.length <= 512 &&
    !path.includes("//") &&
    !path.split("/").some((part) => part === "." || part === "..")
  );
}

/** Names of variables: letters, digits and `_`, beginning with a letter. */
export const isVariable = (name: string) => /^[A-Za-z][A-Za-z0-9_]*$/.test(name);

/** Names and values of a log's tags. */
export const isLogTag = (text: string) => /^[A-Za-z0-9_-]{1,64}$/.test(text);
