// Versions and aliases.
'use strict';

const { assert, call, make, refused } = require('../runner');
const { configured, event, nobody, own } = require('../fixtures');

module.exports = [
  ['it has versions and aliases', [
    'CreateFunctionVersion', 'ListFunctionVersions', 'CreateVersionAlias', 'ListVersionAliases', 'ShowVersionAlias',
    'UpdateVersionAlias', 'DeleteVersionAlias', 'InvokeFunction', 'DeleteFunction', 'UpdateFunctionConfig', 'ShowFunctionConfig',
  ], async () => {
    const publishing = (version) => ({
      functionUrn: own, body: make('CreateFunctionVersionRequestBody', { version, description: `as ${version}` }),
    });
    assert.equal((await call('CreateFunctionVersion', publishing('v1'))).func_urn, `${own}:v1`);
    await refused(400, 'FSS.1016', 'CreateFunctionVersion', publishing('v1-again'));
    await call('UpdateFunctionConfig', configured({ memorySize: 512, timeout: 25 }));
    await call('CreateFunctionVersion', publishing('v2'));
    await refused(400, 'FSS.1015', 'CreateFunctionVersion', publishing('not a name'));
    const listed = await call('ListFunctionVersions', { functionUrn: own });
    assert.deepEqual(listed.versions.map((one) => one.version).sort(), ['latest', 'v1', 'v2']);
    assert.equal((await call('ShowFunctionConfig', { functionUrn: `${own}:v1` })).timeout, 20);
    assert.equal((await call('ShowFunctionConfig', { functionUrn: `${own}:v2` })).timeout, 25);
    const alias = { functionUrn: own, aliasName: 'prod' };
    const aliased = (fields) => ({ functionUrn: own, body: make('CreateVersionAliasRequestBody', fields) });
    const made = await call('CreateVersionAlias', aliased({ name: 'prod', version: 'v1', additionalVersionWeights: { v2: 10 } }));
    assert.deepEqual([made.alias_urn, made.version, made.additional_version_weights.v2], [`${own}:!prod`, 'v1', 10]);
    await refused(409, 'FSS.1063', 'CreateVersionAlias', aliased({ name: 'prod', version: 'v2' }));
    await refused(404, 'FSS.1052', 'CreateVersionAlias', aliased({ name: 'other', version: 'v9' }));
    assert.deepEqual((await call('ListVersionAliases', { functionUrn: own })).map((one) => one.name), ['prod']);
    const called = await call('InvokeFunction', { functionUrn: `${own}:!prod`, body: event, xCFFRequestVersion: 'v1' });
    assert.equal(JSON.parse(called.result).statusCode, 200);
    await refused(403, 'FSS.1094', 'DeleteFunction', { functionUrn: `${own}:v2` });
    const moved = (version) => ({ ...alias, body: make('UpdateVersionAliasRequestBody', { version }) });
    await call('UpdateVersionAlias', moved('v2'));
    await refused(404, 'FSS.1052', 'UpdateVersionAlias', moved('v9'));
    assert.equal((await call('ShowVersionAlias', alias)).version, 'v2');
    await call('DeleteVersionAlias', alias);
    await refused(404, 'FSS.1053', 'ShowVersionAlias', alias);
    await refused(404, 'FSS.1053', 'DeleteVersionAlias', alias);
    await refused(404, 'FSS.1051', 'ListVersionAliases', nobody);
    await refused(404, 'FSS.1051', 'ListFunctionVersions', nobody);
    await call('DeleteFunction', { functionUrn: `${own}:v1` });
    await refused(404, 'FSS.1052', 'ShowFunctionConfig', { functionUrn: `${own}:v1` });
  }],
];
