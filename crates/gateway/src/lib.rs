//! The data plane's front: HTTP/1.1 from clients, routed by the current [`Snapshot`](model::snapshot::Snapshot) to whatever
//! [`Invoke`](model::invoke::Invoke) does with an invocation, and streamed both ways.
//!
//! The life of a request:
//!
//! 1. [`listener`] accepts the connection and gives it to a [`worker`], where it stays; [`tls`] shakes hands if it came to the TLS
//!    address, and [`connection`] serves the [`stream`].
//! 2. [`front`] reads it, and takes it for a request only if it passes the strict check ([`head`]); [`http2`] does so for clients
//!    that speak that from the start.
//! 3. [`origin`] says who asks, where a proxy that is trusted passed it on. [`request::serve`] takes it through the phases: check,
//!    route, authenticate, throttle, limit, check and map parameters, describe, invoke.
//! 4. [`forward`] writes the function's head and [`upload`] streams its body; [`fields`] says what may travel.
//! 5. [`reply`] stamps the answer, [`answer`] frames and sends it; [`failure`] is an answer of the gateway's own; [`access`] is what
//!    operators see of it, [`heads`] what the function's owner may, and [`refusals`] what the owner hears of requests that never got there.
//!
//! When the process is replaced, clients between two requests go to the next one with their sockets ([`heir`]).
//!
//! No body is ever held whole, but those that a signature binds, within limits. No lock is shared between connections, but by
//! requests that prove who sent them. No ambiguous message gets past the front. Nothing here
//! reads the store, and nothing here knows how a function runs.
#![forbid(unsafe_code)]
#![warn(missing_docs)]

mod access;
mod access_list;
mod alarm;
mod answer;
mod authenticate;
mod caller;
mod config;
mod connection;
mod debug;
mod failure;
mod fields;
mod forward;
mod front;
mod gateway;
mod grpc;
mod head;
mod heads;
mod heir;
mod http2;
mod https;
mod ids;
mod listener;
mod origin;
mod pace;
mod parameters;
mod policies;
mod preflight;
mod refusals;
mod reply;
mod request;
mod shared;
mod stream;
mod throttle;
mod tls;
mod upload;
mod worker;

pub use config::{Config, Https, Limits, Listen, MinVersion, Tls};
pub use debug::Debugger;
pub use gateway::{Error, Gateway};
pub use heir::Heir;
pub use shared::Counts;
