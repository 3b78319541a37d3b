/** The server's rules for what is beside the APIs, as they are said in `crates/api/src/apig`. */

const length = (text: string, least: number, most: number) => {
  const count = [...text].length;
  return count >= least && count <= most;
};

/** 3 to 64 letters, digits and _ that begin with a letter; letters of any script. */
export const isAppName = (name: string) => length(name, 3, 64) && /^\p{Alphabetic}[\p{Alphabetic}\p{N}_]*$/u.test(name);

/** Nothing, or a key of one's own. */
export const isAppKey = (key: string) => key === "" || /^[A-Za-z0-9][\w-]{7,199}$/.test(key);

/** Nothing, or a secret of one's own. */
export const isAppSecret = (secret: string) => secret === "" || /^[A-Za-z0-9][\w\-!@#$%]{7,127}$/.test(secret);

/** Nothing, or a code of one's own. */
export const isAppCode = (code: string) => code === "" || /^[A-Za-z0-9+/][\w+!@#$%\-/=]{63,179}$/.test(code);

/** Lines that say something. */
export const lines = (text: string | undefined) =>
  (text ?? "")
    .split(/[\n,]/)
    .map((line) => line.trim())
    .filter(Boolean);
