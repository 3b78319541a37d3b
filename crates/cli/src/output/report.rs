//! How a failure is told.

use std::io::{self, Write as _};

use serde_json::json;

use crate::client;

/// Prints an error on standard error: for people, or as JSON with `error_code` and `status` where the service gave them.
pub fn report(error: &anyhow::Error, json: bool) {
    let text = if json { as_json(error) } else { format!("error: {error:#}") };
    // Nobody is left to tell when standard error is gone.
    let _ = writeln!(io::stderr().lock(), "{text}");
}

fn as_json(error: &anyhow::Error) -> String {
    let refused = error.chain().find_map(|cause| match cause.downcast_ref::<client::Error>() {
        Some(client::Error::Refused(refused)) => Some(refused),
        _ => None,
    });
    let mut value = json!({ "message": format!("{error:#}") });
    if let (Some(refused), Some(fields)) = (refused, value.as_object_mut()) {
        fields.insert("status".to_owned(), json!(refused.status));
        fields.insert("error_code".to_owned(), json!(refused.body.error_code));
        fields.insert("request_id".to_owned(), json!(refused.body.request_id));
    }
    json!({ "error": value }).to_string()
}
