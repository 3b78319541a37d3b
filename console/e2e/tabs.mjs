// What a page must not lose or leave to chance: the same code edited in two tabs, a package that is dropped and one that is downloaded, what is
// chosen in the header, several functions at once, and a log that is searched.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { strFromU8, unzipSync } from "fflate";
import { api, ask, funcd, named, walk } from "./browser.mjs";
import { deploy, files, open, pick, zip } from "./functions.mjs";

const WORDS = {
  en: {
    discard: "Discard changes",
    elsewhere: "Deployed elsewhere meanwhile",
    cancel: "Cancel",
    overwrite: "Overwrite with mine",
    theirs: "Discard mine, open theirs",
    download: "Download",
    event: "Event function",
    refused: "FSS.1005",
    create: "Create function",
    rollBack: "Roll back",
    language: "Language",
    theme: "Appearance",
    dark: "Dark",
    light: "Light",
    other: "中文",
    title: "Functions",
    otherTitle: "函数列表",
    project: "Project",
    pin: "Pin to the top",
    unpin: "Unpin",
    disable: "Disable",
    enable: "Enable",
    delete: "Delete",
    disabled: "Disabled",
    version: "Version",
    level: "Level",
  },
  zh: {
    discard: "放弃修改",
    elsewhere: "代码已在别处重新部署",
    cancel: "取消",
    overwrite: "用我的代码覆盖",
    theirs: "放弃我的修改,打开最新代码",
    download: "下载",
    event: "事件函数",
    refused: "FSS.1005",
    create: "创建函数",
    rollBack: "回滚",
    language: "语言",
    theme: "外观",
    dark: "深色",
    light: "浅色",
    other: "English",
    title: "函数列表",
    otherTitle: "Functions",
    project: "项目",
    pin: "置顶",
    unpin: "取消置顶",
    disable: "禁用",
    enable: "启用",
    delete: "删除",
    disabled: "已禁用",
    version: "版本",
    level: "级别",
  },
};

const NAME = "shop";
const language = process.argv[2] === "zh" ? "zh" : "en";
const words = WORDS[language];
const button = (of, name) => of.getByRole("button", { name: named(name) });

await walk(language, async ({ context, page, look }) => {
  const main = page.getByRole("main");
  const dialog = page.getByRole("dialog");
  const go = (place) => page.goto(`${api}/console${place}`);
  const gone = () => dialog.waitFor({ state: "detached" });

  /** Puts a line at the top of the file that is open. */
  const type = async (tab, text) => {
    await tab.locator(".cm-line").first().click();
    await tab.keyboard.press("Control+Home");
    await tab.keyboard.type(`// ${text}\n`);
    await button(tab, words.discard).waitFor();
  };
  /** Once nothing is left to save; what is said of it is gone after some seconds, whoever looked. */
  const saved = (tab) => button(tab, words.discard).waitFor({ state: "detached" });
  const code = () => funcd("request", "GET", `/v2/${project}/fgs/functions/default:${NAME}/code`);
  const digest = () => JSON.parse(code()).digest;
  const { project_id: project } = JSON.parse(funcd("credentials", "--json"));

  /** Two tabs: the second one to save is asked, and neither loses anything unasked. */
  async function twoTabs() {
    await open(page, `/functions/default/${NAME}/code`);
    const other = await context.newPage();
    await other.goto(page.url());
    await other.locator(".cm-line").first().waitFor();
    await type(page, "of the second tab");
    await type(other, "of the first tab");
    await other.keyboard.press("Control+s");
    await saved(other);
    const theirs = digest();
    await page.bringToFront();
    await page.keyboard.press("Control+s");
    await dialog.getByText(words.elsewhere).waitFor();
    await dialog.locator(".cm-deletedChunk, .cm-changedLine").first().waitFor();
    await look("elsewhere");
    assert.equal(digest(), theirs, "something was overwritten unasked");
    await button(dialog, words.cancel).click();
    await gone();
    await page.locator(".cm-content", { hasText: "of the second tab" }).waitFor();
    await page.keyboard.press("Control+s");
    await button(dialog, words.theirs).click();
    await gone();
    await page.locator(".cm-content", { hasText: "of the first tab" }).waitFor();
    assert.equal(await page.locator(".cm-content", { hasText: "of the second tab" }).count(), 0);
    assert.equal(digest(), theirs);
    // What is deployed here is deployed upon without a question, again and again.
    await type(page, "mine");
    await page.keyboard.press("Control+s");
    await saved(page);
    await type(page, "mine again");
    await page.keyboard.press("Control+s");
    await saved(page);
    const mine = digest();
    await type(other, "of the first tab again");
    await other.keyboard.press("Control+s");
    await button(other.getByRole("dialog"), words.overwrite).click();
    await saved(other);
    assert.notEqual(digest(), mine);
    await other.close();
  }

  /** What is downloaded is what is deployed. */
  async function download() {
    await page.reload();
    await page.locator(".cm-content", { hasText: "of the first tab again" }).waitFor();
    const [file] = await Promise.all([page.waitForEvent("download"), button(main, words.download).click()]);
    const inside = unzipSync(new Uint8Array(readFileSync(await file.path())));
    assert.match(strFromU8(inside["index.js"]), /of the first tab again/);
    assert.ok(inside.bootstrap);
  }

  async function drop() {
    await go("/functions/new");
    assert.ok(await main.getByRole("radio", { name: words.event }).isDisabled());
    await main.getByText(words.refused).waitFor();
    const { name, buffer } = zip("dropped.zip", files("dropped"));
    const carried = await page.evaluateHandle(
      ([called, bytes]) => {
        const data = new DataTransfer();
        data.items.add(new File([new Uint8Array(bytes)], called, { type: "application/zip" }));
        return data;
      },
      [name, [...buffer]],
    );
    const place = main.locator(".ant-upload-drag .ant-upload-btn");
    for (const type of ["dragenter", "dragover", "drop"]) await place.dispatchEvent(type, { dataTransfer: carried });
    await main.locator(".ant-alert-success").waitFor();
    assert.equal(await page.locator("#name").inputValue(), "dropped");
    await look("dropped");
    await button(main, words.create).click();
    await page.waitForURL("**/functions/default/dropped/code");
  }

  async function menus() {
    funcd("project", "create", "second");
    await go("/functions");
    const header = page.locator("header");
    const heading = (name) => page.getByRole("heading", { level: 1, name, exact: true }).waitFor();
    const theme = (name) => page.waitForFunction((wanted) => document.documentElement.dataset.theme === wanted, name);
    await heading(words.title);
    await button(header, words.language).click();
    await page.getByRole("menuitem", { name: words.other }).click();
    await heading(words.otherTitle);
    await page.reload();
    await heading(words.otherTitle);
    const back = WORDS[language === "en" ? "zh" : "en"];
    await button(header, back.language).click();
    await page.getByRole("menuitem", { name: back.other }).click();
    await heading(words.title);
    await button(header, words.theme).click();
    await page.getByRole("menuitem", { name: words.dark, exact: true }).click();
    await theme("dark");
    await page.reload();
    await theme("dark");
    await button(header, words.theme).click();
    await page.getByRole("menuitem", { name: words.light, exact: true }).click();
    await theme("light");
    await main.getByRole("link", { name: NAME, exact: true }).waitFor();
    await pick(page, header.getByRole("combobox", { name: words.project }), "second");
    await main.getByRole("link", { name: NAME, exact: true }).waitFor({ state: "detached" });
    await page.reload();
    await header.locator(".ant-select", { hasText: "second" }).waitFor();
    await main.getByText("sudo funcd deploy").first().waitFor();
    // As it was: pictures are taken in either theme.
    await page.evaluate(() => {
      for (const key of ["funcd.project", "funcd.theme"]) localStorage.removeItem(key);
    });
  }

  /** Each of them with both functions. */
  async function bulk() {
    await go("/functions");
    await main.getByRole("link", { name: "dropped" }).waitFor();
    const both = (name) => main.getByRole("button", { name, exact: true }).nth(1).waitFor();
    const disabled = main.locator("tbody").getByText(words.disabled);
    const seen = {
      pin: () => both(words.unpin),
      unpin: () => both(words.pin),
      disable: () => disabled.nth(1).waitFor(),
      enable: () => disabled.first().waitFor({ state: "detached" }),
      delete: () => look("bulk-deleted"),
    };
    for (const [what, then] of Object.entries(seen)) {
      await main.locator("thead input[type=checkbox]").first().check();
      await main.getByRole("button", { name: `${words[what]} (2)` }).click();
      await dialog.getByRole("button", { name: words[what], exact: true }).click();
      await gone();
      await then();
    }
    await main.getByText("sudo funcd deploy").first().waitFor();
  }

  /** Lines of one version, and of one level. */
  async function logs() {
    const speaks = (text) => ({
      ...files(text),
      "index.js": Buffer.from(
        `require("http").createServer((request, response) => {
           console.log("INFO ${text} " + request.url);
           console.log("ERROR ${text} " + request.url);
           response.end("${text}");
         }).listen(8000, "127.0.0.1");`,
      ),
    });
    const url = deploy(NAME, speaks("early")).split("\n").at(-1);
    assert.equal((await ask(new URL("/of-latest", url).href)).text, "early");
    funcd("publish", NAME, "--version", "v1");
    funcd("invoke", `default:${NAME}:v1`, "--path", "/of-v1");
    await go(`/functions/default/${NAME}/logs`);
    const lines = page.getByTestId("lines");
    await lines.getByText("ERROR early /of-v1").waitFor();
    await lines.getByText("INFO early /of-latest").waitFor();
    const version = main.getByRole("textbox", { name: words.version, exact: true });
    await version.fill("v1");
    await lines.getByText("INFO early /of-latest").waitFor({ state: "detached" });
    await lines.getByText("INFO early /of-v1").waitFor();
    await pick(page, main.getByRole("combobox", { name: words.level }), "error");
    await lines.getByText("INFO early /of-v1").waitFor({ state: "detached" });
    await lines.getByText("ERROR early /of-v1").waitFor();
    await look("logs-of-version");
  }

  /** From the oldest version there is no way back. */
  async function oldest() {
    funcd("alias", "set", NAME, "prod", "v1");
    deploy(NAME, "later");
    funcd("publish", NAME, "--version", "v2");
    await go(`/functions/default/${NAME}/versions`);
    await main.locator("tr", { hasText: "v2" }).first().waitFor();
    assert.ok(await button(main, words.rollBack).isDisabled(), "a newer version is offered for the way back");
    await look("oldest");
    funcd("alias", "set", NAME, "prod", "v2");
    await page.reload();
    await main.locator("tr", { hasText: "v2" }).first().waitFor();
    await button(main, words.rollBack).and(page.locator(":enabled")).waitFor();
  }

  deploy(NAME, "one");
  await twoTabs();
  await download();
  await drop();
  await menus();
  await bulk();
  await logs();
  await oldest();
});
