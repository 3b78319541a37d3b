// What every action of the seed's pages and of the lists shows as "the same by API or command line": the request is the one that is sent then, byte
// for byte but for packages, and the command line knows the command.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { api, choose, named, walk } from "./browser.mjs";
import { deploy, files, open, shownLines, zip } from "./functions.mjs";

const WORDS = {
  en: {
    same: "The same by API or command line",
    ok: "OK",
    create: "Create",
    save: "Save",
    delete: "Delete",
    createGroup: "Create group",
    next: "Next",
    finish: "Finish now",
    createAuthorizer: "Create authorizer",
    publish: "Publish",
    switch: "Let this one answer",
    takeOffline: "Take offline",
    disable: "Disable",
    enable: "Enable",
    pin: "Pin to the top",
    unpin: "Unpin",
    upload: "Upload zip",
    deploy: "Deploy",
    createTrigger: "Create trigger",
    publishVersion: "Publish version",
    keepHeaders: "Keep headers",
    stop: "Stop",
    createAlias: "Create alias",
  },
  zh: {
    same: "用 API 或命令行完成同样的操作",
    ok: "确定",
    create: "创建",
    save: "保存",
    delete: "删除",
    createGroup: "创建分组",
    next: "下一步",
    finish: "立即完成",
    createAuthorizer: "创建自定义认证",
    publish: "发布API",
    switch: "切换到此版本",
    takeOffline: "下线",
    disable: "禁用",
    enable: "启用",
    pin: "置顶",
    unpin: "取消置顶",
    upload: "上传 zip",
    deploy: "部署",
    createTrigger: "创建触发器",
    publishVersion: "发布新版本",
    keepHeaders: "开启保存",
    stop: "停止",
    createAlias: "创建别名",
  },
};

const NAME = "shop";
const language = process.argv[2] === "zh" ? "zh" : "en";
const words = WORDS[language];

/** Fails unless the command line takes the command, up to doing it. */
function known(line) {
  const command = line.replace(/^(?:sudo )?funcd /, '"$FUNCD" ');
  assert.notEqual(command, line, `no command of funcd: ${line}`);
  execFileSync("sh", ["-c", `${command} --help`], { stdio: ["ignore", "ignore", "pipe"] });
}

/** Every line that begins with a command, in whichever page: there is such a command. */
function allKnown() {
  const source = fileURLToPath(new URL("../src/", import.meta.url));
  const lines = new Set();
  for (const file of readdirSync(source, { recursive: true }))
    if (/\.tsx?$/.test(file) && !/generated|texts\.ts|\.test\./.test(file))
      for (const [, line] of readFileSync(source + file, "utf8").matchAll(/["`](?:sudo )?(funcd(?: [a-z]+){1,2})/g))
        lines.add(line);
  assert.ok(lines.size > 25, "the commands in the pages are not found");
  for (const line of lines) known(line);
}

/** A body as it is shown: of a package three dots. */
function elided(text) {
  if (!text) return undefined;
  const body = JSON.parse(text);
  if (body.func_code?.file) body.func_code.file = "…";
  return body;
}

await walk(language, async ({ page, look }) => {
  const dialog = page.getByRole("dialog");
  const main = page.getByRole("main");
  const panel = page.getByRole("tabpanel");
  const closed = () => dialog.waitFor({ state: "detached" });
  const button = (scope, name) => scope.getByRole("button", { name: named(name) });

  /** Reads what is shown, does it, and compares. */
  const same = async (scope, press) => {
    const texts = await shownLines(scope, words.same);
    assert.equal(texts.length, 2, texts.join("\n"));
    for (const line of texts[0].split("\n")) known(line);
    const sent = page.waitForRequest((one) => one.method() !== "GET" && one.url().startsWith(`${api}/v2/`));
    await press();
    const request = await sent;
    const [first, ...body] = texts.at(-1).split("\n");
    assert.equal(first, `${request.method()} ${request.url().slice(api.length)}`);
    const shown = body.length > 0 ? JSON.parse(body.join("\n")) : undefined;
    assert.deepEqual(shown, elided(request.postData()));
    const answer = await request.response();
    assert.ok(answer.ok(), `${first}: ${await answer.text()}`);
  };
  /** In a dialog, which closes then. */
  const inDialog = async (name) => {
    await same(dialog, () => button(dialog, name).click());
    await closed();
  };
  const tab = async (name) => {
    await page.goto(`${api}/console/functions/default/${NAME}/${name}`);
    await panel.first().waitFor();
  };

  allKnown();
  deploy(NAME, "one");
  await open(page, "/apis/groups");
  await button(main, words.createGroup).click();
  await dialog.locator("#name").fill("empty");
  await dialog.locator("#remark").fill("it's empty");
  await inDialog(words.create);
  await page
    .locator("tr", { hasText: "it's empty" })
    .getByRole("button", { name: named(words.delete) })
    .click();
  await inDialog(words.delete);

  await page.goto(`${api}/console/apis/new`);
  await page.locator("#name").fill("orders");
  await button(main, words.next).click();
  await page.locator("#req_uri").fill("/orders");
  await button(main, words.next).click();
  await choose(page, "function_urn", NAME, page.getByRole("heading", { level: 1 }));
  await look("create");
  await same(main, () => button(main, words.finish).click());
  await page.getByTestId("api-url").waitFor();

  await page.goto(`${api}/console/apis/authorizers`);
  await button(main, words.createAuthorizer).click();
  await dialog.locator("#name").fill("door");
  await choose(page, "function_urn", NAME);
  await inDialog(words.ok);
  await button(main, words.delete).click();
  await inDialog(words.delete);

  await page.goto(`${api}/console/apis`);
  await page.getByRole("link", { name: `API_${NAME}` }).click();
  await page.getByTestId("api-url").waitFor();
  const place = page.url();
  await page.goto(`${place}/edit`);
  await page.locator("#remark").fill("the shop's front");
  await look("edit");
  await same(main, () => button(main, words.finish).click());
  await page.waitForURL(place);
  await button(main, words.publish).click();
  await dialog.locator("#remark").fill("again");
  await inDialog(words.publish);
  await button(main, words.switch).first().click();
  await look("switch");
  await inDialog(words.ok);
  await button(main, words.takeOffline).click();
  await look("offline");
  await inDialog(words.takeOffline);

  await tab("triggers");
  await panel.getByRole("button", { name: named(words.delete) }).click();
  await inDialog(words.delete);
  await panel.getByRole("button", { name: words.createTrigger }).click();
  await inDialog(words.ok);
  await page.getByTestId("invoke-url").waitFor();

  await tab("configuration");
  await page.locator("#timeout").fill("25");
  await page.locator("#description").fill("sells");
  await same(panel, () => button(panel, words.save).click());

  await tab("code");
  await page.locator(".cm-line").first().click();
  await page.keyboard.type("// one more line\n");
  await same(panel, () => page.keyboard.press("Control+s"));
  await look("code");
  await panel.getByRole("button", { name: words.upload }).click();
  await dialog.locator("input[type=file]").setInputFiles(zip("other shop.zip", files("two")));
  await dialog.locator(".ant-alert-success").waitFor();
  await look("upload");
  await inDialog(words.deploy);

  await tab("versions");
  await panel.getByRole("button", { name: words.publishVersion }).click();
  await dialog.locator("#publish_version").fill("v1");
  await inDialog(words.publishVersion);
  await panel.getByRole("button", { name: words.createAlias }).click();
  await dialog.locator("#alias_name").fill("prod");
  await inDialog(words.create);
  for (const name of ["prod", "v1"]) {
    await button(panel, `${words.delete} ${name}`).click();
    await inDialog(`${words.delete} ${name}`);
  }

  await tab("requests");
  await button(panel, words.keepHeaders).click();
  await dialog.locator("#names").fill("X-Tenant");
  await dialog.locator("#names").press("Enter");
  await inDialog(words.ok);
  await button(panel, words.stop).click();
  await inDialog(words.ok);

  await button(main, words.disable).click();
  await inDialog(words.disable);
  await button(main, words.enable).click();
  await look("enable");
  await inDialog(words.enable);

  await page.goto(`${api}/console/functions`);
  await page.locator("tbody input[type=checkbox]").first().check();
  await button(main, `${words.pin} (1)`).click();
  await look("pin");
  await inDialog(words.pin);
  // The pin of a line does it for this one.
  for (const name of [words.unpin, words.pin]) {
    await main.getByRole("button", { name, exact: true }).click();
    await look(name === words.pin ? "pin-one" : "unpin-one");
    await inDialog(name);
  }

  await tab("overview");
  await page.getByRole("button", { name: named(words.delete) }).click();
  await inDialog(words.delete);
  await page.waitForURL("**/functions");
});
