import { expect, it } from "vitest";
import { base64 } from "../shared/base64";
import { inBase64, json, packed, shown } from "./package";

const bytes = (length: number) => Uint8Array.from({ length }, (_, at) => (at * 31) % 251);
const body = (content: Uint8Array<ArrayBuffer>) => ({ name: "#", func_code: { file: inBase64(new Blob([content])) } });

it("a package is sent in base64, whatever its length", async () => {
  for (const length of [0, 1, 2, 3, 3 * 256 * 1024 + 1, 4 * 1024 * 1024]) {
    const content = bytes(length);
    const sent = await json(body(content));
    expect(typeof sent, `${length} bytes`).toBe(length > 700_000 ? "object" : "string");
    const text = typeof sent === "string" ? sent : await sent.text();
    expect(JSON.parse(text)).toEqual({ name: "#", func_code: { file: base64(content) } });
  }
});

it("several packages come in their places", async () => {
  const [one, two] = [bytes(5), bytes(7)];
  const all = { a: inBase64(new Blob([one])), b: [inBase64(new Blob([two])), "##"] };
  expect(JSON.parse((await json(all)) as string)).toEqual({ a: base64(one), b: [base64(two), "##"] });
  expect(packed(all)).toBe(12);
});

it("a body without a package is what it was", async () => {
  expect(await json({ a: [1, null], b: undefined })).toBe('{"a":[1,null]}');
  expect(packed({ a: [1, null] })).toBe(0);
});

it("a package is shown as three dots", () => {
  expect(JSON.parse(shown(body(bytes(9))))).toEqual({ name: "#", func_code: { file: "…" } });
});

it("nothing is encoded for a request that was given up", async () => {
  await expect(json(body(bytes(9)), AbortSignal.abort(new Error("enough")))).rejects.toThrow("enough");
});
