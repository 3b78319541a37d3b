// Takes files by PUT /<name>, without ever holding one in memory, and answers with size and SHA-256. What is in /tmp goes with the
// instance: where MAX_MB and a real store matter, set the variable and send the stream on from `keep`.
const crypto = require('node:crypto');
const fs = require('node:fs');
const http = require('node:http');
const path = require('node:path');
const { pipeline } = require('node:stream/promises');

const limit = Number(process.env.MAX_MB ?? 5) * 1024 * 1024;

async function keep(request, name) {
  const hash = crypto.createHash('sha256');
  let size = 0;
  const file = path.join('/tmp', `${crypto.randomUUID()}.part`);
  try {
    await pipeline(request, async function* (source) {
      for await (const chunk of source) {
        size += chunk.length;
        if (size > limit) throw Object.assign(new Error(`more than ${limit} bytes`), { status: 413 });
        hash.update(chunk);
        yield chunk;
      }
    }, fs.createWriteStream(file));
    await fs.promises.rename(file, path.join('/tmp', name));
  } catch (error) {
    await fs.promises.rm(file, { force: true });
    throw error;
  }
  return { name, size, sha256: hash.digest('hex') };
}

const server = http.createServer(async (request, response) => {
  const answer = (status, value) => {
    if (response.headersSent) return;
    response.writeHead(status, { 'Content-Type': 'application/json' });
    response.end(JSON.stringify(value));
  };
  const name = new URL(request.url, 'http://localhost').pathname.split('/').pop();
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/.test(name)) return answer(400, { error: 'PUT /<name>, of letters, digits, . _ -' });
  if (request.method !== 'PUT' && request.method !== 'POST') return answer(405, { error: 'PUT or POST a file' });
  try {
    answer(201, await keep(request, name));
  } catch (error) {
    answer(error.status ?? 500, { error: error.message });
  }
});

server.listen(8000, '127.0.0.1');
