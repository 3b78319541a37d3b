//! FunctionGraph, in the vendor's shape (`spec/functiongraph-v2.openapi.json`).

pub mod aliases;
pub mod code;
pub mod concurrency;
pub mod config;
pub mod dependencies;
pub mod events;
pub mod functions;
pub mod installation;
pub mod invocation;
pub mod logs;
pub mod metrics;
pub mod quotas;
pub mod reserves;
pub mod tags;
pub mod templates;
pub mod transfer;
pub mod triggers;
pub mod versions;

#[cfg(test)]
mod tests;
