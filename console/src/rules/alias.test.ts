import { expect, it, test } from "vitest";
import type { Alias } from "../api/versions";
import { aliasChange, aliasCommand, aliasFields, isAliasName, isVersionName, publishedBefore } from "./alias";

const alias = (more: Partial<Alias>) =>
  ({ name: "prod", version: "v1", description: "", last_modified: "", alias_urn: "", ...more }) as Alias;

test.each([
  [{}, { version: "v1", description: "" }, "sudo funcd alias set web prod v1"],
  [
    { additional_version_weights: { v2: 20 } },
    { version: "v1", description: "", additional_version_weights: { v2: 20 } },
    "sudo funcd alias set web prod v1 --additional v2 --weight 20",
  ],
])("an alias that is saved unchanged stays as it is: %o", (given, body, command) => {
  const fields = aliasFields(alias(given), "latest");
  expect(aliasChange(fields)).toEqual(body);
  expect(aliasCommand("web", fields)).toBe(command);
});

test("rules are kept, and said to the command line where it can say them", () => {
  const rules = [
    { rule_type: "header" as const, param: "X-Beta", op: "=" as const, value: "yes" },
    { rule_type: "cookie" as const, param: "tier", op: "in" as const, value: "gold,silver" },
  ];
  const fields = aliasFields(alias({ additional_version_strategy: { v2: { combine_type: "or", rules } } }), "latest");
  expect(aliasChange(fields).additional_version_strategy).toEqual({ v2: { combine_type: "or", rules } });
  expect(aliasCommand("web", fields)).toBe(
    "sudo funcd alias set web prod v1 --additional v2 --header X-Beta=yes --cookie tier=gold,silver --any",
  );
  const strange = { ...fields, rules: [{ ...rules[0], value: "a,b" }] };
  expect(aliasCommand("web", strange)).toBeUndefined();
});

test("names follow the server's rules", () => {
  expect(["v1", "1.2.3", "a", "1_0-b"].every(isVersionName)).toBe(true);
  expect(["latest", "", "-a", "a.", "a b", "x".repeat(43)].some(isVersionName)).toBe(false);
  expect(["prod", "a-b_c"].every(isAliasName)).toBe(true);
  expect(["1a", "a-", "", "a.b", "x".repeat(64)].some(isAliasName)).toBe(false);
});

it("goes back to the version published before, and from the oldest one nowhere", () => {
  const all = ["v3", "v2", "v1"].map((version) => ({ version }));
  expect(["v3", "v2", "v1"].map((version) => publishedBefore(version, all))).toEqual(["v2", "v1", undefined]);
  // What is deployed now is newer than each of them.
  expect(publishedBefore("latest", all)).toBe("v3");
  expect(publishedBefore("v1", [{ version: "v1" }])).toBeUndefined();
});
