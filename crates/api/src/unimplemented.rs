//! The rest of the specification: every operation that has no handler answers 501 with its own name.

use std::sync::LazyLock;

use serde_json::Value;
use wire::Operation;
use wire::codes::{self, Code};

use crate::error::Error;
use crate::router::Routes;
use crate::signature::Policy;

/// The specifications, as they lie in `spec/`, each with the code of what is missing in it.
pub(crate) const SPECIFICATIONS: [(&str, Code); 3] = [
    (include_str!("../../../spec/functiongraph-v2.openapi.json"), codes::NOT_IMPLEMENTED),
    (include_str!("../../../spec/apig-v2.openapi.json"), codes::APIG_NOT_IMPLEMENTED),
    (include_str!("../../../spec/iam-v3.openapi.json"), codes::NOT_IMPLEMENTED),
];

/// Operations of earlier releases, and of the Terraform provider only: in two further lists of the first specification.
const LISTS: [&str; 2] = ["x-historical-operations", "x-provider-only-operations"];

/// Registers every operation that nobody registered before.
pub(crate) fn routes(routes: &mut Routes) {
    for (operation, code) in operations().iter().copied() {
        let handler = move || async move { missing(operation, code) };
        // Whoever uploads a package to an operation that is not there learns that, and not that it is too large.
        routes.on_with(operation, Policy::package(), handler);
    }
}

fn missing(operation: Operation, code: Code) -> Error {
    Error::new(code, format!("{} is not implemented yet", operation.id))
}

/// Every operation of the specifications; of each, those of its lists last.
pub(crate) fn operations() -> &'static [(Operation, Code)] {
    static OPERATIONS: LazyLock<Vec<(Operation, Code)>> = LazyLock::new(read);
    &OPERATIONS
}

fn read() -> Vec<(Operation, Code)> {
    let mut all = Vec::new();
    for (text, code) in SPECIFICATIONS {
        let specification: Value = match serde_json::from_str(text) {
            Ok(specification) => specification,
            Err(error) => {
                tracing::error!(%error, "api.specification_unreadable");
                continue;
            }
        };
        all.extend(in_paths(&specification).into_iter().map(|operation| (operation, code)));
        all.extend(in_lists(&specification).into_iter().map(|operation| (operation, code)));
    }
    all
}

fn in_paths(specification: &Value) -> Vec<Operation> {
    let paths = specification.get("paths").and_then(Value::as_object).into_iter().flatten();
    let methods = |(path, methods): (&String, &Value)| {
        let methods = methods.as_object().cloned().unwrap_or_default();
        let path = path.clone();
        methods
            .into_iter()
            .filter_map(move |(method, operation)| Some(make(operation.get("operationId")?.as_str()?, &method, &path)))
    };
    paths.flat_map(methods).collect()
}

fn in_lists(specification: &Value) -> Vec<Operation> {
    let lists = LISTS.iter().filter_map(|list| specification.get(list)?.as_array()).flatten();
    lists
        .filter_map(|row| {
            let text = |name| row.get(name).and_then(Value::as_str);
            let (method, path) = (text("method")?, text("path")?);
            Some(match text("operationId") {
                Some(id) => make(id, method, path),
                None => make(&format!("{method} {path}"), method, path),
            })
        })
        .collect()
}

/// Operations live as long as the process; they are made once.
fn make(id: &str, method: &str, path: &str) -> Operation {
    let keep = |text: String| -> &'static str { Box::leak(text.into_boxed_str()) };
    Operation { id: keep(id.to_owned()), method: keep(method.to_uppercase()), path: keep(path.to_owned()) }
}
