//! Who may call an API, tried with the vendor's own signer.

use libtest_mimic::{Failed, Trial};

use crate::clients::{python, run};

pub(crate) fn trials() -> Vec<Trial> {
    vec![Trial::test(
        "apig callers::whoever may is let in and everybody else is refused, by the vendor's signer",
        signer,
    )]
}

/// `e2e/sdk/apig_callers.py`.
fn signer() -> Result<(), Failed> {
    run(python("apig_callers.py"))
}
