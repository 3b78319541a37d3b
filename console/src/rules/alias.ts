import type { Alias, AliasChange, Rule } from "../api/versions";
import { shell } from "../shared/shell";

/** The server's rules for versions and aliases (`crates/model/src/limits.rs`, `crates/api/src/fgs/{versions,aliases}.rs`). */
export const RULES = 20;

/** Letters, digits, `_`, `-` and `.`; begins and ends with a letter or digit. */
export const isVersionName = (name: string) =>
  /^[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,40}[A-Za-z0-9])?$/.test(name) && name !== "latest";

/** Letters, digits, `-` and `_`; begins with a letter, ends with a letter or digit. */
export const isAliasName = (name: string) => /^[A-Za-z](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9])?$/.test(name);

/** The version that was published before the one an alias stands for, of a list with the newest first; none before the oldest. */
export function publishedBefore(version: string, newestFirst: readonly { version: string }[]): string | undefined {
  const at = newestFirst.findIndex((one) => one.version === version);
  return newestFirst[at + 1]?.version;
}

/** The name of a header or cookie. */
export const isParameter = (name: string) => /^[A-Za-z0-9_-]{1,1024}$/.test(name);

/** Which requests go to the other version. */
export type Share = "none" | "weight" | "rules";

/** An alias as the form has it. */
export interface AliasFields {
  name: string;
  version: string;
  description: string;
  share: Share;
  additional: string;
  weight: number;
  combine: "and" | "or";
  rules: Rule[];
}

const first = <T>(all: Record<string, T> | undefined) => Object.entries(all ?? {})[0];

export function aliasFields(alias: Alias | undefined, version: string): AliasFields {
  const weight = first(alias?.additional_version_weights);
  const strategy = first(alias?.additional_version_strategy);
  return {
    name: alias?.name ?? "",
    version: alias?.version ?? version,
    description: alias?.description ?? "",
    share: weight ? "weight" : strategy ? "rules" : "none",
    additional: weight?.[0] ?? strategy?.[0] ?? "",
    weight: weight?.[1] ?? 10,
    combine: strategy?.[1].combine_type ?? "and",
    rules: strategy?.[1].rules ?? [{ rule_type: "header", param: "", op: "=", value: "" }],
  };
}

/** What the API is to be told: an alias is changed as a whole. */
export function aliasChange(fields: AliasFields): AliasChange {
  const { version, description, share, additional, weight, combine, rules } = fields;
  const plain = { version, description };
  if (share === "weight") return { ...plain, additional_version_weights: { [additional]: weight } };
  if (share === "rules")
    return { ...plain, additional_version_strategy: { [additional]: { rules, combine_type: combine } } };
  return plain;
}

const option = (name: string, value: string) => ` --${name} ${shell(value)}`;

/** The command that does the same; none for rules that the command line cannot say. */
export function aliasCommand(target: string, fields: AliasFields): string | undefined {
  const { name, version, description, share, additional, weight, combine, rules } = fields;
  const start = `sudo funcd alias set ${shell(target)} ${shell(name || "prod")} ${shell(version)}`;
  const end = description ? option("description", description) : "";
  if (share === "none") return start + end;
  const second = option("additional", additional);
  if (share === "weight") return start + second + option("weight", String(weight)) + end;
  const sayable = ({ op, value }: Rule) => op === ((value ?? "").includes(",") ? "in" : "=");
  if (!rules.every(sayable)) return undefined;
  const said = rules.map((rule) => option(rule.rule_type ?? "header", `${rule.param}=${rule.value}`));
  return start + second + said.join("") + (combine === "or" ? " --any" : "") + end;
}
