use std::sync::Arc;

use model::function::Hook;
use model::secret::{Guarded, Secret};

use super::*;
use crate::testing::version;

/// An opener for what was never sealed.
fn scripted(version: &Version) -> Result<BTreeMap<String, Secret>, model::Error> {
    let values = version.config.encrypted_user_data.iter();
    let sent = values.map(|(name, value)| match value {
        Guarded::Sent(secret) => Ok((name.clone(), secret.clone())),
        Guarded::Sealed(_) => Err(model::Error::new(model::Kind::Internal)),
    });
    sent.collect()
}

fn specified(set: impl FnOnce(&mut function::Config)) -> Spec {
    // A folder that is there, as an installed runtime's is; and one that somebody removed.
    let mount = |source: &str, target: &str| Mount { source: source.into(), target: target.into() };
    let mounts = [mount("/usr/bin", "/opt/function/runtime/java17"), mount("/no/such", "/opt/function/runtime/php7.3")];
    let version = version("f", 7, set);
    let opened = scripted(&version).unwrap();
    spec(&Order { id: "i-1".into(), version }, &opened, &mounts)
}

/// The value of one variable.
#[track_caller]
fn check(set: impl FnOnce(&mut function::Config), name: &str, expect: Option<&str>) {
    let spec = specified(set);
    let found: Vec<_> = spec.env.iter().filter(|(have, _)| have == name).map(|(_, value)| value.as_str()).collect();
    assert_eq!(found, expect.into_iter().collect::<Vec<_>>(), "{name}");
}

#[test]
fn the_platform_s_variables_have_real_values() {
    for (name, expect) in [
        ("RUNTIME_PROJECT_ID", "p"),
        ("RUNTIME_FUNC_NAME", "f"),
        ("RUNTIME_FUNC_VERSION", "latest"),
        ("RUNTIME_PACKAGE", "default"),
        ("RUNTIME_HANDLER", "bootstrap"),
        ("RUNTIME_TIMEOUT", "10"),
        ("RUNTIME_USERDATA", "{}"),
        ("RUNTIME_CPU", "300"),
        ("RUNTIME_MEMORY", "128"),
        ("RUNTIME_MAX_RESP_BODY_SIZE", "6291456"),
        ("RUNTIME_ROOT", "/home/snuser/runtime"),
        ("RUNTIME_CODE_ROOT", "/opt/function/code"),
        ("RUNTIME_LOG_DIR", "/home/snuser/log"),
        ("LANG", "C.UTF-8"),
        ("HOME", "/tmp"),
    ] {
        check(|_| {}, name, Some(expect));
    }
    check(|_| {}, "RUNTIME_INITIALIZER_HANDLER", None);
    let hook = || Some(Hook { handler: "index.init".into(), timeout_seconds: 5 });
    check(|config| config.initializer = hook(), "RUNTIME_INITIALIZER_TIMEOUT", Some("5"));
    check(|config| config.pre_stop = hook(), "RUNTIME_PRESTOP_HANDLER", Some("index.init"));
}

#[test]
fn user_variables_are_ordinary_ones_but_never_take_a_platform_name() {
    let set = |config: &mut function::Config| {
        for (name, value) in [("PATH", "/x"), ("RUNTIME_MEMORY", "1"), ("RUNTIME_API_ADDR", "evil"), ("A", "plain")] {
            config.user_data.insert(name.into(), value.into());
        }
        config.encrypted_user_data.insert("A".into(), Secret::new("sealed").into());
    };
    check(set, "PATH", Some("/x"));
    check(set, "RUNTIME_MEMORY", Some("128"));
    check(set, "RUNTIME_API_ADDR", None);
    check(set, "A", Some("sealed"));
    let all = r#"{"A":"sealed","PATH":"/x","RUNTIME_API_ADDR":"evil","RUNTIME_MEMORY":"1"}"#;
    check(set, "RUNTIME_USERDATA", Some(all));
}

#[test]
fn code_and_runtimes_are_bound_and_limits_follow_the_settings() {
    let spec = specified(|config| {
        config.memory_mb = 512;
        config.ephemeral_storage_mb = 10_240;
    });
    let paths =
        |binds: &[Bind]| -> Vec<_> { binds.iter().map(|bind| (bind.source.clone(), bind.target.clone())).collect() };
    assert_eq!(paths(&spec.binds), [("/code".into(), "/opt/function/code".into())]);
    assert_eq!(paths(&spec.shared), [("/usr/bin".into(), "/opt/function/runtime/java17".into())]);
    let limits = Limits {
        memory_bytes: 512 << 20,
        cpu_millicores: 600,
        pids: 1024,
        open_files: 2048,
        tmp_bytes: 10_240 << 20,
        tmp_inodes: 1_310_720,
    };
    assert_eq!(format!("{:?}", spec.limits), format!("{limits:?}"));
    assert_eq!(spec.egress, Egress::Internet);
    assert_eq!(specified(|config| config.egress = function::Egress::None).egress, Egress::None);
}

#[test]
fn a_start_command_is_run_by_a_shell_and_a_program_by_itself() {
    assert_eq!(specified(|_| {}).argv, ["/bin/bash", "/opt/function/code/bootstrap"]);
    let mut direct = Version::clone(&version("f", 1, |_| {}));
    direct.code.entry = Entry::Direct;
    let order = Order { id: "i".into(), version: Arc::new(direct) };
    assert_eq!(spec(&order, &BTreeMap::new(), &[]).argv, ["/opt/function/code/bootstrap"]);
}

/// Each of these makes a runtime read, trace or verify more before its first line: 58 ms for the first with Node.js
/// (`performance.md` 2c).
const SLOW: [&str; 12] = [
    "NODE_EXTRA_CA_CERTS",
    "NODE_OPTIONS",
    "NODE_DEBUG",
    "PYTHONDONTWRITEBYTECODE",
    "PYTHONPYCACHEPREFIX",
    "PYTHONVERBOSE",
    "PYTHONDEVMODE",
    "PYTHONPROFILEIMPORTTIME",
    "JAVA_TOOL_OPTIONS",
    "JDK_JAVA_OPTIONS",
    "LD_PRELOAD",
    "LD_DEBUG",
];

#[test]
fn the_platform_sets_nothing_that_slows_a_start_and_keeps_what_a_user_sets() {
    for name in SLOW {
        check(|_| {}, name, None);
        check(|config| drop(config.user_data.insert(name.into(), "own".into())), name, Some("own"));
    }
}
