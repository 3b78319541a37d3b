//! The API's description of itself: the specifications of `spec/`, restricted to the operations that have a handler, with every
//! status that such an operation may answer.

use std::collections::BTreeSet;
use std::sync::{Arc, LazyLock};

use axum::routing::{MethodRouter, get};
use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use serde_json::{Map, Value, json};
use wire::Operation;
use wire::funcd::{info, openapi};

use crate::answer::is_iam;
use crate::state::State;
use crate::unimplemented::SPECIFICATIONS;

/// What funcd has beside the vendor's API.
const OWN: &str = include_str!("../../../../spec/funcd.openapi.json");
const SCHEMAS: &str = "#/components/schemas/";

/// Serves the document of these operations; it is made when somebody asks for the first time.
pub(crate) fn show(mut operations: Vec<Operation>) -> MethodRouter<State> {
    operations.extend([info::HEALTH, openapi::SHOW]);
    let document = Arc::new(LazyLock::new(move || Bytes::from(document(&operations).to_string())));
    get(move || async move {
        let headers = [(CONTENT_TYPE, "application/json"), (CACHE_CONTROL, "no-store")];
        (headers, Bytes::clone(&document))
    })
}

fn document(operations: &[Operation]) -> Value {
    let texts = SPECIFICATIONS.iter().map(|(text, _)| *text).chain([OWN]);
    // One that cannot be read was logged when the routes were made.
    let mut specifications: Vec<Value> = texts.filter_map(|text| serde_json::from_str(text).ok()).collect();
    tell_apart(&mut specifications);
    let mut paths = Map::new();
    let mut schemas = Map::from_iter(errors());
    for operation in operations {
        let method = operation.method.to_lowercase();
        let found = specifications.iter().find_map(|one| Some((one, at(one, &["paths", operation.path, &method])?)));
        let specified = found.map(|(specification, specified)| {
            collect(specification, specified, &mut schemas);
            specified
        });
        let path = paths.entry(operation.path).or_insert_with(|| json!({}));
        if let Some(path) = path.as_object_mut() {
            path.insert(method, described(operation, specified));
        }
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "funcd",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "The operations that are there. Every other operation of the vendor's specifications answers 501.",
        },
        "servers": [{"url": "/"}],
        "security": [{"TokenAuth": []}, {"SdkHmacSha256": []}, {"ConsoleCookie": [], "ConsoleKey": []}],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "responses": {"Error": failure("ApiError"), "IamError": failure("IamError")},
            "securitySchemes": {
                "TokenAuth": {"type": "apiKey", "in": "header", "name": "X-Auth-Token"},
                "SdkHmacSha256": {"type": "http", "scheme": "SDK-HMAC-SHA256"},
                "ConsoleCookie": {"type": "apiKey", "in": "cookie", "name": "funcd_session_8081"},
                "ConsoleKey": {"type": "apiKey", "in": "header", "name": "X-Funcd-Session"},
            },
        },
    })
}

/// Two specifications may mean different things by the same name: the later one's gets another.
fn tell_apart(specifications: &mut [Value]) {
    let mut known: Map<String, Value> = Map::new();
    for (number, specification) in specifications.iter_mut().enumerate() {
        let schemas =
            specification.pointer("/components/schemas").and_then(Value::as_object).cloned().unwrap_or_default();
        for (name, schema) in schemas {
            match known.get(&name) {
                Some(other) if *other != schema => rename(specification, &name, &format!("{name}{number}")),
                _ => drop(known.insert(name, schema)),
            }
        }
    }
}

fn rename(specification: &mut Value, name: &str, new: &str) {
    let schemas = specification.pointer_mut("/components/schemas").and_then(Value::as_object_mut);
    if let Some(schemas) = schemas
        && let Some(schema) = schemas.remove(name)
    {
        schemas.insert(new.to_owned(), schema);
    }
    refer(specification, &format!("{SCHEMAS}{name}"), &format!("{SCHEMAS}{new}"));
}

/// Makes every reference to `old` one to `new`.
fn refer(value: &mut Value, old: &str, new: &str) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| refer(item, old, new)),
        Value::Object(fields) => fields.values_mut().for_each(|field| refer(field, old, new)),
        Value::String(text) if text == old => new.clone_into(text),
        _ => {}
    }
}

/// What stands in an object of objects under these names.
fn at<'a>(value: &'a Value, names: &[&str]) -> Option<&'a Value> {
    names.iter().try_fold(value, |value, name| value.get(*name))
}

/// The two shapes of a failure.
fn errors() -> [(String, Value); 2] {
    let text = json!({"type": "string"});
    let api = json!({
        "type": "object",
        "properties": {"error_code": text, "error_msg": text, "request_id": text},
        "required": ["error_code", "error_msg", "request_id"],
    });
    let inside = json!({
        "type": "object",
        "properties": {"code": {"type": "integer"}, "message": text, "title": text},
        "required": ["code", "message", "title"],
    });
    let iam = json!({"type": "object", "properties": {"error": inside}, "required": ["error"]});
    [("ApiError".to_owned(), api), ("IamError".to_owned(), iam)]
}

fn failure(schema: &str) -> Value {
    json!({
        "description": "failure",
        "headers": {"X-Request-Id": {"schema": {"type": "string"}}},
        "content": {"application/json": {"schema": {"$ref": format!("{SCHEMAS}{schema}")}}},
    })
}

/// Adds every schema that `value` refers to, and those that they refer to.
fn collect(specification: &Value, value: &Value, schemas: &mut Map<String, Value>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| collect(specification, item, schemas)),
        Value::Object(fields) => fields.values().for_each(|field| collect(specification, field, schemas)),
        Value::String(text) => {
            let Some(name) = text.strip_prefix(SCHEMAS).filter(|name| !schemas.contains_key(*name)) else { return };
            let Some(schema) = at(specification, &["components", "schemas", name]) else { return };
            schemas.insert(name.to_owned(), schema.clone());
            collect(specification, schema, schemas);
        }
        _ => {}
    }
}

/// An operation as its specification has it, with the statuses that it may answer here.
fn described(operation: &Operation, specified: Option<&Value>) -> Value {
    let mut described = specified.and_then(Value::as_object).cloned().unwrap_or_else(|| bare(operation));
    let mut responses = match described.remove("responses") {
        Some(Value::Object(responses)) => responses,
        _ => Map::from_iter([("2XX".to_owned(), json!({"description": "success"}))]),
    };
    responses.remove("default");
    // The vendor's document has 201 for one GET; its own clients take nothing but 200.
    if operation.method == "GET"
        && let Some(created) = responses.remove("201")
    {
        responses.insert("200".to_owned(), created);
    }
    let open = described.get("security").is_some_and(|schemes| *schemes == json!([]));
    let failure = if is_iam(operation.path) { "IamError" } else { "Error" };
    // What lets somebody in is open and refuses; what is only read does not.
    let refuses = operation.path.starts_with("/v3") || operation.method != "GET";
    for status in statuses(operation, open && !refuses) {
        responses.insert(status.to_string(), json!({"$ref": format!("#/components/responses/{failure}")}));
    }
    described.insert("responses".to_owned(), Value::Object(responses));
    Value::Object(described)
}

/// An operation of earlier releases or of the Terraform provider, of which only name and path are known.
fn bare(operation: &Operation) -> Map<String, Value> {
    let names = operation.path.split('/').filter_map(|segment| segment.strip_prefix('{')?.strip_suffix('}'));
    let parameter = |name| json!({"name": name, "in": "path", "required": true, "schema": {"type": "string"}});
    let parameters = names.map(parameter).collect();
    Map::from_iter([
        ("operationId".to_owned(), Value::from(operation.id)),
        ("parameters".to_owned(), Value::Array(parameters)),
    ])
}

/// The statuses of an operation's failures.
fn statuses(operation: &Operation, open: bool) -> BTreeSet<u16> {
    if open {
        return BTreeSet::new();
    }
    // A request that cannot be read, a wrong signature, somebody else's, a body that is late or too large, too many requests.
    let mut all = BTreeSet::from([400, 401, 403, 408, 413, 429, 500, 503]);
    let inside = operation.path.strip_prefix("/v2/{project_id}").unwrap_or(operation.path);
    if inside.contains('{') || operation.method != "GET" {
        all.insert(404);
    }
    if operation.method != "GET" {
        all.insert(409);
    }
    match operation.id {
        // The token that is asked about.
        "KeystoneValidateToken" => all.extend([404]),
        // The function that the query names.
        "ShowHistory" | "ListProjectRequests" | "ListProjectLogs" => all.extend([404]),
        // What keeps an instance from answering.
        // FSS.1033: functions use it.
        "DeleteDependencyVersion" | "DeleteDependency" => all.extend([412]),
        "InvokeFunction" | "AsyncInvokeFunction" => all.extend([406, 424, 499, 502, 504]),
        // What a runtime or a package is fetched from.
        "InstallRuntime" | "CreateFunction" | "UpdateFunctionCode" => all.extend([424]),
        _ => {}
    }
    all
}
