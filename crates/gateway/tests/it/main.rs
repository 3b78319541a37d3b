//! The gateway as its clients see it: raw bytes over real sockets, with a function that each test scripts itself.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)] // a test fails by panicking

mod client;
mod secure;
mod support;

mod ambiguous;
mod apps;
mod authorizers;
mod disconnect;
mod errors;
mod headers;
mod heads;
mod http2;
mod http2_limits;
mod iam;
mod keep_alive;
mod lifecycle;
mod limits;
mod policies;
mod refusals;
mod routes;
mod streaming;
mod tls;
mod websocket;
