import { expect, it } from "vitest";
import {
  isParameterName,
  isReservedHeader,
  type Mapping,
  notInPath,
  type Parameter,
  pathParameters,
  plain,
  renamed,
  withoutSource,
} from "./parameters";

const parameter = (name: string, location: Parameter["location"]): Parameter => ({ name, location, type: "STRING" });
const mapping = (name: string, value: string): Mapping => ({ name, value, origin: "REQUEST", location: "QUERY" });

it("names begin with a letter and have at most 32 characters", () => {
  expect(["a", "user-id", "a.b_c", "a".repeat(32)].every(isParameterName)).toBe(true);
  expect(["", "1a", "_a", "a b", "é", "a".repeat(33)].some(isParameterName)).toBe(false);
});

it("headers that the gateway writes are its own, also with underscores", () => {
  expect(
    ["Host", "x-real-ip", "X_Real_IP", "X-CFF-Memory", "x-forwarded-for", "X-Apig-Mode"].every(isReservedHeader),
  ).toBe(true);
  expect(["x-user", "accept", "xcff"].some(isReservedHeader)).toBe(false);
});

it("what stands in the path is in braces there", () => {
  expect(pathParameters("/users/{id}/photos/{photo}")).toEqual(["id", "photo"]);
  expect(notInPath([parameter("id", "PATH"), parameter("x", "QUERY"), parameter("no", "PATH")], "/a/{id}")).toEqual([
    "no",
  ]);
});

it("mappings follow a parameter's new name, and are told when it is gone", () => {
  const mappings = [mapping("user", "id"), { ...mapping("fixed", "id"), origin: "CONSTANT" as const }];
  expect(renamed(mappings, "id", "number").map(({ value }) => value)).toEqual(["number", "id"]);
  expect(withoutSource(mappings, [])).toEqual(["user"]);
  expect(withoutSource(mappings, [parameter("id", "PATH")])).toEqual([]);
});

it("a parameter says only what goes with its place and kind", () => {
  const given: Parameter = {
    ...parameter("id", "PATH"),
    required: 2,
    pass_through: 2,
    valid_enable: 1,
    min_num: 1,
    max_size: 5,
    default_value: "",
  };
  expect(plain(given)).toEqual({
    name: "id",
    location: "PATH",
    type: "STRING",
    required: 1,
    pass_through: 1,
    valid_enable: 1,
    max_size: 5,
  });
});
