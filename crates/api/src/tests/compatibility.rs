//! `docs/compatibility.md` lists what is there; it is compared with what the router answers.

use super::*;
use crate::unimplemented::operations as all_operations;

const MARK: &str = "<!-- operations -->\n";

#[tokio::test]
async fn the_published_list_of_operations_is_what_the_router_answers() {
    let api = Api::new().await;
    let (mut there, mut counts) = (Vec::new(), std::collections::BTreeMap::<&str, (usize, usize)>::new());
    for (operation, _) in all_operations() {
        let answer = api.send(api.signed(operation.method, &operations::uri(&api, operation.path), &[], b"")).await;
        let service = match operation.path {
            path if path.contains("/apigw/") => "APIG v2",
            path if path.starts_with("/v3") || path.starts_with("/v5") => "IAM v3",
            _ => "FunctionGraph v2",
        };
        let count = counts.entry(service).or_default();
        count.1 += 1;
        if answer.status != 501 {
            count.0 += 1;
            there.push(format!("| {} | {} | `{}` | yes |", operation.id, operation.method, operation.path));
        }
    }
    there.sort();
    let mut list = "\n| operation | method | path | |\n|---|---|---|---|\n".to_owned();
    list.push_str(&there.join("\n"));
    list.push_str("\n\n| service | real | specified |\n|---|---|---|\n");
    for (service, (real, all)) in counts {
        list.push_str(&format!("| {service} | {real} | {all} |\n"));
    }
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/compatibility.md");
    let text = std::fs::read_to_string(&path).unwrap();
    let (prose, published) = text.split_once(MARK).unwrap();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, format!("{prose}{MARK}{list}")).unwrap();
        return;
    }
    assert_eq!(published, list, "run UPDATE_DOCS=1 cargo test -p api compatibility");
}
