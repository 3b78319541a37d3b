// What is beside the APIs: apps with their codes and authorizations. Wrong input on the way; what is shown is tried at the gateway.
//
//   API=http://127.0.0.1:8081 FUNCD=target/release/funcd FUNCD_DATA_DIR=DIR CHROMIUM=/usr/bin/chromium PICTURES=DIR node gateway.mjs en
import assert from "node:assert/strict";
import { api, ask, funcd, link, sample, walk } from "./browser.mjs";

const WORDS = {
  en: {
    apps: "Apps",
    createApp: "Create app",
    appRule: "3 to 64 letters, digits and _ that begin with a letter",
    appMade: "The app is there",
    ok: "OK",
    authorize: "Authorize",
    authorized: "Authorized",
    makeCode: "Make a code",
    codeRule: "64 to 180 letters",
    codeMade: "The code is there",
    setAddresses: "Set addresses",
    notThere: "is no address, range",
    addressesSet: "The addresses are set",
    show: "Show",
    resetSecret: "Reset secret",
    resetDone: "The app has a new secret",
    mayCall: "Apps that may call",
  },
  zh: {
    apps: "凭据(应用)",
    createApp: "创建应用",
    appRule: "3 到 64 个字符,可包含文字、数字和 _,以文字开头",
    appMade: "应用已创建",
    ok: "确定",
    authorize: "授权",
    authorized: "已授权",
    makeCode: "添加 AppCode",
    codeRule: "64 到 180 个字符",
    codeMade: "AppCode 已添加",
    setAddresses: "设置地址",
    notThere: "is no address, range",
    addressesSet: "地址已设置",
    show: "显示",
    resetSecret: "重置 Secret",
    resetDone: "应用已有新的 Secret",
    mayCall: "可调用的应用",
  },
};

const language = process.argv[2] === "zh" ? "zh" : "en";
const words = WORDS[language];
const NAME = "shop";

let page;
let look;
const button = (name) => page.getByRole("main").getByRole("button", { name });
const dialog = () => page.getByRole("dialog");
const says = (text) => page.getByText(text).first().waitFor();
const wrongField = (text) => page.locator(".ant-form-item-explain-error", { hasText: text }).waitFor();
const ok = () => dialog().getByRole("button", { name: words.ok, exact: true }).click();
const closed = () => dialog().waitFor({ state: "detached" });

/** Opens the list of a field of the dialog and chooses what has this text. */
async function choose(field, text) {
  await page.locator(`#${field}`).click();
  await page.locator(".ant-select-item-option", { hasText: text }).first().click();
  await page.keyboard.press("Escape");
}

/** A function with an API that asks for an app, and may be called with a code. */
async function deploy() {
  const folder = sample();
  const url = funcd("deploy", folder, "--name", NAME, "--auth", "app");
  const id = JSON.parse(funcd("api", "list", "--json")).find((one) => one.name.includes(NAME)).id;
  funcd("api", "edit", id, "--simple-auth");
  funcd("api", "publish", id);
  return { id, url };
}

async function apps(shop) {
  await page.goto(`${api}/console/apis`);
  await page.getByRole("tab", { name: words.apps, exact: true }).click();
  await says("funcd app create NAME");
  await look("apps-empty");
  await button(words.createApp).click();
  await page.locator("#name").fill("1 shop");
  await wrongField(words.appRule);
  await page.locator("#app_secret").fill("short");
  await look("app-create-wrong");
  await page.locator("#name").fill("webshop");
  await page.locator("#app_secret").fill("");
  await ok();
  await says(words.appMade);
  await look("apps");
  await page.getByRole("link", { name: "webshop" }).click();
  await authorize();
  await code(shop);
  await addresses();
  await look("app");
  await secret();
}

async function authorize() {
  await button(words.authorize).click();
  await choose("apis", NAME);
  await look("app-authorize");
  await ok();
  await says(words.authorized);
  await closed();
  await page.getByRole("link", { name: `API_${NAME}` }).waitFor();
}

/** A code is accepted by the gateway as soon as it is shown. */
async function code(shop) {
  assert.equal((await ask(shop.url)).status, 401);
  await button(words.makeCode).click();
  await page.locator("#code").fill("too short");
  await wrongField(words.codeRule);
  await page.locator("#code").fill("");
  await ok();
  await says(words.codeMade);
  await closed();
  const card = page.locator(".ant-card", { hasText: "X-Apig-AppCode" });
  await card.getByRole("button", { name: words.show }).click();
  const text = (await card.locator("tbody .mono").first().textContent()).trim();
  const answer = await ask(shop.url, { "x-apig-appcode": text });
  assert.equal(answer.status, 200, answer.text);
}

/** What the server refuses is shown in its words, and the dialog stays. */
async function addresses() {
  await button(words.setAddresses).click();
  await page.locator("#list").fill("127.0.0.1\nnowhere");
  await ok();
  await dialog().getByText(words.notThere).waitFor();
  await page.locator("#list").fill("127.0.0.0/8\n192.0.2.1-192.0.2.9");
  await ok();
  await says(words.addressesSet);
  await closed();
  await says("192.0.2.1-192.0.2.9");
}

async function secret() {
  const facts = page.locator(".ant-descriptions");
  await facts.getByRole("button", { name: words.show }).click();
  const before = await facts.textContent();
  await button(words.resetSecret).click();
  await ok();
  await says(words.resetDone);
  await page.waitForFunction((old) => document.querySelector(".ant-descriptions").textContent !== old, before);
}

async function callers(shop) {
  await page.goto(`${api}/console/apis/${shop.id}`);
  await says(words.mayCall);
  await page.getByRole("link", { name: "webshop" }).waitFor();
  await look("api-of-apps");
}

await walk(language, async (browser) => {
  ({ page, look } = browser);
  const shop = await deploy();
  await page.goto(link());
  await page.getByText(NAME).first().waitFor();
  await apps(shop);
  await callers(shop);
});
