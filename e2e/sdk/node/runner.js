// Groups of steps over the vendor's SDK. A group names the operations that it calls, and one that does not call what it names fails. At
// the end every operation of FunctionGraph in the API's own document must have done what it was asked for, and refused somebody; those
// of the vendor's specification that the document lacks must answer 501.
'use strict';

const assert = require('node:assert/strict');
const { readFileSync } = require('node:fs');
const { join } = require('node:path');
const { BasicCredentials } = require('@huaweicloud/huaweicloud-sdk-core');
const sdk = require('@huaweicloud/huaweicloud-sdk-functiongraph');
const { NOBODY, maker, method, offered, where } = require('./vendor');

const make = maker(sdk);

function connect(secretKey = where.secret_key, project = where.project_id) {
  const credential = new BasicCredentials().withAk(where.access_key).withSk(secretKey).withProjectId(project);
  return sdk.FunctionGraphClient.newBuilder().withCredential(credential).withEndpoint(where.api).build();
}

const client = connect();
// Nobody's project: whatever is asked there is refused.
const elsewhere = connect(undefined, NOBODY);
const operations = { there: new Map(), called: new Set(), done: new Set(), refused: new Set() };

function send(operation, fields, using) {
  operations.called.add(operation);
  return using[method(operation)](make(`${operation}Request`, fields));
}

// With `raw` the answer's body is bytes in `body`, as the server sent them.
function sendPlain(operation, { query = {}, body, raw, ...pathParams } = {}, using = client) {
  operations.called.add(operation);
  const { method: verb, path } = operations.there.get(operation);
  return using.hcClient.sendRequest({
    method: verb, url: path, pathParams, queryParams: query, headers: {}, contentType: 'application/json',
    ...(body && { data: body }), ...(raw && { axiosRequestConfig: { responseType: 'arraybuffer' } }),
  });
}

async function accepted(operation, sending) {
  const answer = await sending;
  operations.done.add(operation);
  return answer;
}

async function denied(status, code, operation, sending) {
  try {
    await sending;
  } catch (error) {
    assert.deepEqual([error.httpStatusCode, error.errorCode], [status, code], `${operation}: ${error}: ${error.errorMsg}`);
    operations.refused.add(operation);
    return error.errorMsg;
  }
  assert.fail(`${operation} should have been refused with ${status} ${code}`);
}

const call = (operation, fields, using = client) => accepted(operation, send(operation, fields, using));
const refused = (status, code, operation, fields, using = client) => denied(status, code, operation, send(operation, fields, using));

// The same for operations that the SDK does not have, or cannot do.
const plain = {
  call: (operation, fields) => accepted(operation, sendPlain(operation, fields)),
  refused: (status, code, operation, fields, using) => denied(status, code, operation, sendPlain(operation, fields, using)),
};

// An operation that is not there: everything that the SDK may ask for is filled in.
async function absent(operation) {
  const request = make(`${operation}Request`);
  for (const setter of Object.getOwnPropertyNames(Object.getPrototypeOf(request)).filter((name) => name.startsWith('with'))) {
    request[setter](setter === 'withBody' ? {} : 'x');
  }
  const sending = client[method(operation)](request);
  await denied(501, 'FSS.0501', operation, sending);
}

async function run(groups) {
  operations.there = offered(await (await fetch(`${where.api}/openapi.json`)).json());
  const specification = offered(JSON.parse(readFileSync(join(__dirname, '../../../spec/functiongraph-v2.openapi.json'))));
  const missing = [...specification].filter(([operation]) => !operations.there.has(operation));
  for (const [operation] of missing) await absent(operation);
  for (const [name, named, steps] of groups) {
    operations.called.clear();
    try {
      await steps();
    } catch (error) {
      error.message = `${name}: ${error.message} ${error.errorCode || ''} ${error.errorMsg || ''}`;
      throw error;
    }
    assert.deepEqual([...operations.called].sort(), [...named].sort(), `${name} calls what it names`);
    console.log(`done: ${name}`);
  }
  whole(specification);
  console.log(`${missing.length} operations are not there, and say so`);
}

function whole(specification) {
  const ours = [...operations.there].filter(([operation, { path }]) => specification.has(operation) || path.includes('/fgs/'));
  const all = ours.map(([operation]) => operation);
  const left = (set) => all.filter((operation) => !set.has(operation));
  assert.deepEqual(left(operations.done), [], 'operations never did what they were asked for in this suite');
  assert.deepEqual(left(operations.refused), [], 'operations never refused anything in this suite');
  console.log(`${all.length} operations did what they were asked for, and refused what they should`);
}

module.exports = { assert, call, connect, elsewhere, make, NOBODY, plain, refused, run, where };
