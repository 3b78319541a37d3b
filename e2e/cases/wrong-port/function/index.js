require('http').createServer((req, res) => res.end('here')).listen(3000, '127.0.0.1');
