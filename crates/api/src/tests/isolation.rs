//! Two projects never see each other's anything. The first one has one of everything ([`things`]); an administrator of the second one
//! asks for it by every operation there is below a project ([`cases`]), in their own project and in the first one's. What each case
//! says is right: the first project's administrator says the same, and it is done.

use std::collections::{BTreeMap, BTreeSet};

use store::audit::Wanted;

use super::*;

mod cases;
mod things;

use cases::{BODY_FIRST, BY_BODY, BY_CONTENT, COUNTS, EVERYBODYS, LAST, LISTS, OWN};
use things::{Things, WORD};

/// An operation below a project.
#[derive(Debug)]
struct Operation {
    id: String,
    method: String,
    path: String,
}

impl Operation {
    fn is(&self, table: &[&str]) -> bool {
        table.contains(&self.id.as_str())
    }

    /// Its parameters but for those that every path has.
    fn parameters(&self) -> impl Iterator<Item = &str> {
        let names = self.path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
        names.filter(|name| !matches!(*name, "project_id" | "instance_id"))
    }

    /// In a project, with what the first one has.
    fn uri(&self, project: &str, gateway: &str, things: &Things) -> String {
        let part = |part: &str| match part.strip_prefix('{').and_then(|part| part.strip_suffix('}')) {
            None => part.to_owned(),
            Some("project_id") => project.to_owned(),
            Some("instance_id") => gateway.to_owned(),
            Some(name) => {
                let thing = things.get(name);
                thing.unwrap_or_else(|| panic!("{}: say in things.rs what {{{name}}} is", self.id)).replace(':', "%3A")
            }
        };
        let path: Vec<String> = self.path.split('/').map(part).collect();
        format!("{}{}", path.join("/"), cases::query(&self.id, things))
    }
}

/// Both projects.
struct World {
    api: Api,
    things: Things,
    other: String,
    /// Of an administrator of the other one.
    key: (String, String),
    gateway: String,
}

impl World {
    async fn new() -> Self {
        let api = Api::new().await;
        let things = things::make(&api).await;
        let other = api.project("local-1_other").await;
        let key = api.key(&api.user("guest", "FullAccess", Some(&other)).await).await;
        let gateway = api.apig("").await.rsplit('/').next().unwrap().to_owned();
        Self { api, things, other, key, gateway }
    }

    /// Every operation below a project.
    async fn operations(&self) -> Vec<Operation> {
        let document = self.api.get("/openapi.json").await.fine(200);
        let mut all = Vec::new();
        for (path, methods) in document["paths"].as_object().unwrap() {
            if !path.starts_with("/v2/{project_id}") && path != "/v3/{project_id}/traces" {
                continue;
            }
            for (method, operation) in methods.as_object().unwrap() {
                let id = operation["operationId"].as_str().unwrap().to_owned();
                all.push(Operation { id, method: method.to_uppercase(), path: path.clone() });
            }
        }
        all
    }

    /// The other project's administrator asks in their own project, or in the first one; whatever is answered tells nothing of the
    /// first one's but what the request said.
    async fn ask(&self, operation: &Operation, project: &str, body: &Value) -> Answer {
        let uri = operation.uri(project, &self.gateway, &self.things);
        let answer = self.api.with(&self.key, &operation.method, &uri, body).await;
        let asked = format!("{uri} {body}").replace("%3A", ":");
        assert_eq!(self.told(&asked, &answer), [] as [&str; 0], "{}: {answer:?}", operation.id);
        answer
    }

    /// The first project's administrator asks.
    async fn ask_as_owner(&self, operation: &Operation, body: &Value) -> Answer {
        let uri = operation.uri(&self.api.credential.project, &self.gateway, &self.things);
        let body = if body.is_null() { String::new() } else { body.to_string() };
        self.api.send(self.api.signed(&operation.method, &uri, &[], body.as_bytes())).await
    }

    /// Words of the first project in an answer which the request did not have.
    fn told(&self, asked: &str, answer: &Answer) -> Vec<&str> {
        let said = format!("{:?} {}", answer.headers, String::from_utf8_lossy(&answer.body));
        let secret = self.things.values().map(String::as_str).filter(|thing| thing.len() > 16);
        // What the path names has the project in its URN.
        let words = secret.chain([WORD]).filter(|word| said.contains(word) && !asked.contains(word));
        words.collect()
    }

    /// Everything that was done in the first project.
    async fn story(&self) -> usize {
        let wanted = Wanted { limit: 100_000, project_only: true, ..Wanted::default() };
        self.api.store.audit(&self.api.credential.project, &wanted).await.unwrap().len()
    }

    /// What its administrator is told now, by each question.
    async fn state(&self, operations: &[Operation]) -> BTreeMap<String, Bytes> {
        let mut all = BTreeMap::new();
        for operation in operations.iter().filter(|one| one.method == "GET" && !one.is(&["ListTraces", "VerifyTraces"]))
        {
            all.insert(operation.id.clone(), self.ask_as_owner(operation, &Value::Null).await.body);
        }
        all
    }
}

/// Whether a list anywhere in it has something but what a project has from the beginning.
fn lists_something(value: &Value, own: Option<&str>) -> bool {
    match value {
        Value::Array(items) => items.iter().any(|item| own.is_none() || item["name"].as_str() != own),
        Value::Object(fields) => fields.values().any(|field| lists_something(field, own)),
        _ => false,
    }
}

/// The lists of the other project are empty, and those of the first one are not.
async fn look_at_lists(world: &World, operations: &[Operation]) {
    for operation in operations.iter().filter(|one| one.is(LISTS)) {
        let body = cases::body(&operation.id, &world.things);
        let answer = world.ask(operation, &world.other, &body).await;
        assert!(matches!(answer.status, 200 | 403 | 404), "{}: {answer:?}", operation.id);
        let own = OWN.iter().find(|(id, _)| operation.id == *id).map(|(_, name)| *name);
        let lines = answer.body.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
        // Of what comes line by line each line is something.
        let stream = answer.header("content-type") == "application/x-ndjson";
        for line in lines {
            let value = serde_json::from_slice(line).unwrap();
            assert!(!stream && !lists_something(&value, own), "{}: {answer:?}", operation.id);
        }
        let owners = world.ask_as_owner(operation, &body).await;
        let said = String::from_utf8_lossy(&owners.body).into_owned();
        let named = world.things.values().any(|thing| thing.len() > 16 && said.contains(thing));
        let shown = said.contains(WORD) || named || operation.id.contains("Unbinded");
        assert!(shown, "{} shows its owner nothing: {said}", operation.id);
    }
}

/// Who names things of the first project in the other one is refused, and told nothing of them.
async fn name_things(world: &World, operations: &[Operation]) {
    let elsewhere = |one: &&Operation| one.is(LISTS) || one.is(BY_CONTENT) || cases::makes(&one.id).is_some();
    for operation in operations.iter().filter(|one| !elsewhere(one)) {
        let everybodys = operation.is(COUNTS) || operation.is(EVERYBODYS);
        if everybodys && operation.method != "GET" {
            continue;
        }
        let body = cases::body(&operation.id, &world.things);
        let answer = world.ask(operation, &world.other, &body).await;
        if !everybodys {
            refused(operation, &answer);
        }
    }
}

/// By what the path names with 403 or 404; by what the body names with what is said of that.
fn refused(operation: &Operation, answer: &Answer) {
    let id = &operation.id;
    let by_path = operation.parameters().any(|name| name.ends_with("_id") || name.ends_with("_urn"));
    assert!(by_path || operation.is(BY_BODY), "say in cases.rs what {id} does to another project");
    let told = answer.json();
    let by_path = by_path && !operation.is(BODY_FIRST);
    match (by_path, answer.status) {
        (true, 403 | 404) | (false, 400..=499) => {
            assert!(told["error_code"].is_string() && told["error_msg"].is_string(), "{id}: {told}");
        }
        // Of several each is told.
        (false, _) => {
            let none = told["success_count"] == 0 || told["success"] == json!([]) || all_failed(&told);
            assert!(none, "{id}: {answer:?}");
        }
        (true, status) => panic!("{id} answers {status}: {answer:?}"),
    }
}

#[tokio::test]
async fn no_operation_shows_or_changes_anything_of_another_project() {
    let world = World::new().await;
    let operations = world.operations().await;
    let mut state = world.state(&operations).await;
    let again = world.state(&operations).await;
    // What changes by itself proves nothing: the audit trail does for that.
    state.retain(|id, body| again.get(id) == Some(body));
    assert!(state.len() > 60, "{:?}", state.keys());
    let story = world.story().await;

    look_at_lists(&world, &operations).await;
    name_things(&world, &operations).await;
    for operation in &operations {
        let (first, body) = (&world.api.credential.project, cases::body(&operation.id, &world.things));
        let answer = world.ask(operation, first, &body).await;
        assert_eq!(answer.status, 403, "{}: {answer:?}", operation.id);
    }
    for operation in &operations {
        if let Some(body) = cases::makes(&operation.id) {
            let answer = world.ask(operation, &world.other, &body).await;
            assert!(answer.status < 300, "{}: a name of another project is taken: {answer:?}", operation.id);
        }
    }
    assert_eq!(world.story().await, story, "something was done to the first project");
    let now = world.state(&operations).await;
    for (id, before) in &state {
        assert_eq!(now.get(id), Some(before), "{id}");
    }
}

/// Of app authorizations each has its result.
fn all_failed(told: &Value) -> bool {
    let results = told["auths"].as_array().into_iter().flatten().map(|one| &one["auth_result"]["status"]);
    let results: Vec<_> = results.collect();
    !results.is_empty() && results.iter().all(|status| **status == "FAILED")
}

/// By its name alone a function of another project is one that is not there.
#[tokio::test]
async fn a_function_of_another_project_is_not_there_by_its_name() {
    let mut world = World::new().await;
    for name in ["function_urn", "func_urn", "resource_id"] {
        world.things.insert(name, "web".to_owned());
    }
    for operation in world.operations().await {
        if operation.parameters().any(|name| matches!(name, "function_urn" | "func_urn" | "resource_id")) {
            let body = cases::body(&operation.id, &world.things);
            let answer = world.ask(&operation, &world.other, &body).await;
            assert_eq!(answer.status, 404, "{}: {answer:?}", operation.id);
        }
    }
}

/// An API of another project cannot be turned to a function of one's own.
#[tokio::test]
async fn an_api_of_another_project_is_not_there_for_ones_own_function() {
    let mut world = World::new().await;
    let operations = world.operations().await;
    let own = new_function("own");
    let created = world.api.with(&world.key, "POST", &format!("/v2/{}/fgs/functions", world.other), &own).await;
    world.things.insert("function_urn", created.fine(200)["func_urn"].as_str().unwrap().to_owned());
    for operation in operations.iter().filter(|one| one.is(BODY_FIRST)) {
        let body = cases::body(&operation.id, &world.things);
        let answer = world.ask(operation, &world.other, &body).await;
        assert_eq!(answer.status, 404, "{}: {answer:?}", operation.id);
    }
}

/// So what was refused above was refused because of whose it was.
#[tokio::test]
async fn what_another_project_is_refused_is_done_for_its_owner() {
    let world = World::new().await;
    let operations = world.operations().await;
    let names: BTreeSet<_> = operations.iter().map(|one| one.id.as_str()).collect();
    for table in [LISTS, COUNTS, EVERYBODYS, BY_BODY, BODY_FIRST, BY_CONTENT, LAST] {
        let gone: Vec<_> = table.iter().filter(|id| !names.contains(**id)).collect();
        assert!(gone.is_empty(), "{gone:?} are no operations");
    }
    // Who deletes says no more than the path, which the GET of the same thing has shown to be right.
    let skipped = |one: &&Operation| {
        one.method == "DELETE" || one.is(BY_CONTENT) || one.is(EVERYBODYS) || cases::makes(&one.id).is_some()
    };
    let first = operations.iter().filter(|one| one.method == "GET");
    let then = operations.iter().filter(|one| one.method != "GET" && !one.is(LAST) && !skipped(one));
    let last = LAST.iter().filter_map(|id| operations.iter().find(|one| one.id == *id));
    let mut wrong = Vec::new();
    for operation in first.chain(then).chain(last) {
        let body = cases::body(&operation.id, &world.things);
        let answer = world.ask_as_owner(operation, &body).await;
        if answer.status >= 300 {
            wrong.push(format!("{}: {answer:?}", operation.id));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
