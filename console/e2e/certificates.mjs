// A domain of one's own gets a certificate of one's own; a key that is another's is refused. The trial makes the files and opens the TLS port.
import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import https from "node:https";
import { join } from "node:path";
import { named, walk } from "./browser.mjs";
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
  },
  zh: {
    addDomain: "绑定独立域名",
    setCertificate: "设置证书",
    removeCertificate: "删除证书",
    none: "无",
    until: "有效期至",
    show: "用 API 或命令行完成同样的操作",
    ok: "确定",
  },
};

const language = process.argv[2] === "zh" ? "zh" : "en";
const words = WORDS[language];
const DOMAIN = "shop.example.com";
const { CERTIFICATES: folder, TLS_PORT: port } = process.env;
const file = (name) => join(folder, name);
const chain = readFileSync(file("chain.pem"), "utf8");
const key = readFileSync(file("key.pem"), "utf8");

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

  await details.getByRole("button", { name: words.removeCertificate }).click();
  await dialog.getByRole("button", { name: words.removeCertificate }).click();
  await closed();
  await row.getByText(words.none, { exact: true }).waitFor();
  await assert.rejects(visit());
});
