// What is beside the APIs: apps with their codes and authorizations, policies and what they are bound to. Wrong input on the way; what is shown is tried at the gateway.
//
//   API=http://127.0.0.1:8081 FUNCD=target/release/funcd FUNCD_DATA_DIR=DIR CHROMIUM=/usr/bin/chromium PICTURES=DIR node gateway.mjs en
import assert from "node:assert/strict";
import { api, ask, choose, funcd, link, sample, walk } from "./browser.mjs";

const WORDS = {
  en: {
    apps: "Apps",
    createApp: "Create app",
    appRule: "3 to 64 letters, digits and _ that begin with a letter",
    appMade: "The app is there",
    ok: "OK",
    authorize: "Authorize",
    makeCode: "Make a code",
    codeRule: "64 to 180 letters",
    codeMade: "The code is there",
    setAddresses: "Set addresses",
    notThere: "is no address, range",
    addressesSet: "The addresses are set",
    show: "Show",
    resetSecret: "Reset secret",
    mayCall: "Apps that may call",
    call: "Call",
    send: "Send",
    groups: "Groups",
    addDomain: "Add a domain",
    domainRule: "A host name such as",
    setCertificate: "Set certificate",
    addVariable: "Add a variable",
    addResponses: "Add responses",
    environments: "Environments",
    addEnvironment: "Add an environment",
    environmentRule: "3 to 64 letters",
    throttles: "Throttling",
    createThrottle: "Create throttling policy",
    noMore: "No more than calls of an API",
    saved: "Saved. It holds from now on.",
    bind: "Bind to APIs",
    bindDone: "Bound. It holds from now on.",
    addSpecial: "Add a limit",
    specialSet: "The limit is set",
    acls: "Access control",
    createAcl: "Create access control policy",
    noAddress: "acl_value",
    plugins: "Plug-ins",
    createPlugin: "Create plug-in",
    noOrigin: "is not an origin",
    policies: "Policies",
    json: "JSON",
    form: "Form",
    noJson: "This is no JSON object",
  },
  zh: {
    apps: "凭据(应用)",
    createApp: "创建应用",
    appRule: "3 到 64 个字符,可包含文字、数字和 _,以文字开头",
    appMade: "应用已创建",
    ok: "确定",
    authorize: "授权",
    makeCode: "添加 AppCode",
    codeRule: "64 到 180 个字符",
    codeMade: "AppCode 已添加",
    setAddresses: "设置地址",
    notThere: "is no address, range",
    addressesSet: "地址已设置",
    show: "显示",
    resetSecret: "重置 Secret",
    mayCall: "可调用的应用",
    call: "调试",
    send: "发送请求",
    groups: "API 分组",
    addDomain: "绑定独立域名",
    domainRule: "域名,例如",
    setCertificate: "设置证书",
    addVariable: "添加变量",
    addResponses: "添加响应",
    environments: "环境",
    addEnvironment: "创建环境",
    environmentRule: "3 到 64 个字符",
    throttles: "流量控制",
    createThrottle: "创建流量控制策略",
    noMore: "不能超过 API 流量限制",
    saved: "已保存,立即生效。",
    bind: "绑定 API",
    bindDone: "已绑定,立即生效。",
    addSpecial: "添加限制",
    specialSet: "限制已设置",
    acls: "访问控制",
    createAcl: "创建访问控制策略",
    noAddress: "acl_value",
    plugins: "插件",
    createPlugin: "创建插件",
    noOrigin: "is not an origin",
    policies: "策略",
    json: "JSON",
    form: "表单",
    noJson: "不是 JSON 对象",
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
const ok = () =>
  dialog()
    .getByRole("button", { name: new RegExp(`${words.ok}$`) })
    .click();
const closed = () => dialog().waitFor({ state: "detached" });

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
  await says("sudo funcd app create NAME");
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
  await choose(page, "apis", NAME);
  await look("app-authorize");
  await ok();
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
  shop.code = text;
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
  await page.waitForFunction((old) => document.querySelector(".ant-descriptions").textContent !== old, before);
}

async function callers(shop) {
  await page.goto(`${api}/console/apis/${shop.id}`);
  await says(words.mayCall);
  await page.getByRole("link", { name: "webshop" }).waitFor();
  await look("api-of-apps");
}

const tab = async (name) => {
  await page.goto(`${api}/console/apis`);
  await page.getByRole("tab", { name, exact: true }).click();
};

/** Two calls in an hour: the third is refused by the gateway as soon as the policy is bound. */
async function throttle(shop) {
  await tab(words.throttles);
  await button(words.createThrottle).click();
  await page.locator("#name").fill("two_an_hour");
  await page.locator("#api_call_limits").fill("2");
  await choose(page, "time_unit", language === "zh" ? "小时" : "hours");
  await page.locator("#user_call_limits").fill("3");
  await wrongField(words.noMore);
  await look("throttle-create-wrong");
  await page.locator("#user_call_limits").fill("");
  await ok();
  await says(words.saved);
  await closed();
  await look("throttles");
  await page.getByRole("link", { name: "two_an_hour" }).click();
  await bindTo();
  const statuses = [];
  for (let count = 0; count < 3; count += 1) statuses.push((await ask(shop.url)).status);
  assert.deepEqual(statuses, [401, 401, 401], "calls without an app are counted");
  await button(words.addSpecial).click();
  await choose(page, "object", "webshop");
  await page.locator("#calls").fill("1");
  await ok();
  await says(words.specialSet);
  await closed();
  await look("throttle");
  const answers = [];
  for (let count = 0; count < 2; count += 1)
    answers.push((await ask(shop.url, { "x-apig-appcode": shop.code })).status);
  assert.deepEqual(answers, [200, 429]);
}

async function bindTo() {
  await button(words.bind).click();
  await choose(page, "places", NAME);
  await ok();
  await says(words.bindDone);
  await closed();
  await page
    .getByRole("main")
    .getByRole("link", { name: `API_${NAME}` })
    .waitFor();
}

async function acl() {
  await tab(words.acls);
  await button(words.createAcl).click();
  await page.locator("#name").fill("home");
  await page.locator("#values").fill("127.0.0.1\nnowhere");
  await ok();
  await dialog().getByText(words.noAddress).first().waitFor();
  await look("acl-create-wrong");
  await page.locator("#values").fill("127.0.0.0/8\n::1");
  await ok();
  await says(words.saved);
  await closed();
  await look("acls");
  await page.getByRole("link", { name: "home" }).click();
  await bindTo();
  await look("acl");
}

/** The form and the text say the same, and the server's words about a document are shown. */
async function plugin(shop) {
  await tab(words.plugins);
  await button(words.createPlugin).click();
  await page.locator("#name").fill("pages");
  await page.locator("#cors_allow_origin").fill("example.com");
  await ok();
  await dialog().getByText(words.noOrigin).waitFor();
  await look("plugin-create-wrong");
  await dialog().getByText(words.json, { exact: true }).click();
  const text = await page.locator("#json").inputValue();
  assert.equal(JSON.parse(text).allow_origin, "example.com");
  await page.locator("#json").fill("{");
  await wrongField(words.noJson);
  await page.locator("#json").fill(text.replace("example.com", "https://example.com"));
  await dialog().getByText(words.form, { exact: true }).click();
  assert.equal(await page.locator("#cors_allow_origin").inputValue(), "https://example.com");
  await ok();
  await says(words.saved);
  await closed();
  await page.getByRole("link", { name: "pages" }).click();
  await bindTo();
  await look("plugin");
  const { headers } = await ask(shop.url, { origin: "https://example.com" });
  assert.equal(headers["access-control-allow-origin"], "https://example.com");
}

async function policiesOfApi(shop) {
  await page.goto(`${api}/console/apis/${shop.id}`);
  for (const name of ["two_an_hour", "home", "pages"]) await page.getByRole("link", { name }).waitFor();
  await look("api-of-policies");
}

/** An API called for a test: a wrong path is said, and what the function answered is shown. */
async function call(shop) {
  await page.goto(`${api}/console/apis/${shop.id}`);
  await page
    .getByRole("main")
    .getByRole("link", { name: new RegExp(`${words.call}$`) })
    .click();
  await page.locator("#path").fill("nowhere");
  await wrongField("/");
  await page.locator("#path").fill("/?a=1");
  await button(words.send).click();
  await page.getByTestId("status").getByText("401").waitFor();
  await look("call-refused");
  await choose(page, "app", "webshop", page.getByRole("heading", { level: 1 }));
  await button(words.send).click();
  await page.getByTestId("answer-body").getByText("This is http function.").waitFor();
  await look("call");
}

/** A group's domain, variable and own answers; the gateway answers so at once. */
async function group(shop) {
  await tab(words.groups);
  await page
    .getByRole("link", { name: `${NAME}` })
    .first()
    .click();
  await button(words.addDomain).click();
  await page.locator("#name").fill("192.0.2.1");
  await wrongField(words.domainRule);
  await page.locator("#name").fill("shop.example.com");
  await ok();
  await closed();
  await page.getByText("shop.example.com").first().waitFor();
  await button(words.setCertificate).click();
  await page.locator("#chain").fill("no certificate");
  await wrongField("-----BEGIN");
  await page.locator("#chain").fill("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----");
  await page.locator("#key").fill("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----");
  await ok();
  await dialog().locator("[role=alert]", { hasText: "cert_content" }).waitFor();
  await look("certificate-wrong");
  await page.keyboard.press("Escape");
  await closed();
  await button(words.addVariable).click();
  await page.locator("#name").fill("stage");
  await page.locator("#value").fill("blue");
  await ok();
  await closed();
  await says("#stage#");
  await button(words.addResponses).click();
  await page.locator("#name").fill("own");
  await ok();
  await closed();
  await page.locator("tr", { hasText: "default" }).first().getByRole("button").first().click();
  await page.locator("tr[data-row-key=AUTH_HEADER_MISSING]").getByRole("button").click();
  await page.locator("#body").fill("who are you?");
  await ok();
  await closed();
  await look("group");
  const { text } = await ask(shop.url);
  assert.equal(text, "who are you?");
}

async function environment() {
  await tab(words.environments);
  await button(words.addEnvironment).click();
  await page.locator("#name").fill("1");
  await wrongField(words.environmentRule);
  await page.locator("#name").fill("staging");
  await ok();
  await closed();
  await says("staging");
  await look("environments");
}

await walk(language, async (browser) => {
  ({ page, look } = browser);
  const shop = await deploy();
  await page.goto(link());
  await page.getByText(NAME).first().waitFor();
  await apps(shop);
  await callers(shop);
  await call(shop);
  await throttle(shop);
  await acl();
  await plugin(shop);
  await policiesOfApi(shop);
  await group(shop);
  await environment();
});
