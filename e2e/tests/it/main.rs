//! One funcd is started on an empty data folder and shared by the cases that do not stop it; every test speaks to it as a
//! user would: through the command line, the REST API and the gateway.
//!
//! `E2E_FUNCD` names the binary (default `target/release/funcd`); `E2E_APPS` the folder of built applications
//! (default `target/apps`). Needs root, as funcd does: without it the run says so and fails.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test may fail"
)]

mod acme;
mod apig_callers;
mod apig_sdk;
mod apig_tls;
mod apps;
mod cases;
mod client;
mod clients;
mod console;
mod extras;
mod floods;
mod freeze;
mod grpc;
mod harness;
mod headers;
mod hostile;
mod identity;
mod lifecycle;
mod live;
mod load;
mod policies;
mod rest;
mod secrets;
mod semantics;
mod slow;
mod upgrade;
mod upgrade_tls;
mod versions;

use libtest_mimic::{Arguments, Trial};

fn main() -> std::process::ExitCode {
    let mut arguments = Arguments::from_args();
    // Each case starts processes of its own; more at once on a small machine only makes them slow.
    arguments.test_threads.get_or_insert(2);
    let mut trials: Vec<Trial> = Vec::new();
    trials.extend(hostile::trials(&arguments));
    trials.extend(cases::trials());
    trials.extend(apps::trials());
    trials.extend(load::trials());
    trials.extend(rest::trials());
    trials.extend(clients::trials());
    trials.extend(console::trials());
    trials.extend(apig_callers::trials());
    trials.extend(apig_sdk::trials());
    trials.extend(identity::trials());
    trials.extend(apig_tls::trials());
    trials.extend(policies::trials());
    trials.extend(floods::trials());
    trials.extend(acme::trials());
    trials.extend(grpc::trials());
    trials.extend(versions::trials());
    trials.extend(extras::trials());
    trials.extend(lifecycle::trials());
    trials.extend(live::trials());
    trials.extend(headers::trials());
    trials.extend(freeze::trials());
    trials.extend(secrets::trials());
    trials.extend(semantics::trials());
    trials.extend(slow::trials());
    trials.extend(upgrade::trials());
    trials.extend(upgrade_tls::trials());
    let conclusion = libtest_mimic::run(&arguments, trials);
    harness::stop_shared();
    conclusion.exit_code()
}
