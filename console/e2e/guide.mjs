// The pictures of the user guide (docs/console), as the console looks now: the steps of the vendor's page "create an HTTP function", then each
// main page with something in it.
//
//   API=http://127.0.0.1:8081 FUNCD=target/release/funcd FUNCD_DATA_DIR=DIR CHROMIUM=/usr/bin/chromium PICTURES=docs/console node guide.mjs en
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { zipSync } from "fflate";
import { api, ask, choose, funcd, link, named, sample, settled, walk } from "./browser.mjs";

const WORDS = {
  en: {
    create: "Create function",
    ready: "The package can be deployed",
    createTrigger: "Create trigger",
    ok: "OK",
    edit: "Edit",
    next: "Next",
    finish: "Finish now",
    publish: "Publish",
    published: "The URL answers with this definition now",
    send: "Send",
    createThrottle: "Create throttling policy",
    addTag: "Add tag",
    addEnvironment: "Add an environment",
    createAcl: "Create access control policy",
    createPlugin: "Create plug-in",
    createAuthorizer: "Create authorizer",
    createAgency: "Create agency",
    grant: "Grant a policy",
  },
  zh: {
    create: "创建函数",
    ready: "该代码包可以部署",
    createTrigger: "创建触发器",
    ok: "确定",
    edit: "编辑",
    next: "下一步",
    finish: "立即完成",
    publish: "发布API",
    published: "URL 现在按此定义应答",
    send: "发送",
    createThrottle: "创建流量控制策略",
    addTag: "添加标签",
    addEnvironment: "创建环境",
    createAcl: "创建访问控制策略",
    createPlugin: "创建插件",
    createAuthorizer: "创建自定义认证",
    createAgency: "创建委托",
    grant: "授权",
  },
};
const NAME = "http-test";
const language = process.argv[2] === "zh" ? "zh" : "en";
const words = WORDS[language];

/** How well a picture is kept: letters stay sharp at a third of a PNG's bytes. */
const QUALITY = 50;

let page;
const button = (name) => page.getByRole("button", { name: named(name) });
const main = () => page.getByRole("main");
const panel = () => page.getByRole("tabpanel");
const dialog = () => page.getByRole("dialog");
const go = (place) => page.goto(`${api}/console${place}`);

/** Of the window, with what it is about in sight. */
async function picture(name, about) {
  await page.mouse.move(0, 0);
  await page.locator(".ant-message-notice").first().waitFor({ state: "detached" });
  await page.locator(".ant-spin-spinning, .ant-skeleton-active").first().waitFor({ state: "detached" });
  await page.evaluate(() => window.scrollTo(0, 0));
  await about?.scrollIntoViewIfNeeded();
  await settled(page);
  const session = await page.context().newCDPSession(page);
  const { data } = await session.send("Page.captureScreenshot", { format: "webp", quality: QUALITY });
  await session.detach();
  writeFileSync(join(process.env.PICTURES, `${language}-${name}.webp`), Buffer.from(data, "base64"));
}

/** The vendor's page; gives the URL. */
async function steps() {
  await go("/");
  await page.locator("#user").waitFor();
  await picture("sign-in");
  await page.goto("about:blank");
  await page.goto(link());
  await page.getByRole("link", { name: words.create }).click();
  const files = Object.fromEntries(["bootstrap", "index.js"].map((name) => [name, readFileSync(join(sample(), name))]));
  await page.locator("#name").fill(NAME);
  await page
    .locator("input[type=file]")
    .setInputFiles({ name: "http.zip", mimeType: "application/zip", buffer: Buffer.from(zipSync(files)) });
  await page.getByText(words.ready).waitFor();
  await picture("1-create");
  await button(words.create).click();
  await page.waitForURL(`**/functions/default/${NAME}/code`, { timeout: 180_000 });
  await page.locator(".cm-content").waitFor();
  await picture("2-code");
  await go(`/functions/default/${NAME}/triggers`);
  await panel()
    .getByRole("button", { name: named(words.createTrigger) })
    .click();
  const ok = dialog().getByRole("button", { name: named(words.ok) });
  await ok.waitFor();
  await picture("3-trigger");
  await ok.click();
  await page.getByTestId("invoke-url").waitFor();
  await panel()
    .getByRole("link", { name: `API_${NAME}` })
    .click();
  const place = new URL(page.url()).pathname.replace("/console", "");
  await main()
    .getByRole("link", { name: named(words.edit) })
    .click();
  await button(words.next).click();
  await page.locator("#req_uri").fill("/user/get");
  await picture("4-request");
  await button(words.finish).click();
  await page.waitForURL((url) => !url.pathname.endsWith("/edit"));
  const publish = { name: named(words.publish) };
  await main().getByRole("button", publish).click();
  await dialog().getByRole("button", publish).waitFor();
  await picture("5-publish");
  await dialog().getByRole("button", publish).click();
  await page.getByText(words.published).waitFor();
  await go(`/functions/default/${NAME}/triggers`);
  const url = page.getByTestId("invoke-url");
  await url.waitFor();
  await picture("6-url");
  return { place, url: (await url.textContent()).trim() };
}

/** Fills a dialog in that a button opens. */
async function asked(opener, fields) {
  await button(opener).click();
  for (const [id, text] of Object.entries(fields)) await dialog().locator(`#${id}`).fill(text);
}

async function confirmed() {
  await dialog()
    .getByRole("button", { name: named(words.ok) })
    .click();
  await dialog().waitFor({ state: "detached" });
}

/** Something to be seen: another function that is asked, a version that an alias stands for, an app, a dependency, reserved instances. */
async function fill(url) {
  const noisy = fileURLToPath(new URL("noisy", import.meta.url));
  const shop = funcd("deploy", noisy, "--name", "shop", "--description", "what is sold").split("\n").at(-1);
  funcd("publish", NAME, "--version", "v1");
  funcd("alias", "set", NAME, "prod", "v1");
  funcd("app", "create", "webshop");
  const library = mkdtempSync(join(tmpdir(), "funcd-guide-"));
  writeFileSync(join(library, "prices.js"), "module.exports = { tea: 3, coffee: 4 };\n");
  funcd("dependency", "add", library, "--name", "prices");
  rmSync(library, { recursive: true });
  funcd("deploy", noisy, "--name", "shop", "--dependency", "prices");
  funcd("reserve", "shop", "1", "--cron", "4=0 0 9 * * MON-FRI", "--cron", "1=0 0 18 * * MON-FRI");
  for (const path of ["/hello/1", "/slow", "/hello/2", "/fail", "/hello/3"]) await ask(new URL(path, shop).href);
  for (let count = 0; count < 5; count += 1) await ask(url);
}

async function ofFunction() {
  await go("/functions");
  await page.getByRole("link", { name: "shop" }).waitFor();
  await picture("functions");
  await go(`/functions/default/${NAME}/overview`);
  await panel().locator(".ant-card").nth(1).waitFor();
  await picture("overview");
  await go(`/functions/default/${NAME}/test`);
  await panel()
    .getByRole("button", { name: named(words.send) })
    .click();
  await page.getByTestId("answer-body").waitFor();
  await picture("test");
  await go(`/functions/default/${NAME}/configuration`);
  await page.locator("#timeout").waitFor();
  await picture("configuration");
  await go(`/functions/default/${NAME}/versions`);
  await panel().getByText("prod").first().waitFor();
  await picture("versions");
  await go("/functions/default/shop/instances");
  await panel().locator("tbody tr.ant-table-row").first().waitFor();
  await picture("instances");
  await go("/functions/default/shop/reserved");
  await panel().getByText("0 0 18 * * MON-FRI").waitFor();
  await picture("reserved");
  await go("/functions/default/shop/dependencies");
  await panel().getByText("prices").nth(1).waitFor();
  await picture("dependencies");
  await go("/functions/default/shop/tags");
  for (const [key, value] of [
    ["team", "sales"],
    ["stage", "live"],
  ]) {
    await asked(words.addTag, { key, value });
    await confirmed();
    await panel().getByText(key, { exact: true }).waitFor();
  }
  await picture("tags");
}

async function ofRuns() {
  const rows = main().locator("tbody tr.ant-table-row");
  await go("/monitor");
  await main().locator("figure canvas").nth(3).waitFor();
  await picture("monitor");
  await go("/requests");
  await rows.filter({ hasText: "/fail" }).waitFor();
  await picture("requests");
  await rows.filter({ hasText: "/fail" }).getByRole("link").first().click();
  await main().getByRole("figure").waitFor();
  const line = page.getByTestId("lines").getByText("the basket is gone");
  await line.waitFor();
  await picture("request");
  await go("/logs");
  await line.waitFor();
  await picture("logs");
  await go("/system");
  await main().locator(".ant-card").first().waitFor();
  await picture("system");
}

async function ofGateway(place) {
  await go("/apis");
  await page.getByRole("link", { name: "API_shop" }).waitFor();
  await picture("apis");
  await go(place);
  await page.getByTestId("api-url").waitFor();
  await picture("api");
  await go(`${place}/call`);
  await main().locator("button[type=submit]").click();
  await main().getByText("This is http function.").first().waitFor();
  await picture("call", main().getByText("This is http function.").first());
  await go("/apis/groups");
  await page.getByRole("link", { name: NAME }).first().click();
  await page.waitForURL("**/apis/groups/*");
  await page.getByRole("heading", { level: 1 }).waitFor();
  await picture("group");
  await go("/apis/throttles");
  await button(words.createThrottle).click();
  await page.locator("#name").fill("two_a_second");
  await page.locator("#api_call_limits").fill("2");
  await picture("throttle");
  await go("/apis/apps");
  await page.getByRole("link", { name: "webshop" }).click();
  await page.getByRole("heading", { level: 1 }).waitFor();
  await picture("app");
  await ofPolicies();
}

/** What is beside the APIs and has no picture yet. */
async function ofPolicies() {
  await go("/apis/environments");
  await asked(words.addEnvironment, { name: "test", remark: "before RELEASE" });
  await confirmed();
  await main().getByText("before RELEASE").waitFor();
  await picture("environments");
  await go("/apis/acls");
  await asked(words.createAcl, { name: "office", values: "192.0.2.0/24\n2001:db8::/32" });
  await picture("acl");
  await confirmed();
  await go("/apis/plugins");
  await asked(words.createPlugin, { name: "web_pages", cors_allow_origin: "https://shop.example.com" });
  await picture("plugin");
  await confirmed();
  await go("/apis/authorizers");
  await asked(words.createAuthorizer, { name: "doorkeeper" });
  await choose(page, "function_urn", "shop");
  await picture("authorizer");
  await confirmed();
}

async function ofPeople() {
  await go("/iam/agencies");
  await asked(words.createAgency, { name: "reader" });
  await confirmed();
  await page.getByRole("link", { name: "reader" }).click();
  await button(words.grant).click();
  await choose(page, "role", "ReadOnlyAccess");
  await confirmed();
  await picture("agency");
  await go("/iam/roles");
  await main().locator("tbody tr.ant-table-row").first().waitFor();
  await picture("rights");
  await go("/audit");
  await main().locator("tbody tr.ant-table-row").first().waitFor();
  await picture("audit");
}

await walk(language, async (browser) => {
  ({ page } = browser);
  await page.setViewportSize({ width: 1280, height: 720 });
  const { place, url } = await steps();
  await fill(url);
  await ofFunction();
  await ofRuns();
  await ofGateway(place);
  await ofPeople();
});
