//! The user's commands: a client of the signed REST API, on funcd's machine or any other.
//!
//! 1. [`Options`] say where the service is and who is asking; what they leave open is found in profiles, the environment and
//!    the data folder ([`data_dir`], [`credentials`]), and becomes a connection.
//! 2. A [`Command`] says what is wanted; each is one file of `commands`, with its arguments, help and behaviour.
//! 3. It asks the service through a client, which signs, sends and explains failures.
//! 4. Data goes to standard output (`--json`: as JSON), everything else to standard error; [`report`] tells a failure.
//!
//! Nothing here reads the service's state from disk but `credentials.json`, and nothing keeps state of its own.
#![forbid(unsafe_code)]

mod options;

pub mod credentials;
pub mod data_dir;
mod profile;

mod connection;

mod client;

mod name;
mod package;

mod commands;
mod output;

pub use commands::{Command, run};
pub use credentials::Credentials;
pub use options::{Options, SecretKey};
pub use output::report;
