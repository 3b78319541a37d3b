// The function goes, and with it what belongs to it.
'use strict';

const { assert, call, refused } = require('../runner');
const { functionUrn, own } = require('../fixtures');

module.exports = [
  ['it is deleted', ['DeleteFunction', 'ShowFunctionConfig', 'ListEvents'], async () => {
    const gone = await call('DeleteFunction', { functionUrn: own });
    assert.equal(gone.httpStatusCode, 204);
    await refused(404, 'FSS.1051', 'ShowFunctionConfig', { functionUrn });
    await refused(404, 'FSS.1051', 'DeleteFunction', { functionUrn: own });
    await refused(404, 'FSS.1051', 'ListEvents', { functionUrn });
  }],
];
