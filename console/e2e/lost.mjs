// A connection that is lost and comes back, seen in two tabs: streams go on without losing or doubling anything.
//
//   API=http://127.0.0.1:8081 FUNCD=target/release/funcd FUNCD_DATA_DIR=DIR CHROMIUM=/usr/bin/chromium PICTURES=DIR node lost.mjs
import assert from "node:assert/strict";
import net from "node:net";
import { fileURLToPath } from "node:url";

/** Between the browser and funcd: what was cut is gone, and nothing is let through until it is mended. */
class Wire {
  #sockets = new Set();
  #whole = true;

  static async to(address) {
    const wire = new Wire();
    const { hostname, port } = new URL(address);
    const server = net.createServer((from) => wire.#join(from, net.connect(Number(port), hostname)));
    await new Promise((then) => server.listen(0, "127.0.0.1", then));
    wire.address = `http://127.0.0.1:${server.address().port}`;
    wire.close = () => {
      wire.cut();
      server.close();
    };
    return wire;
  }

  #join(from, to) {
    if (!this.#whole) {
      from.destroy();
      to.destroy();
      return;
    }
    for (const [one, other] of [
      [from, to],
      [to, from],
    ]) {
      this.#sockets.add(one);
      one.on("error", () => {});
      one.on("close", () => {
        this.#sockets.delete(one);
        other.destroy();
      });
      one.pipe(other);
    }
  }

  cut() {
    this.#whole = false;
    for (const socket of this.#sockets) socket.destroy();
  }

  mend() {
    this.#whole = true;
  }
}

const funcdAt = process.env.API;
const wire = await Wire.to(funcdAt);
// The browser knows funcd by this address.
process.env.API = wire.address;
const { api, ask, funcd, link, walk } = await import("./browser.mjs");

const NAME = "noisy";
const numbers = (from, to) => Array.from({ length: to - from + 1 }, (_, at) => from + at);
const sorted = (all) => all.toSorted((a, b) => a - b);

await walk("en", async ({ context, page, look }) => {
  const url = funcd("deploy", fileURLToPath(new URL("noisy", import.meta.url)), "--name", NAME)
    .split("\n")
    .at(-1);
  const say = async (from, to) => {
    for (const number of numbers(from, to)) await ask(new URL(`/hello/${number}`, url).href);
  };
  /** Which of them a part of the page shows, as often as it does. */
  const shown = async (part) => {
    const texts = await part.getByText(/\/hello\/\d+/).allTextContents();
    return sorted(texts.map((text) => Number(text.split("/hello/")[1])));
  };
  // To its end: the text of all lines has the hour of one right after the path of the one before.
  const shows = (of, number) =>
    of
      .getByText(new RegExp(`/hello/${number}$`))
      .first()
      .waitFor();

  await page.goto(link().replace(funcdAt, wire.address));
  await page.waitForURL((address) => !address.hash.includes("link="));
  await page.getByRole("main").waitFor();
  await page.goto(`${api}/console/logs`);
  const lines = page.getByTestId("lines");
  const other = await context.newPage();
  await other.goto(`${api}/console/requests`);
  const table = other.getByRole("table");
  await say(1, 5);
  await shows(lines, 5);
  await shows(table, 5);

  wire.cut();
  await page.getByTestId("stream-lost").waitFor();
  await other.getByTestId("stream-lost").waitFor();
  await say(6, 10);
  await look("lost");
  wire.mend();
  await shows(lines, 10);
  await shows(table, 10);
  await page.getByTestId("stream-lost").waitFor({ state: "detached" });
  await say(11, 12);
  await shows(lines, 12);
  await shows(table, 12);
  assert.deepEqual(await shown(lines), numbers(1, 12), "lines of the log");
  assert.deepEqual(await shown(table), numbers(1, 12), "requests");
  await look("back");
}).finally(() => wire.close());
