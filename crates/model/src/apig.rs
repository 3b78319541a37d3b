//! The gateway's own nouns: APIs, what is published of them, and the environments they are published in.
//!
//! 1. An [`Api`] is edited as a [`Definition`]; nobody can call that yet.
//! 2. Publishing it in an environment makes an immutable version, and a [`Published`] API that the Snapshot has a route for.
//! 3. Editing goes on without changing what is published; publishing again, or switching to an earlier version, does.
//!
//! Facts: `behaviour.md` 7.2, `apig-v2.openapi.json`.

pub mod acls;
pub mod api;
pub mod app;
pub mod authorizer;
pub mod event;
pub mod mapping;
pub mod parameter;
pub mod path;
pub mod plugins;
pub mod policies;
pub mod responses;
pub mod throttles;

pub use api::{About, Api, ApiRef, Definition, GRPCS, Protocol, Published};
