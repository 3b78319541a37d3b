//! The gateway by the vendor's Python SDK: the steps of its page, and every operation that is there.

use libtest_mimic::{Failed, Trial};

use crate::clients::{python, run};

pub(crate) fn trials() -> Vec<Trial> {
    vec![Trial::test("apig sdk::the vendor's page \"Create an HTTP function\" works as it is written", walk)]
}

/// `e2e/sdk/apig_walk.py`.
fn walk() -> Result<(), Failed> {
    run(python("apig_walk.py"))
}
