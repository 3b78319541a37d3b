//! The invoker over real sandboxes: needs root and Python, makes cgroups and namespaces of its own, talks to nobody else.

// All of this is test code, which clippy only sees inside functions marked as tests.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
#![allow(clippy::print_stdout, clippy::print_stderr)]

mod calls;
mod compile;
mod starts;
mod warm;
mod world;

/// The launcher process of all other tests: this binary once more, with only this "test" on its main thread.
#[test]
#[ignore = "it is not a test, but the launcher process of the others"]
fn launcher() {
    // Run by hand there is no socket to serve, which it says.
    if let Err(error) = sandbox::launcher::main() {
        eprintln!("{error}");
    }
}
