//! As much of JSON Schema as the specifications use.

use serde_json::Value;

use super::Answer;

/// Whether the body is what a response of the document says.
pub(super) fn answer(document: &Value, response: &Value, answer: &Answer) -> Result<(), String> {
    let Some(content) = follow(document, response)["content"].as_object() else {
        let empty = answer.status != 204 || answer.body.is_empty();
        return if empty { Ok(()) } else { Err("204 has no body".into()) };
    };
    let sent = answer.header("content-type").split(';').next().unwrap_or_default();
    let promised = content.iter().find(|(name, _)| name.split(';').next() == Some(sent));
    let Some((_, promised)) = promised else {
        return Err(format!("content type {sent:?} instead of {:?}", content.keys().collect::<Vec<_>>()));
    };
    if sent != "application/json" {
        return Ok(());
    }
    let body = serde_json::from_slice(&answer.body).map_err(|error| error.to_string())?;
    check(document, &promised["schema"], &body).map_err(|problem| format!("body{problem}"))
}

/// Whether a value is a body of an operation's success.
pub(super) fn body(document: &Value, operation: &Value, value: &Value) -> Result<(), String> {
    check(document, &operation["responses"]["200"]["content"]["application/json"]["schema"], value)
}

/// The schemas of an operation's request body: the alternatives, if there are some.
pub(super) fn request<'a>(document: &'a Value, operation: &'a Value) -> Vec<&'a Value> {
    let content = operation["requestBody"]["content"].as_object().into_iter().flat_map(|content| content.values());
    let schemas = content.map(|one| follow(document, &one["schema"]));
    schemas
        .flat_map(|schema| match schema["anyOf"].as_array() {
            Some(any) => any.iter().map(|one| follow(document, one)).collect(),
            None => vec![schema],
        })
        .collect()
}

/// A reference that leads nowhere.
pub(super) fn dangling(document: &Value, value: &Value) -> Option<String> {
    match value {
        Value::Array(items) => items.iter().find_map(|item| dangling(document, item)),
        Value::Object(fields) => {
            let own = fields.get("$ref").and_then(Value::as_str);
            let own = own.filter(|path| document.pointer(path.trim_start_matches('#')).is_none());
            own.map(str::to_owned).or_else(|| fields.values().find_map(|field| dangling(document, field)))
        }
        _ => None,
    }
}

fn follow<'a>(document: &'a Value, value: &'a Value) -> &'a Value {
    match value["$ref"].as_str() {
        Some(path) => follow(document, document.pointer(path.trim_start_matches('#')).unwrap()),
        None => value,
    }
}

/// The first place where a value breaks a schema.
fn check(document: &Value, schema: &Value, value: &Value) -> Result<(), String> {
    let schema = follow(document, schema);
    if let Some(any) = schema["anyOf"].as_array() {
        let problems: Vec<_> = any.iter().filter_map(|one| check(document, one, value).err()).collect();
        return if problems.len() < any.len() { Ok(()) } else { Err(problems.join(" | ")) };
    }
    if !of_type(&schema["type"], value) {
        return Err(format!(" is not of type {}: {value}", schema["type"]));
    }
    if schema["enum"].as_array().is_some_and(|values| !values.contains(value)) {
        return Err(format!(" is not one of {}: {value}", schema["enum"]));
    }
    if let Some(number) = value.as_f64() {
        let within = schema["minimum"].as_f64().is_none_or(|least| number >= least)
            && schema["maximum"].as_f64().is_none_or(|most| number <= most);
        if !within {
            return Err(format!(" is not within {} to {}: {value}", schema["minimum"], schema["maximum"]));
        }
    }
    for (at, item) in value.as_array().into_iter().flatten().enumerate() {
        check(document, &schema["items"], item).map_err(|problem| format!("[{at}]{problem}"))?;
    }
    let Some(fields) = value.as_object() else { return Ok(()) };
    for name in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        if !fields.contains_key(name) {
            return Err(format!(".{name} is missing"));
        }
    }
    for (name, field) in fields {
        let inside = match schema["properties"].get(name) {
            Some(property) => property,
            None if schema["additionalProperties"].is_object() => &schema["additionalProperties"],
            None => continue,
        };
        check(document, inside, field).map_err(|problem| format!(".{name}{problem}"))?;
    }
    Ok(())
}

fn of_type(wanted: &Value, value: &Value) -> bool {
    match wanted {
        Value::Array(any) => any.iter().any(|one| of_type(one, value)),
        Value::String(name) => match name.as_str() {
            "object" => value.is_object(),
            "array" => value.is_array(),
            "string" => value.is_string(),
            "boolean" => value.is_boolean(),
            "integer" => value.is_i64() || value.is_u64(),
            "number" => value.is_number(),
            "null" => value.is_null(),
            other => panic!("the specification has type {other}"),
        },
        _ => true,
    }
}
