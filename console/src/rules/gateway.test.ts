import { expect, test } from "vitest";
import { isAppCode, isAppKey, isAppName, isAppSecret, isDomain, isEnvironmentName, isVariableName } from "./gateway";

function check(rule: (text: string) => boolean, good: string[], bad: string[]) {
  expect(good.filter((text) => !rule(text))).toEqual([]);
  expect(bad.filter(rule)).toEqual([]);
}

test("names of apps begin with a letter of any script", () =>
  check(isAppName, ["abc", "商店一", "a_1"], ["ab", "1abc", "_ab", "a-b-c", "a".repeat(65)]));

test("keys, secrets and codes of one's own may be left out", () => {
  check(isAppKey, ["", "abcdefgh", "A-_23456"], ["short", "-abcdefgh", "abc defgh", "a".repeat(201)]);
  check(isAppSecret, ["", "a!@#$%_-"], ["short", "!abcdefgh", "a".repeat(129)]);
  check(isAppCode, ["", "+".repeat(64), "a".repeat(180)], ["a".repeat(63), "-".repeat(64), "a".repeat(181)]);
});

test("a domain has two labels and is no address", () =>
  check(
    isDomain,
    ["a.example", "*.a.example", "xn--fiq.example", "API.example.com"],
    ["example", "*.example", "192.0.2.1", "a..b", "-a.example", "a-.example", "*.*.a", "a b.c", `${"a".repeat(64)}.b`],
  ));

test("names of environments and variables are plain", () => {
  check(isEnvironmentName, ["dev", "Stage_2"], ["de", "1dev", "开发环境", "a-b-c"]);
  check(isVariableName, ["host", "a-b_c"], ["ho", "1host", "a".repeat(33)]);
});
