// The vendor's Node.js SDK against funcd: what its users do, and what they are told when they do it wrong.
// Arguments: a package (zip) of an HTTP function that answers "This is http function.".
'use strict';

const { readFileSync } = require('node:fs');
const { assert, connect, make, refused, run, where } = require('./runner');

const file = readFileSync(process.argv[2]).toString('base64');
const urnOf = (name) => `urn:fss:${where.region}:${where.project_id}:function:default:${name}`;
const functionUrn = `${urnOf('node-suite')}:latest`;

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
const event = { httpMethod: 'GET', path: '/', headers: {}, queryStringParameters: {}, body: '', isBase64Encoded: true };

const groups = [
  ['a function is made, once', ['CreateFunction', 'ShowFunctionConfig'], async (call) => {
    const made = await call('CreateFunction', created('node-suite', { description: 'née 世界', userData: '{"COLOUR":"blue"}' }));
    assert.equal(made.func_urn, functionUrn);
    assert.deepEqual([made.cpu, made.digest.length, made.code_size], [400, 128, Buffer.from(file, 'base64').length]);
    const shown = await call('ShowFunctionConfig', { functionUrn });
    assert.deepEqual([shown.description, JSON.parse(shown.user_data)], ['née 世界', { COLOUR: 'blue' }]);
    await refused(409, 'FSS.1061', () => call('CreateFunction', created('node-suite')));
    for (const [code, more] of [
      ['FSS.1002', { funcName: 'not a name' }], ['FSS.1005', { runtime: 'Cobol' }], ['FSS.1006', { codeType: 'tar' }],
      ['FSS.1007', { memorySize: 100 }], ['FSS.1008', { timeout: 1 }], ['FSS.1009', { userData: '[]' }],
      ['FSS.1011', { funcCode: make('FuncCode', { file: 'bm8gemlw' }) }],
    ]) {
      await refused(400, code, () => call('CreateFunction', created('node-bad', more)));
    }
    await refused(404, 'FSS.1051', () => call('ShowFunctionConfig', { functionUrn: urnOf('node-bad') }));
    await refused(400, 'FSS.1309', () => call('ShowFunctionConfig', { functionUrn: 'not:one:of:its:forms' }));
  }],
  ['its settings change', ['UpdateFunctionConfig', 'ShowFunctionConfig'], async (call) => {
    const changed = await call('UpdateFunctionConfig', configured({
      memorySize: 512, timeout: 20, strategyConfig: make('StrategyConfig', { concurrency: 5, concurrentNum: 3 }),
    }));
    assert.deepEqual([changed.memory_size, changed.timeout], [512, 20]);
    const shown = await call('ShowFunctionConfig', { functionUrn });
    assert.deepEqual([shown.memory_size, shown.strategy_config.concurrency, shown.strategy_config.concurrent_num], [512, 5, 3]);
    const why = await refused(400, 'FSS.1008', () => call('UpdateFunctionConfig', configured({ timeout: 1, memorySize: 100 })));
    assert.match(why, /timeout.*memory_size|memory_size.*timeout/);
    assert.equal((await call('ShowFunctionConfig', { functionUrn })).timeout, 20);
  }],
  ['its code changes', ['UpdateFunctionCode', 'ShowFunctionCode'], async (call) => {
    const before = await call('ShowFunctionCode', { functionUrn });
    const after = await call('UpdateFunctionCode', coded({ funcCode: make('FuncCode', { file }) }));
    assert.deepEqual([after.digest, after.code_size], [before.digest, before.code_size]);
    await refused(400, 'FSS.1011', () => call('UpdateFunctionCode', coded({ funcCode: make('FuncCode', { file: 'bm8gemlw' }) })));
    assert.equal((await call('ShowFunctionCode', { functionUrn })).digest, before.digest);
    await refused(404, 'FSS.1051', () => call('ShowFunctionCode', { functionUrn: urnOf('node-nobody') }));
  }],
  ['it has triggers', [
    'CreateFunctionTrigger', 'ListFunctionTriggers', 'ShowFunctionTrigger', 'UpdateTrigger', 'DeleteFunctionTrigger',
    'BatchDeleteFunctionTriggers',
  ], async (call) => {
    const made = await call('CreateFunctionTrigger', triggered());
    assert.equal(made.httpStatusCode, 201);
    const one = { functionUrn, triggerTypeCode: 'DEDICATEDGATEWAY', triggerId: made.trigger_id };
    const answer = await fetch(made.event_data.invoke_url);
    assert.deepEqual([answer.status, (await answer.text()).includes('This is http function.')], [200, true]);
    const listed = await call('ListFunctionTriggers', { functionUrn });
    assert.deepEqual(Array.from(listed, (trigger) => trigger.trigger_id), [made.trigger_id]);
    assert.equal((await call('ShowFunctionTrigger', one)).trigger_status, 'ACTIVE');
    await refused(409, 'FSS.1147', () => call('CreateFunctionTrigger', triggered({ name: 'API_again' })));
    await refused(400, 'FSS.1417', () => call('CreateFunctionTrigger', triggered({ path: 'no slash' })));
    await call('UpdateTrigger', { ...one, body: make('UpdateTriggerRequestBody', { triggerStatus: 'ACTIVE' }) });
    await call('DeleteFunctionTrigger', one);
    await refused(404, 'FSS.1138', () => call('ShowFunctionTrigger', one));
    await call('CreateFunctionTrigger', triggered());
    await call('BatchDeleteFunctionTriggers', { functionUrn });
    assert.deepEqual([...await call('ListFunctionTriggers', { functionUrn })], []);
  }],
  ['it is called', ['InvokeFunction'], async (call) => {
    const wrapped = await call('InvokeFunction', { functionUrn, body: event, xCFFRequestVersion: 'v1', xCffLogType: 'tail' });
    const envelope = JSON.parse(wrapped.result);
    assert.deepEqual([wrapped.status, envelope.statusCode, envelope.isBase64Encoded], [200, 200, true]);
    assert.match(Buffer.from(envelope.body, 'base64').toString(), /This is http function\./);
    const plain = await call('InvokeFunction', { functionUrn, body: event });
    assert.equal(plain.statusCode, 200, JSON.stringify(plain));
    await refused(404, 'FSS.1051', () => call('InvokeFunction', { functionUrn: urnOf('node-nobody'), body: event }));
  }],
  ['it has versions and aliases', [
    'CreateFunctionVersion', 'ListFunctionVersions', 'CreateVersionAlias', 'ListVersionAliases', 'ShowVersionAlias',
    'UpdateVersionAlias', 'DeleteVersionAlias', 'InvokeFunction', 'DeleteFunction', 'UpdateFunctionConfig', 'ShowFunctionConfig',
  ], async (call) => {
    const own = urnOf('node-suite');
    const publish = (version) => call('CreateFunctionVersion', {
      functionUrn, body: make('CreateFunctionVersionRequestBody', { version, description: `as ${version}` }),
    });
    assert.equal((await publish('v1')).func_urn, `${own}:v1`);
    await refused(400, 'FSS.1016', () => publish('v1-again'));
    await call('UpdateFunctionConfig', configured({ memorySize: 512, timeout: 25 }));
    await publish('v2');
    const listed = await call('ListFunctionVersions', { functionUrn: own });
    assert.deepEqual(listed.versions.map((one) => one.version).sort(), ['latest', 'v1', 'v2']);
    assert.equal((await call('ShowFunctionConfig', { functionUrn: `${own}:v1` })).timeout, 20);
    assert.equal((await call('ShowFunctionConfig', { functionUrn: `${own}:v2` })).timeout, 25);
    const alias = { functionUrn: own, aliasName: 'prod' };
    const made = await call('CreateVersionAlias', {
      functionUrn: own, body: make('CreateVersionAliasRequestBody', { name: 'prod', version: 'v1', additionalVersionWeights: { v2: 10 } }),
    });
    assert.deepEqual([made.alias_urn, made.version, made.additional_version_weights.v2], [`${own}:!prod`, 'v1', 10]);
    await refused(409, 'FSS.1063', () => call('CreateVersionAlias', {
      functionUrn: own, body: make('CreateVersionAliasRequestBody', { name: 'prod', version: 'v2' }),
    }));
    await refused(404, 'FSS.1052', () => call('CreateVersionAlias', {
      functionUrn: own, body: make('CreateVersionAliasRequestBody', { name: 'other', version: 'v9' }),
    }));
    assert.deepEqual((await call('ListVersionAliases', { functionUrn: own })).map((one) => one.name), ['prod']);
    const called = await call('InvokeFunction', { functionUrn: `${own}:!prod`, body: event, xCFFRequestVersion: 'v1' });
    assert.equal(JSON.parse(called.result).statusCode, 200);
    await refused(403, 'FSS.1094', () => call('DeleteFunction', { functionUrn: `${own}:v2` }));
    await call('UpdateVersionAlias', { ...alias, body: make('UpdateVersionAliasRequestBody', { version: 'v2' }) });
    assert.equal((await call('ShowVersionAlias', alias)).version, 'v2');
    await call('DeleteVersionAlias', alias);
    await refused(404, 'FSS.1053', () => call('ShowVersionAlias', alias));
    await call('DeleteFunction', { functionUrn: `${own}:v1` });
    await refused(404, 'FSS.1052', () => call('ShowFunctionConfig', { functionUrn: `${own}:v1` }));
  }],
  ['a list comes in pages', ['CreateFunction', 'ListFunctions', 'DeleteFunction'], async (call) => {
    const names = Array.from({ length: 7 }, (_, number) => `node-page-${number}`);
    await Promise.all(names.map((name) => call('CreateFunction', created(name))));
    const seen = [];
    for (let marker = '0', pages = 0; ; pages += 1) {
      assert.ok(pages < 10, 'the walk ends');
      const page = await call('ListFunctions', { marker, maxitems: '3', funcName: 'node-page-' });
      seen.push(...page.functions.map((one) => one.func_name));
      if (page.functions.length < 3 || page.next_marker === 0) break;
      marker = String(page.next_marker);
    }
    assert.deepEqual(seen.sort(), names);
    await refused(400, 'FSS.1001', () => call('ListFunctions', { maxitems: '-1' }));
    await Promise.all(names.map((name) => call('DeleteFunction', { functionUrn: urnOf(name) })));
    assert.equal((await call('ListFunctions', { funcName: 'node-page-' })).count, 0);
  }],
  ['it is deleted', ['DeleteFunction', 'ShowFunctionConfig'], async (call) => {
    const gone = await call('DeleteFunction', { functionUrn: urnOf('node-suite') });
    assert.equal(gone.httpStatusCode, 204);
    await refused(404, 'FSS.1051', () => call('ShowFunctionConfig', { functionUrn }));
    await refused(404, 'FSS.1051', () => call('DeleteFunction', { functionUrn: urnOf('node-suite') }));
  }],
  ['a wrong secret is refused', ['ListFunctions'], async (call) => {
    await call('ListFunctions', {});
    await refused(401, 'APIG.0301', () => connect('wrong').listFunctions(make('ListFunctionsRequest')));
  }],
];

run(groups).then(() => process.exit(0), (error) => {
  console.error(error.stack || error);
  process.exit(1);
});
