//! How instances start, and how they fail to.

use invoker::Config;
use model::Kind;
use model::function::Hook;

use crate::world::{World, until};

const PYTHON: &str = "/usr/bin/python3 -u $RUNTIME_CODE_ROOT/server.py\n";

/// A bootstrap like this cannot serve; the kind, and what the owner reads.
async fn check(bootstrap: &str, expect: Kind, detail: &str) {
    let Some(world) = World::new(Config::default()) else { return };
    let limit = Hook { handler: "init".into(), timeout_seconds: 2 };
    let version = world.deploy(bootstrap, |config| config.initializer = Some(limit));
    let error = world.get(&version, "/").await.unwrap_err();
    assert_eq!(error.kind, expect, "{error:?}");
    let found = error.detail.unwrap();
    assert!(found.contains(detail), "{found:?} has no {detail:?}");
    until("the instance is gone", || world.invoker.instances().is_empty()).await;
    world.end().await;
}

#[tokio::test]
async fn a_start_command_without_interpreter_line_is_run_by_bash() {
    let Some(world) = World::new(Config::default()) else { return };
    let version = world.deploy(PYTHON, |_| {});
    assert_eq!(world.get(&version, "/").await.unwrap(), (200, "hello".to_owned()));
    assert_eq!(world.get(&version, "/").await.unwrap(), (200, "hello".to_owned()));
    until("both records are written", || world.records(&version).len() == 2).await;
    let records = world.records(&version);
    assert!(records[0].timings.sandbox_us > 0 && records[0].timings.boot_us > 0, "{:?}", records[0]);
    assert_eq!((records[1].timings.sandbox_us, records[1].timings.boot_us), (0, 0));
    assert!(records[0].memory_bytes > 1 << 20, "{:?}", records[0]);
    assert_eq!(records[0].instance, records[1].instance);
    let texts: Vec<_> = world.lines(&version).into_iter().map(|line| line.text).collect();
    assert!(texts.iter().any(|text| text.starts_with("instance ready")), "{texts:?}");
    assert!(texts.contains(&"listening".to_owned()), "{texts:?}");
    world.end().await;
}

#[tokio::test]
async fn an_executable_bootstrap_is_run_itself() {
    let Some(world) = World::new(Config::default()) else { return };
    let version = world.deploy("#!/bin/sh\nexec /usr/bin/python3 -u server.py\n", |_| {});
    assert_eq!(world.get(&version, "/").await.unwrap(), (200, "hello".to_owned()));
    world.end().await;
}

#[tokio::test]
async fn a_process_that_ends_is_named_with_its_code() {
    check("echo about to fail; exit 3\n", Kind::ExitedAtStart, "exit code 3").await;
    check("no-such-command\n", Kind::ExitedAtStart, "exit code 127").await;
    check("kill -SEGV $$\n", Kind::ExitedAtStart, "SIGSEGV").await;
    check("#!/no/such/interpreter\n", Kind::ExitedAtStart, "interpreter").await;
}

#[tokio::test]
async fn a_process_that_does_not_listen_where_it_should_is_told_apart() {
    check("sleep 100\n", Kind::NeverListened, "nothing listens on 127.0.0.1:8000 after 2 s").await;
    check("/usr/bin/python3 -u server.py 3000\n", Kind::WrongAddress, "127.0.0.1:3000").await;
}

#[tokio::test]
async fn a_process_that_needs_too_much_memory_at_its_start_is_told_so() {
    check("/usr/bin/python3 -c 'x = bytearray(1 << 30)'\n", Kind::OutOfMemory, "256 MB").await;
}

#[tokio::test]
async fn the_environment_is_the_documented_one_and_nothing_of_ours() {
    let Some(world) = World::new(Config::default()) else { return };
    let version = world.deploy(PYTHON, |config| drop(config.user_data.insert("GREETING".into(), "hé".into())));
    let (_, text) = world.get(&version, "/env").await.unwrap();
    let found: serde_json::Value = serde_json::from_str(&text).unwrap();
    for (name, value) in [
        ("RUNTIME_CODE_ROOT", "/opt/function/code"),
        ("RUNTIME_FUNC_NAME", "f"),
        ("RUNTIME_MEMORY", "256"),
        ("RUNTIME_USERDATA", r#"{"GREETING":"hé"}"#),
        ("GREETING", "hé"),
        ("PWD", "/opt/function/code"),
    ] {
        assert_eq!(found[name], value, "{name}");
    }
    let known = |name: &str| {
        name.starts_with("RUNTIME_")
            || ["GREETING", "HOME", "LANG", "LC_ALL", "OLDPWD", "PATH", "PWD", "SHELL", "SHLVL", "TMPDIR", "TZ", "_"]
                .contains(&name)
    };
    let unknown: Vec<_> = found.as_object().unwrap().keys().filter(|name| !known(name)).collect();
    assert!(unknown.is_empty(), "{unknown:?}");
    world.end().await;
}
