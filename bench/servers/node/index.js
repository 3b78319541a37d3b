// The small Node.js server: as src/bin/hello.rs.
const { createServer } = require('node:http')

const large = Buffer.alloc(64 << 10, 'x')

createServer((req, res) => {
  if (req.url === '/hold') {
    res.write('.')
    return
  }
  const body = req.url === '/64k' ? large : 'Hello, world!'
  res.writeHead(200, { 'content-length': body.length })
  res.end(body)
}).listen(Number(process.env.PORT ?? 8000), '127.0.0.1')
