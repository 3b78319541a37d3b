// A function from a template, its saved events, the changes of its code, and the list: tags, figures, bulk actions.
import assert from "node:assert/strict";
import { ask, walk } from "./browser.mjs";
import { deploy, open, pick } from "./functions.mjs";

const WORDS = {
  en: {
    template: "Begin with a template",
    create: "Create function",
    name: "Save this request as an event",
    rule: "1 to 25 letters",
    ok: "OK",
    events: "Saved events",
    changes: "Show changes",
    cancel: "Cancel",
    perSecond: "/ s",
    disable: "Disable",
    disabled: "Disabled",
    all: "Select all",
  },
  zh: {
    template: "使用模板",
    create: "创建函数",
    name: "将该请求保存为测试事件",
    rule: "1 到 25 个字母",
    ok: "确定",
    events: "已保存的测试事件",
    changes: "查看更改",
    cancel: "取消",
    perSecond: "/ 秒",
    disable: "禁用",
    disabled: "已禁用",
    all: "全选",
  },
};

const language = process.argv[2] === "zh" ? "zh" : "en";
const words = WORDS[language];

await walk(language, async ({ page, look }) => {
  const dialog = page.getByRole("dialog");
  const panel = page.getByRole("tabpanel");

  await open(page, "/functions/new");
  await pick(page, page.getByLabel(words.template, { exact: true }), "Node.js");
  await page.locator(".ant-alert-success").waitFor();
  await page.locator("#name").fill("made");
  await look("create-template");
  await page.getByRole("button", { name: words.create }).click();
  await page.waitForURL("**/functions/default/made/code");
  await page.locator(".cm-content").waitFor();

  // A change is shown before it is deployed.
  await page.locator(".cm-line").first().click();
  await page.keyboard.type("// one more line\n");
  await page.getByRole("button", { name: words.changes }).click();
  await dialog.locator(".cm-changedLine").first().waitFor();
  await look("changes");
  await dialog.getByRole("button", { name: words.cancel }).click();
  await dialog.waitFor({ state: "detached" });
  await page.keyboard.press("Control+s");
  await page.locator(".ant-message-success").waitFor();

  // A request that is saved comes back.
  await page.goto(page.url().replace(/[^/]*$/, "test"));
  await panel.locator("#path").fill("/saved?x=1");
  await panel.getByRole("button", { name: words.name }).click();
  await dialog.locator("#name").fill("1st");
  await dialog.locator(".ant-form-item-explain-error", { hasText: words.rule }).waitFor();
  await look("event-wrong");
  await dialog.locator("#name").fill("first");
  await dialog.getByRole("button", { name: words.ok, exact: true }).click();
  await dialog.waitFor({ state: "detached" });
  await page.reload();
  await pick(page, panel.getByLabel(words.events, { exact: true }), "first");
  await page.waitForFunction(() => document.querySelector("#path")?.value === "/saved?x=1");
  await look("event");

  // The list shows what is asked, and changes several at once.
  const url = deploy("shop", "one");
  for (let count = 0; count < 3; count += 1) assert.equal((await ask(url)).text, "one");
  await page.goto(page.url().replace(/functions\/.*$/, "functions"));
  await page.locator("tr", { hasText: "shop" }).getByText(words.perSecond).waitFor();
  await page.locator("thead input[type=checkbox]").first().check();
  await look("functions-chosen");
  await page.getByRole("button", { name: `${words.disable} (2)` }).click();
  await dialog.getByRole("button", { name: words.disable, exact: true }).click();
  await dialog.waitFor({ state: "detached" });
  await page.locator("tr", { hasText: "shop" }).getByText(words.disabled).waitFor();
  assert.notEqual((await ask(url)).status, 200);
  await look("functions-disabled");
});
