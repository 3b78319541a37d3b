// Instances in the console: one that a request started, why it ended, and a start that failed.
import assert from "node:assert/strict";
import { ask, walk } from "./browser.mjs";
import { deploy, files, open } from "./functions.mjs";

const WORDS = {
  en: {
    instance: "Instance",
    none: "No instance at the moment",
    request: "a request needed it",
    changed: "The version was changed or deleted",
    failed: "It did not start",
  },
  zh: {
    instance: "实例",
    none: "当前没有实例",
    request: "有请求需要",
    changed: "版本已更改或删除",
    failed: "启动失败",
  },
};

const NAME = "shop";
const language = process.argv[2] === "zh" ? "zh" : "en";
const words = WORDS[language];

await walk(language, async ({ page, look }) => {
  const panel = page.getByRole("tabpanel");
  const says = (text) => panel.getByText(text).first().waitFor();
  const url = deploy(NAME, "one");
  await open(page, `/functions/default/${NAME}/instances`);
  await ask(url);
  await says(words.request);
  await look("running");
  // Each has its own log, in its tab, and by its line of the command line.
  await panel.locator("tbody a.mono").first().click();
  const lines = page.getByTestId("lines");
  await lines.getByText("/", { exact: true }).first().waitFor();
  const id = new URL(page.url()).searchParams.get("instance");
  const filter = panel.getByRole("textbox", { name: words.instance });
  assert.equal(await filter.inputValue(), id);
  await look("instance-log");
  await filter.fill("nobody");
  await page.waitForFunction(() => document.querySelector("[data-testid=lines]").dataset.count === "0");
  await page.goBack();
  await says(words.request);
  // What was there for the older code ends; what cannot start is told with its reason.
  assert.throws(() => deploy(NAME, { ...files("two"), "index.js": Buffer.from("process.exit(3);\n") }), /exit code 3/);
  await says(words.changed);
  await ask(url);
  await says(words.failed);
  await says("exit code 3");
  await says(words.none);
  await look("ended");
});
