// A WebSocket echo server: what comes in goes out, text as text and binary as binary.
const http = require('node:http')
const { WebSocketServer } = require('ws')

const server = http.createServer((req, res) => {
  if (req.url === '/version') return res.setHeader('Content-Type', 'text/plain').end(process.env.APP_VERSION ?? '')
  res.setHeader('Content-Type', 'text/html')
  res.end('<!doctype html><title>ws</title><h1>Hello from ws: connect with a WebSocket</h1>')
})

new WebSocketServer({ server }).on('connection', (socket) => {
  socket.on('error', (error) => console.error(error.message))
  socket.on('message', (message, binary) => socket.send(message, { binary }))
})

server.listen(8000, '127.0.0.1', () => console.log('ws listens on 127.0.0.1:8000'))
