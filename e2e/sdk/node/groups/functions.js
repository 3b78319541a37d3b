// Functions, their settings and code, and calls of them.
'use strict';

const { assert, call, connect, make, refused } = require('../runner');
const { coded, configured, created, event, file, functionUrn, nobody, urnOf } = require('../fixtures');

module.exports = [
  ['a function is made, once', ['CreateFunction', 'ShowFunctionConfig'], async () => {
    const made = await call('CreateFunction', created('node-suite', { description: 'née 世界', userData: '{"COLOUR":"blue"}' }));
    assert.equal(made.func_urn, functionUrn);
    assert.deepEqual([made.cpu, made.digest.length, made.code_size], [400, 128, Buffer.from(file, 'base64').length]);
    const shown = await call('ShowFunctionConfig', { functionUrn });
    assert.deepEqual([shown.description, JSON.parse(shown.user_data)], ['née 世界', { COLOUR: 'blue' }]);
    await refused(409, 'FSS.1061', 'CreateFunction', created('node-suite'));
    for (const [code, more] of [
      ['FSS.1002', { funcName: 'not a name' }], ['FSS.1005', { runtime: 'Cobol' }], ['FSS.1006', { codeType: 'tar' }],
      ['FSS.1007', { memorySize: 100 }], ['FSS.1008', { timeout: 1 }], ['FSS.1009', { userData: '[]' }],
      ['FSS.1011', { funcCode: make('FuncCode', { file: 'bm8gemlw' }) }],
    ]) {
      await refused(400, code, 'CreateFunction', created('node-bad', more));
    }
    await refused(404, 'FSS.1051', 'ShowFunctionConfig', { functionUrn: urnOf('node-bad') });
    await refused(400, 'FSS.1309', 'ShowFunctionConfig', { functionUrn: 'not:one:of:its:forms' });
  }],
  ['its settings change', ['UpdateFunctionConfig', 'ShowFunctionConfig'], async () => {
    const changed = await call('UpdateFunctionConfig', configured({
      memorySize: 512, timeout: 20, strategyConfig: make('StrategyConfig', { concurrency: 5, concurrentNum: 3 }),
    }));
    assert.deepEqual([changed.memory_size, changed.timeout], [512, 20]);
    const shown = await call('ShowFunctionConfig', { functionUrn });
    assert.deepEqual([shown.memory_size, shown.strategy_config.concurrency, shown.strategy_config.concurrent_num], [512, 5, 3]);
    const why = await refused(400, 'FSS.1008', 'UpdateFunctionConfig', configured({ timeout: 1, memorySize: 100 }));
    assert.match(why, /timeout.*memory_size|memory_size.*timeout/);
    assert.equal((await call('ShowFunctionConfig', { functionUrn })).timeout, 20);
  }],
  ['its code changes', ['UpdateFunctionCode', 'ShowFunctionCode'], async () => {
    const before = await call('ShowFunctionCode', { functionUrn });
    const after = await call('UpdateFunctionCode', coded({ funcCode: make('FuncCode', { file }) }));
    assert.deepEqual([after.digest, after.code_size], [before.digest, before.code_size]);
    await refused(400, 'FSS.1011', 'UpdateFunctionCode', coded({ funcCode: make('FuncCode', { file: 'bm8gemlw' }) }));
    assert.equal((await call('ShowFunctionCode', { functionUrn })).digest, before.digest);
    await refused(404, 'FSS.1051', 'ShowFunctionCode', nobody);
  }],
  ['it is called', ['InvokeFunction'], async () => {
    const wrapped = await call('InvokeFunction', { functionUrn, body: event, xCFFRequestVersion: 'v1', xCffLogType: 'tail' });
    const envelope = JSON.parse(wrapped.result);
    assert.deepEqual([wrapped.status, envelope.statusCode, envelope.isBase64Encoded], [200, 200, true]);
    assert.match(Buffer.from(envelope.body, 'base64').toString(), /This is http function\./);
    const plain = await call('InvokeFunction', { functionUrn, body: event });
    assert.equal(plain.statusCode, 200, JSON.stringify(plain));
    await refused(404, 'FSS.1051', 'InvokeFunction', { ...nobody, body: event });
    await refused(404, 'FSS.1053', 'InvokeFunction', { functionUrn: `${urnOf('node-suite')}:!nobody`, body: event });
  }],
  ['a list comes in pages', ['CreateFunction', 'ListFunctions', 'DeleteFunction'], async () => {
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
    await refused(400, 'FSS.1001', 'ListFunctions', { maxitems: '-1' });
    await refused(401, 'APIG.0301', 'ListFunctions', {}, connect('wrong'));
    await Promise.all(names.map((name) => call('DeleteFunction', { functionUrn: urnOf(name) })));
    assert.equal((await call('ListFunctions', { funcName: 'node-page-' })).count, 0);
  }],
];
