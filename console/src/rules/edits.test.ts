import { strFromU8, strToU8, zipSync } from "fflate";
import { expect, it } from "vitest";
import { files, isFilePath, open, pack, read, rebase, write } from "./edits";
import { readZip } from "./zip";

const unix = (mode: number) => ({ os: 3, attrs: (mode << 16) >>> 0 });
const start = () =>
  open(
    zipSync({
      bootstrap: [strToU8("#!/bin/sh\nexec ./server\n"), unix(0o100755)],
      "lib/a.js": [strToU8("a"), unix(0o100640)],
      link: [strToU8("lib/a.js"), unix(0o120777)],
      "empty/": [new Uint8Array(), unix(0o040755)],
    }),
  );
const text = (bytes: Uint8Array | undefined) => bytes && strFromU8(bytes);

it("what is packed again without a change has the same files and modes", () => {
  const from = start();
  const again = open(pack(from));
  const marks = (draft: typeof from) => draft.entries.map((entry) => [entry.name, entry.mode]);
  expect(marks(again)).toEqual(marks(from));
  expect(text(read(again, "bootstrap"))).toBe("#!/bin/sh\nexec ./server\n");
  expect(text(read(again, "link"))).toBe("lib/a.js");
});

it("a changed file keeps its mode, a new one gets what it needs, a removed one is gone", () => {
  let draft = write(start(), "lib/a.js", strToU8("b"));
  draft = write(draft, "run.sh", strToU8("#!/bin/sh\n"));
  draft = write(draft, "lib/new.txt", strToU8("text"));
  draft = write(draft, "link", null);
  expect(files(draft)).toEqual(["bootstrap", "lib/a.js", "lib/new.txt", "run.sh"]);
  const packed = readZip(pack(draft));
  const mode = (name: string) => packed.find((entry) => entry.name === name)?.mode;
  expect([mode("lib/a.js"), mode("run.sh"), mode("lib/new.txt"), mode("link")]).toEqual([
    0o100640,
    0o100755,
    0o100644,
    undefined,
  ]);
});

it("what is as it was deployed is no change", () => {
  const draft = write(write(start(), "lib/a.js", strToU8("b")), "lib/a.js", strToU8("a"));
  expect(draft.changed.size).toBe(0);
  expect(write(write(start(), "new", strToU8("x")), "new", null).changed.size).toBe(0);
});

it("over the package that came of it a change is none, and what was typed since still is one", () => {
  const sent = write(start(), "lib/a.js", strToU8("b"));
  expect(rebase(sent, open(pack(sent))).changed.size).toBe(0);
  const since = rebase(write(sent, "lib/a.js", strToU8("bc")), open(pack(sent)));
  expect([...since.changed.keys()]).toEqual(["lib/a.js"]);
  expect(text(read(since, "lib/a.js"))).toBe("bc");
});

it("paths stay inside", () => {
  expect(["a", "lib/a.js", "a b"].every(isFilePath)).toBe(true);
  expect(["", "/a", "a/", "a//b", "../a", "a/./b", "a\\b"].some(isFilePath)).toBe(false);
});
