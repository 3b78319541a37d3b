//! Real language runtimes for functions: what a bootstrap finds below `/opt/function/runtime/<id>/`, where it comes from, and
//! which exact version it is.
//!
//! The life of a runtime:
//! 1. The catalogue has a row for it: its path in instances, the version it must have, where it can be had.
//! 2. A bootstrap names it ([`Runtimes::named_in`]), or the user does.
//! 3. [`Runtimes::install`] finds it on the host, or fetches it and checks its digest, or asks the distribution for it, or takes
//!    the folder or archive the user names; it is put together beside the others.
//! 4. It is run once on the host: the version it says must be the one the id says, and it must need nothing that instances do
//!    not see.
//! 5. A manifest beside it says what instances mount; [`Runtimes::mounts`] changes, and every later instance sees it.
//! 6. When its files go away it counts as not installed, and can be installed again.
//!
//! No other version than the one asked for is ever taken; nothing fetched is unpacked before its digest is checked; nothing half
//! installed has a manifest; nothing is installed without the caller being told each step.
#![forbid(unsafe_code)]

mod catalogue;
mod named;
mod runtimes;
mod under_way;

mod install;

mod debian;
mod find;
mod npm;
mod relocate;
mod unpack;
mod verify;

mod command;
mod manifest;

pub use runtimes::{Error, Row, Runtimes};
pub use under_way::Attempt;

/// Ends what installations of this process have started on the host, such as npm or tar; they fail, as do later ones. For the end of
/// the process, which would else wait for them, minutes perhaps.
pub fn stop() {
    command::RUNNING.stop();
}
