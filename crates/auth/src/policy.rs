//! What may be done: policies in the vendor's form (`behaviour.md` 8.10), read once and asked often. Pure.
//!
//! A policy is a list of statements; a statement allows or denies actions (`functiongraph:function:invoke`) on resources
//! (`FUNCTIONGRAPH:<region>:<domain>:function:<app>/<name>`), both with `*` for any text. **A deny wins; what nothing allows is not
//! allowed.** Services and types are compared without regard to case, so that no spelling slips past a deny; names are not.

use serde_json::{Map, Value};

mod read;

/// What somebody may do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Policy {
    statements: Vec<Statement>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Statement {
    effect: Effect,
    /// `service:type:operation` each, with wildcards.
    actions: Vec<String>,
    /// Five parts each, with wildcards; none means every resource.
    resources: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Effect {
    Allow,
    Deny,
}

/// The answer of a set of policies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// A statement allows it and none denies it.
    Allowed,
    /// A statement denies it.
    Denied,
    /// No statement says anything about it.
    NotAllowed,
}

/// What is asked for.
#[derive(Clone, Copy, Debug)]
pub struct Question<'a> {
    /// Such as `functiongraph:function:create`.
    pub action: &'a str,
    /// Such as `FUNCTIONGRAPH:local-1:<domain>:function:default/web`; the last part is `*` when the action is about no one thing.
    pub resource: &'a str,
}

impl Policy {
    /// Reads a policy; `known` says whether a pattern of actions can ever mean something.
    ///
    /// # Errors
    /// Everything wrong with it, each with what to do.
    pub fn read(policy: &Value, known: &dyn Fn(&str) -> bool) -> Result<Self, Vec<String>> {
        read::policy(policy, known)
    }

    /// The policy of one statement that allows these actions on everything.
    pub fn allowing(actions: &[&str]) -> Self {
        let actions = actions.iter().map(|action| (*action).to_owned()).collect();
        Self { statements: vec![Statement { effect: Effect::Allow, actions, resources: Vec::new() }] }
    }

    /// The policy in the vendor's form.
    pub fn to_value(&self) -> Value {
        let statement = |statement: &Statement| {
            let effect = if statement.effect == Effect::Allow { "Allow" } else { "Deny" };
            let mut fields = Map::new();
            fields.insert("Effect".to_owned(), effect.into());
            fields.insert("Action".to_owned(), statement.actions.clone().into());
            if !statement.resources.is_empty() {
                fields.insert("Resource".to_owned(), statement.resources.clone().into());
            }
            Value::Object(fields)
        };
        let statements: Vec<Value> = self.statements.iter().map(statement).collect();
        serde_json::json!({"Version": "1.1", "Statement": statements})
    }
}

/// What all of these policies together say.
pub fn decide<'a>(policies: impl IntoIterator<Item = &'a Policy>, question: Question<'_>) -> Decision {
    let mut decision = Decision::NotAllowed;
    for statement in policies.into_iter().flat_map(|policy| &policy.statements) {
        if !statement.is_about(question) {
            continue;
        }
        match statement.effect {
            Effect::Deny => return Decision::Denied,
            Effect::Allow => decision = Decision::Allowed,
        }
    }
    decision
}

/// Whether some statement might allow the action, on whatever resource, and none denies it on all of them: for an action whose
/// resource is known only later.
pub fn may_allow<'a>(policies: impl IntoIterator<Item = &'a Policy>, action: &str) -> bool {
    let mut allowed = false;
    for statement in policies.into_iter().flat_map(|policy| &policy.statements) {
        if !statement.names(action) {
            continue;
        }
        match statement.effect {
            Effect::Deny if statement.resources.is_empty() => return false,
            Effect::Deny => {}
            Effect::Allow => allowed = true,
        }
    }
    allowed
}

impl Statement {
    fn names(&self, action: &str) -> bool {
        self.actions.iter().any(|pattern| action_matches(pattern, action))
    }

    fn is_about(&self, question: Question<'_>) -> bool {
        let resource = || self.resources.iter().any(|pattern| resource_matches(pattern, question.resource));
        self.names(question.action) && (self.resources.is_empty() || resource())
    }
}

/// Whether an action is meant by a pattern, part by part and without regard to case.
pub fn action_matches(pattern: &str, action: &str) -> bool {
    let same_parts = pattern.split(':').count() == action.split(':').count();
    same_parts && pattern.split(':').zip(action.split(':')).all(|(pattern, part)| glob(pattern, part, true))
}

/// The first four parts have no `:` in them; the fifth is a path and may.
fn resource_matches(pattern: &str, resource: &str) -> bool {
    let (mut patterns, mut parts) = (pattern.splitn(5, ':'), resource.splitn(5, ':'));
    (0..5).all(|index| match (patterns.next(), parts.next()) {
        (Some(pattern), Some(part)) => glob(pattern, part, index < 4),
        _ => false,
    })
}

/// `*` stands for any text, the empty one included; linear in the text for each `*`.
fn glob(pattern: &str, text: &str, any_case: bool) -> bool {
    let same = |one: u8, other: u8| one == other || (any_case && one.eq_ignore_ascii_case(&other));
    let (pattern, text) = (pattern.as_bytes(), text.as_bytes());
    let (mut at, mut in_text) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while let Some(byte) = text.get(in_text) {
        match pattern.get(at) {
            Some(b'*') => {
                star = Some((at, in_text));
                at += 1;
            }
            Some(wanted) if same(*wanted, *byte) => {
                at += 1;
                in_text += 1;
            }
            _ => {
                // Let the last star take one byte more.
                let Some((star_at, taken)) = star else { return false };
                star = Some((star_at, taken + 1));
                at = star_at + 1;
                in_text = taken + 1;
            }
        }
    }
    pattern.get(at..).is_some_and(|rest| rest.iter().all(|byte| *byte == b'*'))
}

#[cfg(test)]
mod tests;
