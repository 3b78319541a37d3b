//! funcd: the life of the process.
//!
//! 1. The command line says what is wanted: run the service ([`up`]), look at the host ([`doctor`]), or talk to a running
//!    service over its signed REST API (crate `cli`).
//! 2. `up` takes the data folder, opens the store, starts the launcher of sandboxes, the invoker, the gateway and the API.
//! 3. `upgrade` puts another process in its place; a signal drains it from the outside in: gateway, API, instances, launcher, store.
#![forbid(unsafe_code)]

use std::ffi::OsStr;
use std::process::ExitCode;

use clap::{CommandFactory as _, Parser};

mod config;
mod console;
mod dns;
mod doctor;
mod folder;
mod up;
mod upgrade;

/// Run FunctionGraph functions on your own machines.
#[derive(Debug, Parser)]
#[command(
    name = "funcd",
    version,
    max_term_width = 100,
    after_help = "First steps:\n  funcd up                 start the service (API 127.0.0.1:8081, gateway 127.0.0.1:8080)\n  funcd deploy ./my-app    a folder with a `bootstrap` becomes http://my-app.localhost:8080/\n  funcd logs my-app -f     see what it prints\n  funcd doctor             what this host can and cannot guarantee"
)]
struct Arguments {
    #[command(flatten)]
    options: cli::Options,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Start the service: API, gateway and scheduler in one process.
    Up(up::Arguments),
    /// Put another program in the place of the running service; no request fails.
    Upgrade(upgrade::Arguments),
    /// Print a link that opens the web console, signed in as the first user.
    Console(console::Arguments),
    /// Say what this host can and cannot guarantee.
    Doctor(doctor::Arguments),
    /// Run hostile functions against a funcd of their own and say what they got.
    Hostile(hostile::Arguments),
    #[command(flatten)]
    Client(cli::Command),
}

fn main() -> ExitCode {
    // The launcher forks sandboxes: it must stay small, so it starts before anything else is set up.
    if std::env::args_os().nth(1).as_deref() == Some(OsStr::new("launcher")) {
        return launcher();
    }
    let Arguments { options, command } = Arguments::parse();
    let json = options.json;
    let result = match command {
        Command::Up(arguments) => up::run(&options, &arguments),
        Command::Upgrade(arguments) => upgrade::run(&options, &arguments),
        Command::Console(console::Arguments {}) => console::run(&options),
        Command::Doctor(arguments) => doctor::run(&options, &arguments),
        Command::Hostile(arguments) => hostile::run(json, &arguments),
        Command::Client(command) => cli::run(&options, command, Arguments::command()),
    };
    result.unwrap_or_else(|error| {
        cli::report(&error, json);
        ExitCode::FAILURE
    })
}

#[expect(clippy::print_stderr, reason = "the launcher has no log of its own; the daemon passes its stderr on")]
fn launcher() -> ExitCode {
    match sandbox::launcher::main() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("launcher: {error}");
            ExitCode::FAILURE
        }
    }
}
