//! An invocation becomes a response: it is admitted, given an instance, called, recorded, and the instance returned. Instances
//! scale from none to what the requests of the moment need, and back.
//!
//! The life of an invocation:
//! 1. It finds the pool of its version, or of the one that took its place (`pools`).
//! 2. It takes a free slot of the most recently used instance, or a place in line until its deadline (`admit`, `pool`).
//! 3. Who waits beyond what is starting makes another instance start, in its turn (`pool/scale`, `start`, `instance`).
//! 4. One HTTP exchange with the user's server, over a kept connection where one is warm (`connection`, `headers`, `call`).
//! 5. The response streams back; a 101 that was asked for becomes a tunnel (`reply`, `tunnel`).
//! 6. With its last byte, its failure or the caller's departure the slot is free and the record written (`record`). A request
//!    whose time is over keeps its slot until the server has given it up.
//!
//! The life of an instance is [`model::instance`]'s state machine, applied under its pool's lock; its process is touched by one
//! task only, which also freezes it when it is idle and thaws it for the next request (`instance/frost`). When the host is
//! short of memory, that of frozen instances is moved to swap (`pressure`). When the snapshot changes, pools of older versions send those who wait on, finish what is in flight and end
//! (`reconcile`).
//!
//! A warm request takes one lock for its slot and one to give it back, and no other task's time: whoever waits for the response
//! also drives the connection. No body is held whole. No request is sent to find out whether a server is there. No request that may have had an effect is sent twice,
//! and none that was sent goes to another instance. No caller's patience ends an instance.
//! Nothing here knows URLs, routes or the database.
#![forbid(unsafe_code)]
#![warn(missing_docs)]

mod config;
mod invoker;

mod admit;
mod pools;

mod pool;

mod start;

mod instance;
mod launch;

mod agencies;
mod alarm;
mod call;
mod connection;
mod http2;
mod upstream;

mod headers;
mod upload;

mod reply;
mod tunnel;

mod record;

mod drain;
mod ends;
mod pressure;
mod reconcile;
mod sample;
mod site;

#[cfg(test)]
mod testing;

pub use agencies::{Agencies, Credentials};
pub use config::{BackOff, Config};
pub use invoker::{Around, Invoker};
pub use launch::{ByteCode, Event, Io, Launch, Launched, Memory, Order, Process, Sandboxed, Socket, Usage};
pub use pool::Status;
