//! The process is killed at every durable step of a first start, a create, an update, and what is done with versions: what was acknowledged is there after
//! the next start, and what was not is whole or absent.

mod merged;
mod writes;

use std::process::{Command, Stdio};

use super::aliases::alias;
use super::*;
use crate::faults::{Fault, Faults, Step};

const FOLDER: &str = "FUNCD_TEST_CRASH_FOLDER";
const STEP: &str = "FUNCD_TEST_CRASH_STEP";
/// At which of its changes the child plans the crash: 0 is the start itself.
const CHANGE: &str = "FUNCD_TEST_CRASH_CHANGE";

const STEPS: [Step; 8] = [
    Step::Migrated,
    Step::Settled,
    Step::Unpacked,
    Step::Synced,
    Step::Stored,
    Step::Placed,
    Step::Written,
    Step::Committed,
];

/// Not a test of its own: the process that `check` kills. It writes down what was acknowledged, as a client would know it.
#[tokio::test]
#[ignore = "started by the tests below"]
async fn child() {
    let Ok(folder) = std::env::var(FOLDER) else { return };
    let step = STEPS[std::env::var(STEP).unwrap().parse::<usize>().unwrap()];
    let change: usize = std::env::var(CHANGE).unwrap().parse().unwrap();
    let folder = PathBuf::from(folder);
    let acknowledge = |what: &str| std::fs::write(folder.join("acknowledged"), what).unwrap();
    let faults = Faults::default();
    let plan = |number: usize| {
        if number == change {
            faults.plan(step, Fault::Abort);
        }
    };

    plan(0);
    let store = Store::open_with(config(&folder.join("data")), faults.clone()).await.unwrap();
    acknowledge("started");
    plan(1);
    create(&store, "web").await;
    acknowledge("created");
    plan(2);
    let code = put(&store, "two").await;
    let config = FunctionConfig { memory_mb: 512, ..settings() };
    store.update_function(&id(&store, "web"), Some(config), Some(code)).await.unwrap();
    acknowledge("updated");
    plan(3);
    store.publish_version(&id(&store, "web"), Some("v1".to_owned()), String::new()).await.unwrap();
    acknowledge("published");
    plan(4);
    store.create_alias(&id(&store, "web"), alias("prod", "v1", None)).await.unwrap();
    acknowledge("aliased");
    plan(5);
    store.delete_version(&id(&store, "web"), "v1").await.unwrap();
    acknowledge("deleted");
    plan(6);
    store.pin_function(&id(&store, "web"), true).await.unwrap();
    acknowledge("pinned");
    plan(7);
    let mut file = store.incoming().await.unwrap();
    file.write_all(&package("three")).unwrap();
    let code = store.put_fetched(file, "https://host/three.zip", "three.zip").await.unwrap();
    store.update_function(&id(&store, "web"), None, Some(code)).await.unwrap();
    acknowledge("fetched");
}

/// As `child`, but it deploys one version after the other until it is killed.
#[tokio::test]
#[ignore = "started by the tests below"]
async fn endless_child() {
    let Ok(folder) = std::env::var(FOLDER) else { return };
    let folder = PathBuf::from(folder);
    let store = Store::open(config(&folder.join("data"))).await.unwrap();
    for number in 0_u32.. {
        let code = put(&store, &number.to_string()).await;
        let config = FunctionConfig { description: number.to_string(), ..settings() };
        let deployed = match number {
            0 => store.create_function(id(&store, "web"), config, code).await,
            _ => store.update_function(&id(&store, "web"), Some(config), Some(code)).await,
        };
        deployed.unwrap();
        std::fs::write(folder.join("acknowledged.new"), number.to_string()).unwrap();
        std::fs::rename(folder.join("acknowledged.new"), folder.join("acknowledged")).unwrap();
    }
}

fn start(name: &str, folder: &Path) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", name, "--ignored", "--test-threads", "1"]).env(FOLDER, folder);
    command
}

/// What there is beside the second deploy: nothing, the version, or the version and its alias.
async fn observe_version(store: &Store, web: &Function) -> &'static str {
    let Some(v1) = web.version(&"v1".into()) else {
        assert!(web.aliases.is_empty(), "an alias of nothing");
        return "second";
    };
    assert!(v1.same_as(&web.latest, |_, _| false) && v1.revision > web.latest.revision);
    assert_eq!(store.package(&v1.code).await.unwrap(), package("two"));
    match web.choice(&"!prod".into()) {
        Some(choice) => {
            assert!(Arc::ptr_eq(choice.main(), v1));
            "aliased"
        }
        None => "published",
    }
}

/// What there is of the function after a start: nothing, all of the first deploy, or all of the second and what followed.
async fn observe(home: &Home) -> &'static str {
    let store = Store::open(config(&home.path("data"))).await.unwrap();
    assert_eq!(names(&home.path("data/tmp")), [] as [String; 0]);
    assert_eq!(store.identities().access_keys.len(), 1);
    assert_eq!(store.groups(store.project()).await.unwrap().len(), 1);
    let seen = match store.function(&id(&store, "web")) {
        None => "nothing",
        Some(web) => {
            let content = std::fs::read_to_string(web.latest.code.root.join("lib/text")).unwrap();
            assert_eq!(store.package(&web.latest.code).await.unwrap(), package(&content));
            match (content.as_str(), web.latest.config.memory_mb) {
                ("web", 128) => "first",
                ("two", 512) if web.pinned => "pinned",
                ("two", 512) => observe_version(&store, &web).await,
                ("three", 512) if web.pinned && web.latest.code.url == "https://host/three.zip" => "fetched",
                other => panic!("half of a deploy: {other:?}"),
            }
        }
    };
    // The next deploy works, whatever was left.
    let code = put(&store, "two").await;
    let done = match seen {
        "nothing" => store.create_function(id(&store, "web"), settings(), code).await,
        _ => store.update_function(&id(&store, "web"), Some(settings()), Some(code)).await,
    };
    assert_eq!(std::fs::read_to_string(done.unwrap().latest.code.root.join("lib/text")).unwrap(), "two");
    store.close().await;
    seen
}

async fn check(step: Step, change: usize, expect: (&str, &str)) {
    let home = Home::new();
    let number = STEPS.iter().position(|one| *one == step).unwrap();
    let output = start("tests::crash::child", home.0.path())
        .env(STEP, number.to_string())
        .env(CHANGE, change.to_string())
        .output()
        .unwrap();
    assert!(!output.status.success(), "the child was killed at {step:?}");
    let acknowledged = std::fs::read_to_string(home.path("acknowledged")).unwrap_or_default();
    assert_eq!((acknowledged.as_str(), observe(&home).await), expect, "{step:?} of change {change}");
}

#[tokio::test]
async fn killed_in_the_first_start() {
    check(Step::Migrated, 0, ("", "nothing")).await;
    check(Step::Settled, 0, ("", "nothing")).await;
}

#[tokio::test]
async fn killed_in_a_create() {
    for step in [Step::Unpacked, Step::Synced, Step::Stored, Step::Placed, Step::Written] {
        check(step, 1, ("started", "nothing")).await;
    }
    check(Step::Committed, 1, ("started", "first")).await;
}

#[tokio::test]
async fn killed_in_an_update() {
    for step in [Step::Unpacked, Step::Synced, Step::Stored, Step::Placed, Step::Written] {
        check(step, 2, ("created", "first")).await;
    }
    check(Step::Committed, 2, ("created", "second")).await;
}

#[tokio::test]
async fn killed_in_a_publication_an_alias_and_a_deletion() {
    for (change, before, after) in [(3, "updated", "published"), (4, "published", "aliased"), (5, "aliased", "second")]
    {
        let kept = if before == "updated" { "second" } else { before };
        check(Step::Written, change, (before, kept)).await;
        check(Step::Committed, change, (before, after)).await;
    }
}

#[tokio::test]
async fn killed_at_any_moment() {
    for least in 0..12_u32 {
        let home = Home::new();
        let acknowledged = || std::fs::read_to_string(home.path("acknowledged")).ok()?.parse::<u32>().ok();
        let mut child = start("tests::crash::endless_child", home.0.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        while acknowledged() < Some(least) {
            assert!(child.try_wait().unwrap().is_none(), "it deploys until it is killed");
            tokio::task::yield_now().await;
        }
        child.kill().unwrap();
        child.wait().unwrap();

        let acknowledged = acknowledged().unwrap();
        let store = Store::open(config(&home.path("data"))).await.unwrap();
        let web = store.function(&id(&store, "web")).unwrap();
        let content = std::fs::read_to_string(web.latest.code.root.join("lib/text")).unwrap();
        assert_eq!(web.latest.config.description, content, "settings and code of one deploy");
        assert_eq!(store.package(&web.latest.code).await.unwrap(), package(&content));
        let found: u32 = content.parse().unwrap();
        assert!((acknowledged..=acknowledged + 1).contains(&found), "{found} after {acknowledged} was acknowledged");
        assert_eq!(names(&home.path("data/tmp")), [] as [String; 0]);
    }
}

#[tokio::test]
async fn killed_in_a_pin() {
    check(Step::Written, 6, ("deleted", "second")).await;
    check(Step::Committed, 6, ("deleted", "pinned")).await;
}

#[tokio::test]
async fn killed_in_an_update_with_a_package_that_was_fetched() {
    for step in [Step::Unpacked, Step::Synced, Step::Stored, Step::Placed, Step::Written] {
        check(step, 7, ("pinned", "pinned")).await;
    }
    check(Step::Committed, 7, ("pinned", "fetched")).await;
}
