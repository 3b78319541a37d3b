import { strToU8, type Zippable, zipSync } from "fflate";
import { describe, expect, it } from "vitest";
import { inspect } from "./package";
import { asText, content, head, readZip } from "./zip";

const GOOD = "#!/bin/sh\nexec node index.js\n";

function check(files: Zippable, expected: object[]) {
  expect(inspect(zipSync(files)).problems).toEqual(expected);
}

describe("a package is looked into before it is sent", () => {
  it("and nothing is said of a good one", () => {
    const zip = zipSync({ bootstrap: strToU8(GOOD), "lib/a.js": strToU8("1"), "lib/b.js": strToU8("22") });
    expect(inspect(zip)).toEqual({ problems: [], files: 3, unpacked: GOOD.length + 3, start: GOOD.trim() });
  });

  it.each([
    [
      "the folder itself was packed",
      { "app/bootstrap": GOOD, "app/index.js": "" },
      { what: "nested", name: "app/bootstrap" },
    ],
    ["it has an ending", { "bootstrap.sh": GOOD }, { what: "misnamed", name: "bootstrap.sh" }],
    ["it has a capital", { Bootstrap: GOOD }, { what: "misnamed", name: "Bootstrap" }],
    ["it lies deeper", { "a/b/bootstrap": GOOD }, { what: "deep", name: "a/b/bootstrap" }],
    ["there is none", { "index.js": "", "lib/a.js": "" }, { what: "missing", found: "index.js, lib/" }],
    ["it is a folder", { "bootstrap/bootstrap": GOOD }, { what: "folder", name: "bootstrap/" }],
    ["it is empty", { bootstrap: " \n" }, { what: "bootstrapEmpty" }],
    ["it has Windows line ends", { bootstrap: "#!/bin/sh\r\nexec x\r\n" }, { what: "crlf" }],
    ["it has a byte order mark", { bootstrap: "\ufeff#!/bin/sh\n" }, { what: "bom" }],
    ["it is a Windows program", { bootstrap: "MZ\u0001\u0002" }, { what: "windows" }],
  ])("bootstrap: %s", (_, files, problem) => {
    check(Object.fromEntries(Object.entries(files).map(([name, text]) => [name, strToU8(text)])), [problem]);
  });

  it("bytes of other systems are known by their first four", () => {
    check({ bootstrap: new Uint8Array([0xcf, 0xfa, 0xed, 0xfe, 0]) }, [{ what: "macos" }]);
    check({ bootstrap: new Uint8Array([0xff, 0xfe, 0x23, 0]) }, [{ what: "utf16" }]);
    check({ bootstrap: new Uint8Array([0x7f, 0x45, 0x4c, 0x46, 13, 10]) }, []);
  });

  it("a symbolic link in its place is told", () => {
    check({ bootstrap: [strToU8("x"), { os: 3, attrs: (0o120777 << 16) >>> 0 }] }, [{ what: "link" }]);
  });

  it("paths that leave the package are told", () => {
    const files = { bootstrap: strToU8(GOOD), "../up": strToU8(""), "/abs": strToU8(""), "a\\b": strToU8("") };
    const whats = inspect(zipSync(files)).problems.map((problem) => problem.what);
    expect(whats).toEqual(["goesUp", "absolute", "backslash"]);
  });

  it("what is no zip, or cut short, is told", () => {
    expect(inspect(strToU8("no zip at all, but a text")).problems).toEqual([{ what: "notZip" }]);
    const whole = zipSync({ bootstrap: strToU8(GOOD) });
    expect(inspect(whole.subarray(0, whole.length - 30)).problems).toEqual([{ what: "notZip" }]);
    const holed = whole.slice();
    holed.fill(0xff, 0, 20);
    expect(inspect(holed).problems).toEqual([{ what: "damaged" }]);
  });
});

describe("files of a zip", () => {
  const long = new Uint8Array(300_000).map((_, at) => (at * 7919) % 251);
  const zip = zipSync({
    a: [long, { level: 9 }],
    b: [long, { level: 0 }],
    run: [strToU8("x"), { os: 3, attrs: (0o100755 << 16) >>> 0 }],
  });
  const named = (name: string) => {
    const entry = readZip(zip).find((one) => one.name === name);
    if (!entry) throw new Error(name);
    return entry;
  };

  // Far faster than comparing them as lists.
  const same = (some: Uint8Array | undefined, others: Uint8Array) =>
    some?.length === others.length && others.every((byte, at) => some[at] === byte);

  it("are read whole, and from their start", () => {
    for (const name of ["a", "b"]) {
      expect(same(content(zip, named(name)), long), name).toBe(true);
      expect(same(head(zip, named(name), 1000), long.subarray(0, 1000)), name).toBe(true);
    }
  });

  it("keep their modes", () => {
    expect(named("run").mode).toBe(0o100755);
  });

  it("are text when they are written back unchanged", () => {
    expect(asText(strToU8("\ufeffhé"))).toBe("\ufeffhé");
    expect(asText(new Uint8Array([0xff]))).toBeUndefined();
    expect(asText(new Uint8Array([65, 0]))).toBeUndefined();
  });
});
