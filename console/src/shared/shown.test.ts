import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const ROOT = fileURLToPath(new URL("../", import.meta.url));

/** Who changes something and shows nothing, and why. */
const SILENT: Record<string, string> = {
  "pages/create/Templates.tsx": "reads a template",
  "pages/function/SavedEvents.tsx": "reads an event; what saves and deletes one are buttons that show it",
};
/** Who changes something by another way than a call that can be shown. */
const BESIDE: Record<string, string> = {
  "api/invoke.ts": "reads the answer as it came; the test tab and the replay show the request",
  "api/session.ts": "signs in and out, which only the console does",
  "api/transfer.ts": "sends what a call has in it, for `send`",
};

const sources = readdirSync(ROOT, { recursive: true })
  .map(String)
  .filter((file) => /\.tsx?$/.test(file) && !/^generated|\.test\./.test(file))
  .map((file) => ({ file, text: readFileSync(ROOT + file, "utf8") }));
const files = (wanted: RegExp, without: RegExp) =>
  sources
    .filter(({ text }) => wanted.test(text) && !without.test(text))
    .map(({ file }) => file)
    .sort();

it("shows what it sends, wherever a page changes something", () => {
  expect(files(/\buseMutation\(/, /<(SameAs|Lines)\b/)).toEqual(Object.keys(SILENT));
});

it("changes things by calls, which can be shown, and no other way", () => {
  expect(
    files(
      /\.(PUT|POST|DELETE|PATCH)\(|fetch\([^;]*method: "|\bXMLHttpRequest\(|\btransfer\(/,
      /^export async function send</m,
    ),
  ).toEqual(Object.keys(BESIDE));
});

it("shows a request only beside the command that does the same", () => {
  // `SameAs` takes the command that sends the request where a page has no better one, so none can leave it out.
  expect(files(/t\("rest"\)/, /cli \?\? calls\.map\(requestCommand\)/)).toEqual([]);
  expect(files(/t\("rest"\)/, /^$/)).toEqual(["shared/SameAs.tsx"]);
});
