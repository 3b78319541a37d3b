const hoard = [];
require('http').createServer((req, res) => {
  if (req.url !== '/eat') return res.end('ok');
  for (;;) hoard.push(Buffer.alloc(8 << 20, 1));
}).listen(8000, '127.0.0.1');
