/** The server's rules for what is beside the APIs, as they are said in `crates/api/src/apig`. */

const length = (text: string, least: number, most: number) => {
  const count = [...text].length;
  return count >= least && count <= most;
};

const NAME = /^\p{Alphabetic}[\p{Alphabetic}\p{N}_]*$/u;

/** Of an app or a policy: 3 to 64 letters, digits and _ that begin with a letter; letters of any script. */
export const isAppName = (name: string) => length(name, 3, 64) && NAME.test(name);

/** Of a plug-in. */
export const isPluginName = (name: string) => length(name, 3, 255) && NAME.test(name);

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

/** Of an environment: letters and digits of ASCII. */
export const isEnvironmentName = (name: string) => /^[A-Za-z]\w{2,63}$/.test(name);

/** Of a variable of a group. */
export const isVariableName = (name: string) => /^[A-Za-z][\w-]{2,31}$/.test(name);

/** A host name of at least two labels, maybe with a wildcard for its first; no address. */
export const isDomain = (name: string) => {
  const labels = name.toLowerCase().replace(/^\*\./, "").split(".");
  const fits = labels.length > 1 && labels.every((label) => /^(?!-)[a-z0-9-]{1,63}(?<!-)$/.test(label));
  return fits && name.length <= 253 && !/^\d+$/.test(labels.at(-1) ?? "");
};

/** Of a certificate. */
export const isCertificateName = (name: string) =>
  length(name, 4, 50) && /^\p{Alphabetic}[\p{Alphabetic}\p{N}_-]*$/u.test(name);

/** Responses of a group. */
export const isResponsesName = (name: string) => /^[\w-]{1,64}$/.test(name);
