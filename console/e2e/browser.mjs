// A browser for one walk: nothing it finds wrong is let pass, whichever step is under way.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import http from "node:http";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
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

const pictures = process.env.PICTURES;

/** What a command of funcd prints. */
export const funcd = (...words) => execFileSync(process.env.FUNCD, words, { encoding: "utf8" }).trim();

/** The address of `funcd console`, which signs in once. */
export const link = () => funcd("console");

/** A page, what went wrong in it so far, and how to end it. */
async function browse(language) {
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
    page.setDefaultTimeout(Number(process.env.PATIENCE_MS ?? 90_000));
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
async function unreachable(page) {
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

/** Once nothing of the page moves any more but what moves for ever. */
export function settled(page) {
  return page.evaluate(async () => {
    const frame = () => new Promise((then) => requestAnimationFrame(() => requestAnimationFrame(then)));
    const moving = () => document.getAnimations().filter((one) => one.effect?.getTiming().iterations !== Infinity);
    // One that ends may begin another.
    for (let round = 0; round < 5; round += 1) {
      await frame();
      await Promise.allSettled(moving().map((one) => one.finished));
    }
    await frame();
  });
}

/** Once the page has this theme and is drawn: colours take some hundred milliseconds, and what is between two is nobody's page. */
async function drawn(page, theme) {
  await page.waitForFunction((wanted) => document.documentElement.dataset.theme === wanted, theme);
  await settled(page);
}

/** Keeps pictures of the page as it is, light, dark and narrow, and looks for what keeps people out. */
async function look(page, wrong, name) {
  // Nothing is pointed at; a page behind another one is not drawn.
  await page.bringToFront();
  await page.mouse.move(0, 0);
  for (const [kind, width, scheme] of [
    ["light", 1280, "light"],
    ["dark", 1280, "dark"],
    ["narrow", 375, "light"],
  ]) {
    await page.setViewportSize({ width, height: 900 });
    await page.emulateMedia({ colorScheme: scheme });
    await drawn(page, scheme);
    await page.screenshot({ path: `${pictures}/${name}-${kind}.png`, fullPage: true });
    // All of them are told at the end.
    if (kind !== "narrow")
      wrong.push(...(await unreachable(page)).map((found) => `${name}, ${kind}: axe-core: ${found}`));
    const wider = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    if (wider > 0) wrong.push(`${name}: the page is ${wider} px wider than the window of ${width} px`);
  }
  await page.setViewportSize({ width: 1280, height: 900 });
  await page.emulateMedia({ colorScheme: "light" });
  await drawn(page, "light");
}

/** What the gateway answers at a URL, whose host is of this machine whatever it is called. */
export function ask(url, headers = {}) {
  const { host, port, pathname, search } = new URL(url);
  return new Promise((resolve, reject) => {
    const request = http.get(
      { host: "127.0.0.1", port, path: pathname + search, headers: { host, ...headers } },
      (answer) => {
        const parts = [];
        answer.on("data", (part) => parts.push(part));
        answer.on("end", () => {
          const text = Buffer.concat(parts).toString();
          resolve({ status: answer.statusCode, headers: answer.headers, text });
        });
      },
    );
    request.on("error", reject);
  });
}

/** A button's name as people say it: before it, an icon may have one too. */
export const named = (name) => new RegExp(`(^|\\s)${name.replace(/[()]/g, "\\$&")}$`);

/** Opens the list of a field and chooses what has this text; a list that is filled or moved meanwhile is opened again. */
export async function choose(page, field, text, beside = page.getByRole("dialog").locator(".ant-modal-title")) {
  const option = page.locator(".ant-select-dropdown:visible .ant-select-item-option", { hasText: text }).first();
  const chosen = () => option.evaluate((one) => one.classList.contains("ant-select-item-option-selected"));
  for (let attempt = 1; ; attempt += 1) {
    await page.locator(`#${field}`).click();
    try {
      // A click may have counted that took too long; where several can be chosen, another one would undo it.
      if (attempt > 1 && (await option.isVisible()) && (await chosen())) break;
      await option.click({ timeout: 4_000 });
      break;
    } catch (error) {
      if (attempt === 4) throw error;
    }
  }
  // Leaves the list.
  await beside.click();
}

/** Removes the last thing that was put into a field that takes several; the key counts for nothing for a moment after a text was typed. */
export async function unput(field, text) {
  const select = field.locator("xpath=ancestor::*[contains(concat(' ', @class, ' '), ' ant-select ')][1]");
  const tag = select.locator(".ant-select-selection-item", { hasText: text });
  await tag.waitFor();
  for (let attempt = 1; (await tag.count()) > 0; attempt += 1) {
    assert.ok(attempt < 10, `${text} is not removed`);
    await field.press("Backspace");
    await tag.waitFor({ state: "detached", timeout: 2_000 }).catch(() => {});
  }
}

/** The folder of the vendor's page's own function. */
export const sample = () => fileURLToPath(new URL("../../e2e/apps/seed-node12", import.meta.url));

/** Does the steps of a walk in a browser of its own, which must find nothing wrong; keeps a picture of where it failed. */
export async function walk(language, steps) {
  mkdirSync(pictures, { recursive: true });
  rmSync(`${pictures}/failed.png`, { force: true });
  const { context, page, wrong, end } = await browse(language);
  try {
    await steps({ context, page, look: (name) => look(page, wrong, name) });
    assert.deepEqual(wrong, []);
    console.log(`console: ${language}: walked; pictures in ${pictures}`);
  } catch (error) {
    await page.screenshot({ path: `${pictures}/failed.png`, fullPage: true }).catch(() => {});
    console.error(`console: ${language}: at ${page.url()}: ${error.stack}`);
    if (wrong.length > 0) console.error(wrong.join("\n"));
    process.exitCode = 1;
  } finally {
    await end();
  }
}
