// A server on 127.0.0.1 port 8000 answers every request of this function.
const http = require('http');

const server = http.createServer((request, response) => {
  response.writeHead(200, { 'Content-Type': 'text/html; charset=utf-8' });
  response.end('<html><body><h1>This is an HTTP function.</h1></body></html>\n');
});

server.listen(8000, '127.0.0.1');
