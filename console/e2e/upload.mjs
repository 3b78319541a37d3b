// Packages of nearly 50 MB by a slow link, from each place that sends some: a bar says how far they are, the page stays alive and warns whoever
// leaves it, a cancelled one changes nothing, and the same once more arrives.
//
//   API=http://127.0.0.1:8081 FUNCD=target/release/funcd FUNCD_DATA_DIR=DIR CHROMIUM=/usr/bin/chromium PICTURES=DIR node upload.mjs en
import assert from "node:assert/strict";
import { randomFillSync } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { zipSync } from "fflate";
import { api, funcd, named, walk } from "./browser.mjs";
import { files, open } from "./functions.mjs";

const WORDS = {
  en: {
    create: "Create function",
    ready: "The package can be deployed",
    cancel: "Cancel sending",
    cancelled: "The sending was cancelled",
    sent: " sent",
    functions: "Functions",
    upload: "Upload zip",
    deploy: "Deploy",
    deployed: "The next request is answered by the new code",
    createDependency: "Create dependency or version",
    ok: "OK",
  },
  zh: {
    create: "创建函数",
    ready: "该代码包可以部署",
    cancel: "取消发送",
    cancelled: "已取消发送",
    sent: "已发送",
    functions: "函数",
    upload: "上传 zip",
    deploy: "部署",
    deployed: "下一个请求将由新代码处理",
    createDependency: "创建依赖包或版本",
    ok: "确定",
  },
};

const NAME = "heavy";
const MB = 1024 * 1024;
/** Bytes a second of the slow link. */
const SLOW = 1.5 * MB;
/** How long the page may be busy with something else than who looks at it, in ms; so much, as this machine may be busy, too. */
const FROZEN = 1_000;
const language = process.argv[2] === "zh" ? "zh" : "en";
const words = WORDS[language];
const folder = mkdtempSync(join(tmpdir(), "funcd-console-"));

/** A zip of so many MB that no compression makes smaller. */
function heavy(name, content, size) {
  const path = join(folder, name);
  const data = randomFillSync(new Uint8Array(size * MB));
  writeFileSync(path, zipSync({ ...content, "data.bin": [data, { level: 0 }] }));
  return path;
}

await walk(language, async ({ page, look }) => {
  const session = await page.context().newCDPSession(page);
  const dialog = page.getByRole("dialog");
  const main = page.getByRole("main");
  const sending = page.getByTestId("sending");
  const button = (scope, name) => scope.getByRole("button", { name: named(name) });
  const link = (uploadThroughput) =>
    session.send("Network.emulateNetworkConditions", {
      offline: false,
      latency: 0,
      downloadThroughput: -1,
      uploadThroughput,
    });

  /** From now on; what looks for what keeps people out is busy for seconds itself. */
  const watch = () =>
    page.evaluate(() => {
      window.longest = 0;
      window.watcher?.disconnect();
      window.watcher = new PerformanceObserver((list) => {
        for (const { duration } of list.getEntries()) window.longest = Math.max(window.longest, duration);
      });
      window.watcher.observe({ type: "longtask" });
    });
  const alive = async (what) => {
    const longest = Math.round(await page.evaluate(() => window.longest));
    console.log(`console: ${what}: busy for at most ${longest} ms at once`);
    assert.ok(longest < FROZEN, `${what}: the page is frozen for ${longest} ms`);
  };
  const percent = async () => Number(await sending.getByRole("progressbar").getAttribute("aria-valuenow"));
  /** The bar goes on from where it is, in more than one step. */
  const moves = async () => {
    for (let steps = 0, last = await percent(); steps < 3; ) {
      const now = await percent();
      assert.ok(now >= last && now < 100, `${now} % after ${last} %`);
      if (now > last) steps += 1;
      last = now;
      await page.waitForTimeout(100);
    }
  };
  /** Sends by the slow link and gives up: the words of it are there, and nothing else. */
  const givesUp = async (scope, start, name, meanwhile = async () => {}) => {
    await link(SLOW);
    await start();
    await sending.getByText(words.sent).waitFor();
    await moves();
    await look(`${name}-sending`);
    await meanwhile();
    await moves();
    await button(sending, words.cancel).click();
    await scope.getByText(words.cancelled).waitFor();
    await sending.waitFor({ state: "detached" });
    await look(`${name}-cancelled`);
    await link(-1);
  };
  /** A question of the browser's, which is answered by staying. */
  const stays = async (type, leave) => {
    const asked = page.waitForEvent("dialog");
    // What leaves waits for the answer.
    const leaving = leave();
    const question = await asked;
    assert.equal(question.type(), type);
    await question.dismiss();
    await leaving;
  };

  const create = async () => {
    const start = () => button(main, words.create).click();
    await page.locator("input[type=file]").setInputFiles(heavy("one.zip", files("one"), 47));
    await page.getByText(words.ready).waitFor();
    await page.locator("#name").fill(NAME);
    await givesUp(main, start, "create", async () => {
      await stays("beforeunload", () => page.evaluate(() => void setTimeout(() => location.reload())));
      await stays("confirm", () =>
        page.getByRole("navigation").getByRole("link", { name: words.functions }).first().click(),
      );
    });
    assert.ok(!funcd("list").includes(NAME), "a function that was cancelled is there");
    await watch();
    await start();
    await page.waitForURL(`**/functions/default/${NAME}/code`);
    await page.locator(".cm-content").waitFor();
    await alive("create");
    assert.equal(funcd("invoke", NAME), "one");
  };

  const deploy = async () => {
    const start = () => button(dialog, words.deploy).click();
    await button(main, words.upload).click();
    await dialog.locator("input[type=file]").setInputFiles(heavy("two.zip", files("two"), 47));
    await dialog.getByText(words.ready).waitFor();
    await givesUp(dialog, start, "upload", async () => {
      await page.keyboard.press("Escape");
      assert.ok(await sending.isVisible(), "Esc closes a dialog that sends");
    });
    assert.equal(funcd("invoke", NAME), "one", "a package that was cancelled is deployed");
    await watch();
    await start();
    await page.getByText(words.deployed).waitFor();
    await dialog.waitFor({ state: "detached" });
    await alive("deploy");
    assert.equal(funcd("invoke", NAME), "two");
  };

  const depend = async () => {
    const start = () => button(dialog, words.ok).click();
    await page.goto(`${api}/console/functions/default/${NAME}/dependencies`);
    await button(main, words.createDependency).click();
    await dialog.locator("#name").fill("parts");
    await dialog.locator("input[type=file]").setInputFiles(heavy("parts.zip", { "part.js": new Uint8Array(9) }, 38));
    await dialog.getByText("parts.zip").waitFor();
    await givesUp(dialog, start, "dependency");
    assert.ok(!funcd("dependency", "list").includes("parts"), "a dependency that was cancelled is there");
    await watch();
    await start();
    await dialog.waitFor({ state: "detached" });
    await page.getByText("parts", { exact: true }).waitFor();
    await alive("dependency");
  };

  await open(page, "/functions/new");
  await create();
  await deploy();
  await depend();
}).finally(() => rmSync(folder, { recursive: true, force: true }));
