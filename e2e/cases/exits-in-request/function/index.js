require('http').createServer((req, res) => req.url === '/die' ? process.exit(7) : res.end('ok')).listen(8000, '127.0.0.1');
