//! Every write of the store, killed at each of its durable steps: after the next start the tables are those of before, or those of
//! after; every package that the tables name is there, and once what is not used was collected no other.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::time::Duration;

use model::apig::Definition;
use model::apig::app::App;
use model::apig::policies::Kind;
use model::secret::Secret;
use model::trigger::{Group, RELEASE_ENV_ID};

use super::*;
use crate::apig::{NewVariable, Place, Stored};
use crate::tests::aliases::alias;
use crate::tests::policies::throttle;
use crate::tests::versions::{publish, redeploy};
use crate::{NewCertificate, NewDependency, Of, Tags, UserChange};

/// A write by the name of the function that begins it, and whether it brings a package.
const WRITES: [(&str, bool); 46] = [
    ("create_tagged_function", true),
    ("update_function", true),
    ("pin_function", false),
    ("delete_function", false),
    ("publish_version", false),
    ("delete_version", false),
    ("create_alias", false),
    ("update_alias", false),
    ("delete_alias", false),
    ("create_trigger", false),
    ("update_trigger", false),
    ("delete_trigger", false),
    ("delete_triggers", false),
    ("ensure_group", false),
    ("bind_domain", false),
    ("update_domain", false),
    ("unbind_domain", false),
    ("bind_certificate", false),
    ("unbind_certificate", false),
    ("close_own_host", false),
    ("create_event", false),
    ("update_event", false),
    ("delete_event", false),
    ("add_tags", false),
    ("remove_tags", false),
    ("keep_dependency", true),
    ("delete_dependencies", false),
    ("set_reserve", false),
    // Users, groups, keys, roles, projects and agencies are all written by it.
    ("alter", false),
    // Apps, AppCodes, grants, authorizers and signature keys.
    ("alter_more", false),
    // Throttling policies, access lists, plug-ins and responses.
    ("alter_policies", false),
    ("bind_policy", false),
    ("create_api", false),
    ("update_api", false),
    ("delete_api", false),
    ("publish_api", false),
    ("switch_api_version", false),
    ("withdraw_api", false),
    ("create_api_group", false),
    ("update_api_group", false),
    ("delete_api_group", false),
    ("create_environment", false),
    ("update_environment", false),
    ("delete_environment", false),
    ("create_variable", false),
    ("change_variable", false),
];
const WRITE: &str = "FUNCD_TEST_CRASH_WRITE";
/// What happens before the transaction.
const OF_PACKAGE: [Step; 4] = [Step::Unpacked, Step::Synced, Step::Stored, Step::Placed];

fn new(store: &Store, name: &str) -> NewDependency {
    NewDependency {
        project: store.project().to_owned(),
        name: name.to_owned(),
        runtime: "http".to_owned(),
        description: String::new(),
        link: String::new(),
        filename: format!("{name}.zip"),
    }
}

/// Something of everything, so that each write has something to change.
async fn furnish(store: &Store) {
    let web = create(store, "web").await.id.clone();
    create(store, "spare").await;
    for name in ["v1", "v2"] {
        redeploy(store, &web, name).await;
        publish(store, &web, name).await;
    }
    redeploy(store, &web, "v3").await;
    store.create_alias(&web, alias("prod", "v1", None)).await.unwrap();
    store.create_trigger(trigger(&web, &default_group(store).await, "/web")).await.unwrap();
    let group = default_group(store).await.id;
    let domain = store.bind_domain(store.project(), &group, "a.example.com", false).await.unwrap().id;
    store.bind_certificate(store.project(), &group, &domain, certificate()).await.unwrap();
    furnish_gateway(store).await;
    store.create_event(&web, "one", "{}").await.unwrap();
    store.add_tags(&web, Tags::from([("team".to_owned(), "a".to_owned())])).await.unwrap();
    store.create_dependency_version(new(store, "library"), Of::Name, zip(&[("lib/a", "a")])).await.unwrap();
}

/// A group, an environment with a variable, an API of two versions and a policy.
async fn furnish_gateway(store: &Store) {
    let project = store.project();
    store.create_api_group(own_group(store, "shop"), "").await.unwrap();
    let test = store.create_environment(project, "TEST", "").await.unwrap().id;
    store.create_variable(project, variable("port", &test)).await.unwrap();
    let mut routed = only_api(store).await.api.definition;
    routed.name = "edited".to_owned();
    routed.path = "/edited".to_owned();
    let api = store.create_api(project, routed.clone()).await.unwrap().id;
    store.publish_api(project, &api, RELEASE_ENV_ID, "").await.unwrap();
    let (name, path) = ("draft".to_owned(), "/draft".to_owned());
    store.create_api(project, Definition { name, path, ..routed.clone() }).await.unwrap();
    routed.path = "/again".to_owned();
    store.update_api(project, &api, routed).await.unwrap();
    store.publish_api(project, &api, RELEASE_ENV_ID, "").await.unwrap();
    store.create_throttle(project, throttle("some", 5)).await.unwrap();
}

fn own_group(store: &Store, name: &str) -> Group {
    let domain = Some(format!("{name}.test"));
    Group { id: format!("group-{name}"), project: store.project().to_owned(), name: name.to_owned(), domain }
}

fn variable(name: &str, env_id: &str) -> NewVariable {
    let (group_id, env_id) = ("group-shop".to_owned(), env_id.to_owned());
    NewVariable { group_id, env_id, name: name.to_owned(), value: "1".to_owned() }
}

async fn only_api(store: &Store) -> Stored {
    store.apis(store.project()).await.unwrap().remove(0)
}

/// Of APIs, groups, environments, callers and policies.
async fn write_gateway(store: &Store, name: &str) {
    let project = store.project();
    let all = store.apis(project).await.unwrap();
    let Stored { api, .. } = all.into_iter().find(|stored| stored.api.definition.name == "edited").unwrap();
    let env = store.environments(project).await.unwrap().into_iter().find(|env| env.name == "TEST").unwrap().id;
    let mut definition = api.definition.clone();
    match name {
        "alter_more" => drop(store.create_app(app(project)).await.unwrap()),
        "alter_policies" => drop(store.create_throttle(project, throttle("more", 5)).await.unwrap()),
        "bind_policy" => {
            let policy = store.policies().throttles.keys().next().unwrap().clone();
            let at = Place::Api { api_id: api.id, env_id: RELEASE_ENV_ID.to_owned() };
            drop(store.bind_policy(project, (Kind::Throttle, &policy), vec![at]).await.unwrap());
        }
        "create_api" => {
            (definition.name, definition.path) = ("third".to_owned(), "/third".to_owned());
            drop(store.create_api(project, definition).await.unwrap());
        }
        "update_api" => {
            definition.path = "/later".to_owned();
            drop(store.update_api(project, &api.id, definition).await.unwrap());
        }
        "delete_api" => {
            let all = store.apis(project).await.unwrap();
            let draft = all.iter().find(|stored| stored.publications.is_empty()).unwrap();
            store.delete_api(project, &draft.api.id).await.unwrap();
        }
        "publish_api" => store.publish_api(project, &api.id, &env, "").await.unwrap(),
        "switch_api_version" => {
            let versions = store.api_versions(project, &api.id).await.unwrap();
            let former = versions.iter().find(|version| version.definition.path == "/edited").unwrap();
            store.switch_api_version(project, &api.id, &former.id).await.unwrap();
        }
        "withdraw_api" => store.withdraw_api(project, &api.id, RELEASE_ENV_ID).await.unwrap(),
        other => write_group(store, other, &env).await,
    }
}

/// Of groups, environments and their variables.
async fn write_group(store: &Store, name: &str, env: &str) {
    let project = store.project();
    match name {
        "create_api_group" => drop(store.create_api_group(own_group(store, "other"), "").await.unwrap()),
        "update_api_group" => drop(store.update_api_group(project, "group-shop", "named", None).await.unwrap()),
        "delete_api_group" => store.delete_api_group(project, "group-shop").await.unwrap(),
        "create_environment" => drop(store.create_environment(project, "NEXT", "").await.unwrap()),
        "update_environment" => drop(store.update_environment(project, env, "NAMED", None).await.unwrap()),
        "delete_environment" => store.delete_environment(project, env).await.unwrap(),
        "create_variable" => drop(store.create_variable(project, variable("host", env)).await.unwrap()),
        "change_variable" => {
            let own = store.variables(project).await.unwrap().remove(0);
            drop(store.change_variable(project, &own.id, Some("2")).await.unwrap());
        }
        domain => write_domain(store, domain).await,
    }
}

fn app(project: &str) -> App {
    let now = model::time::now();
    App {
        id: "app".to_owned(),
        project: project.to_owned(),
        name: "shop".to_owned(),
        remark: String::new(),
        key: "key".to_owned(),
        secret: Secret::new("secret"),
        acl: None,
        created: now,
        modified: now,
    }
}

fn certificate() -> NewCertificate {
    let (chain, key) = (vec![vec![1, 2], vec![3]], vec![4].into());
    NewCertificate { name: "own".into(), chain, key, ordered: false, not_after: model::time::now() }
}

/// Of domains.
async fn write_domain(store: &Store, name: &str) {
    let (project, group) = (store.project(), default_group(store).await.id);
    let domain = store.custom_domains(project, Some(&group)).await.unwrap().remove(0);
    let own = domain.certificate.unwrap().id;
    match name {
        "bind_domain" => drop(store.bind_domain(project, &group, "*.example.org", true).await.unwrap()),
        "update_domain" => drop(store.update_domain(project, &group, &domain.id, true).await.unwrap()),
        "unbind_domain" => store.unbind_domain(project, &group, &domain.id).await.unwrap(),
        "bind_certificate" => {
            drop(store.bind_certificate(project, &group, &domain.id, certificate()).await.unwrap());
        }
        "unbind_certificate" => store.unbind_certificate(project, &group, &domain.id, &own).await.unwrap(),
        "close_own_host" => store.close_own_host(project, &group, true).await.unwrap(),
        other => panic!("no case for {other}"),
    }
}

async fn write(store: &Store, name: &str) {
    let web = store.function(&id(store, "web")).unwrap();
    let of = &web.id;
    let event = store.events(&web.func_id).await.unwrap().remove(0);
    let route = store.triggers(of, &Qualifier::Latest).await.unwrap().remove(0);
    let library = store.dependencies(store.project()).await.unwrap().remove(0);
    match name {
        "create_tagged_function" => drop(create(store, "new").await),
        "update_function" => {
            let code = put(store, "four").await;
            store.update_function(of, Some(FunctionConfig { memory_mb: 512, ..settings() }), Some(code)).await.unwrap();
        }
        "pin_function" => drop(store.pin_function(of, true).await.unwrap()),
        "delete_function" => store.delete_function(&id(store, "spare")).await.unwrap(),
        "publish_version" => drop(store.publish_version(of, Some("v3".into()), String::new()).await.unwrap()),
        "delete_version" => store.delete_version(of, "v2").await.unwrap(),
        "create_alias" => drop(store.create_alias(of, alias("beta", "v2", None)).await.unwrap()),
        "update_alias" => drop(store.update_alias(of, alias("prod", "v2", None)).await.unwrap()),
        "delete_alias" => store.delete_alias(of, "prod").await.unwrap(),
        "create_trigger" => {
            drop(store.create_trigger(trigger(of, &default_group(store).await, "/other")).await.unwrap());
        }
        "update_trigger" => {
            let mut moved = route.clone();
            moved.api.path = "/moved".to_owned();
            drop(store.update_trigger(moved).await.unwrap());
        }
        "delete_trigger" => store.delete_trigger(of, &route.id).await.unwrap(),
        "delete_triggers" => store.delete_triggers(of, &Qualifier::Latest).await.unwrap(),
        "ensure_group" => drop(store.ensure_group(store.project(), None, "own", "own.test").await.unwrap()),
        "create_event" => drop(store.create_event(of, "two", "{}").await.unwrap()),
        "update_event" => drop(store.update_event(of, &event.id, (Some("renamed"), "[]")).await.unwrap()),
        "delete_event" => store.delete_event(of, &event.id).await.unwrap(),
        "add_tags" => store.add_tags(of, Tags::from([("stage".to_owned(), "b".to_owned())])).await.unwrap(),
        "remove_tags" => store.remove_tags(of, vec![("team".to_owned(), None)]).await.unwrap(),
        "keep_dependency" => {
            let zip = zip(&[("lib/b", "b")]);
            drop(store.create_dependency_version(new(store, "more"), Of::Name, zip).await.unwrap());
        }
        "delete_dependencies" => store.delete_dependency(store.project(), &library.dependency).await.unwrap(),
        "set_reserve" => {
            let (function, qualifier) = (of.clone(), Qualifier::Latest);
            let reserve = model::reserve::Reserve { function, qualifier, count: 2, idle_mode: false, policies: vec![] };
            store.set_reserve(reserve).await.unwrap();
        }
        "alter" => {
            let change = UserChange { name: Some("anna".to_owned()), ..UserChange::default() };
            drop(store.create_user(change).await.unwrap());
        }
        gateway => write_gateway(store, gateway).await,
    }
}

/// Every row of every table as text, but for the number of the generation.
async fn rows(store: &Store) -> BTreeMap<String, Vec<String>> {
    let ask = |sql: String| {
        sqlx::query_scalar::<_, String>(sqlx::AssertSqlSafe(sql)).fetch_all(store.inner.database.readers())
    };
    let tables =
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT IN ('generation', '_sqlx_migrations')";
    let mut all = BTreeMap::new();
    for table in ask(tables.to_owned()).await.unwrap() {
        let columns =
            ask(format!("SELECT 'quote(\"' || name || '\")' FROM pragma_table_info('{table}')")).await.unwrap();
        let row = columns.join(" || ' ' || ");
        all.insert(table.clone(), ask(format!("SELECT {row} FROM \"{table}\" ORDER BY 1")).await.unwrap());
    }
    all
}

/// Not a test of its own: the process that `check` kills.
#[tokio::test]
#[ignore = "started by the tests below"]
async fn child() {
    let Ok(folder) = std::env::var(FOLDER) else { return };
    let folder = PathBuf::from(folder);
    let step = STEPS[std::env::var(STEP).unwrap().parse::<usize>().unwrap()];
    let faults = Faults::default();
    let store = Store::open_with(config(&folder.join("data")), faults.clone()).await.unwrap();
    furnish(&store).await;
    std::fs::write(folder.join("before"), format!("{:?}", rows(&store).await)).unwrap();
    faults.plan(step, Fault::Abort);
    write(&store, &std::env::var(WRITE).unwrap()).await;
    std::fs::write(folder.join("acknowledged"), "").unwrap();
}

/// How many rows each table has after the write, when nothing happens.
async fn undisturbed(name: &str) -> BTreeMap<String, usize> {
    let home = Home::new();
    let store = home.open().await;
    furnish(&store).await;
    write(&store, name).await;
    rows(&store).await.into_iter().map(|(table, rows)| (table, rows.len())).collect()
}

async fn check(name: &str, step: Step) {
    let home = Home::new();
    let number = STEPS.iter().position(|one| *one == step).unwrap();
    let output = start("tests::crash::writes::child", home.0.path())
        .env(STEP, number.to_string())
        .env(WRITE, name)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(
        !output.status.success() && !std::fs::exists(home.path("acknowledged")).unwrap(),
        "{name} was killed at {step:?}: {said}"
    );
    let before = std::fs::read_to_string(home.path("before")).unwrap_or_else(|_| panic!("{name} {step:?}: {said}"));

    let store = Store::open(config(&home.path("data"))).await.unwrap();
    let now = rows(&store).await;
    let committed = step == Step::Committed;
    assert_eq!(format!("{now:?}") == before, !committed, "{name} killed at {step:?} left something else: {now:?}");
    if committed {
        let counts: BTreeMap<String, usize> = now.iter().map(|(table, rows)| (table.clone(), rows.len())).collect();
        assert_eq!(counts, undisturbed(name).await, "{name} is done in part");
    }
    packages_are_those_in_use(&home, &store).await;
    store.close().await;
}

async fn packages_are_those_in_use(home: &Home, store: &Store) {
    let snapshots = store.snapshots();
    let snapshot = snapshots.load();
    let versions: Vec<_> = snapshot.functions().flat_map(|function| function.all_versions()).collect();
    for version in &versions {
        assert!(version.code.root.join("bootstrap").is_file(), "{} has its code", version.urn());
        store.package(&version.code).await.unwrap();
    }
    let dependencies = store.all_dependency_versions(store.project()).await.unwrap();
    let used: BTreeSet<String> = versions
        .iter()
        .map(|version| version.code.sha256.clone())
        .chain(dependencies.into_iter().map(|own| own.sha256))
        .collect();
    store.collect_older_than(&HashSet::new(), Duration::ZERO).await.unwrap();
    let folder = home.path("data/blobs");
    let kept: BTreeSet<String> = names(&folder).iter().flat_map(|prefix| names(&folder.join(prefix))).collect();
    assert_eq!(kept, used, "packages lost or leaked");
    assert_eq!(names(&home.path("data/tmp")), [] as [String; 0]);
}

#[tokio::test]
async fn a_write_that_is_killed_is_done_or_not() {
    for (name, _) in WRITES {
        check(name, Step::Written).await;
        check(name, Step::Committed).await;
    }
}

#[tokio::test]
async fn a_package_whose_write_is_killed_is_in_use_or_goes() {
    for (name, _) in WRITES.iter().filter(|(_, package)| *package) {
        for step in OF_PACKAGE {
            check(name, step).await;
        }
    }
}

#[test]
fn no_write_is_without_a_case() {
    let mut found = BTreeSet::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
    while let Some(folder) = folders.pop() {
        for path in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            match path.is_dir() {
                true if path.ends_with("tests") => {}
                true => folders.push(path),
                false => found.extend(writes_in(&std::fs::read_to_string(path).unwrap())),
            }
        }
    }
    assert_eq!(found, WRITES.iter().map(|(name, _)| (*name).to_owned()).collect(), "add a case for it to WRITES");
}

/// The functions that begin a change.
fn writes_in(text: &str) -> Vec<String> {
    let mut inside = String::new();
    let mut found = Vec::new();
    for line in text.lines() {
        if let Some((_, rest)) = line.split_once("async fn ") {
            inside = rest.split(['(', '<']).next().unwrap_or_default().to_owned();
        } else if line.contains("Change::begin(") || line.contains("begin_with_tree(") {
            found.push(inside.clone());
        }
    }
    // It begins a change for `update_function`.
    found.retain(|name| name != "begin_with_tree");
    found
}
