//! The API gateway in the vendor's shape (`spec/apig-v2.openapi.json`).

pub mod acls;
pub mod apis;
pub mod domains;
pub mod environments;
pub mod groups;
pub mod instances;
pub mod plugins;
pub mod responses;
pub mod throttles;

#[cfg(test)]
mod tests;
