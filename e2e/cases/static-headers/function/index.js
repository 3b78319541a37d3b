require('http').createServer((req, res) => {
  res.setHeader('x-own', 'kept');
  res.setHeader('x-funcd-error', 'forged');
  res.setHeader('x-secret-hop', 'gone');
  res.setHeader('connection', 'keep-alive, x-secret-hop');
  res.setHeader('content-length', 5);
  res.end('hello');
}).listen(8000, '127.0.0.1');
