// An API made and edited in its three steps, with parameters that the gateway then takes and passes on; an authorizer. Wrong input on the way.
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { api, ask, choose, funcd, link, walk } from "./browser.mjs";

const WORDS = {
  en: {
    create: "Create API",
    nameRule: "3 to 255 letters",
    next: "Next",
    finish: "Finish now",
    ok: "OK",
    addParameter: "Add request parameter",
    notInPath: "has no nowhere in braces",
    addMapping: "Add back-end parameter",
    reserved: "The gateway writes this header itself",
    request: "request parameter",
    constant: "constant",
    timeoutRule: "1 to 60000 ms",
    publish: "Publish",
    published: "answers with this definition now",
    edit: "Edit",
    delete: "Delete",
    gone: "the request parameter is gone",
    authorizers: "Custom authorizers",
    createAuthorizer: "Create authorizer",
    authorizerRule: "3 to 64 letters",
    addIdentity: "Add identity source",
    ttlNeeds: "add one, or set 0",
    custom: "Custom: a function decides",
    inUse: "in use by API",
    none: "None: everybody",
  },
  zh: {
    create: "创建 API",
    nameRule: "3 到 255 个字符",
    next: "下一步",
    finish: "立即完成",
    ok: "确定",
    addParameter: "添加请求参数",
    notInPath: "花括号中没有 nowhere",
    addMapping: "添加后端参数",
    reserved: "该请求头由网关写入",
    request: "请求参数",
    constant: "常量参数",
    timeoutRule: "1 到 60000 毫秒",
    publish: "发布API",
    published: "URL 现在按此定义应答",
    edit: "编辑",
    delete: "删除",
    gone: "请求参数已不存在",
    authorizers: "自定义认证",
    createAuthorizer: "创建自定义认证",
    authorizerRule: "3 到 64 个字符",
    addIdentity: "添加身份来源",
    ttlNeeds: "请添加身份来源",
    custom: "自定义认证:由函数决定",
    inUse: "in use by API",
    none: "无认证:所有用户均可访问",
  },
};

const language = process.argv[2] === "zh" ? "zh" : "en";
const words = WORDS[language];
const NAME = "echo";

let page;
let look;
const main = () => page.getByRole("main");
const button = (name) => main().getByRole("button", { name });
const dialog = () => page.getByRole("dialog");
const wrong = (text) => page.locator(".ant-form-item-explain-error", { hasText: text }).waitFor();
const ok = () =>
  dialog()
    .getByRole("button", { name: new RegExp(`${words.ok}$`) })
    .click();
const closed = () => dialog().waitFor({ state: "detached" });
const heading = () => page.getByRole("heading", { level: 1 });

async function create() {
  await page.goto(`${api}/console/apis`);
  await main()
    .getByRole("link", { name: new RegExp(`${words.create}$`) })
    .click();
  await page.locator("#name").fill("ab");
  await wrong(words.nameRule);
  await look("create-basic-wrong");
  await page.locator("#name").fill("orders");
  await button(words.next).click();
  await page.locator("#req_uri").fill("/orders/{id}");
  await parameters();
  await look("create-request");
  await button(words.next).click();
  await backEnd();
  await look("create-back-end");
  await button(words.finish).click();
  await page.waitForURL(/apis\/[0-9a-f]{32}$/);
  await publish();
  await look("api-with-parameters");
}

/** One of the path, which must stand there, and one that must be in the query, from 1 to 9. */
async function parameters() {
  await button(words.addParameter).click();
  await choose(page, "parameter_location", "PATH");
  await page.locator("#parameter_name").fill("nowhere");
  await wrong(words.notInPath);
  await look("parameter-wrong");
  await page.locator("#parameter_name").fill("id");
  await ok();
  await closed();
  await button(words.addParameter).click();
  await choose(page, "parameter_type", "NUMBER");
  await page.locator("#parameter_name").fill("count");
  await page.locator("#parameter_required").click();
  await page.locator("#parameter_valid_enable").click();
  await page.locator("#parameter_min_num").fill("1");
  await page.locator("#parameter_max_num").fill("9");
  await look("parameter");
  await ok();
  await closed();
}

async function backEnd() {
  await choose(page, "function_urn", NAME, heading());
  await page.locator("#timeout").fill("70000");
  await wrong(words.timeoutRule);
  await page.locator("#timeout").fill("30000");
  await button(words.addMapping).click();
  await page.locator("#mapping_name").fill("X_Real_IP");
  await wrong(words.reserved);
  await page.locator("#mapping_name").fill("x-order");
  await choose(page, "mapping_value", "id");
  await look("mapping");
  await ok();
  await closed();
  await button(words.addMapping).click();
  await page.locator("#mapping_name").fill("x-shop");
  await dialog().getByText(words.constant, { exact: true }).click();
  await page.locator("#mapping_value").fill("blue");
  await ok();
  await closed();
}

async function publish() {
  await main().getByRole("button", { name: words.publish, exact: true }).click();
  await dialog().getByRole("button", { name: words.publish, exact: true }).click();
  await page.getByText(words.published).first().waitFor();
  await closed();
}

/** The gateway takes what was entered, and the function gets it. */
async function answers() {
  const url = (await page.getByTestId("api-url").textContent()).trim().replace("{id}", "7");
  const refused = await ask(`${url}?count=10`);
  assert.equal(refused.status, 400, refused.text);
  const { status, text } = await ask(`${url}?count=3`);
  assert.equal(status, 200, text);
  const { headers } = JSON.parse(text);
  assert.equal(headers["x-order"], "7");
  assert.equal(headers["x-shop"], "blue");
  return url;
}

/** A parameter that the back end still wants is missed; the seed page's early end comes from the second step. */
async function edit(url) {
  const place = page.url();
  await main()
    .getByRole("link", { name: new RegExp(words.edit) })
    .click();
  await button(words.next).click();
  await button(`${words.delete} id`).click();
  await button(words.finish).click();
  await wrong(words.gone);
  await look("edit-back-end-wrong");
  await button(`${words.delete} HEADER x-order`).click();
  await choose(page, "qualifier", "v1", heading());
  await button(words.finish).click();
  await page.waitForURL(place);
  await publish();
  const { headers } = JSON.parse((await ask(`${url}?count=3`)).text);
  assert.equal(headers["x-order"], undefined);
  assert.equal(headers["x-cff-func-version"], "v1");
  assert.equal(headers["x-shop"], "blue");
  return place;
}

/** What is kept must be told apart; one that an API asks cannot be deleted. */
async function authorizer(place) {
  await page.goto(`${api}/console/apis`);
  await page.getByRole("tab", { name: words.authorizers, exact: true }).click();
  await button(words.createAuthorizer).click();
  await page.locator("#name").fill("1door");
  await wrong(words.authorizerRule);
  await page.locator("#name").fill("door");
  await choose(page, "function_urn", NAME);
  await page.locator("#ttl").fill("60");
  await wrong(words.ttlNeeds);
  await look("authorizer-wrong");
  await dialog()
    .getByRole("button", { name: new RegExp(words.addIdentity) })
    .click();
  await page.locator("#identities_0_name").fill("x-key");
  await ok();
  await closed();
  await page.getByRole("cell", { name: "HEADER x-key" }).waitFor();
  await look("authorizers");
  await decides(place, words.custom);
  await remove();
  await dialog().getByText(words.inUse).waitFor();
  await look("authorizer-in-use");
  await page.keyboard.press("Escape");
  await closed();
  await decides(place, words.none);
  await remove();
  await closed();
}

async function decides(place, how) {
  await page.goto(`${place}/edit`);
  await page.getByText(how, { exact: true }).click();
  if (how === words.custom) await choose(page, "authorizer_id", "door", heading());
  await look(`edit-basic-${how === words.custom ? "custom" : "none"}`);
  await button(words.finish).click();
  await page.waitForURL(place);
}

async function remove() {
  await page.goto(`${api}/console/apis/authorizers`);
  await button(words.delete).click();
  await dialog()
    .getByRole("button", { name: new RegExp(`${words.delete}$`) })
    .click();
}

await walk(language, async (browser) => {
  ({ page, look } = browser);
  const folder = fileURLToPath(new URL("echo", import.meta.url));
  funcd("deploy", folder, "--name", NAME);
  funcd("publish", NAME, "--version", "v1");
  await page.goto(link());
  await page.getByText(NAME).first().waitFor();
  await create();
  const url = await answers();
  const place = await edit(url);
  await authorizer(place);
});
