//! What the API gateway manages beside functions and triggers. Facts: `behaviour.md` 7.2, `spec/apig-v2.openapi.json`.

pub mod throttles;
