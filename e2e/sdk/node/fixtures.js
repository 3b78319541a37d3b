// What the groups have in common: the function that they are about, and the requests that make and change it.
'use strict';

const { readFileSync } = require('node:fs');
const { make, where } = require('./runner');

const file = readFileSync(process.argv[2]).toString('base64');
const urnOf = (name) => `urn:fss:${where.region}:${where.project_id}:function:default:${name}`;
const own = urnOf('node-suite');
const functionUrn = `${own}:latest`;
const nobody = { functionUrn: urnOf('node-nobody') };

const created = (funcName, more = {}) => ({
  body: make('CreateFunctionRequestBody', {
    funcName, package: 'default', runtime: 'http', timeout: 10, handler: 'bootstrap', memorySize: 256,
    codeType: 'zip', codeFilename: 'index.zip', funcCode: make('FuncCode', { file }), ...more,
  }),
});
const configured = (more = {}) => ({
  functionUrn,
  body: make('UpdateFunctionConfigRequestBody', {
    funcName: 'node-suite', runtime: 'http', timeout: 10, handler: 'bootstrap', memorySize: 256, ...more,
  }),
});
const coded = (more = {}) => ({
  functionUrn, body: make('UpdateFunctionCodeRequestBody', { codeType: 'zip', codeFilename: 'index.zip', ...more }),
});
const event = { httpMethod: 'GET', path: '/', headers: {}, queryStringParameters: {}, body: '', isBase64Encoded: true };
const encoded = (text) => Buffer.from(text).toString('base64');

// CRC-32 (ISO 3309), as a zip has it.
function checksum(bytes) {
  let sum = 0xffffffff;
  for (const byte of bytes) {
    sum ^= byte;
    for (let bit = 0; bit < 8; bit += 1) sum = (sum >>> 1) ^ (sum & 1 ? 0xedb88320 : 0);
  }
  return (sum ^ 0xffffffff) >>> 0;
}

// A zip with one stored file (APPNOTE 4.3), as base64.
function packed(name, text) {
  const [path, data] = [Buffer.from(name), Buffer.from(text)];
  const about = Buffer.alloc(24);
  about.writeUInt16LE(20, 0);
  about.writeUInt16LE(0x21, 8);
  about.writeUInt32LE(checksum(data), 10);
  about.writeUInt32LE(data.length, 14);
  about.writeUInt32LE(data.length, 18);
  about.writeUInt16LE(path.length, 22);
  const local = Buffer.concat([Buffer.from('PK\x03\x04'), about, Buffer.alloc(2), path, data]);
  const central = Buffer.concat([Buffer.from('PK\x01\x02'), Buffer.from([20, 0]), about, Buffer.alloc(16), path]);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(1, 4);
  end.writeUInt16LE(1, 6);
  end.writeUInt32LE(central.length, 8);
  end.writeUInt32LE(local.length, 12);
  return Buffer.concat([local, central, Buffer.from('PK\x05\x06'), end]).toString('base64');
}

module.exports = { coded, configured, created, encoded, event, file, functionUrn, nobody, own, packed, urnOf };
