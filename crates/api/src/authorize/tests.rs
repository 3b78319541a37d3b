use std::collections::BTreeSet;

use super::*;
use crate::unimplemented::operations;

/// Parameters that are no id of a resource: kinds, words, and the parts of a function or of a version of something.
const NO_IDS: [&str; 9] = [
    "action",
    "alias_name",
    "event_id",
    "period",
    "resource_type",
    "response_type",
    "state",
    "trigger_id",
    "trigger_type_code",
];

/// `kind:path` of everything a path names.
fn all(named: &Named) -> BTreeSet<String> {
    named.things.iter().chain(&named.concerned).map(|one| format!("{}:{}", one.kind, one.path)).collect()
}

/// Every operation of the specifications and of ours, with its action.
fn routes() -> Vec<(String, String, &'static str)> {
    let own: serde_json::Value = serde_json::from_str(include_str!("../../../../spec/funcd.openapi.json")).unwrap();
    let own = own["paths"].as_object().unwrap().iter().flat_map(|(path, methods)| {
        let ids = methods.as_object().unwrap().values().filter_map(|one| one["operationId"].as_str());
        ids.map(|id| (id.to_owned(), path.clone())).collect::<Vec<_>>()
    });
    let specified = operations().iter().map(|(one, _)| (one.id.to_owned(), one.path.to_owned()));
    let checked = specified.chain(own).filter_map(|(id, path)| {
        let rule = crate::actions::of(&id)?;
        (rule.access == Access::Checked).then_some((id, path, rule.action))
    });
    checked.collect()
}

fn parameters(path: &str) -> Vec<&str> {
    path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}')).collect()
}

#[test]
fn no_id_in_any_path_is_without_the_resource_that_a_policy_names_it_by() {
    let mut seen = BTreeSet::new();
    for (operation, path, action) in routes() {
        let names = parameters(&path);
        let values: Vec<String> = names.iter().map(|name| format!("the-{name}")).collect();
        let params: Vec<(&str, &str)> = names.iter().copied().zip(values.iter().map(String::as_str)).collect();
        let named = named(&params, action, ("r", "p"));
        assert!(!named.things.is_empty(), "{operation}");
        let of_function = names.iter().any(|name| FUNCTIONS.contains(name));
        for (name, value) in &params {
            seen.insert((*name).to_owned());
            let in_iam = action.starts_with("iam:");
            let is_version = *name == "version" && names.contains(&"depend_id");
            let no_id = NO_IDS.contains(name)
                || is_version
                || (*name == "project_id" && !in_iam)
                // There is one account.
                || (*name == "domain_id" && in_iam);
            let found = match of_function {
                true => all(&named).iter().all(|one| one.starts_with("function:")),
                false => all(&named).iter().any(|one| one.ends_with(&format!(":{value}"))),
            };
            assert!(no_id || found, "{operation}: {{{name}}} of {path} is no resource: {:?}", all(&named));
        }
        let bare: Vec<_> = named.things.iter().filter(|one| one.path == "*").collect();
        let ids = params.iter().filter(|(name, _)| kind_of(name, action, "x").is_some_and(|kind| kind != "instance"));
        assert!(bare.is_empty() || ids.count() == 0, "{operation}: {bare:?} beside an id");
    }
    for (name, _) in OTHERS {
        assert!(seen.contains(*name), "no path has {{{name}}}");
    }
}

#[track_caller]
fn check(action: &str, params: &[(&str, &str)], things: &[&str], concerned: &[&str]) {
    let named = named(params, action, ("r", "p"));
    let text = |all: &[Resource]| all.iter().map(|one| format!("{}:{}", one.kind, one.path)).collect::<Vec<_>>();
    assert_eq!((text(&named.things), text(&named.concerned)), (text_of(things), text_of(concerned)), "{action}");
}

fn text_of(all: &[&str]) -> Vec<String> {
    all.iter().map(|one| (*one).to_owned()).collect()
}

#[test]
fn a_path_leads_from_the_whole_to_its_part() {
    let gateway = ("instance_id", "i");
    check("apig:plugins:get", &[("project_id", "p"), gateway, ("plugin_id", "x")], &["instance:i", "plugin:x"], &[]);
    check("apig:apis:list", &[("project_id", "p"), gateway], &["api:*", "instance:i"], &[]);
    let code = [("project_id", "p"), gateway, ("app_id", "a"), ("app_code_id", "c")];
    check("apig:appCodes:get", &code, &["instance:i", "app:a", "appCode:c"], &[]);
    let domain = [gateway, ("group_id", "g"), ("domain_id", "d")];
    check("apig:domains:delete", &domain, &["instance:i", "apiGroup:g", "domain:d"], &[]);
    check("functiongraph:function:getConfig", &[("function_urn", "web")], &["function:default/web"], &[]);
    check("functiongraph:function:list", &[("project_id", "p")], &["function:*"], &[]);
}

#[test]
fn a_grant_is_about_who_gets_it_and_may_be_denied_by_what_and_where() {
    let grant = [("project_id", "p"), ("group_id", "g"), ("role_id", "r")];
    check("iam:permissions:grantRoleToGroupOnProject", &grant, &["group:g"], &["role:r", "project:p"]);
    let all = [("domain_id", "d"), ("group_id", "g"), ("role_id", "r")];
    check("iam:permissions:grantRoleToGroupOnDomain", &all, &["group:g"], &["role:r"]);
    check("iam:projects:updateProject", &[("project_id", "p")], &["project:p"], &[]);
    check("iam:users:listUsers", &[], &["user:*"], &[]);
}
