// The lines that pages show do what the pages do: each is read in its dialog, which is left then, and run by a shell as it was pasted. Among
// them are commands of their own, and requests of every method that go by `funcd request`.
import assert from "node:assert/strict";
import { api, funcd, named, walk } from "./browser.mjs";
import { deploy, open, pasted, shownLines } from "./functions.mjs";

const WORDS = {
  en: {
    same: "The same by API or command line",
    addTag: "Add tag",
    delete: "Delete",
    edit: "Edit",
    createGroup: "Create group",
    addEnvironment: "Add an environment",
    createIamGroup: "Create group",
    publishVersion: "Publish version",
    createApp: "Create app",
    addresses: "Set addresses",
    disable: "Disable",
    disabled: "Disabled",
    settings: "Save",
  },
  zh: {
    same: "用 API 或命令行完成同样的操作",
    addTag: "添加标签",
    delete: "删除",
    edit: "编辑",
    createGroup: "创建分组",
    addEnvironment: "创建环境",
    createIamGroup: "创建用户组",
    publishVersion: "发布新版本",
    createApp: "创建应用",
    addresses: "设置地址",
    disable: "禁用",
    disabled: "已禁用",
    settings: "保存",
  },
};

const NAME = "shop";
const language = process.argv[2] === "zh" ? "zh" : "en";
const words = WORDS[language];

await walk(language, async ({ page, look }) => {
  const dialog = page.getByRole("dialog");
  const main = page.getByRole("main");
  const button = (scope, name) => scope.getByRole("button", { name: named(name) });
  const go = (place) => page.goto(`${api}/console${place}`);

  /** Runs what a dialog shows, which must be this command, and looks at the page anew. */
  const byLine = async (command) => {
    const [line] = await shownLines(dialog, words.same);
    assert.ok(line.startsWith(`sudo funcd ${command}`), line);
    await page.keyboard.press("Escape");
    await dialog.waitFor({ state: "detached" });
    const said = pasted(line);
    await page.reload();
    return said;
  };
  const row = (text) => main.locator("tr", { hasText: text }).first();
  const gone = (text) => row(text).waitFor({ state: "detached" });

  deploy(NAME, "one");
  await open(page, `/functions/default/${NAME}/tags`);
  await button(main, words.addTag).click();
  await dialog.locator("#key").fill("team");
  await dialog.locator("#value").fill("web");
  await shownLines(dialog, words.same);
  await look("tag");
  await byLine("request POST /v2/");
  await row("team").waitFor();
  await row("team").getByRole("button").click();
  await byLine("request DELETE /v2/");
  await gone("team");

  await go(`/functions/default/${NAME}/versions`);
  await button(main, words.publishVersion).click();
  await dialog.locator("#publish_version").fill("v1");
  await dialog.locator("#publish_description").fill("it's the first");
  await byLine("publish ");
  await row("it's the first").waitFor();

  await go("/apis/groups");
  await button(main, words.createGroup).click();
  await dialog.locator("#name").fill("orders");
  await byLine("group create ");
  await row("orders").getByRole("link").first().click();
  await button(main, words.edit).click();
  await dialog.locator("#remark").fill("it's for orders");
  await byLine("request PUT /v2/");
  await main.getByText("it's for orders").first().waitFor();

  await go("/apis/environments");
  await button(main, words.addEnvironment).click();
  await dialog.locator("#name").fill("trial");
  assert.equal(JSON.parse(await byLine("request POST /v2/")).name, "trial");
  await row("trial").waitFor();
  await row("trial")
    .getByRole("button", { name: named(words.delete) })
    .click();
  await byLine("request DELETE /v2/");
  await gone("trial");

  await go("/iam/groups");
  await button(main, words.createIamGroup).click();
  await dialog.locator("#name").fill("readers");
  await byLine("request POST /v3/groups ");
  await row("readers")
    .getByRole("button", { name: named(words.delete) })
    .click();
  await byLine("request DELETE /v3/groups/");
  await gone("readers");

  await go(`/functions/default/${NAME}/overview`);
  await button(main, words.disable).click();
  await byLine("disable ");
  await main.getByText(words.disabled).first().waitFor();

  // What only reads is a line, too.
  await go("/system/quotas");
  const [quotas] = await shownLines(main, words.same);
  assert.ok(JSON.parse(pasted(quotas)).quotas);
  assert.ok(funcd("list").includes(NAME));
});
