// Users, groups, policies, agencies and the audit trail; then two other users, who may read only, and nothing: what they are refused is
// said in the server's words, and no page breaks.
//
//   API=http://127.0.0.1:8081 FUNCD=target/release/funcd FUNCD_DATA_DIR=DIR CHROMIUM=/usr/bin/chromium PICTURES=DIR node iam.mjs en
import assert from "node:assert/strict";
import { api, choose, funcd, link, sample, unput, walk } from "./browser.mjs";

const WORDS = {
  en: {
    createUser: "Create user",
    passwordRule: "8 to 32 characters of at least two kinds",
    named: "without the",
    makeKey: "Make an access key",
    once: "The secret key is shown now and never again",
    kept: "I have kept it",
    createGroup: "Create group",
    grant: "Grant a policy",
    addUser: "Add a user",
    createRole: "Create custom policy",
    actionRule: "At least one action of three parts",
    addStatement: "Add a statement",
    createAgency: "Create agency",
    verify: "Check the chain",
    intact: "The chain is intact",
    resource: "Resource name",
    disable: "Disable",
    disabled: "disabled",
    noProject: "You have no rights in any project",
    ask: "Ask an administrator for this right",
    closed: "You may not see it",
    save: "Save",
    signIn: "Sign in",
    signOut: "Sign out",
    ok: "OK",
    delete: "Delete",
  },
  zh: {
    createUser: "创建用户",
    passwordRule: "8 到 32 个字符,至少包含两种",
    named: "without the",
    makeKey: "创建访问密钥",
    once: "Secret Key 仅此一次显示",
    kept: "我已保存",
    createGroup: "创建用户组",
    grant: "授权",
    addUser: "添加用户",
    createRole: "创建自定义策略",
    actionRule: "至少一个三段式操作",
    addStatement: "添加语句",
    createAgency: "创建委托",
    verify: "校验链",
    intact: "链完整",
    resource: "资源名称",
    disable: "停用",
    disabled: "停用",
    noProject: "您在任何项目中都没有权限",
    ask: "请联系管理员授予该权限",
    closed: "您无权查看",
    save: "保存",
    signIn: "登录",
    signOut: "退出登录",
    ok: "确定",
    delete: "删除",
  },
};

const language = process.argv[2] === "zh" ? "zh" : "en";
const words = WORDS[language];
const PASSWORD = "Plain-words-1";

let page;
let look;
const button = (name) => page.getByRole("main").getByRole("button", { name });
const dialog = () => page.getByRole("dialog");
const says = (text) => page.getByText(text).first().waitFor();
const wrongField = (text) => page.locator(".ant-form-item-explain-error", { hasText: text }).first().waitFor();
const ok = () =>
  dialog()
    .getByRole("button", { name: new RegExp(`${words.ok}$`) })
    .click();
const closed = () => dialog().waitFor({ state: "detached" });
const open = (path) => page.goto(`${api}/console${path}`);

async function user(name) {
  await open("/iam/users");
  await button(words.createUser).click();
  await page.locator("#name").fill(name);
  await page.locator("#password").fill("short");
  await wrongField(words.passwordRule);
  await page.locator("#password").fill(`${name}-Secret1`);
  await ok();
  // A password with the name in it is the server's to refuse.
  await dialog().getByText(words.named).first().waitFor();
  if (name === "reader") await look("user-create-wrong");
  await page.locator("#password").fill(PASSWORD);
  await ok();
  await closed();
  await page.getByRole("link", { name }).waitFor();
}

/** The secret of a key is shown once, works, and is nowhere in the browser afterwards. */
async function key() {
  await open("/iam/users");
  await look("users");
  await page.getByRole("link", { name: "reader" }).click();
  await button(words.makeKey).click();
  await ok();
  await says(words.once);
  await look("key-made");
  const secret = (await page.getByTestId("secret").locator(".mono").textContent()).trim();
  assert.ok(secret.length >= 40, "the secret is short");
  await dialog().getByRole("button", { name: words.kept }).click();
  await closed();
  const kept = await page.evaluate(() => JSON.stringify({ ...localStorage }) + JSON.stringify({ ...sessionStorage }));
  assert.ok(!kept.includes(secret), "the secret is kept in the browser");
  assert.ok(!(await page.content()).includes(secret), "the secret is still in the page");
  await look("user");
}

async function group() {
  await open("/iam/groups");
  await button(words.createGroup).click();
  await page.locator("#name").fill("readers");
  await ok();
  await closed();
  await look("groups");
  await page.getByRole("link", { name: "readers" }).click();
  await button(words.grant).click();
  await choose(page, "role", "ReadOnlyAccess");
  await ok();
  await closed();
  await button(words.addUser).click();
  await choose(page, "user", "reader");
  await ok();
  await closed();
  await page.getByRole("link", { name: "reader" }).waitFor();
  await look("group");
}

async function role() {
  await open("/iam/roles");
  await button(words.createRole).click();
  await page.locator("#name").fill("callers");
  await page.locator("#statements_0_Action").fill("functiongraph");
  await page.keyboard.press("Enter");
  await ok();
  await wrongField(words.actionRule);
  await page.keyboard.press("Escape");
  await unput(page.locator("#statements_0_Action"), "functiongraph");
  await page.locator("#statements_0_Action").fill("functiongraph:nothing:atAll");
  await page.keyboard.press("Enter");
  await dialog().locator(".ant-modal-title").click();
  await ok();
  await dialog().locator("[role=alert]", { hasText: "functiongraph:nothing:atAll" }).waitFor();
  await look("role-create-wrong");
  await unput(page.locator("#statements_0_Action"), "functiongraph:nothing:atAll");
  await page.locator("#statements_0_Action").fill("functiongraph:function:invoke");
  await page.keyboard.press("Enter");
  await dialog().locator(".ant-modal-title").click();
  await ok();
  await closed();
  await says("callers");
  await look("roles");
}

async function agency() {
  await open("/iam/agencies");
  await button(words.createAgency).click();
  await page.locator("#name").fill("to-read");
  await ok();
  await closed();
  await page.getByRole("link", { name: "to-read" }).click();
  await button(words.grant).click();
  await choose(page, "role", "ReadOnlyAccess");
  await ok();
  await closed();
  await look("agency");
}

async function audit() {
  await open("/audit");
  await says("createFunction");
  await button(words.verify).click();
  await says(words.intact);
  await look("audit");
  await page.getByLabel(words.resource).fill("no-such-thing");
  await page.keyboard.press("Enter");
  await page.locator(".ant-empty").waitFor();
  await page.getByLabel(words.resource).fill("shop");
  await page.keyboard.press("Enter");
  await page.locator("tbody tr", { hasText: "createFunction" }).first().click();
  await page.locator(".ant-table-expanded-row").first().waitFor();
  await look("audit-event");
}

async function signInAs(name) {
  await page.locator("header").getByRole("button").last().click();
  await page.getByText(words.signOut).click();
  await page.locator("#user").fill(name);
  await page.locator("#password").fill(PASSWORD);
  await page.getByRole("button", { name: words.signIn }).click();
  await page.locator("#user").waitFor({ state: "detached" });
}

const PAGES = [
  ...["/functions", "/functions/default/shop/overview", "/functions/default/shop/code", "/monitor"],
  ...["/apis", "/apis/groups", "/apis/apps", "/apis/throttles", "/apis/acls", "/apis/plugins", "/apis/environments"],
  ...["/iam/users", "/iam/groups", "/iam/roles", "/iam/agencies", "/audit"],
];

/** Walks every page as it is for somebody: each is either what it is, or says what was refused. */
async function everyPage() {
  const refused = [];
  for (const path of PAGES) {
    await open(path);
    await page.getByRole("main").waitFor();
    await page.waitForFunction(() => !document.querySelector("main .ant-skeleton, main .ant-spin-spinning"));
    const text = await page.getByRole("main").textContent();
    assert.ok(text.trim().length > 20, `${path} is empty`);
    assert.ok(!text.includes("Something went wrong"), `${path} broke: ${text}`);
    if (await page.locator("main [role=alert]").count()) refused.push(path);
  }
  return refused;
}

/** Who may read functions sees them, and nothing else; a change is refused with the server's reason. */
async function reader() {
  await signInAs("reader");
  const refused = await everyPage();
  assert.ok(!refused.some((path) => path.startsWith("/functions")), `refused: ${refused}`);
  for (const path of ["/apis", "/iam/users", "/iam/roles", "/audit"])
    assert.ok(refused.includes(path), `${path} is shown`);
  await open("/iam/users");
  await says(words.ask);
  // The menu says so, too.
  assert.equal(await page.getByRole("img", { name: words.closed }).count(), 3);
  await look("refused-page");
  await open("/functions/default/shop/configuration");
  await page.locator("#timeout").fill("20");
  await button(words.save).click();
  await page.getByRole("alert").filter({ hasText: words.ask }).waitFor();
  await look("refused-change");
}

/** Who may do nothing is told so, and whom to ask. */
async function nobody() {
  await open("/functions");
  await signInAs("nobody");
  await says(words.noProject);
  await look("no-rights");
  await page.locator("header").getByRole("button").last().click();
  await page.getByText(words.signOut).click();
  await page.locator("#user").waitFor();
}

/** A user that is disabled is signed out at once. */
async function disable() {
  await page.goto("about:blank");
  await page.goto(link());
  await page.locator("header").waitFor();
  await open("/iam/users");
  await page.getByRole("link", { name: "reader" }).click();
  // Her key has such a button, too.
  await button(words.disable).first().click();
  await ok();
  await closed();
  await page.getByRole("main").getByText(words.disabled).first().waitFor();
}

await walk(language, async (browser) => {
  ({ page, look } = browser);
  funcd("deploy", sample(), "--name", "shop");
  await page.goto(link());
  await page.getByText("shop").first().waitFor();
  await user("reader");
  await user("nobody");
  await key();
  await group();
  await role();
  await agency();
  await audit();
  await reader();
  await nobody();
  await disable();
});
