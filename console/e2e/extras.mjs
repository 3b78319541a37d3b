// Tags, dependencies and reserved instances of a function in the console; wrong input and refusals on the way.
import assert from "node:assert/strict";
import { ask, walk } from "./browser.mjs";
import { deploy, open, pick, zip } from "./functions.mjs";

const WORDS = {
  en: {
    ok: "OK",
    tags: "Tags",
    addTag: "Add tag",
    keyRule: "1 to 128 letters",
    delete: "Delete",
    dependencies: "Dependencies",
    create: "Create dependency or version",
    nameRule: "at most 96",
    fileRule: "Choose a zip",
    attach: "Attach dependency",
    attached: "The next request is served with it",
    dependency: "Dependency",
    version: "Version",
    detach: "Detach parts",
    reserved: "Reserved",
    reserve: "Reserve instances",
    addPolicy: "Add policy",
    moments: "Moments",
    name: "Name",
    cronRule: "six fields",
    instances: "Instances",
    cause: "reserved",
    end: "End",
  },
  zh: {
    ok: "确定",
    tags: "标签",
    addTag: "添加标签",
    keyRule: "1 到 128 个字母",
    delete: "删除",
    dependencies: "依赖包",
    create: "创建依赖包或版本",
    nameRule: "最多 96 个",
    fileRule: "请选择",
    attach: "添加依赖包",
    attached: "下一个请求将使用该依赖包",
    dependency: "依赖包",
    version: "版本",
    detach: "移除 parts",
    reserved: "预留实例",
    reserve: "设置预留实例",
    addPolicy: "添加策略",
    moments: "时刻",
    name: "名称",
    cronRule: "六个字段",
    instances: "实例",
    cause: "预留",
    end: "结束预留",
  },
};

const NAME = "shop";
const language = process.argv[2] === "zh" ? "zh" : "en";
const words = WORDS[language];

await walk(language, async ({ page, look }) => {
  const dialog = page.getByRole("dialog");
  const panel = page.getByRole("tabpanel");
  const ok = () => dialog.getByRole("button", { name: words.ok, exact: true }).click();
  const gone = () => dialog.waitFor({ state: "detached" });
  const wrong = (text) => dialog.locator(".ant-form-item-explain-error", { hasText: text }).first().waitFor();
  const tab = (name) => page.goto(page.url().replace(/[^/]*$/, name));

  const tags = async () => {
    await panel.getByRole("button", { name: words.addTag }).click();
    await dialog.locator("#key").fill("_sys_mine");
    await wrong(words.keyRule);
    await dialog.locator("#key").fill("team");
    await dialog.locator("#value").fill("web");
    await ok();
    await gone();
    await panel.getByText("team", { exact: true }).waitFor();
    await look("tags");
    await panel.getByRole("button", { name: `${words.delete} team` }).click();
    await dialog.getByRole("button", { name: `${words.delete} team` }).click();
    await panel.getByText("team", { exact: true }).waitFor({ state: "detached" });
  };

  const dependencies = async () => {
    await panel.getByRole("button", { name: words.create }).click();
    await ok();
    await wrong(words.fileRule);
    await dialog.locator("#name").fill("1parts");
    await wrong(words.nameRule);
    await look("dependency-wrong");
    await dialog.locator("#name").fill("parts");
    const part = { "part.js": Buffer.from("module.exports = 'from the dependency';\n") };
    await dialog.locator("input[type=file]").setInputFiles(zip("parts.zip", part));
    await dialog.getByText("parts.zip").waitFor();
    await ok();
    await gone();
    await panel.getByRole("button", { name: words.attach }).click();
    await pick(page, dialog.getByLabel(words.dependency, { exact: true }), "parts");
    await pick(page, dialog.getByLabel(words.version, { exact: true }), "1");
    await ok();
    await page.getByText(words.attached).waitFor();
    await gone();
    await panel.getByRole("button", { name: words.detach }).waitFor();
    const { text } = await ask(url);
    assert.equal(text, "from the dependency");
    await look("dependencies");
    // The function uses it: refused, in the server's words.
    await panel.getByRole("button", { name: `${words.delete} parts:1` }).click();
    await dialog.getByRole("button", { name: `${words.delete} parts:1` }).click();
    await dialog.getByRole("alert").waitFor();
    await look("dependency-used");
  };

  const reserved = async () => {
    await panel.getByRole("button", { name: words.reserve }).click();
    await dialog.getByRole("button", { name: words.addPolicy }).click();
    await dialog.getByLabel(words.name, { exact: true }).fill("day");
    await dialog.getByLabel(words.moments, { exact: true }).fill("every morning");
    await wrong(words.cronRule);
    await dialog.getByLabel(words.moments, { exact: true }).fill("0 0 9 * * 1-5");
    await look("reserve");
    await ok();
    await gone();
    await panel.getByText("0 0 9 * * 1-5").waitFor();
    await look("reserved");
    await tab("instances");
    await panel.getByText(words.cause, { exact: true }).first().waitFor();
    await look("reserved-instance");
  };

  const source =
    'const part = (() => { try { return require("./part.js"); } catch { return "none"; } })();\n' +
    'require("http").createServer((request, response) => response.end(part)).listen(8000, "127.0.0.1");\n';
  const start = "/opt/function/runtime/nodejs20.15/rtsp/nodejs/bin/node index.js\n";
  const url = deploy(NAME, { bootstrap: Buffer.from(start), "index.js": Buffer.from(source) });
  await open(page, `/functions/default/${NAME}/tags`);
  await tags();
  await tab("dependencies");
  await dependencies();
  await tab("reserved");
  await reserved();
});
