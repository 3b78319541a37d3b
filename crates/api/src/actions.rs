//! What an operation does, in the words of policies: one row for each operation of the specifications and each of our own.
//! [`crate::authorize`] looks here before a handler runs; an operation without a row is refused to everybody.

use std::collections::BTreeMap;
use std::sync::LazyLock;

mod apig;
mod cts;
mod functiongraph;
pub(crate) mod iam;

/// Who may.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Access {
    /// Anybody; the handler lets in or does not.
    Open,
    /// Whoever is known.
    Signed,
    /// Whoever is known, about themselves; the handler asks for the rest.
    Own,
    /// Whom a policy allows the action on what the path names.
    Checked,
    /// Whom a policy may allow it; the handler asks again with the name in the body.
    NamedLater,
}

/// An operation's row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rule {
    /// `service:type:operation`.
    pub(crate) action: &'static str,
    /// Who may.
    pub(crate) access: Access,
}

const TABLES: [(Access, &[(&str, &str)]); 9] = [
    (Access::Checked, functiongraph::CHECKED),
    (Access::NamedLater, functiongraph::NAMED_LATER),
    (Access::Signed, functiongraph::SIGNED),
    (Access::Checked, apig::CHECKED),
    (Access::Checked, cts::CHECKED),
    (Access::Checked, iam::CHECKED),
    (Access::Own, iam::OWN),
    (Access::Signed, iam::SIGNED),
    (Access::Open, iam::OPEN),
];

/// The row of an operation, by its id.
pub(crate) fn of(operation: &str) -> Option<Rule> {
    static ROWS: LazyLock<BTreeMap<&str, Rule>> = LazyLock::new(|| rows().collect());
    ROWS.get(operation).copied()
}

fn rows() -> impl Iterator<Item = (&'static str, Rule)> {
    TABLES.iter().flat_map(|(access, rows)| rows.iter().map(|(id, action)| (*id, Rule { action, access: *access })))
}

/// Whether a pattern of a policy means any action there is.
pub(crate) fn known(pattern: &str) -> bool {
    let actions = rows().map(|(_, rule)| rule.action).chain([iam::ASSUME]);
    actions.into_iter().any(|action| auth::policy::action_matches(pattern, action))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_operation_has_two_rows_and_every_action_has_three_parts() {
        let mut seen = std::collections::BTreeSet::new();
        for (id, rule) in rows() {
            assert!(seen.insert(id), "{id} twice");
            assert_eq!(rule.action.split(':').filter(|part| !part.is_empty()).count(), 3, "{}", rule.action);
        }
    }

    #[test]
    fn the_actions_of_the_vendors_manual_are_all_there() {
        let function = "list getConfig getCode create delete updateCode updateConfig createVersion listVersion createAlias \
                        updateAlias deleteAlias getAlias listAlias invoke invokeAsync";
        let trigger = "listSpecifiedFunctionTriggers get create delete deleteSpecifiedFunctionTriggers";
        for (kind, names) in [("function", function), ("trigger", trigger)] {
            for name in names.split_whitespace() {
                assert!(rows().any(|(_, rule)| rule.action == format!("functiongraph:{kind}:{name}")), "{kind}:{name}");
            }
        }
    }

    #[test]
    fn a_pattern_that_means_nothing_is_told() {
        for (pattern, expect) in [("functiongraph:*:*", true), ("*:*:*", true), ("functiongraph:function:list*", true)]
        {
            assert_eq!(known(pattern), expect);
        }
        for pattern in ["functiongraph:funtion:list", "obs:*:*", "functiongraph:function", ""] {
            assert!(!known(pattern), "{pattern}");
        }
    }
}
