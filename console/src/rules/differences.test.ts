import { strToU8, zipSync } from "fflate";
import { expect, test } from "vitest";
import type { FunctionConfig } from "../api/function";
import { draftFiles, files, settings, texts } from "./differences";
import { open, write } from "./edits";

const config = (more: Record<string, unknown>) => ({ func_name: "f", memory_size: 128, ...more }) as FunctionConfig;
const zip = (all: Record<string, string>) =>
  zipSync(Object.fromEntries(Object.entries(all).map(([name, text]) => [name, strToU8(text)])));
const names = (all: { name: string }[]) => all.map((one) => one.name);

test("what every version has of its own is no difference", () => {
  const from = config({ func_urn: "f:v1", version: "v1", digest: "1", last_modified: "1" });
  expect(settings(from, config({ func_urn: "f:v2", version: "v2", digest: "2", last_modified: "2" }))).toEqual([]);
});

test("settings are told one by one, variables by their names", () => {
  const from = config({ user_data: '{"A":"1","B":"2"}', strategy_config: { concurrency: -1, concurrent_num: 1 } });
  const to = config({
    memory_size: 256,
    user_data: '{"A":"1"}',
    strategy_config: { concurrency: 4, concurrent_num: 1 },
  });
  expect(settings(from, to)).toEqual([
    { name: "memory_size", from: "128", to: "256" },
    { name: "strategy_config.concurrency", from: "-1", to: "4" },
    { name: "user_data.B", from: "2", to: undefined },
  ]);
});

test("files that came, went or changed are told", () => {
  const found = files(zip({ a: "1", b: "same", c: "gone" }), zip({ a: "2", b: "same", d: "new" }));
  expect(names(found)).toEqual(["a", "c", "d"]);
  expect(found.map((one) => texts(one))).toEqual([
    ["1", "2"],
    ["gone", ""],
    ["", "new"],
  ]);
});

test("a draft differs where it was changed", () => {
  const draft = write(write(open(zip({ a: "1", b: "2" })), "a", strToU8("new")), "b", null);
  expect(draftFiles(draft).map((one) => texts(one))).toEqual([
    ["1", "new"],
    ["2", ""],
  ]);
});

test("what is not text has no text to compare", () => {
  expect(texts({ name: "x", from: new Uint8Array([0, 1]), to: strToU8("text") })).toBeUndefined();
});
