// Triggers, and the APIs that they make.
'use strict';

const { assert, call, make, refused } = require('../runner');
const { functionUrn, nobody } = require('../fixtures');

const triggered = (more = {}) => ({
  functionUrn,
  body: make('CreateFunctionTriggerRequestBody', {
    triggerTypeCode: 'DEDICATEDGATEWAY',
    triggerStatus: 'ACTIVE',
    eventTypeCode: 'APICreated',
    eventData: make('TriggerEventDataRequestBody', {
      name: 'API_node', groupId: 'DEFAULT', envId: 'DEFAULT_ENVIRONMENT_RELEASE_ID', envName: 'RELEASE', auth: 'NONE',
      protocol: 'HTTP', path: '/node/suite', reqMethod: 'ANY', matchMode: 'SWA', type: 1, backendType: 'FUNCTION',
      funcInfo: make('ApigTriggerFuncInfo', { timeout: 5000 }), ...more,
    }),
  }),
});

module.exports = [
  ['it has triggers', [
    'CreateFunctionTrigger', 'ListFunctionTriggers', 'ShowFunctionTrigger', 'UpdateTrigger', 'DeleteFunctionTrigger',
    'BatchDeleteFunctionTriggers',
  ], async () => {
    const made = await call('CreateFunctionTrigger', triggered());
    assert.equal(made.httpStatusCode, 201);
    const one = { functionUrn, triggerTypeCode: 'DEDICATEDGATEWAY', triggerId: made.trigger_id };
    const answer = await fetch(made.event_data.invoke_url);
    assert.deepEqual([answer.status, (await answer.text()).includes('This is http function.')], [200, true]);
    const listed = await call('ListFunctionTriggers', { functionUrn });
    assert.deepEqual(Array.from(listed, (trigger) => trigger.trigger_id), [made.trigger_id]);
    assert.equal((await call('ShowFunctionTrigger', one)).trigger_status, 'ACTIVE');
    await refused(409, 'FSS.1147', 'CreateFunctionTrigger', triggered({ name: 'API_again' }));
    await refused(400, 'FSS.1417', 'CreateFunctionTrigger', triggered({ path: 'no slash' }));
    const active = make('UpdateTriggerRequestBody', { triggerStatus: 'ACTIVE' });
    await call('UpdateTrigger', { ...one, body: active });
    await refused(404, 'FSS.1138', 'UpdateTrigger', { ...one, triggerId: 'nobody', body: active });
    await call('DeleteFunctionTrigger', one);
    await refused(404, 'FSS.1138', 'ShowFunctionTrigger', one);
    await refused(404, 'FSS.1138', 'DeleteFunctionTrigger', one);
    await call('CreateFunctionTrigger', triggered());
    await call('BatchDeleteFunctionTriggers', { functionUrn });
    assert.deepEqual([...await call('ListFunctionTriggers', { functionUrn })], []);
    assert.equal((await fetch(made.event_data.invoke_url)).status, 404);
    await refused(404, 'FSS.1051', 'ListFunctionTriggers', nobody);
    await refused(404, 'FSS.1051', 'BatchDeleteFunctionTriggers', nobody);
  }],
];
