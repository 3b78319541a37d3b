// Koa: the contract that every application here answers, in Koa's own words.
const { createHash } = require('node:crypto')
const { Readable } = require('node:stream')
const Koa = require('koa')

const app = new Koa()

const routes = {
  'GET /': (ctx) => {
    ctx.body = '<!doctype html><title>Koa</title><h1>Hello from Koa</h1>'
  },

  'GET /json': (ctx) => {
    const headers = Object.entries(ctx.headers).filter(([name]) => name.startsWith('x-cff-'))
    ctx.body = { method: ctx.method, path: ctx.path, query: ctx.query, headers: Object.fromEntries(headers) }
  },

  'POST /upload': async (ctx) => {
    const hash = createHash('sha256')
    let bytes = 0
    for await (const chunk of ctx.req) {
      hash.update(chunk)
      bytes += chunk.length
    }
    ctx.body = { bytes, sha256: hash.digest('hex') }
  },

  'GET /download': (ctx) => {
    ctx.type = 'application/octet-stream'
    ctx.body = Readable.from(content(Number(ctx.query.bytes ?? 0)))
  },

  'GET /error': () => {
    throw new Error('this page fails on purpose')
  },

  'GET /version': (ctx) => {
    ctx.type = 'text/plain'
    ctx.body = process.env.APP_VERSION ?? ''
  },

  'GET /slow': async (ctx) => {
    const ms = Number(ctx.query.ms ?? 0)
    await new Promise((resolve) => setTimeout(resolve, ms))
    ctx.body = { ms }
  },
}

app.use(async (ctx, next) => {
  try {
    await next()
  } catch (error) {
    console.error(error.message)
    ctx.status = 500
    ctx.type = 'text/html'
    ctx.body = `<!doctype html><title>Error</title><h1>Koa: ${error.message}</h1>`
  }
})

app.use((ctx) => routes[`${ctx.method} ${ctx.path}`]?.(ctx))

// Byte i is i mod 251; blocks are a multiple of that, so each is the same.
const block = Buffer.from(Array.from({ length: 251 * 256 }, (_, i) => i % 251))

function* content(bytes) {
  for (let left = bytes; left > 0; left -= block.length) yield block.subarray(0, left)
}

app.listen(8000, '127.0.0.1', () => console.log('Koa listens on 127.0.0.1:8000'))
