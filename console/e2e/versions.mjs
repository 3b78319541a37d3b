// Versions and aliases in the console: publish, let an alias stand for one, divide requests, roll back, delete; wrong input on the way.
import assert from "node:assert/strict";
import { ask, walk } from "./browser.mjs";
import { deploy, open, pick } from "./functions.mjs";

const WORDS = {
  en: {
    publish: "Publish version",
    versionRule: "1 to 42 letters",
    createAlias: "Create alias",
    create: "Create",
    save: "Save",
    aliasRule: "1 to 63 letters",
    share: "Another version gets",
    weight: "a part of the requests",
    rules: "requests with certain headers or cookies",
    additional: "Other version",
    needed: "Choose a published version",
    edit: "Edit alias prod",
    percent: "Percent for the other version",
    rollBack: "Roll back",
    moveNow: "Move to v1",
    moved: "prod stands for v1",
    delete: "Delete",
    compare: "Compare",
    triggers: "Triggers",
    versions: "Versions and aliases",
    createTrigger: "Create trigger",
    of: "Version",
    ok: "OK",
  },
  zh: {
    publish: "发布新版本",
    versionRule: "1 到 42 个字母",
    createAlias: "创建别名",
    create: "创建",
    save: "保存",
    aliasRule: "1 到 63 个字母",
    share: "灰度版本接收",
    weight: "一部分请求(按权重)",
    rules: "带有特定请求头或 Cookie 的请求(按规则)",
    additional: "灰度版本",
    needed: "请选择已发布的版本",
    edit: "编辑别名 prod",
    percent: "灰度版本的百分比",
    rollBack: "回滚",
    moveNow: "切换到 v1",
    moved: "prod 指向 v1",
    delete: "删除",
    compare: "比较",
    triggers: "触发器",
    versions: "版本与别名",
    createTrigger: "创建触发器",
    of: "版本",
    ok: "确定",
  },
};

const NAME = "shop";
const language = process.argv[2] === "zh" ? "zh" : "en";
const words = WORDS[language];

await walk(language, async ({ page, look }) => {
  const dialog = page.getByRole("dialog");
  const button = (name) => dialog.getByRole("button", { name, exact: true });
  const says = (text) => page.getByText(text).first().waitFor();
  const wrong = (text) => dialog.locator(".ant-form-item-explain-error", { hasText: text }).waitFor();
  const gone = () => dialog.waitFor({ state: "detached" });
  const panel = page.getByRole("tabpanel");
  const choose = async (label, option) => {
    await pick(page, dialog.getByLabel(label, { exact: true }), option);
  };

  const publish = async (version, description) => {
    await panel.getByRole("button", { name: words.publish }).click();
    if (version === "v1") {
      await dialog.locator("#publish_version").fill("latest");
      await wrong(words.versionRule);
      await look("publish");
    }
    await dialog.locator("#publish_version").fill(version);
    await dialog.locator("#publish_description").fill(description);
    await button(words.publish).click();
    await gone();
    await panel.locator("tr", { hasText: description }).waitFor();
  };

  const createAlias = async () => {
    await panel.getByRole("button", { name: words.createAlias }).click();
    await dialog.locator("#alias_name").fill("1prod");
    await wrong(words.aliasRule);
    await dialog.locator("#alias_name").fill("prod");
    await button(words.create).click();
    await gone();
    await panel.locator("tr", { hasText: "prod" }).first().waitFor();
  };

  const divide = async () => {
    await panel.getByRole("button", { name: words.edit }).click();
    await choose(words.share, words.weight);
    await button(words.save).click();
    await wrong(words.needed);
    await choose(words.additional, "v1");
    await dialog.getByRole("spinbutton", { name: words.percent }).fill("25");
    await look("alias-weight");
    await button(words.save).click();
    await gone();
    await panel.getByText("v1 25 %").waitFor();
    await look("divided");
  };

  const byRules = async () => {
    await panel.getByRole("button", { name: words.edit }).click();
    await choose(words.share, words.rules);
    await dialog.locator("#alias_rules_0_param").fill("X Beta");
    await dialog.locator("#alias_rules_0_value").fill("yes");
    await dialog.locator(".ant-form-item-explain-error").first().waitFor();
    await dialog.locator("#alias_rules_0_param").fill("X-Beta");
    await look("alias-rules");
    await button(words.save).click();
    await gone();
    await panel.getByText("X-Beta = yes").waitFor();
  };

  const trigger = async () => {
    await page.getByRole("tab", { name: words.triggers, exact: true }).click();
    await pick(page, panel.getByRole("combobox", { name: words.of }), "prod");
    await panel.getByRole("button", { name: words.createTrigger }).click();
    await dialog.getByText(".localhost:").waitFor();
    await look("trigger-dialog");
    await button(words.ok).click();
    const url = await page.getByTestId("invoke-url").getAttribute("href");
    await look("trigger-of-alias");
    const { text } = await ask(url);
    assert.equal(text, "two");
    await page.getByRole("tab", { name: words.versions, exact: true }).click();
    return url;
  };

  const rollBack = async (url) => {
    await panel.getByRole("button", { name: words.rollBack }).click();
    await dialog.getByTestId("differences").waitFor();
    await dialog.getByText("memory_size", { exact: true }).waitFor();
    await dialog.locator(".cm-deletedChunk, .cm-changedLine").first().waitFor();
    await look("roll-back");
    await button(words.moveNow).click();
    await says(words.moved);
    await gone();
    const { text } = await ask(url);
    assert.equal(text, "one");
  };

  const remove = async () => {
    // An alias needs it: refused, in the server's words.
    await panel.getByRole("button", { name: `${words.delete} v1` }).click();
    await button(`${words.delete} v1`).click();
    await dialog.getByRole("alert").waitFor();
    await look("refused");
    await page.keyboard.press("Escape");
    await gone();
    await panel.getByRole("button", { name: `${words.delete} v2` }).click();
    await button(`${words.delete} v2`).click();
    await panel.locator("tr", { hasText: "second" }).waitFor({ state: "detached" });
  };

  deploy(NAME, "one", "--memory", "256");
  await open(page, `/functions/default/${NAME}/versions`);
  await panel.getByRole("button", { name: words.publish }).waitFor();
  await look("none");
  await publish("v1", "first");
  deploy(NAME, "two", "--memory", "512");
  await page.reload();
  await publish("v2", "second");
  await panel.getByRole("button", { name: `${words.compare} v1` }).click();
  await dialog.getByText("index.js").waitFor();
  await dialog.getByRole("button", { name: /Close|关闭/ }).click();
  await gone();
  await createAlias();
  await divide();
  await byRules();
  const url = await trigger();
  await rollBack(url);
  await remove();
});
