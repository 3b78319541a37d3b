//! The API gateway in the vendor's shape (`spec/apig-v2.openapi.json`).

pub mod acls;
pub mod apis;
pub mod app_auths;
pub mod app_codes;
pub mod apps;
pub mod authorizers;
pub mod domains;
pub mod environments;
pub mod groups;
pub mod instances;
pub mod plugins;
pub mod responses;
pub mod throttles;

#[cfg(test)]
mod tests;
