// The vendor's Node.js SDK against funcd: every operation of FunctionGraph that is there, what it does, and what users are told when they
// do it wrong.
// Arguments: a package (zip) of an HTTP function that answers "This is http function.".
'use strict';

const { run } = require('./runner');

// In this order: the first makes the function that the others are about, the last deletes it.
const groups = ['functions', 'triggers', 'versions', 'kept', 'running', 'older', 'end'].flatMap((name) => require(`./groups/${name}`));

run(groups).then(() => process.exit(0), (error) => {
  console.error(error.stack || error);
  process.exit(1);
});
