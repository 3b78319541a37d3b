//! The API gateway in the vendor's shape (`spec/apig-v2.openapi.json`).

pub mod apis;
pub mod environments;
pub mod groups;
pub mod instances;

#[cfg(test)]
mod tests;
