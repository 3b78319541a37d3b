//! Policies of APIs that are changed while clients call.

use libtest_mimic::{Failed, Trial};

use crate::clients::{python, run};

pub(crate) fn trials() -> Vec<Trial> {
    vec![Trial::test(
        "policies::change under load, each from the moment it is acknowledged, and no call fails",
        changed,
    )]
}

/// `e2e/sdk/policies.py`.
fn changed() -> Result<(), Failed> {
    run(python("policies.py"))
}
