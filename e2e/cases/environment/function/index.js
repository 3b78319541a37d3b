const fs = require('fs');
const http = require('http');
http.createServer((req, res) => {
  const seen = { env: process.env, cwd: process.cwd(), uid: process.getuid() };
  try { fs.writeFileSync('/opt/function/code/x', 'x'); seen.code = 'written'; } catch (error) { seen.code = error.code; }
  try { fs.writeFileSync('/tmp/x', 'x'); seen.tmp = 'written'; } catch (error) { seen.tmp = error.code; }
  res.end(JSON.stringify(seen));
}).listen(8000, '127.0.0.1');
