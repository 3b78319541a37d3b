// Express 5: the contract that every application here answers, in Express's own words.
const { createHash } = require('node:crypto')
const { Readable, pipeline } = require('node:stream')
const express = require('express')

const app = express()

app.get('/', (req, res) => {
  res.send('<!doctype html><title>Express 5</title><h1>Hello from Express 5</h1>')
})

app.get('/json', (req, res) => {
  const headers = Object.entries(req.headers).filter(([name]) => name.startsWith('x-cff-'))
  res.json({ method: req.method, path: req.path, query: req.query, headers: Object.fromEntries(headers) })
})

app.post('/upload', async (req, res) => {
  const hash = createHash('sha256')
  let bytes = 0
  for await (const chunk of req) {
    hash.update(chunk)
    bytes += chunk.length
  }
  res.json({ bytes, sha256: hash.digest('hex') })
})

app.get('/download', (req, res) => {
  res.type('application/octet-stream')
  pipeline(Readable.from(content(Number(req.query.bytes ?? 0))), res, () => {})
})

app.get('/error', () => {
  throw new Error('this page fails on purpose')
})

app.get('/version', (req, res) => {
  res.type('text/plain').send(process.env.APP_VERSION ?? '')
})

app.get('/slow', async (req, res) => {
  const ms = Number(req.query.ms ?? 0)
  await new Promise((resolve) => setTimeout(resolve, ms))
  res.json({ ms })
})

app.use((error, req, res, next) => {
  if (res.headersSent) return next(error)
  console.error(error.message)
  res.status(500).send(`<!doctype html><title>Error</title><h1>Express 5: ${error.message}</h1>`)
})

// Byte i is i mod 251; blocks are a multiple of that, so each is the same.
const block = Buffer.from(Array.from({ length: 251 * 256 }, (_, i) => i % 251))

function* content(bytes) {
  for (let left = bytes; left > 0; left -= block.length) yield block.subarray(0, left)
}

app.listen(8000, '127.0.0.1', () => console.log('Express 5 listens on 127.0.0.1:8000'))
