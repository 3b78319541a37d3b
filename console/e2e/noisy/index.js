// Says what it is told to: /slow waits, /fail fails, /flood/FROM/TO prints lines so numbered, anything else is greeted.
// biome-ignore lint/style/useNodejsImportProtocol: Node.js 12.13 does not know it
const http = require("http");

http
  .createServer((request, response) => {
    const url = new URL(request.url, "http://function");
    const answer = (status, text) => {
      response.writeHead(status, { "content-type": "text/plain" });
      response.end(text);
    };
    if (url.pathname === "/slow") {
      console.log("INFO slow on purpose");
      setTimeout(() => answer(200, "slow"), 400);
    } else if (url.pathname === "/fail") {
      console.error(JSON.stringify({ level: "error", order: { id: 42 }, msg: "the basket is gone" }));
      answer(500, "failed");
    } else if (url.pathname.startsWith("/flood/")) {
      const [from, to] = url.pathname.slice(7).split("/").map(Number);
      let text = "";
      for (let at = from; at < to; at += 1) text += `INFO line ${at} of the flood\n`;
      process.stdout.write(text, () => answer(200, "flooded"));
    } else {
      console.log(`INFO hello ${url.pathname}`);
      answer(200, "hello");
    }
  })
  .listen(8000, "127.0.0.1");
