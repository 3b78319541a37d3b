// What runs: monitor, live requests, a request and the same again, logs, system. Wrong input on the way.
//
//   API=http://127.0.0.1:8081 FUNCD=target/release/funcd FUNCD_DATA_DIR=DIR CHROMIUM=/usr/bin/chromium PICTURES=DIR node observe.mjs en
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { api, ask, funcd, link, named, unput, walk } from "./browser.mjs";

const WORDS = {
  en: {
    gateway: "Gateway",
    nothing: "No requests in this time",
    calls: "Calls",
    lastHour: "Last hour",
    status: "Status",
    statusRule: "status must be like 404 or 5xx",
    failed: "Failed",
    again: "Send again",
    keep: "Keep headers",
    names: "Headers whose values are shown, too",
    secret: "'Cookie' cannot be listed",
    ok: "OK",
    hidden: "hidden, 12 bytes",
    stop: "Stop",
    pathRule: "Begins with /",
    path: "Path and query",
    text: "Text",
    level: "Level",
    field: "JSON field: order.id=42",
    fieldRule: "name=value, or outer.inner=value",
    older: "Load older",
    download: "Download",
    details: "Details of the line",
    runtimes: "Runtimes",
    install: "Install",
    placeRule: "An absolute path",
    quotas: "Quotas",
    usage: "Usage",
  },
  zh: {
    gateway: "网关",
    nothing: "这段时间内没有请求",
    calls: "调用次数",
    lastHour: "最近一小时",
    status: "状态码",
    statusRule: "status must be like 404 or 5xx",
    failed: "失败",
    again: "重新发送",
    keep: "开启保存",
    names: "同时显示这些名称的值",
    secret: "'Cookie' cannot be listed",
    ok: "确定",
    hidden: "已隐藏,12 字节",
    stop: "停止",
    pathRule: "以 / 开头",
    path: "路径与查询参数",
    text: "文本",
    level: "级别",
    field: "JSON 字段: order.id=42",
    fieldRule: "name=value,或 outer.inner=value",
    older: "加载更早的",
    download: "下载",
    details: "日志行详情",
    runtimes: "运行时",
    install: "安装",
    placeRule: "请填写以 / 开头的绝对路径",
    quotas: "配额",
    usage: "用量",
  },
};

const NAME = "noisy";
/** More than funcd gives at once, many times. */
const FLOOD = 100_000;
const PORTION = 4_000;
const PACE = 700;
/** Rows that a list keeps in the page, whatever it shows. */
const ROWS = 200;
const language = process.argv[2] === "zh" ? "zh" : "en";
const words = WORDS[language];

await walk(language, async ({ page, look }) => {
  const main = page.getByRole("main");
  const button = (name) => main.getByRole("button", { name });
  const says = (text) => page.getByText(text).first().waitFor();
  const open = (path) => page.goto(`${api}/console${path}`);
  const rows = main.locator("tbody tr.ant-table-row");
  const lines = page.getByTestId("lines");
  const until = (what, is) => page.waitForFunction(is, what);
  let url;
  const at = (path) => ask(new URL(path, url).href);

  async function monitor() {
    await open("/monitor");
    await says(words.nothing);
    await look("monitor-empty");
    // It is asked once by whoever deploys it.
    url = funcd("deploy", fileURLToPath(new URL("noisy", import.meta.url)), "--name", NAME)
      .split("\n")
      .at(-1);
    for (const path of ["/hello/1", "/hello/2", "/slow", "/fail"]) await at(path);
    await page.reload();
    const sums = page.getByTestId("sums");
    await sums.getByText("5", { exact: true }).first().waitFor();
    // Each chart is drawn.
    await main.locator("figure canvas").nth(5).waitFor();
    await look("monitor");
    // Pointing at one chart tells the values of all.
    const over = main.locator(".u-over").first();
    const box = await over.boundingBox();
    await page.mouse.move(box.x + box.width - 6, box.y + box.height / 2);
    await main
      .locator("figure", { hasText: words.calls })
      .first()
      .locator(".u-value", { hasText: /^[1-5]$/ })
      .waitFor();
    // Drawing over it zooms in.
    await page.mouse.down();
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2, { steps: 5 });
    await page.mouse.up();
    await button(words.lastHour).waitFor();
    await look("monitor-zoomed");
    await button(words.lastHour).click();
    await open(`/functions/default/${NAME}/monitor`);
    await sums.getByText("5", { exact: true }).first().waitFor();
    await look("function-monitor");
  }

  async function requests() {
    await open("/requests");
    await rows.filter({ hasText: "/fail" }).waitFor();
    assert.equal(await rows.count(), 5);
    // One that comes while somebody looks.
    await at("/hello/live");
    await rows.filter({ hasText: "/hello/live" }).waitFor();
    await look("requests");
    const status = main.getByRole("combobox", { name: words.status });
    await status.fill("teapot");
    await status.press("Enter");
    await says(words.statusRule);
    await look("requests-wrong");
    await unput(status, "teapot");
    await status.fill("5xx");
    await status.press("Enter");
    await rows.filter({ hasText: "/hello" }).first().waitFor({ state: "detached" });
    await rows.filter({ hasText: "/fail" }).waitFor();
    assert.equal(await rows.count(), 1);
    await page.keyboard.press("Escape");
  }

  async function request() {
    const row = await rows.filter({ hasText: "/fail" }).textContent();
    await rows.getByRole("link", { name: "/fail" }).click();
    await main.getByRole("figure").getByText(words.gateway, { exact: true }).waitFor();
    // The list says the same as the page: with the gateway's time.
    const whole = (await main.getByRole("figure").locator(".ant-typography").first().textContent()).split(" · ")[1];
    assert.ok(row.includes(whole), `${whole} is not in ${row}`);
    await lines.getByText("the basket is gone").waitFor();
    const path = main.getByRole("textbox", { name: words.path });
    await path.fill("hello");
    await button(words.again).click();
    await main.locator(".ant-form-item-explain-error", { hasText: words.pathRule }).waitFor();
    await look("request-wrong");
    await path.fill("/hello/again");
    await button(words.again).click();
    await page.getByTestId("answer-body").getByText("hello").waitFor();
    assert.equal(await page.getByTestId("status").textContent(), "200");
    await look("request");
    await open(`/requests/default/${NAME}/0123456789abcdef`);
    await page.locator(".ant-result-404").waitFor();
  }

  /** From a request without headers to one with them, and back. */
  async function headers() {
    await open("/requests");
    await rows.getByRole("link", { name: "/fail" }).click();
    await button(words.keep).click();
    const dialog = page.getByRole("dialog");
    const ok = dialog.getByRole("button", { name: named(words.ok) });
    const names = dialog.getByRole("combobox", { name: words.names });
    await names.fill("Cookie");
    await names.press("Enter");
    await ok.click();
    await dialog.getByRole("alert").getByText(words.secret).waitFor();
    await look("headers-refused");
    await unput(names, "Cookie");
    await names.fill("X-Tenant");
    await names.press("Enter");
    await ok.click();
    await dialog.waitFor({ state: "detached" });
    await page.getByTestId("capture").getByText("x-tenant").waitFor();
    await look("headers-none");
    const sent = { "x-tenant": "blue", authorization: "Bearer red42" };
    await ask(new URL("/hello/headers?x=1", url).href, sent);
    await open("/requests");
    await page.getByTestId("capture").getByText(NAME).waitFor();
    await look("requests-capture");
    await rows.getByRole("link", { name: "/hello/headers" }).click();
    const asked = page.getByTestId("asked").locator("tbody tr.ant-table-row");
    await asked.filter({ hasText: "x-tenant" }).getByText("blue").waitFor();
    await asked.filter({ hasText: "authorization" }).getByText(words.hidden).waitFor();
    const answered = page.getByTestId("answered").locator("tbody tr.ant-table-row");
    await answered.filter({ hasText: "x-request-id" }).first().waitFor();
    assert.ok(!(await main.textContent()).includes("red42"), "a value that nobody listed is in the page");
    await look("headers");
    // The same again has what was kept, and names what was not.
    await until("blue", (value) => [...document.querySelectorAll("main input")].some((one) => one.value === value));
    await page.getByTestId("not-kept").getByText("authorization").waitFor();
    await button(words.stop).click();
    await ok.click();
    await button(words.keep).waitFor();
    assert.equal(await asked.count(), 0, "what was kept is still there");
    await open(`/functions/default/${NAME}/requests`);
    await button(words.keep).waitFor();
  }

  async function logs() {
    await open("/logs");
    await lines.getByText("INFO hello /hello/1").waitFor();
    await look("logs");
    const text = main.getByRole("textbox", { name: words.text, exact: true });
    await text.fill("BASKET");
    await until(null, () => document.querySelector("[data-testid=lines]").dataset.count === "1");
    await lines.getByText("the basket is gone").waitFor();
    await text.fill("");
    const field = main.getByRole("textbox", { name: words.field });
    await field.fill("order");
    await says(words.fieldRule);
    await look("logs-wrong");
    await field.fill("order.id=42");
    await until(null, () => document.querySelector("[data-testid=lines]").dataset.count === "1");
    await lines.getByRole("button").first().click();
    await page.getByRole("dialog").getByText('"id": 42').waitFor();
    await look("logs-line");
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await field.fill("nothing=here");
    await until(null, () => document.querySelector("[data-testid=lines]").dataset.count === "0");
    await look("logs-none");
  }

  /** A hundred thousand lines, of which the page holds those in sight. */
  async function flood() {
    await open(`/functions/default/${NAME}/logs`);
    await lines.waitFor();
    // What is more than an instance may write, or the disk keeps up with, is dropped and counted: so it comes at a walk.
    for (let from = 0; from < FLOOD; from += PORTION) {
      const { status } = await at(`/flood/${from}/${from + PORTION}`);
      assert.equal(status, 200);
      await until(from + PORTION - 1, (last) => document.body.textContent.includes(`line ${last} of`));
      await page.waitForTimeout(PACE);
    }
    await page.reload();
    await lines.getByText(`line ${FLOOD - 1} of`).waitFor();
    while (Number(await lines.getAttribute("data-count")) < FLOOD) {
      const before = await lines.getAttribute("data-count");
      await button(words.older).click();
      await until(before, (known) => document.querySelector("[data-testid=lines]").dataset.count !== known);
    }
    const frames = await lines.evaluate(async (box) => {
      const longest = { frame: 0, rows: 0 };
      const step = box.scrollHeight / 120;
      let last = performance.now();
      for (box.scrollTop = 0; box.scrollTop + box.clientHeight < box.scrollHeight - 1; box.scrollTop += step) {
        await new Promise((then) => requestAnimationFrame(then));
        const now = performance.now();
        longest.frame = Math.max(longest.frame, now - last);
        last = now;
        longest.rows = Math.max(longest.rows, box.querySelectorAll("[data-index]").length);
      }
      return longest;
    });
    assert.ok(frames.rows > 0 && frames.rows < ROWS, `${frames.rows} rows are in the page`);
    console.log(`console: ${FLOOD} lines: at most ${frames.rows} rows, longest frame ${Math.round(frames.frame)} ms`);
    await lines.evaluate((box) => {
      box.scrollTop = box.scrollHeight / 2;
    });
    await lines
      .getByText(/line [45]\d{4} of the flood/)
      .first()
      .waitFor();
    await look("flood");
    const [download] = await Promise.all([page.waitForEvent("download"), button(words.download).click()]);
    assert.match(download.suggestedFilename(), /^funcd-log-.*\.ndjson$/);
  }

  async function system() {
    await open("/system");
    await rows.filter({ hasText: "kernel" }).first().waitFor();
    await look("system-machine");
    await page.getByRole("tab", { name: words.runtimes }).click();
    const install = main.getByRole("button", { name: `${words.install} dotnet6.0` });
    await install.click();
    const dialog = page.getByRole("dialog");
    const ok = dialog.getByRole("button", { name: words.install, exact: true });
    await dialog.getByRole("textbox").fill("here");
    await ok.click();
    await dialog.locator(".ant-form-item-explain-error", { hasText: words.placeRule }).waitFor();
    await dialog.getByRole("textbox").fill("/nowhere/dotnet");
    await ok.click();
    await dialog.getByRole("alert").getByText("/nowhere/dotnet").first().waitFor();
    await look("system-install-refused");
    // What funcd knows of it is there for whoever looks later.
    await page.reload();
    await rows.filter({ hasText: "dotnet6.0" }).getByText("/nowhere/dotnet").first().waitFor();
    await look("system-runtimes");
    await page.getByRole("tab", { name: words.quotas }).click();
    await rows.first().waitFor();
    await look("system-quotas");
    await page.getByRole("tab", { name: words.usage }).click();
    await rows.filter({ hasText: NAME }).waitFor();
    await look("system-usage");
  }

  await page.goto(link());
  await page.waitForURL((address) => !address.hash.includes("link="));
  await main.waitFor();
  await monitor();
  await requests();
  await request();
  await headers();
  await logs();
  await flood();
  await system();
});
