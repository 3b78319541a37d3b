require('http').createServer((req, res) => { if (req.url !== '/hang') res.end('ok'); }).listen(8000, '127.0.0.1');
