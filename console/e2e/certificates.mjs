// A domain of one's own gets a certificate of one's own; a key that is another's is refused. The trial makes the files and opens the TLS port.
import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import http from "node:http";
import https from "node:https";
import { join } from "node:path";
import { api, funcd, named, walk } from "./browser.mjs";
import { deploy, open } from "./functions.mjs";

const WORDS = {
  en: {
    addDomain: "Add a domain",
    setCertificate: "Set certificate",
    removeCertificate: "Remove certificate",
    none: "none",
    until: "Valid until",
    show: "The same by API or command line",
    ok: "OK",
    next: "Next",
    finish: "Finish now",
  },
  zh: {
    addDomain: "绑定独立域名",
    setCertificate: "设置证书",
    removeCertificate: "删除证书",
    none: "无",
    until: "有效期至",
    show: "用 API 或命令行完成同样的操作",
    ok: "确定",
    next: "下一步",
    finish: "立即完成",
  },
};

const language = process.argv[2] === "zh" ? "zh" : "en";
const words = WORDS[language];
const DOMAIN = "shop.example.com";
const { CERTIFICATES: folder, TLS_PORT: port } = process.env;
const file = (name) => join(folder, name);
const chain = readFileSync(file("chain.pem"), "utf8");
const key = readFileSync(file("key.pem"), "utf8");

/** The status at a URL of this machine, whatever its host is called and whoever signed its certificate. */
function status(url) {
  const { protocol, host, hostname: servername, port: at, pathname: path } = new URL(url);
  const place = { host: "127.0.0.1", port: at, path, headers: { host } };
  const options = { ...place, servername, rejectUnauthorized: false, agent: false };
  return new Promise((resolve, reject) => {
    const request = (protocol === "https:" ? https : http).get(options, (answer) => {
      answer.resume();
      resolve(answer.statusCode);
    });
    request.on("error", reject);
  });
}

/** An API is shown at the URLs at which it answers: http, both, https alone. */
async function addresses(page, look) {
  const shown = page.getByTestId("api-url");
  await page.goto(`${api}/console/apis`);
  await page.getByRole("link", { name: "API_shop" }).click();
  await shown.waitFor();
  const at = page.url();
  for (const [wanted, label, expected] of [
    ["HTTP", "HTTP", ["http", "https"]],
    ["BOTH", "HTTP & HTTPS", ["https", "http"]],
    ["HTTPS", "HTTPS", ["https"]],
  ]) {
    await page.goto(`${at}/edit`);
    await page.getByRole("button", { name: named(words.next) }).click();
    await page.getByRole("radio", { name: label, exact: true }).check();
    await page.getByRole("button", { name: named(words.finish) }).click();
    await page.waitForURL(at);
    funcd("api", "publish", "API_shop");
    await shown
      .locator("strong")
      .nth(2 * expected.length - 1)
      .waitFor();
    await look(`api-${wanted}`);
    const urls = await shown.locator("strong").allTextContents();
    const own = urls.filter((url) => !url.includes(DOMAIN));
    assert.deepEqual(
      own.map((url) => url.split(":")[0]),
      expected,
      wanted,
    );
    assert.equal(urls.length, 2 * own.length, "one for the group's own host and for the domain each");
    for (const url of urls) assert.equal(await status(url), 200, `${wanted}: ${url}`);
    const { hostname, pathname } = new URL(own[0]);
    const plain = `http://${hostname}:${process.env.GATEWAY_PORT}${pathname}`;
    assert.equal(await status(plain), wanted === "HTTPS" ? 400 : 200, `${wanted}: ${plain}`);
  }
}

/** What a client gets that trusts this certificate and no other, and the certificate it was shown. */
function visit() {
  return new Promise((resolve, reject) => {
    const options = { host: "127.0.0.1", port, servername: DOMAIN, ca: chain, headers: { host: DOMAIN }, agent: false };
    const request = https.get(options, (answer) => {
      const shown = answer.socket.getPeerX509Certificate().fingerprint256;
      const parts = [];
      answer.on("data", (part) => parts.push(part));
      answer.on("end", () => resolve({ shown, text: Buffer.concat(parts).toString() }));
    });
    request.on("error", reject);
  });
}

await walk(language, async ({ page, look }) => {
  const dialog = page.getByRole("dialog");
  const button = (name) => page.getByRole("main").getByRole("button", { name });
  const ok = () => dialog.getByRole("button", { name: named(words.ok) }).click();
  const closed = () => dialog.waitFor({ state: "detached" });
  const upload = async (certificate, secret) => {
    const files = dialog.locator("input[type=file]");
    await files.nth(0).setInputFiles(file(certificate));
    await files.nth(1).setInputFiles(file(secret));
    const first = (name) => readFileSync(file(name), "utf8").trim().split("\n")[1];
    for (const [field, name] of [
      ["chain", certificate],
      ["key", secret],
    ])
      await page.waitForFunction(
        ([id, line]) => document.getElementById(id)?.value.includes(line),
        [field, first(name)],
      );
  };

  deploy("shop", "one");
  await open(page, "/apis/groups");
  await page.getByRole("link", { name: "shop" }).first().click();
  await button(words.addDomain).click();
  await dialog.locator("#name").fill(DOMAIN);
  await ok();
  await closed();
  const place = page.url();
  const row = page.locator("tr", { hasText: DOMAIN });
  await row.getByText(words.none, { exact: true }).waitFor();
  await assert.rejects(visit(), "a client is shown a certificate that nobody has set");

  // The key of somebody else, and a certificate for another domain: the server's words say which is wrong.
  await button(words.setCertificate).click();
  await dialog.locator("#name").fill("of-my-own");
  await upload("chain.pem", "other-key.pem");
  await ok();
  await dialog.getByRole("alert").getByText("is that of another certificate: the public keys differ").waitFor();
  await look("wrong-key");
  await upload("other-chain.pem", "other-key.pem");
  await ok();
  await dialog.getByRole("alert").getByText(`is not for ${DOMAIN}`).waitFor();

  await upload("chain.pem", "key.pem");
  // The request is shown, and the key in it is not.
  await dialog.getByText(words.show).click();
  await dialog.getByText('"private_key": "…"').waitFor();
  const shown = await dialog.locator(".ant-collapse").textContent();
  assert.ok(shown.includes("BEGIN CERTIFICATE") && !shown.includes(key.split("\n")[1]), "the key is on the screen");
  await ok();
  await closed();
  await row.getByText("of-my-own").waitFor();
  await row.locator(".ant-table-row-expand-icon").click();
  const details = page.locator(".ant-table-expanded-row");
  await details.getByText(words.until).waitFor();
  const year = new X509Certificate(chain).validTo.match(/\d{4}/)[0];
  await details.getByText(new RegExp(year)).waitFor();
  await details.getByText(DOMAIN).waitFor();
  await look("certificate");
  const { shown: fingerprint, text } = await visit();
  assert.equal(fingerprint, new X509Certificate(chain).fingerprint256);
  assert.equal(text, "one");

  // Each URL that is shown answers, and where one protocol is wanted only that one is shown.
  await addresses(page, look);

  await page.goto(place);
  await row.locator(".ant-table-row-expand-icon").click();
  await details.getByRole("button", { name: words.removeCertificate }).click();
  await dialog.getByRole("button", { name: words.removeCertificate }).click();
  await closed();
  await row.getByText(words.none, { exact: true }).waitFor();
  await assert.rejects(visit());
});
