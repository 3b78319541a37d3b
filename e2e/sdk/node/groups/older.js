// Operations that the SDK does not have: of its earlier releases, of the Terraform provider, and of the console.
'use strict';

const { assert, elsewhere, plain } = require('../runner');
const { functionUrn, own, packed } = require('../fixtures');

const TYPES = 'GET /v2/{project_id}/fgs/';

const dependencies = async () => {
  const packaged = (text, more = {}) => ({
    body: { depend_type: 'zip', depend_file: packed('lib/text', text), runtime: 'http', name: 'node-older', ...more },
  });
  const made = await plain.call('CreateDependency', packaged('1'));
  const one = { depend_id: made.id };
  assert.deepEqual([made.name, made.version], ['node-older', 1]);
  const changed = await plain.call('UpdateDependcy', { ...one, ...packaged('2') });
  assert.deepEqual([changed.id, changed.version], [made.id, 2]);
  assert.equal((await plain.call('ShowDependcy', one)).version, 2);
  await plain.refused(400, 'FSS.1024', 'CreateDependency', packaged('3', { name: 'not a name' }));
  await plain.call('DeleteDependency', one);
  await plain.refused(404, 'FSS.1056', 'DeleteDependency', one);
  await plain.refused(404, 'FSS.1056', 'ShowDependcy', one);
  await plain.refused(404, 'FSS.1056', 'UpdateDependcy', { ...one, ...packaged('3') });
};

const installation = async () => {
  assert.deepEqual(Array.from(await plain.call(`${TYPES}runtimetypes`), (one) => one.type), ['http']);
  assert.deepEqual([...await plain.call(`${TYPES}triggertypes`)], ['APIG', 'DEDICATEDGATEWAY']);
  assert.equal((await plain.call(`${TYPES}feature`)).http_function, true);
  assert.deepEqual([...await plain.call(`${TYPES}service-trusted-agencies`)], []);
  for (const name of ['runtimetypes', 'triggertypes', 'feature', 'service-trusted-agencies']) {
    await plain.refused(403, 'FSS.0403', `${TYPES}${name}`, {}, elsewhere);
  }
};

const triggers = async () => {
  const event_data = { auth: 'NONE', path: '/node/older', name: 'node_older', func_info: { timeout: 5000 } };
  await plain.call('CreateFunctionTrigger', { function_urn: own, body: { trigger_type_code: 'DEDICATEDGATEWAY', event_data } });
  const page = await plain.call(`${TYPES}triggers`, { query: { maxitems: '10' } });
  assert.deepEqual([page.count, page.triggers.map((one) => [one.func_urn, one.event_data.path])], [1, [[functionUrn, '/node/older']]]);
  await plain.refused(400, 'FSS.1001', `${TYPES}triggers`, { query: { maxitems: '501' } });
};

module.exports = [
  ['dependencies, as the SDKs of until 2023 keep them', ['CreateDependency', 'UpdateDependcy', 'ShowDependcy', 'DeleteDependency'], dependencies],
  ['what the console asks first', ['runtimetypes', 'triggertypes', 'feature', 'service-trusted-agencies'].map((name) => `${TYPES}${name}`),
    installation],
  ['the triggers of all functions', ['CreateFunctionTrigger', `${TYPES}triggers`], triggers],
];
