// The steps of the vendor's page "create an HTTP function" by nobody but the keyboard: no click, no field filled by the script. What has the
// focus is seen at each stop, and has a ring; dialogs take the focus, keep it and give it back; the editor lets go of it.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { zipSync } from "fflate";
import { ask, link, settled, walk } from "./browser.mjs";

const WORDS = {
  en: {
    skip: "Skip to the page",
    create: "Create function",
    drop: "Drop a zip here",
    ready: "The package can be deployed",
    triggers: "Triggers",
    createTrigger: "Create trigger",
    ok: "OK",
    edit: "Edit",
    next: "Next",
    finish: "Finish now",
    publish: "Publish",
    published: "The URL answers with this definition now",
    code: "Code",
    deployed: "The next request is answered by the new code",
    discard: "Discard changes",
  },
  zh: {
    skip: "跳到页面内容",
    create: "创建函数",
    drop: "将 zip 包拖到这里",
    ready: "该代码包可以部署",
    triggers: "触发器",
    createTrigger: "创建触发器",
    ok: "确定",
    edit: "编辑",
    next: "下一步",
    finish: "立即完成",
    publish: "发布API",
    published: "URL 现在按此定义应答",
    code: "代码",
    deployed: "下一个请求将由新代码处理",
    discard: "放弃更改",
  },
};

const language = process.argv[2] === "zh" ? "zh" : "en";
const words = WORDS[language];
const NAME = "http-test";
const SAID = "This is http function.";
const STOPS = 80;
const CHOOSER_MS = 30_000;

const sample = (name) => readFileSync(new URL(`../../e2e/apps/seed-node12/${name}`, import.meta.url));
const zip = Buffer.from(zipSync({ bootstrap: sample("bootstrap"), "index.js": sample("index.js") }));

let page;
let context;

/** What is drawn around an element, what stands behind it and the four around it: a field's ring is that of its frame. Runs in the page. */
function ring(element) {
  const parts = [element.nextElementSibling];
  for (let at = element; at && parts.length < 6; at = at.parentElement) parts.push(at);
  const drawn = (part, pseudo) => {
    const { outlineStyle, outlineWidth, outlineColor, boxShadow } = getComputedStyle(part, pseudo);
    return outlineStyle === "none" ? boxShadow : `${boxShadow} ${outlineStyle} ${outlineWidth} ${outlineColor}`;
  };
  const all = [null, "::before", "::after"];
  return parts.map((part) => part && all.map((pseudo) => drawn(part, pseudo)).join("; ")).join("\n");
}

/** What has the focus, as far as people are concerned: its name, whether it is seen, and whether something lies over it. Runs in the page. */
function focus() {
  const element = document.activeElement;
  const box = element.getBoundingClientRect();
  const over = document.elementFromPoint(
    Math.min(Math.max(box.x + box.width / 2, 0), innerWidth - 1),
    Math.min(Math.max(box.y + Math.min(box.height / 2, 20), 0), innerHeight - 1),
  );
  const inside = box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth;
  const near = (one) =>
    one && (element.contains(one) || one.contains(element) || one.closest("label, .ant-select") !== null);
  // Without what is said to those who hear the page, such as how many tabs there are.
  const said = [...element.childNodes].map((one) => (one.ariaLive ? "" : one.textContent)).join("");
  return {
    body: element === document.body,
    editor: element.closest(".cm-content") !== null,
    id: element.id,
    // As it stands there, for the words of a failure and for finding it.
    name: (element.getAttribute("aria-label") ?? said).trim(),
    html: element.outerHTML.slice(0, 160),
    dialog: element.closest("[role=dialog]") !== null,
    href: element.getAttribute("href") ?? "",
    role: element.getAttribute("role") ?? element.localName,
    seen: box.width > 0 && box.height > 0 && inside && near(over),
  };
}

/** A key, and what it moves the focus to. After the last stop of the document come the browser's own controls. */
async function stop(key, end = false) {
  await page.keyboard.press(key);
  const now = await page.evaluate(focus);
  assert.ok(end || !now.body, `${key} leads nowhere`);
  return now;
}

const drawnAt = (handle) => handle.evaluate(ring);

/** To the next stop. What has the focus is seen, and must lose its ring with it: asked when the next stop has it. */
async function leave(key, end = false) {
  const handle = await page.evaluateHandle(() => document.activeElement);
  const was = await page.evaluate(focus);
  const checked = !was.body && !["main", "dialog"].includes(was.role) && was.role !== "fieldset";
  if (checked) {
    // The page scrolls to it, and some parts come smoothly.
    for (let tries = 0; tries < 600 && !(await page.evaluate(focus)).seen; tries += 1) await page.waitForTimeout(50);
    const { seen, html } = await page.evaluate(focus);
    assert.ok(seen, `what has the focus is not seen: ${html}`);
  }
  await settled(page);
  const focused = checked && (await drawnAt(handle));
  const now = await stop(key, end);
  if (checked && (await handle.evaluate((element) => element.isConnected && element !== document.activeElement))) {
    await settled(page);
    const bare = await drawnAt(handle);
    assert.notEqual(focused, bare, `the focus has no ring: ${was.html}`);
  }
  return now;
}

/** Goes on with a key until what is wanted has the focus. */
async function to(wanted, key = "Tab") {
  const passed = [];
  for (let count = 0; count < STOPS; count += 1) {
    const now = await leave(key);
    if (wanted(now)) return now;
    passed.push(now.name.slice(0, 30) || now.html);
  }
  throw new Error(`not reached by ${key}: ${wanted}\npassed: ${passed.join(" | ")}`);
}

const button = (name) => (now) => ["button", "a", "link"].includes(now.role) && now.name === name;
const says = (text) => page.getByText(text).first().waitFor();
const press = (key) => page.keyboard.press(key);

const opened = () => page.waitForFunction(() => document.activeElement?.closest("[role=dialog]"));

/**
 * What a key opens to choose a file with. Keys and the browser's order to tell of choosers reach a page by two ways, and a busy page takes
 * the key first: whoever begins to listen only now may never be told. The walk listens from its beginning.
 */
async function chosenBy(key) {
  const chooser = page.waitForEvent("filechooser", { timeout: CHOOSER_MS });
  const events = await page.evaluateHandle(() => {
    const seen = [];
    for (const type of ["keydown", "click", "focusin", "focusout"])
      document.addEventListener(type, ({ target }) => seen.push(`${type} ${target.outerHTML?.slice(0, 80)}`), true);
    return seen;
  });
  const [opened] = await Promise.allSettled([chooser, press(key)]);
  if (opened.status === "fulfilled") return opened.value;
  const active = await page.evaluate(() => navigator.userActivation.isActive);
  const { html } = await page.evaluate(focus);
  const seen = (await events.jsonValue()).join("\n");
  throw new Error(`${key} opens no file chooser; user activation: ${active}; the focus is on ${html}\nseen:\n${seen}`);
}

/** A dialog has the focus, and keeps it whichever way somebody goes. */
async function trapped() {
  await opened();
  const stops = await page.getByRole("dialog").locator("button, input, textarea, [tabindex='0']").count();
  for (const key of ["Tab", "Shift+Tab"])
    for (let count = 0; count < stops + 2; count += 1) {
      const { body, dialog, html } = await leave(key, true);
      assert.ok(dialog || body, `${key} leaves the dialog for ${html}`);
      // From the browser's own controls back into the page.
      if (body) assert.ok((await stop(key)).dialog, `${key} enters the page beside the dialog`);
    }
}

const closed = () => page.getByRole("dialog").waitFor({ state: "detached" });
const has = (name) =>
  page.waitForFunction((wanted) => {
    const element = document.activeElement;
    return (element?.getAttribute("aria-label") ?? element?.textContent ?? "").trim() === wanted;
  }, name);

/** To a tab of the function, by the arrows of the list of tabs. */
async function tab(name) {
  const at = await to((now) => now.role === "tab");
  if (at.name !== name) await to((now) => now.role === "tab" && now.name === name, "ArrowRight");
  await press("Enter");
}

async function signIn() {
  await page.goto(link());
  await page.getByRole("main").waitFor();
  await page.getByRole("link", { name: words.create }).waitFor();
  // The first stop skips what is on every page.
  const first = await stop("Tab");
  assert.equal(first.name, words.skip);
  await press("Enter");
  assert.equal((await page.evaluate(focus)).role, "main");
}

async function create() {
  await to(button(words.create));
  await press("Enter");
  await page.waitForURL("**/functions/new");
  await to((now) => now.name.startsWith(words.drop));
  const chooser = await chosenBy("Enter");
  await chooser.setFiles({ name: "http.zip", mimeType: "application/zip", buffer: zip });
  await says(words.ready);
  await to((now) => now.id === "name");
  await press("Control+a");
  await page.keyboard.type(NAME);
  await to(button(words.create));
  await press("Enter");
  await page.waitForURL(`**/functions/default/${NAME}/code`);
  await page.locator(".cm-content").waitFor();
}

async function trigger() {
  await tab(words.triggers);
  await to(button(words.createTrigger));
  await press("Enter");
  await trapped();
  await press("Escape");
  await closed();
  // Given back.
  await has(words.createTrigger);
  await press("Enter");
  await opened();
  await to(button(words.ok));
  await press("Enter");
  await closed();
  await has(words.createTrigger);
  await page.getByTestId("invoke-url").waitFor();
}

async function publish() {
  await to((now) => now.role === "a" && now.name === `API_${NAME}`);
  await press("Enter");
  await page.getByTestId("api-url").waitFor();
  await to(button(words.edit));
  await press("Enter");
  await page.waitForURL("**/edit");
  await page.locator("#name").waitFor();
  await to(button(words.next));
  await press("Enter");
  await page.waitForFunction(() => document.activeElement?.localName === "fieldset");
  await to((now) => now.id === "req_uri");
  await press("Control+a");
  await page.keyboard.type("/user/get");
  await to(button(words.finish));
  await press("Enter");
  await page.waitForURL((url) => !url.pathname.endsWith("/edit"));
  await to(button(words.publish));
  await press("Enter");
  await trapped();
  await to((now) => now.dialog && button(words.publish)(now));
  await press("Enter");
  await says(words.published);
  await closed();
  await has(words.publish);
}

/** Back to the function, whose URL answers in a page of its own. */
async function call() {
  await to((now) => now.role === "a" && now.name === NAME);
  await press("Enter");
  await page.getByTestId("invoke-url").waitFor();
  const { href } = await to((now) => now.role === "a" && now.name.endsWith("/user/get"));
  const [opened] = await Promise.all([context.waitForEvent("page"), press("Enter")]);
  await opened.getByText(SAID).waitFor();
  await opened.close();
  return href;
}

async function change(url) {
  await page.bringToFront();
  await to((now) => now.role === "tab", "Shift+Tab");
  await to((now) => now.role === "tab" && now.name === words.code, "ArrowLeft");
  await press("Enter");
  await page.locator(".cm-content").waitFor();
  await to((now) => now.editor);
  const line = sample("index.js")
    .toString()
    .split("\n")
    .findIndex((text) => text.includes(SAID));
  await press("Control+Home");
  for (let count = 0; count < line; count += 1) await press("ArrowDown");
  await press("Home");
  await press("Shift+End");
  await page.keyboard.type("    res.write('changed by keyboard');");
  await press("Control+s");
  await says(words.deployed);
  const { text } = await ask(url);
  assert.ok(text.includes("changed by keyboard"), text);
  // What was typed in stays open, and goes on.
  await page.getByRole("button", { name: words.discard }).waitFor({ state: "detached" });
  assert.ok((await page.evaluate(focus)).editor, "the deploy takes the focus out of the editor");
}

/** Tab indents; after Escape it goes on, and so it does backwards. */
async function leaveEditor() {
  const before = await page.locator(".cm-content").textContent();
  await press("Tab");
  assert.ok((await page.evaluate(focus)).editor, "Tab leaves the editor");
  assert.notEqual(await page.locator(".cm-content").textContent(), before, "Tab does not indent");
  await press("Control+z");
  assert.equal(await page.locator(".cm-content").textContent(), before);
  await press("Escape");
  assert.ok(!(await stop("Shift+Tab")).editor, "the editor keeps the focus for ever");
  await to((now) => now.editor);
  await press("Escape");
  assert.ok(!(await stop("Tab", true)).editor, "the editor keeps the focus for ever");
  const described = await page.locator(".cm-content").getAttribute("aria-describedby");
  assert.match(await page.locator(`#${described}`).textContent(), /Esc/);
}

await walk(language, async (browser) => {
  ({ context, page } = browser);
  page.on("filechooser", () => {});
  await signIn();
  await create();
  await trigger();
  await publish();
  const url = await call();
  await change(url);
  await leaveEditor();
});
