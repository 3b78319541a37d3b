// What the suites over the vendor's SDK have in common.
'use strict';

const assert = require('node:assert/strict');

// The SDK writes every refusal with the whole request to the terminal; what the suites print is enough.
require('log4js').configure({
  appenders: { none: { type: { configure: () => () => {} } } }, categories: { default: { appenders: ['none'], level: 'off' } },
});

const where = JSON.parse(process.env.FUNCD_CREDENTIALS);
const NOBODY = '0'.repeat(32);

// Makes objects of the SDK's own classes; a field that the class does not have is an error of the suite.
const maker = (sdk) => (name, fields = {}) => {
  assert.ok(sdk[name], `the SDK has no ${name}`);
  const made = new sdk[name]();
  for (const [field, value] of Object.entries(fields)) {
    const setter = `with${field[0].toUpperCase()}${field.slice(1)}`;
    assert.equal(typeof made[setter], 'function', `${name} has no ${setter}`);
    made[setter](value);
  }
  return made;
};

// The operations of an OpenAPI document by name.
function offered(document) {
  return new Map(Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, one]) => [one.operationId, { method: method.toUpperCase(), path }])));
}

const method = (operation) => operation[0].toLowerCase() + operation.slice(1);

module.exports = { NOBODY, maker, method, offered, where };
