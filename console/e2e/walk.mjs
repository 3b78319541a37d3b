// The steps of the vendor's page "create an HTTP function", in the console, with its own two files; wrong input on the way.
//
//   API=http://127.0.0.1:8081 FUNCD=target/release/funcd FUNCD_DATA_DIR=DIR CHROMIUM=/usr/bin/chromium PICTURES=DIR node walk.mjs en
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { zipSync } from "fflate";
import { api, ask, link, walk } from "./browser.mjs";

const WORDS = {
  en: {
    signIn: "Sign in",
    wrong: "The user name or password is wrong",
    used: "The link was used before",
    empty: "No functions yet",
    create: "Create function",
    nested: "Zip the contents of the folder, not the folder",
    nameRule: "begins with a letter",
    ready: "The package can be deployed",
    triggers: "Triggers",
    createTrigger: "Create trigger",
    ok: "OK",
    edit: "Edit",
    next: "Next",
    finish: "Finish now",
    pathRule: "Begins with /",
    publish: "Publish",
    published: "The URL answers with this definition now",
    code: "Code",
    deployed: "The next request is answered by the new code",
    test: "Test",
    send: "Send",
    configuration: "Configuration",
    timeout: "Timeout (s)",
    range: "3 to 259200",
    save: "Save",
    saved: "answered with the new settings",
    overview: "Overview",
    signOut: "Sign out",
  },
  zh: {
    signIn: "登录",
    wrong: "用户名或密码错误",
    used: "该链接已使用过",
    empty: "还没有函数",
    create: "创建函数",
    nested: "请压缩文件夹中的内容,而不是文件夹本身",
    nameRule: "以字母开头",
    ready: "该代码包可以部署",
    triggers: "触发器",
    createTrigger: "创建触发器",
    ok: "确定",
    edit: "编辑",
    next: "下一步",
    finish: "立即完成",
    pathRule: "以 / 开头",
    publish: "发布API",
    published: "URL 现在按此定义应答",
    code: "代码",
    deployed: "下一个请求将由新代码处理",
    test: "测试",
    send: "发送",
    configuration: "设置",
    timeout: "执行超时时间(秒)",
    range: "3 到 259200",
    save: "保存",
    saved: "下一个请求将使用新配置",
    overview: "概览",
    signOut: "退出登录",
  },
};

const NAME = "http-test";
const SAID = "This is http function.";
const language = process.argv[2] === "zh" ? "zh" : "en";
const words = WORDS[language];

const sample = (name) => readFileSync(new URL(`../../e2e/apps/seed-node12/${name}`, import.meta.url));
const files = { bootstrap: sample("bootstrap"), "index.js": sample("index.js") };
const inFolder = Object.fromEntries(Object.entries(files).map(([name, bytes]) => [`app/${name}`, bytes]));
const zip = (name, content) => ({ name, mimeType: "application/zip", buffer: Buffer.from(zipSync(content)) });

let context;
let page;
let look;
const button = (name) => page.getByRole("button", { name });
const tab = (name) => page.getByRole("tab", { name, exact: true }).click();
const says = (text) => page.getByText(text).first().waitFor();

async function signIn() {
  await page.goto(api);
  await page.waitForURL("**/console/");
  await page.locator("#user").fill("admin");
  await page.locator("#password").fill("wrong");
  await button(words.signIn).click();
  await says(words.wrong);
  await look("login");
  const once = link();
  // In the address of the page that is open, which is not loaded anew.
  await page.goto(once);
  await says(words.empty);
  assert.ok(!page.url().includes("link="), "the link stays in the address");
  await look("functions-empty");
  return once;
}

async function create() {
  await page.getByRole("link", { name: words.create }).click();
  const file = page.locator("input[type=file]");
  await file.setInputFiles(zip("app.zip", inFolder));
  await says(words.nested);
  assert.ok(await button(words.create).isDisabled(), "a package without a bootstrap can be sent");
  await look("create-wrong");
  await file.setInputFiles(zip("http.zip", files));
  await says(words.ready);
  await page.locator("#name").fill("1-http");
  await page.locator(".ant-form-item-explain-error", { hasText: words.nameRule }).waitFor();
  await page.locator("#name").fill(NAME);
  await look("create");
  await button(words.create).click();
  await page.waitForURL(`**/functions/default/${NAME}/code`, { timeout: 180_000 });
  await page.locator(".cm-content").waitFor();
  await look("code");
}

async function trigger() {
  await tab(words.triggers);
  await page.getByRole("tabpanel").getByRole("button", { name: words.createTrigger }).click();
  await page.getByRole("dialog").getByRole("button", { name: words.ok, exact: true }).waitFor();
  await look("trigger-dialog");
  await page.getByRole("dialog").getByRole("button", { name: words.ok, exact: true }).click();
  const url = await page.getByTestId("invoke-url").getAttribute("href");
  const { status, text } = await ask(url);
  assert.equal(status, 200, text);
  assert.ok(text.includes(SAID), text);
  await look("triggers");
}

async function publish() {
  await page
    .getByRole("tabpanel")
    .getByRole("link", { name: `API_${NAME}` })
    .click();
  await page.getByTestId("api-url").waitFor();
  await look("api");
  await page.getByRole("main").getByRole("link", { name: words.edit }).click();
  await button(words.next).click();
  await page.locator("#req_uri").fill("user/get");
  await page.locator(".ant-form-item-explain-error", { hasText: words.pathRule }).waitFor();
  await look("api-edit");
  await page.locator("#req_uri").fill("/user/get");
  await button(words.finish).click();
  await page.waitForURL((url) => !url.pathname.endsWith("/edit"));
  await page.getByRole("main").getByRole("button", { name: words.publish, exact: true }).click();
  await page.getByRole("dialog").getByRole("button", { name: words.publish, exact: true }).click();
  await says(words.published);
  await look("api-published");
}

async function call() {
  await page.goto(`${api}/console/functions/default/${NAME}/triggers`);
  const url = await page.getByTestId("invoke-url").getAttribute("href");
  assert.ok(url.endsWith("/user/get"), url);
  const [opened] = await Promise.all([context.waitForEvent("page"), page.getByTestId("invoke-url").click()]);
  await opened.getByText(SAID).waitFor();
  await opened.close();
  return url;
}

async function change(url) {
  await tab(words.code);
  await page.locator(".cm-line", { hasText: SAID }).click();
  await page.keyboard.press("Home");
  await page.keyboard.press("Shift+End");
  await page.keyboard.type("    res.write('changed in the console');");
  await page.keyboard.press("Control+s");
  await says(words.deployed);
  const { text } = await ask(url);
  assert.ok(text.includes("changed in the console"), text);
}

async function test() {
  await tab(words.test);
  await page.getByRole("button", { name: new RegExp(`${words.send}$`) }).click();
  await page.getByTestId("answer-body").getByText("changed in the console").waitFor();
  assert.equal(await page.getByTestId("status").textContent(), "200");
  await page.getByRole("figure").waitFor();
  await look("test");
}

async function configure() {
  await tab(words.configuration);
  await page.locator("#timeout").fill("2");
  await page.locator(".ant-form-item-explain-error", { hasText: words.range }).waitFor();
  await page.locator("#timeout").fill("20");
  await button(words.save).click();
  await says(words.saved);
  await look("configuration");
  await tab(words.overview);
  await look("overview");
}

/** One half of a session is none; signing out ends it everywhere. */
async function leave(once) {
  const cookieAlone = await page.evaluate(() => fetch("/console/session").then((answer) => answer.status));
  assert.equal(cookieAlone, 401, "a cookie alone lets somebody in");
  const key = await page.evaluate(() => localStorage.getItem("funcd.session"));
  const keyAlone = await fetch(`${api}/console/session`, { headers: { "x-funcd-session": key } });
  assert.equal(keyAlone.status, 401, "the key alone lets somebody in");
  const other = await context.newPage();
  await other.goto(`${api}/console/apis`);
  await other.getByText(`API_${NAME}`).waitFor();
  await page.goto(`${api}/console/functions`);
  await page.getByText(NAME).first().waitFor();
  await look("functions");
  await page.getByRole("button", { name: "admin" }).click();
  await page.getByText(words.signOut).click();
  await page.locator("#user").waitFor();
  await other.locator("#user").waitFor();
  await other.close();
  await page.goto("about:blank");
  await page.goto(once);
  await says(words.used);
}

await walk(language, async (browser) => {
  ({ context, page, look } = browser);
  const once = await signIn();
  await create();
  await trigger();
  await publish();
  const url = await call();
  await change(url);
  await test();
  await configure();
  await leave(once);
});
