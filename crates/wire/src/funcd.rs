//! What funcd has beside the vendor's API, below `/v2/{project_id}/funcd/`, signed like everything else but links.

pub mod headers;
pub mod history;
pub mod info;
pub mod instances;
pub mod logs;
pub mod openapi;
pub mod packages;
pub mod requests;
pub mod runtimes;
pub mod session;
pub mod system;
pub mod usage;

#[cfg(test)]
mod tests;
