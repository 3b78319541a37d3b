// The pictures of the user guide (docs/console): the steps of the vendor's page "create an HTTP function", as they look now.
//
//   API=http://127.0.0.1:8081 FUNCD=target/release/funcd FUNCD_DATA_DIR=DIR CHROMIUM=/usr/bin/chromium PICTURES=docs/console node guide.mjs en
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { zipSync } from "fflate";
import { api, link, sample, walk } from "./browser.mjs";

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
  },
};
const NAME = "http-test";
const language = process.argv[2] === "zh" ? "zh" : "en";
const words = WORDS[language];

await walk(language, async ({ page }) => {
  let number = 0;
  const picture = async (name) => {
    number += 1;
    await page.mouse.move(0, 0);
    await page.locator(".ant-message-notice").first().waitFor({ state: "detached" });
    await page.screenshot({
      path: join(process.env.PICTURES, `${language}-${number}-${name}.png`),
      animations: "disabled",
    });
  };
  const button = (name) => page.getByRole("button", { name });
  const dialog = page.getByRole("dialog");
  await page.setViewportSize({ width: 1120, height: 700 });
  await page.goto(link());
  await button(words.create).click();
  const files = Object.fromEntries(["bootstrap", "index.js"].map((name) => [name, readFileSync(join(sample(), name))]));
  await page.locator("#name").fill(NAME);
  await page
    .locator("input[type=file]")
    .setInputFiles({ name: "http.zip", mimeType: "application/zip", buffer: Buffer.from(zipSync(files)) });
  await page.getByText(words.ready).waitFor();
  await picture("create");
  await button(words.create).click();
  await page.waitForURL(`**/functions/default/${NAME}/code`, { timeout: 180_000 });
  await page.locator(".cm-content").waitFor();
  await picture("code");
  await page.goto(`${api}/console/functions/default/${NAME}/triggers`);
  await page.getByRole("tabpanel").getByRole("button", { name: words.createTrigger }).click();
  await dialog.getByRole("button", { name: words.ok, exact: true }).waitFor();
  await picture("trigger");
  await dialog.getByRole("button", { name: words.ok, exact: true }).click();
  await page.getByTestId("invoke-url").waitFor();
  await page
    .getByRole("tabpanel")
    .getByRole("link", { name: `API_${NAME}` })
    .click();
  await button(words.edit).click();
  await button(words.next).click();
  await page.locator("#req_uri").fill("/user/get");
  await picture("request");
  await button(words.finish).click();
  await page.waitForURL((url) => !url.pathname.endsWith("/edit"));
  await page.getByRole("main").getByRole("button", { name: words.publish, exact: true }).click();
  await dialog.getByRole("button", { name: words.publish, exact: true }).waitFor();
  await picture("publish");
  await dialog.getByRole("button", { name: words.publish, exact: true }).click();
  await page.getByText(words.published).waitFor();
  await page.goto(`${api}/console/functions/default/${NAME}/triggers`);
  await page.getByTestId("invoke-url").waitFor();
  await picture("url");
});
