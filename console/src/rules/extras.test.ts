import { expect, test } from "vitest";
import { cronOf, isCron, isDependencyName, isTagKey, isTagValue, policyOf, seconds } from "./extras";

test("tags follow the server's rules", () => {
  expect(["team", "a b", "成本", "a:b=c"].every(isTagKey)).toBe(true);
  expect(["", " a", "a ", "_sys_x", "a/b", "x".repeat(129)].some(isTagKey)).toBe(false);
  expect(["", "a/b", "x".repeat(255)].every(isTagValue)).toBe(true);
  expect(["a*b", "x".repeat(256)].some(isTagValue)).toBe(false);
});

test("dependencies' names follow the server's rules", () => {
  expect(["web", "a.b_c-1"].every(isDependencyName)).toBe(true);
  expect(["", "1a", "a-", "a b", "x".repeat(97)].some(isDependencyName)).toBe(false);
});

test("a policy that is saved unchanged stays as it is", () => {
  const cron = { name: "day", cron: "0 0 9 * * 1-5", count: 3, start_time: 1_767_225_600, expired_time: 1_798_761_600 };
  expect(policyOf(cron).from).toBe("2026-01-01T00:00");
  expect(cronOf(policyOf(cron))).toEqual(cron);
});

test("what is no time or no cron is told", () => {
  expect(seconds("2026-13-01T00:00")).toBe(-1);
  expect(seconds("tomorrow")).toBe(-1);
  expect([isCron("0 0 9 * * 1-5"), isCron("* * * *"), isCron("")]).toEqual([true, false, false]);
});
