use super::*;
use serde_json::json;

fn policy(statements: &Value) -> Policy {
    Policy::read(&json!({"Version": "1.1", "Statement": statements}), &|_| true).unwrap()
}

fn resource(path: &str) -> String {
    format!("FUNCTIONGRAPH:local-1:d0:function:{path}")
}

#[track_caller]
fn check(statements: &Value, action: &str, path: &str, expect: Decision) {
    let resource = resource(path);
    assert_eq!(decide([&policy(statements)], Question { action, resource: &resource }), expect, "{action} on {path}");
}

const INVOKE: &str = "functiongraph:function:invoke";

#[test]
fn what_nothing_allows_is_not_allowed() {
    assert_eq!(decide([], Question { action: INVOKE, resource: "x" }), Decision::NotAllowed);
    check(&json!([{"Effect": "Allow", "Action": ["functiongraph:function:list"]}]), INVOKE, "*", Decision::NotAllowed);
    check(&json!([{"Effect": "Deny", "Action": ["functiongraph:function:list"]}]), INVOKE, "*", Decision::NotAllowed);
}

#[test]
fn actions_have_wildcards_in_each_part_and_any_case() {
    for (pattern, expect) in [
        (INVOKE, true),
        ("functiongraph:function:*", true),
        ("functiongraph:*:*", true),
        ("*:*:*", true),
        ("functiongraph:function:inv*", true),
        ("functiongraph:function:*voke", true),
        ("functiongraph:f*n:i*k*e", true),
        ("FunctionGraph:Function:Invoke", true),
        ("functiongraph:function:invoke*", true),
        ("functiongraph:function:in", false),
        ("functiongraph:trigger:*", false),
        ("iam:*:*", false),
        ("functiongraph:function:*x", false),
    ] {
        assert_eq!(action_matches(pattern, INVOKE), expect, "{pattern}");
    }
}

#[test]
fn a_deny_wins_wherever_it_stands() {
    let allow = json!({"Effect": "Allow", "Action": ["functiongraph:*:*"]});
    let deny = json!({"Effect": "Deny", "Action": ["functiongraph:function:delete"]});
    for statements in [json!([allow, deny]), json!([deny, allow])] {
        check(&statements, "functiongraph:function:delete", "default/web", Decision::Denied);
        check(&statements, INVOKE, "default/web", Decision::Allowed);
    }
    let (allow, deny) = (policy(&json!([allow])), policy(&json!([deny])));
    let question = Question { action: "functiongraph:function:delete", resource: &resource("default/web") };
    assert_eq!(decide([&allow, &deny], question), Decision::Denied, "of another policy too");
}

#[test]
fn resources_have_wildcards_and_names_have_their_case() {
    for (pattern, path, expect) in [
        ("FUNCTIONGRAPH:*:*:function:default/web", "default/web", Decision::Allowed),
        ("functiongraph:*:*:Function:default/web", "default/web", Decision::Allowed),
        ("FUNCTIONGRAPH:*:*:function:default/*", "default/web", Decision::Allowed),
        ("FUNCTIONGRAPH:*:*:function:*", "default/web", Decision::Allowed),
        ("FUNCTIONGRAPH:*:*:function:*", "*", Decision::Allowed),
        ("FUNCTIONGRAPH:local-1:d0:function:*/w*b", "default/web", Decision::Allowed),
        ("FUNCTIONGRAPH:*:*:function:default/web", "default/Web", Decision::NotAllowed),
        ("FUNCTIONGRAPH:*:*:function:default/web", "default/web2", Decision::NotAllowed),
        ("FUNCTIONGRAPH:*:*:function:default/web", "*", Decision::NotAllowed),
        ("FUNCTIONGRAPH:*:*:trigger:*", "default/web", Decision::NotAllowed),
        ("FUNCTIONGRAPH:eu-1:*:function:*", "default/web", Decision::NotAllowed),
        ("OBS:*:*:function:*", "default/web", Decision::NotAllowed),
    ] {
        let statements = json!([{"Effect": "Allow", "Action": [INVOKE], "Resource": [pattern]}]);
        check(&statements, INVOKE, path, expect);
    }
}

#[test]
fn a_denied_resource_leaves_the_others() {
    let statements = json!([
        {"Effect": "Allow", "Action": ["functiongraph:*:*"]},
        {"Effect": "Deny", "Action": ["functiongraph:*:*"], "Resource": ["FUNCTIONGRAPH:*:*:function:prod/*"]},
    ]);
    check(&statements, INVOKE, "prod/web", Decision::Denied);
    check(&statements, INVOKE, "default/web", Decision::Allowed);
}

#[test]
fn what_will_be_known_later_is_let_pass_if_anything_may_allow_it() {
    let only = json!([{"Effect": "Allow", "Action": [INVOKE], "Resource": ["FUNCTIONGRAPH:*:*:function:default/*"]}]);
    assert!(may_allow([&policy(&only)], INVOKE));
    assert!(!may_allow([&policy(&only)], "functiongraph:function:create"));
    let deny = json!([{"Effect": "Deny", "Action": ["*:*:*"]}]);
    assert!(!may_allow([&policy(&only), &policy(&deny)], INVOKE));
}

#[test]
fn a_policy_is_shown_as_it_was_read() {
    let value = json!({"Version": "1.1", "Statement": [
        {"Effect": "Allow", "Action": ["a:b:c"], "Resource": ["X:*:*:t:*"]},
        {"Effect": "Deny", "Action": ["a:*:*"]},
    ]});
    assert_eq!(Policy::read(&value, &|_| true).unwrap().to_value(), value);
    let agency = json!({"Version": "1.1", "Statement": [
        {"Effect": "Allow", "Action": ["iam:agencies:assume"], "Resource": {"uri": ["/iam/agencies/a1"]}},
    ]});
    let read = Policy::read(&agency, &|_| true).unwrap().to_value();
    assert_eq!(read["Statement"][0]["Resource"], json!(["IAM:*:*:agency:a1"]));
}

#[track_caller]
fn refused(policy: &Value, parts: &[&str]) {
    let problems = Policy::read(policy, &|action| action.starts_with("functiongraph:")).unwrap_err();
    assert_eq!(problems.len(), parts.len(), "{problems:?}");
    for (problem, part) in problems.iter().zip(parts) {
        assert!(problem.contains(part), "{problem} lacks {part}");
    }
}

#[test]
fn everything_wrong_is_said_at_once() {
    refused(&json!([]), &["must be an object"]);
    refused(&json!({}), &["Version must be \"1.1\"", "1 to 8 statements"]);
    let allow = |statement: Value| json!({"Version": "1.1", "Statement": [statement]});
    refused(
        &allow(
            json!({"Effect": "allow", "Action": ["functiongraph:x"], "Resource": ["web"], "Condition": {"Bool": {}}, "X": 1}),
        ),
        &[
            "'X' is not known",
            "Condition is not supported",
            "Effect must be",
            "'functiongraph:x' is not of the form",
            "'web' is not of the form",
        ],
    );
    refused(&allow(json!({"Effect": "Allow", "Action": []})), &["Action must be a list of 1 to 100"]);
    refused(&allow(json!({"Effect": "Allow", "Action": ["obs:bucket:get"]})), &["means no action there is"]);
    refused(
        &allow(json!({"Effect": "Allow", "Action": ["functiongraph:a:b"], "Resource": {"uri": ["x"]}})),
        &["/iam/agencies/<id>"],
    );
    refused(&allow(json!("x")), &["[0] must be an object"]);
    refused(&allow(json!({"Effect": "Allow", "Action": ["functiongraph:a:b"], "Resource": []})), &["Resource must be"]);
}

proptest::proptest! {
    #[test]
    fn a_star_takes_any_text(text in "[a-z*/:]{0,20}", rest in "[a-z/]{0,5}") {
        assert!(glob("*", &text, false));
        let around = format!("{rest}{text}{rest}");
        let pattern = format!("{rest}*{rest}");
        assert!(glob(&pattern, &around, false));
    }
}
