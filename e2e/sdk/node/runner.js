// Groups of steps over the vendor's SDK. A group names the operations that it calls and runs when the API's own document has all of
// them; else each that is missing must answer 501, and is listed. A group that does not call what it names fails.
'use strict';

const assert = require('node:assert/strict');
const { BasicCredentials } = require('@huaweicloud/huaweicloud-sdk-core');
const sdk = require('@huaweicloud/huaweicloud-sdk-functiongraph');

// The SDK writes every refusal with the whole request to the terminal; what the suite prints is enough.
require('log4js').configure({
  appenders: { none: { type: { configure: () => () => {} } } }, categories: { default: { appenders: ['none'], level: 'off' } },
});

const where = JSON.parse(process.env.FUNCD_CREDENTIALS);

function connect(secretKey = where.secret_key) {
  const credential = new BasicCredentials().withAk(where.access_key).withSk(secretKey).withProjectId(where.project_id);
  return sdk.FunctionGraphClient.newBuilder().withCredential(credential).withEndpoint(where.api).build();
}

// An object of the SDK's own class; a field that the class does not have is an error of the suite.
function make(name, fields = {}) {
  assert.ok(sdk[name], `the SDK has no ${name}`);
  const made = new sdk[name]();
  for (const [field, value] of Object.entries(fields)) {
    const setter = `with${field[0].toUpperCase()}${field.slice(1)}`;
    assert.equal(typeof made[setter], 'function', `${name} has no ${setter}`);
    made[setter](value);
  }
  return made;
}

// Something for every field of a request that stands in a path.
const ANY = ['functionUrn', 'funcUrn', 'aliasName', 'version', 'eventId', 'dependId', 'triggerId', 'triggerTypeCode', 'templateId',
  'resourceType', 'resourceId', 'action', 'period', 'state'];

async function refused(status, code, call) {
  try {
    await call();
  } catch (error) {
    assert.deepEqual([error.httpStatusCode, error.errorCode], [status, code], `${error}: ${error.errorMsg}`);
    return error.errorMsg;
  }
  assert.fail(`should have been refused with ${status} ${code}`);
}

async function run(groups) {
  const document = await (await fetch(`${where.api}/openapi.json`)).json();
  const there = new Set(Object.values(document.paths).flatMap((path) => Object.values(path).map((one) => one.operationId)));
  const client = connect();
  const missing = new Set();
  for (const [name, operations, steps] of groups) {
    const absent = operations.filter((operation) => !there.has(operation));
    for (const operation of absent) {
      const request = make(`${operation}Request`);
      for (const field of ANY) {
        const setter = `with${field[0].toUpperCase()}${field.slice(1)}`;
        if (request[setter]) request[setter]('x');
      }
      if (request.withBody) request.withBody({});
      await refused(501, 'FSS.0501', () => client[operation[0].toLowerCase() + operation.slice(1)](request));
      missing.add(operation);
    }
    if (absent.length > 0) {
      console.log(`not run: ${name}, because ${absent.join(', ')} answers 501`);
      continue;
    }
    const called = new Set();
    const call = (operation, fields) => {
      called.add(operation);
      return client[operation[0].toLowerCase() + operation.slice(1)](make(`${operation}Request`, fields));
    };
    try {
      await steps(call);
    } catch (error) {
      error.message = `${name}: ${error.message} ${error.errorCode || ''} ${error.errorMsg || ''}`;
      throw error;
    }
    assert.deepEqual([...called].sort(), [...operations].sort(), `${name} calls what it names`);
    console.log(`done: ${name}`);
  }
  console.log(`${missing.size} operations of this suite are not there: ${[...missing].join(', ') || 'none'}`);
}

module.exports = { assert, connect, make, refused, run, where };
