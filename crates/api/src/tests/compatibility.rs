//! `docs/compatibility.md` lists what is there; it is compared with what the router answers.

use super::*;
use crate::unimplemented::operations as all_operations;

const MARK: &str = "<!-- operations -->\n";
const ADDITIONS: (&str, &str) = ("<!-- additions -->\n", "<!-- end of additions -->");

/// Why operations are not there, by a part of their path; the first that fits.
const WHY: &[(&str, &str)] = &[
    ("/fgs/workflow", "function flows are not there"),
    (
        "async",
        "asynchronous calls are event functions', which are not there; an HTTP function has none in the cloud either",
    ),
    (
        "/cancel",
        "asynchronous calls are event functions', which are not there; an HTTP function has none in the cloud either",
    ),
    ("/fgs/application", "applications are stacks of the vendor's other services"),
    ("/tracing", "the vendor's tracing service, for Java event functions"),
    ("/snapshots/", "snapshots of Java event functions, which are not there"),
    ("/servicebridge/", "bridges to the vendor's other services"),
    ("/vpc-endpoint", "there are no VPCs"),
    ("/function-url", "was in the vendor's SDKs for a week in 2023; a function has an address by a trigger"),
    ("/reserved-invocations", "the vendor took it out of its SDKs in 2023"),
    ("/reservedinstances/{instance_id}", "the vendor took it out of its SDKs in 2021"),
    ("/logintokens", "signs people in to the vendor's web console"),
    ("/sign", "signature keys are not there yet"),
];

/// The operations of `spec/funcd.openapi.json`: funcd's own, and those of the vendor that no specification of its SDKs has.
fn additions() -> String {
    let own: Value = serde_json::from_str(include_str!("../../../../spec/funcd.openapi.json")).unwrap();
    let mut lists = [String::new(), String::new()];
    for (path, methods) in own["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            let (method, says) = (method.to_uppercase(), operation["description"].as_str().unwrap());
            let says = says.replace('|', "\\|");
            let vendors = path.starts_with("/v3") && !path.ends_with("/traces");
            lists[usize::from(vendors)].push_str(&format!("| {method} | `{path}` | {says} |\n"));
        }
    }
    let table = "| method | path | |\n|---|---|---|\n";
    let [ours, vendors] = lists;
    let more = "The vendor's, which the specifications of its SDKs lack and its manual or Terraform has:";
    format!("\n{table}{ours}\n{more}\n\n{table}{vendors}\n")
}

/// A document with this between its marks.
fn with_additions(text: &str, list: &str) -> String {
    let (before, rest) = text.split_once(ADDITIONS.0).unwrap();
    let (_, after) = rest.split_once(ADDITIONS.1).unwrap();
    format!("{before}{}{list}{}{after}", ADDITIONS.0, ADDITIONS.1)
}

#[test]
fn the_published_list_of_additions_is_that_of_the_specification() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/compatibility.md");
    let text = std::fs::read_to_string(path).unwrap();
    if std::env::var_os("UPDATE_DOCS").is_none() {
        assert_eq!(with_additions(&text, &additions()), text, "run UPDATE_DOCS=1 cargo test -p api compatibility");
    }
}

#[tokio::test]
async fn the_published_list_of_operations_is_what_the_router_answers() {
    let api = Api::new().await;
    let mut counts = std::collections::BTreeMap::<&str, (usize, usize)>::new();
    let (mut there, mut missing) = (Vec::new(), Vec::new());
    for (operation, _) in all_operations() {
        let answer = api.send(api.signed(operation.method, &operations::uri(&api, operation.path), &[], b"")).await;
        let service = match operation.path {
            path if path.contains("/apigw/") => "APIG v2",
            path if path.starts_with("/v3") || path.starts_with("/v5") => "IAM v3",
            _ => "FunctionGraph v2",
        };
        let count = counts.entry(service).or_default();
        count.1 += 1;
        let row = |says: &str| format!("| {} | {} | `{}` | {says} |", operation.id, operation.method, operation.path);
        if answer.status == 501 {
            let why = WHY.iter().find(|(part, _)| operation.path.contains(part));
            missing.push(row(why.unwrap_or_else(|| panic!("say in WHY why {} is not there", operation.id)).1));
        } else {
            count.0 += 1;
            there.push(row("yes"));
        }
    }
    there.sort();
    missing.sort();
    let mut list = "\n| operation | method | path | |\n|---|---|---|---|\n".to_owned();
    list.push_str(&there.join("\n"));
    list.push_str("\n\nThese answer 501:\n\n| operation | method | path | because |\n|---|---|---|---|\n");
    list.push_str(&missing.join("\n"));
    list.push_str("\n\n| service | real | specified |\n|---|---|---|\n");
    for (service, (real, all)) in counts {
        list.push_str(&format!("| {service} | {real} | {all} |\n"));
    }
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/compatibility.md");
    let text = std::fs::read_to_string(&path).unwrap();
    let (prose, published) = text.split_once(MARK).unwrap();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        let prose = with_additions(prose, &additions());
        std::fs::write(&path, format!("{prose}{MARK}{list}")).unwrap();
        return;
    }
    assert_eq!(published, list, "run UPDATE_DOCS=1 cargo test -p api compatibility");
}
