//! The API's description of itself.

use crate::Operation;

/// Unsigned: answers an OpenAPI 3.1 document of the operations that are there, each with every status it may answer.
pub const SHOW: Operation = Operation::get("ShowOpenApi", "/openapi.json");
