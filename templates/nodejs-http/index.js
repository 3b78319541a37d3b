// An HTTP function: a server on 127.0.0.1:8000. Nothing of this file is particular to the platform but the address.
const http = require('node:http');

const server = http.createServer((request, response) => {
  const url = new URL(request.url, 'http://localhost');
  const name = url.searchParams.get('name') ?? 'world';
  response.setHeader('Content-Type', 'application/json');
  response.end(JSON.stringify({
    hello: name,
    method: request.method,
    path: url.pathname,
    requestId: request.headers['x-cff-request-id'],
  }));
});

server.listen(8000, '127.0.0.1');
