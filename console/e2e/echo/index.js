// Answers with the request that it got, as JSON; /fail/STATUS answers with that status.
// biome-ignore lint/style/useNodejsImportProtocol: Node.js 12.13 does not know it
const http = require("http");

http
  .createServer((request, response) => {
    const parts = [];
    request.on("data", (part) => parts.push(part));
    request.on("end", () => {
      const failing = /^\/fail\/(\d+)/.exec(request.url);
      const { method, url, headers } = request;
      console.log(`INFO ${method} ${url}`);
      response.writeHead(failing ? Number(failing[1]) : 200, { "content-type": "application/json" });
      response.end(JSON.stringify({ method, url, headers, body: Buffer.concat(parts).toString() }));
    });
  })
  .listen(8000, "127.0.0.1");
