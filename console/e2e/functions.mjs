// Functions to walk around: what they answer is in their code.
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { zipSync } from "fflate";
import { api, funcd, link } from "./browser.mjs";

const START = "/opt/function/runtime/nodejs20.15/rtsp/nodejs/bin/node index.js\n";

/** A server that answers everything with a text. */
export const server = (text) =>
  `const http = require("http");\n\nhttp\n  .createServer((request, response) => {\n    console.log(request.url);\n    response.end("${text}");\n  })\n  .listen(8000, "127.0.0.1");\n`;

/** The files of such a function. */
export const files = (text) => ({ bootstrap: Buffer.from(START), "index.js": Buffer.from(server(text)) });

/** As a browser gives it to a page. */
export const zip = (name, content) => ({
  name,
  mimeType: "application/zip",
  buffer: Buffer.from(zipSync(content, { mtime: "1980-01-01T00:00:00" })),
});

/** Deploys a function that answers a text, or has these files, by the command line; gives its URL. One that does not start is deployed too. */
export function deploy(name, text, ...more) {
  const folder = mkdtempSync(join(tmpdir(), "funcd-console-"));
  try {
    mkdirSync(folder, { recursive: true });
    for (const [file, content] of Object.entries(typeof text === "string" ? files(text) : text))
      writeFileSync(join(folder, file), content);
    return funcd("deploy", folder, "--name", name, ...more);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Signs a page in and opens a place of the console. */
export async function open(page, place) {
  await page.goto(link());
  await page.waitForURL((url) => url.pathname.startsWith("/console/") && !url.hash.includes("link"));
  await page.getByRole("navigation").or(page.getByRole("main")).first().waitFor();
  await page.goto(`${api}/console${place}`);
}

/** Opens a list and chooses what has a text. One that opens while its dialog still comes is not where it belongs: it is opened again. */
export async function pick(page, list, text) {
  const option = page.locator(".ant-select-dropdown:visible .ant-select-item-option", { hasText: text }).first();
  for (let tries = 0; ; tries += 1) {
    await list.click();
    try {
      await option.click({ timeout: 3_000 });
      return;
    } catch (error) {
      if (tries === 3) throw error;
      await list.blur();
    }
  }
}

/** What is shown as the same by command line and by API: the texts of both. `name` is what the part with them is called. */
export async function shownLines(scope, name) {
  const header = scope.getByRole("button", { name });
  if ((await header.getAttribute("aria-expanded")) !== "true") await header.click();
  const lines = header
    .locator("xpath=ancestor::*[contains(@class,'ant-collapse-item')]")
    .locator("p, div.ant-typography");
  await lines.last().waitFor();
  return (await lines.allTextContents()).map((text) => text.trim());
}

/** Runs lines of a page as a shell does in which they are pasted; gives what they print. */
export function pasted(text) {
  const own = text.replace(/^(?:sudo )?funcd /gm, '"$FUNCD" ');
  return execFileSync("sh", ["-ec", own], { encoding: "utf8" });
}
