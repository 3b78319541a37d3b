//! A policy as it is written, checked.

use serde_json::Value;

use super::{Effect, Policy, Statement};

/// Statements of a policy, actions of a statement, resources of a statement, and characters of each: more than anybody writes.
const STATEMENTS: usize = 8;
const ENTRIES: usize = 100;
const CHARS: usize = 500;

pub(super) fn policy(policy: &Value, known: &dyn Fn(&str) -> bool) -> Result<Policy, Vec<String>> {
    let mut problems = Vec::new();
    let Some(fields) = policy.as_object() else {
        return Err(vec!["policy must be an object with Version and Statement".to_owned()]);
    };
    problems.extend(unknown(fields, "policy", &["Version", "Statement", "Depends"]));
    if fields.get("Version").and_then(Value::as_str) != Some("1.1") {
        problems.push("policy.Version must be \"1.1\"".to_owned());
    }
    if fields.get("Depends").is_some_and(|depends| depends.as_array().is_none_or(|list| !list.is_empty())) {
        problems.push("policy.Depends is not supported: write the statements out".to_owned());
    }
    let none = Vec::new();
    let list = fields.get("Statement").and_then(Value::as_array).unwrap_or(&none);
    if list.is_empty() || list.len() > STATEMENTS {
        problems.push(format!("policy.Statement must be a list of 1 to {STATEMENTS} statements"));
    }
    let mut statements = Vec::new();
    for (index, value) in list.iter().take(STATEMENTS).enumerate() {
        statements.extend(statement(value, &format!("policy.Statement[{index}]"), known, &mut problems));
    }
    if problems.is_empty() { Ok(Policy { statements }) } else { Err(problems) }
}

fn unknown(fields: &serde_json::Map<String, Value>, name: &str, known: &[&str]) -> Vec<String> {
    let strange = fields.keys().filter(|field| !known.contains(&field.as_str()));
    strange.map(|field| format!("{name}.{} is not known", shown(field))).collect()
}

fn statement(value: &Value, name: &str, known: &dyn Fn(&str) -> bool, problems: &mut Vec<String>) -> Option<Statement> {
    let Some(fields) = value.as_object() else {
        problems.push(format!("{name} must be an object"));
        return None;
    };
    problems.extend(unknown(fields, name, &["Effect", "Action", "Resource", "Condition"]));
    let conditions = fields.get("Condition").is_some_and(|condition| match condition {
        Value::Null => false,
        Value::Object(fields) => !fields.is_empty(),
        _ => true,
    });
    if conditions {
        problems
            .push(format!("{name}.Condition is not supported: leave it out, and limit Action and Resource instead"));
    }
    let effect = match fields.get("Effect").and_then(Value::as_str) {
        Some("Allow") => Some(Effect::Allow),
        Some("Deny") => Some(Effect::Deny),
        _ => {
            problems.push(format!("{name}.Effect must be \"Allow\" or \"Deny\""));
            None
        }
    };
    let actions = actions(fields.get("Action"), &format!("{name}.Action"), known, problems);
    let resources = resources(fields.get("Resource"), &format!("{name}.Resource"), problems);
    Some(Statement { effect: effect?, actions, resources })
}

/// A list of texts within the limits; what is no such list is one problem.
fn texts(value: Option<&Value>, name: &str, problems: &mut Vec<String>) -> Vec<String> {
    let list = value.and_then(Value::as_array).filter(|list| (1..=ENTRIES).contains(&list.len()));
    let read = |value: &Value| value.as_str().filter(|text| (1..=CHARS).contains(&text.len())).map(str::to_owned);
    let texts = list.and_then(|list| list.iter().map(read).collect::<Option<Vec<_>>>());
    texts.unwrap_or_else(|| {
        problems.push(format!("{name} must be a list of 1 to {ENTRIES} texts of 1 to {CHARS} characters"));
        Vec::new()
    })
}

fn actions(value: Option<&Value>, name: &str, known: &dyn Fn(&str) -> bool, problems: &mut Vec<String>) -> Vec<String> {
    let texts = texts(value, name, problems);
    for text in &texts {
        let three = text.split(':').filter(|part| !part.is_empty()).count() == 3 && text.split(':').count() == 3;
        if !three {
            problems.push(format!("{name}: {} is not of the form service:type:operation", shown(text)));
        } else if !known(text) {
            problems.push(format!("{name}: {} means no action there is", shown(text)));
        }
    }
    texts
}

/// A list of resources, or the agencies' form: an object with a list of `/iam/agencies/<id>` in `uri`.
fn resources(value: Option<&Value>, name: &str, problems: &mut Vec<String>) -> Vec<String> {
    let (Some(value), uris) = (value, value.and_then(|value| value.get("uri"))) else { return Vec::new() };
    if value.is_null() {
        return Vec::new();
    }
    let given = texts(Some(uris.unwrap_or(value)), name, problems);
    let mut read = Vec::new();
    for text in given {
        let agency = text.strip_prefix("/iam/agencies/").filter(|id| !id.is_empty()).filter(|_| uris.is_some());
        let parts: Vec<&str> = text.splitn(5, ':').collect();
        match (agency, uris) {
            (Some(id), _) => read.push(format!("IAM:*:*:agency:{id}")),
            (None, Some(_)) => {
                problems.push(format!("{name}.uri: {} is not of the form /iam/agencies/<id>", shown(&text)));
            }
            (None, None) if parts.len() == 5 && parts.iter().all(|part| !part.is_empty()) => read.push(text),
            (None, None) => problems.push(format!(
                "{name}: {} is not of the form SERVICE:<region>:<account>:<type>:<path>, such as \
                 FUNCTIONGRAPH:*:*:function:default/*",
                shown(&text)
            )),
        }
    }
    read
}

fn shown(text: &str) -> String {
    let short: String = text.chars().take(80).flat_map(char::escape_debug).collect();
    format!("'{short}'")
}
