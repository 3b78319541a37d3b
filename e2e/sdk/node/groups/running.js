// How a function runs: pinned, limited, switched off, with reserved instances; what it came to, and where its log is.
'use strict';

const { assert, call, elsewhere, make, refused, where } = require('../runner');
const { created, event, functionUrn, nobody, own, urnOf } = require('../fixtures');

const switches = async () => {
  await call('CreateFunction', created('node-a-suite'));
  const names = async () => (await call('ListFunctions', { funcName: '-suite' })).functions.map((one) => one.func_name);
  assert.deepEqual(await names(), ['node-a-suite', 'node-suite']);
  await call('UpdateFunctionCollectState', { funcUrn: own, state: 'true' });
  assert.deepEqual(await names(), ['node-suite', 'node-a-suite']);
  await call('UpdateFunctionCollectState', { funcUrn: own, state: 'false' });
  await refused(404, 'FSS.1051', 'UpdateFunctionCollectState', { funcUrn: nobody.functionUrn, state: 'true' });
  const limited = (maxInstanceNum) => ({ functionUrn, body: make('UpdateFunctionMaxInstanceConfigRequestBody', { maxInstanceNum }) });
  await call('UpdateFunctionMaxInstanceConfig', limited(0));
  await refused(403, 'FSS.0403', 'InvokeFunction', { functionUrn, body: event });
  await refused(400, 'FSS.1026', 'UpdateFunctionMaxInstanceConfig', limited(-2));
  await call('UpdateFunctionMaxInstanceConfig', limited(7));
  assert.equal((await call('ShowFunctionConfig', { functionUrn })).strategy_config.concurrency, 7);
  assert.equal((await call('InvokeFunction', { functionUrn, body: event })).statusCode, 200);
  await call('DeleteFunction', { functionUrn: urnOf('node-a-suite') });
};

const reserved = async () => {
  const counted = (fields, urn = functionUrn) => ({
    functionUrn: urn, body: make('UpdateFunctionReservedInstancesCountRequestBody', fields),
  });
  const nightly = make('CronConfig', {
    name: 'nightly', cron: '0 0 1 * * ?', count: 2, startTime: 1_900_000_000, expiredTime: 1_900_086_400,
  });
  await call('UpdateFunctionReservedInstancesCount', counted({
    count: 1, idleMode: false, tacticsConfig: make('TacticsConfig', { cronConfigs: [nightly] }),
  }));
  const configs = (await call('ListReservedInstanceConfigs', { functionUrn: own, marker: '0', limit: '10' })).reserved_instances;
  assert.deepEqual(
    configs.map((one) => [one.qualifier_name, one.min_count, one.tactics_config.cron_configs[0].name]), [['latest', 1, 'nightly']]);
  const instances = (await call('ListFunctionReservedInstances', { marker: '0', limit: '10' })).reservedinstances;
  assert.deepEqual(instances.map((one) => [one.func_urn, one.count]), [[functionUrn, 1]]);
  await call('UpdateFunctionReservedInstancesCount', counted({ count: 0 }));
  assert.deepEqual((await call('ListFunctionReservedInstances', {})).reservedinstances, []);
  await refused(400, 'FSS.0400', 'UpdateFunctionReservedInstancesCount', counted({ count: 100_000 }));
  await refused(404, 'FSS.1051', 'UpdateFunctionReservedInstancesCount', counted({ count: 1 }, nobody.functionUrn));
  await refused(400, 'FSS.1001', 'ListReservedInstanceConfigs', { limit: 'x' });
  await refused(400, 'FSS.1001', 'ListFunctionReservedInstances', { limit: 'x' });
};

const figures = async () => {
  const now = Date.now();
  const reporting = (type) => ({ type, startTime: String(now - 3_600_000), endTime: String(now), limit: '10' });
  await call('ListFunctionAsMetric', reporting('count'));
  await refused(400, 'FSS.1001', 'ListFunctionAsMetric', reporting('luck'));
  assert.ok((await call('ShowFunctionMetrics', { funcUrn: own, period: '60' })).count.length > 0);
  await refused(404, 'FSS.1051', 'ShowFunctionMetrics', { funcUrn: nobody.functionUrn, period: '60' });
  const page = (marker) => ({ funcUrn: own, marker, limit: '10' });
  assert.equal((await call('ShowFuncReservedInstanceMetrics', page('0'))).reservedInstanceNum.length, 10);
  await refused(400, 'FSS.1001', 'ShowFuncReservedInstanceMetrics', page('x'));
  assert.equal((await call('ListFunctionStatistics', { funcUrn: own, period: '60' })).count.length, 61);
  await refused(400, 'FSS.1001', 'ListFunctionStatistics', { funcUrn: own, period: '0' });
  assert.equal((await call('ListStatistics', { filter: 'monthly_report', option: '2' })).count.length, 3);
  await refused(400, 'FSS.1001', 'ListStatistics', { filter: 'luck' });
};

const logs = async () => {
  await call('EnableLtsLogs', {});
  await refused(403, 'FSS.0403', 'EnableLtsLogs', {}, elsewhere);
  const told = await call('ShowLtsLogDetails', { functionUrn });
  assert.deepEqual([told.group_id, told.stream_name], [where.project_id, 'node-suite-default']);
  await refused(404, 'FSS.1051', 'ShowLtsLogDetails', nobody);
};

module.exports = [
  ['it is pinned, limited, switched off and on', [
    'UpdateFunctionCollectState', 'UpdateFunctionMaxInstanceConfig', 'ListFunctions', 'ShowFunctionConfig', 'InvokeFunction',
    'CreateFunction', 'DeleteFunction',
  ], switches],
  ['it has reserved instances', [
    'UpdateFunctionReservedInstancesCount', 'ListReservedInstanceConfigs', 'ListFunctionReservedInstances',
  ], reserved],
  ['it has metrics and statistics', [
    'ListFunctionAsMetric', 'ShowFunctionMetrics', 'ShowFuncReservedInstanceMetrics', 'ListFunctionStatistics', 'ListStatistics',
  ], figures],
  ['it has a log', ['EnableLtsLogs', 'ShowLtsLogDetails'], logs],
];
