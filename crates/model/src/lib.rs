//! The nouns of funcd and the pure rules over them: no file, no socket, no clock but [`time`], no tokio.
//!
//! 1. A [`function::Function`] is named by a [`urn::FunctionId`]; what runs is one immutable [`function::Version`] of it,
//!    which an [`alias::Alias`] may choose for each request.
//! 2. A [`trigger::Trigger`] gives it a place at the gateway, by an [`apig::Api`] that is published; all that is reachable is in
//!    one [`snapshot::Snapshot`].
//! 3. A request becomes an [`invoke::Invocation`] and is answered through [`invoke::Invoke`], or with an [`error::Error`].
//! 4. An [`instance::State`] machine says what each instance may do next, and [`record::Record`] what an invocation cost.
//! 5. While a function's owner wants to see them, [`heads::Heads`] say what stood in the heads of a request and its answer.
//!
//! Nothing here reads the environment, opens a file or spawns a task; nothing here knows JSON shapes of the REST API.
#![forbid(unsafe_code)]
#![warn(missing_docs)]

pub mod alias;
pub mod apig;
pub mod cron;
pub mod dependency;
pub mod distribution;
pub mod error;
pub mod function;
pub mod heads;
pub mod instance;
pub mod instances;
pub mod invoke;
pub mod limits;
pub mod record;
pub mod reserve;
pub mod secret;
pub mod snapshot;
pub mod statistics;
pub mod time;
pub mod trigger;
pub mod urn;

pub use error::{Error, Kind};
