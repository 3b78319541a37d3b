import { strToU8, unzipSync, zipSync } from "fflate";
import { expect, it } from "vitest";
import { archive, crc32, partOf } from "./archive";
import { open, pack, write } from "./edits";
import { readZip } from "./zip";

it("the checksum is that of zips", () => {
  expect(crc32(strToU8("123456789"))).toBe(0xcbf43926);
  expect(crc32(new Uint8Array())).toBe(0);
});

it("what is written is read back, with modes and names in any language", () => {
  const zip = archive([
    partOf("bootstrap", strToU8("#!/bin/sh\n"), 0o100755),
    partOf("中文.txt", strToU8("text"), 0o100644),
    partOf("plain", new Uint8Array(), undefined),
  ]);
  const all = unzipSync(zip);
  expect(Object.entries(all).map(([name, bytes]) => [name, new TextDecoder().decode(bytes)])).toEqual([
    ["bootstrap", "#!/bin/sh\n"],
    ["中文.txt", "text"],
    ["plain", ""],
  ]);
  expect(readZip(zip).map(({ mode, crc }) => [mode, crc])).toEqual([
    [0o100755, crc32(strToU8("#!/bin/sh\n"))],
    [0o100644, crc32(strToU8("text"))],
    [undefined, 0],
  ]);
});

it("what is not changed stays packed as it was", () => {
  const data = Uint8Array.from({ length: 5_000 }, (_, at) => (at * 7919) % 256);
  const from = zipSync({ bootstrap: strToU8("x"), data: [data, { level: 1 }], stored: [data, { level: 0 }] });
  const zip = pack(write(open(from), "bootstrap", strToU8("y")));
  const [before, after] = [from, zip].map((one) => readZip(one).slice(1));
  const kept = (all: typeof before) =>
    all?.map(({ name, crc, packed, size, method }) => [name, crc, packed, size, method]);
  expect(kept(after)).toEqual(kept(before));
  expect(unzipSync(zip)).toEqual({ bootstrap: strToU8("y"), data, stored: data });
});
