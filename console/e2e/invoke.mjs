// The test tab: a request and an event, saved events that are changed, and the lines to copy, which are run as they are shown.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { funcd, walk } from "./browser.mjs";
import { open, pick } from "./functions.mjs";

const WORDS = {
  en: {
    send: "Send",
    event: "Event (JSON)",
    request: "Request",
    noJson: "This is no JSON",
    pathRule: "path must begin with /",
    save: "Save this request as an event",
    ok: "OK",
    saved: "Saved events",
    update: "Save first",
    version: "Version",
    addTag: "Add a tag of the log",
    tagRule: "1 to 64 letters",
    store: "Save",
  },
  zh: {
    send: "发送",
    event: "事件(JSON)",
    request: "请求",
    noJson: "不是 JSON",
    pathRule: "path 必须以 / 开头",
    save: "将该请求保存为测试事件",
    ok: "确定",
    saved: "已保存的测试事件",
    update: "保存 first",
    version: "版本",
    addTag: "添加日志标签",
    tagRule: "1 到 64 个字母",
    store: "保存",
  },
};

const NAME = "echo";
const language = process.argv[2] === "zh" ? "zh" : "en";
const words = WORDS[language];
const keys = JSON.parse(funcd("credentials", "--json"));
const env = { ...process.env, ACCESS_KEY: keys.access_key, SECRET_KEY: keys.secret_key };

await walk(language, async ({ page, look }) => {
  const panel = page.getByRole("tabpanel");
  const dialog = page.getByRole("dialog");
  const lines = page.getByTestId("same-lines");
  const mode = (name) => panel.locator(".ant-segmented-item", { hasText: name }).click();
  const wrong = (text) => panel.locator(".ant-form-item-explain-error", { hasText: text }).waitFor();
  const send = () => panel.getByRole("button", { name: new RegExp(`${words.send}$`) }).click();
  const confirmed = async () => {
    await dialog.getByRole("button", { name: new RegExp(`${words.ok}$`) }).click();
    await dialog.waitFor({ state: "detached" });
  };
  /** What is shown for a terminal or a language. */
  const line = async (kind) => {
    await lines.locator(".ant-segmented-item", { hasText: kind }).click();
    return (await lines.locator(".mono").textContent()).trim();
  };
  /** The answer that the page shows for what it sent. */
  const answer = async (path) => {
    await send();
    await page.getByTestId("answer-body").getByText(`"url": "${path}"`).waitFor();
    return JSON.parse(await page.getByTestId("answer-body").textContent());
  };

  funcd("deploy", fileURLToPath(new URL("echo", import.meta.url)), "--name", NAME);
  funcd("publish", NAME, "--version", "v1");
  await open(page, `/functions/default/${NAME}/test`);
  await panel.locator("#path").fill("/a?b=1");
  await answer("/a?b=1");

  /** Each line does what the page does. */
  const shell = (text) => {
    const path = `${dirname(process.env.FUNCD)}:${process.env.PATH}`;
    return execFileSync("sh", ["-c", text], { encoding: "utf8", env: { ...env, PATH: path } });
  };
  const tried = async (url) => {
    assert.equal(JSON.parse(shell(await line("CLI"))).url, url);
    const python = execFileSync(process.env.SDK_PYTHON, ["-c", await line("Python")], { encoding: "utf8", env });
    assert.match(python, /^200 /);
    assert.equal(JSON.parse(python.slice(4)).url, url);
    const node = execFileSync("node", ["-e", await line("Node.js")], {
      encoding: "utf8",
      env: { ...env, NODE_PATH: process.env.SDK_NODE },
    });
    assert.equal(JSON.parse(node.slice(node.indexOf("200 {") + 4)).url, url);
  };
  await tried("/a?b=1");
  assert.match(shell(await line("curl")), /"url":"\/a\?b=1"/);
  await look("lines");

  // An event is checked while it is typed, and says what a form cannot.
  await mode(words.event);
  const text = panel.locator("#event");
  assert.equal(JSON.parse(await text.inputValue()).queryStringParameters.b[0], "1");
  await text.fill("{");
  await wrong(words.noJson);
  await look("event-wrong");
  const event = { httpMethod: "PUT", path: "away", headers: { "x-a": "it's" }, body: "eA==", isBase64Encoded: true };
  await text.fill(JSON.stringify(event));
  await wrong(words.pathRule);
  await text.fill(JSON.stringify({ ...event, path: "/event" }));
  const { method, body, headers } = await answer("/event");
  assert.deepEqual([method, body, headers["x-a"]], ["PUT", "x", "it's"]);
  await tried("/event");
  await look("event");

  // What is saved is changed, and comes back as it was changed.
  await panel.getByRole("button", { name: words.save }).click();
  await dialog.locator("#name").fill("first");
  await confirmed();
  await text.fill(JSON.stringify({ ...event, path: "/changed" }));
  await panel.getByRole("button", { name: words.update }).click();
  await look("event-update");
  await confirmed();
  await page.reload();
  await pick(page, panel.getByLabel(words.saved, { exact: true }), "first");
  await page.waitForFunction(() => document.querySelector("#event")?.value.includes("/changed"));

  // A version is called in place of the latest.
  await mode(words.request);
  await pick(page, panel.getByLabel(words.version, { exact: true }), "v1");
  await panel.locator("#path").fill("/old");
  assert.equal((await answer("/old")).headers["x-cff-func-version"], "v1");
  await tried("/old");

  // Every setting is in a group of the vendor's; what the log carries is checked while it is typed.
  await open(page, `/functions/default/${NAME}/overview`);
  await page.getByTestId("destinations").waitFor();
  await look("overview");
  await page.goto(page.url().replace(/[^/]*$/, "configuration"));
  await panel.getByRole("button", { name: words.addTag }).click();
  await panel.locator("#logTags_0_key").fill("a team");
  await wrong(words.tagRule);
  await look("configuration-wrong");
  await panel.locator("#logTags_0_key").fill("team");
  await panel.locator("#logTags_0_value").fill("blue");
  await panel.locator("#settingsAgency").fill("keeper");
  await panel.locator("#anyMemory").click();
  await panel.getByRole("button", { name: new RegExp(`${words.store}$`) }).click();
  await page.locator(".ant-message-success").waitFor();
  await page.reload();
  await page.waitForFunction(() => document.querySelector("#logTags_0_value")?.value === "blue");
  assert.equal(await panel.locator("#settingsAgency").inputValue(), "keeper");
  assert.equal(await panel.locator("#anyMemory").getAttribute("aria-checked"), "true");
  await look("configuration");
});
