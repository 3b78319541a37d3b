// A browser for one walk: nothing it finds wrong is let pass, whichever step is under way.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";

const require = createRequire(import.meta.url);
const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export const api = process.env.API;

/** The address of `funcd console`, which signs in once. */
export function link() {
  return execFileSync(process.env.FUNCD, ["console"], { encoding: "utf8" }).trim();
}

/** A page, what went wrong in it so far, and how to end it. */
export async function browse(language) {
  const folder = mkdtempSync(join(tmpdir(), "funcd-console-"));
  const context = await chromium.launchPersistentContext(folder, {
    executablePath: process.env.CHROMIUM,
    headless: true,
    args: FLAGS,
    viewport: { width: 1280, height: 900 },
    locale: language === "zh" ? "zh-CN" : "en-GB",
  });
  const wrong = [];
  const watch = (page) => {
    page.setDefaultTimeout(90_000);
    page.on("pageerror", (error) => wrong.push(`the page failed: ${error.message}`));
    // A refused request is told by the page; what the policy blocks is told here.
    page.on("console", (message) => {
      const expected = /Failed to load resource/.test(message.text());
      if (message.type() === "error" && !expected) wrong.push(`the browser's console: ${message.text()}`);
    });
  };
  context.on("page", watch);
  const page = context.pages()[0];
  watch(page);
  // A function's own page may load what it likes; the console's may not.
  context.on("request", (request) => {
    // One that opens a page has no frame yet.
    if (request.isNavigationRequest() || !request.frame().url().startsWith(`${api}/console`)) return;
    const inside = /^(data|blob):/.test(request.url()) || request.url().startsWith(api);
    if (!inside) wrong.push(`a request to elsewhere: ${request.url()}`);
  });
  const end = async () => {
    await context.close();
    rmSync(folder, { recursive: true, force: true });
  };
  return { context, page, wrong, end };
}

const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

/** What axe-core finds serious in the page as it is. */
export async function unreachable(page) {
  await page.evaluate(axe);
  const found = await page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
  const serious = found.violations.filter(({ impact }) => impact === "serious" || impact === "critical");
  return serious.map(
    ({ id, nodes }) =>
      `${id}: ${nodes
        .map((node) => node.html)
        .slice(0, 3)
        .join(" | ")}`,
  );
}
