// What somebody waits for when they open the console for the first time, by Chromium's own trace: sizes are asserted, times are told.
//
//   API=http://127.0.0.1:8081 FUNCD=target/release/funcd FUNCD_DATA_DIR=DIR CHROMIUM=/usr/bin/chromium PICTURES=DIR node first.mjs
import assert from "node:assert/strict";
import { api, link, walk } from "./browser.mjs";

/** Bytes of a first page at most, as they come: compressed. */
const MOST = 600 * 1024;

/** Opens an address with nothing kept from before; gives what came, in bytes, and when its parts were painted, in ms. */
async function trace(page, address) {
  const session = await page.context().newCDPSession(page);
  const events = [];
  let bytes = 0;
  const files = new Set();
  const received = ({ encodedDataLength }) => {
    bytes += encodedDataLength;
  };
  session.on("Network.loadingFinished", received);
  session.on("Network.responseReceived", ({ response }) => files.add(response.url));
  session.on("Tracing.dataCollected", ({ value }) => events.push(...value));
  await session.send("Network.enable");
  await session.send("Network.setCacheDisabled", { cacheDisabled: true });
  const categories = "loading,blink.user_timing,devtools.timeline";
  await session.send("Tracing.start", {
    transferMode: "ReportEvents",
    traceConfig: { includedCategories: categories.split(",") },
  });
  await page.goto(address, { waitUntil: "networkidle" });
  const complete = new Promise((then) => session.once("Tracing.tracingComplete", then));
  await session.send("Tracing.end");
  await complete;
  await session.detach();
  const all = (name) => events.filter((event) => event.name === name);
  // The trace has other pages' beginnings too: a paint counts from that of its own frame.
  const after = (name) => {
    const painted = all(name).at(-1);
    const begun = all("navigationStart").findLast(
      ({ args, ts }) => args?.frame === painted?.args?.frame && ts <= painted.ts,
    );
    return begun ? Math.round((painted.ts - begun.ts) / 1000) : "not in the trace";
  };
  return {
    bytes,
    files: files.size,
    first: after("firstContentfulPaint"),
    largest: after("largestContentfulPaint::Candidate"),
  };
}

const kilobytes = (bytes) => `${(bytes / 1024).toFixed(0)} KB`;

await walk("en", async ({ page }) => {
  const views = { "sign in": `${api}/console/`, functions: `${api}/console/functions` };
  for (const [name, address] of Object.entries(views)) {
    const { bytes, files, first, largest } = await trace(page, address);
    console.log(
      `console: ${name}: ${kilobytes(bytes)} in ${files} files, painted after ${first} ms, whole after ${largest} ms`,
    );
    // The same for `script/bench console`.
    console.log(["first view", name, bytes, first, largest].join("\t"));
    assert.ok(bytes > 50 * 1024, `${name}: ${bytes} bytes cannot be the console`);
    assert.ok(bytes <= MOST, `${name}: ${kilobytes(bytes)} come with the first view, more than ${kilobytes(MOST)}`);
    if (name === "sign in") {
      await page.goto("about:blank");
      await page.goto(link());
      await page.waitForURL((at) => !at.hash.includes("link="));
      await page.goto("about:blank");
    }
  }
});
