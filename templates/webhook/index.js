// Takes events that somebody signed with a secret you share (HMAC-SHA256 of the body, hexadecimal, in X-Hub-Signature-256 as
// `sha256=<digest>`), and nothing else. Set WEBHOOK_SECRET as an encrypted variable; put the work into `handle`.
const crypto = require('node:crypto');
const http = require('node:http');

const secret = process.env.WEBHOOK_SECRET ?? '';
const LIMIT = 1024 * 1024;

function handle(event) {
  console.log(`event ${event.action ?? 'without an action'}`);
  return { accepted: event.action ?? null };
}

function signed(body, given) {
  const expect = Buffer.from(`sha256=${crypto.createHmac('sha256', secret).update(body).digest('hex')}`);
  const sent = Buffer.from(String(given));
  return sent.length === expect.length && crypto.timingSafeEqual(sent, expect);
}

const server = http.createServer(async (request, response) => {
  const answer = (status, value) => {
    response.writeHead(status, { 'Content-Type': 'application/json' });
    response.end(JSON.stringify(value));
  };
  if (secret === '') return answer(500, { error: 'WEBHOOK_SECRET is not set' });
  const chunks = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size > LIMIT) return answer(413, { error: `more than ${LIMIT} bytes` });
    chunks.push(chunk);
  }
  const body = Buffer.concat(chunks);
  if (!signed(body, request.headers['x-hub-signature-256'])) return answer(401, { error: 'the signature is wrong' });
  try {
    answer(200, handle(JSON.parse(body)));
  } catch (error) {
    answer(400, { error: error.message });
  }
});

server.listen(8000, '127.0.0.1');
