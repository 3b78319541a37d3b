use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;

use super::*;
use crate::catalogue::Catalogue;

/// An executable that says `words`.
fn speaking(file: &Path, words: &str) {
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    std::fs::write(file, format!("#!/bin/sh\necho '{words}'\n")).unwrap();
    std::fs::set_permissions(file, Permissions::from_mode(0o755)).unwrap();
}

fn install_into(folder: &Path, id: &str, host: &Host, from: Option<&Path>) -> Result<Manifest, Error> {
    let catalogue = Catalogue::embedded().unwrap();
    install(Order { entry: catalogue.get(id).unwrap(), folder, host }, from, &mut |_| {})
}

/// What the folder holds, hidden files too.
fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// Installs `id` from a folder whose executable says `words`: the version found, or what the error says.
fn check(id: &str, executable: &str, words: &str, expect: Result<&str, &str>) {
    let (data, from) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    speaking(&from.path().join(executable), words);
    match (install_into(data.path(), id, &Host::default(), Some(from.path())), expect) {
        (Ok(manifest), Ok(version)) => {
            assert_eq!(manifest.version, version);
            let target = manifest.mounts[0].target.join(executable);
            let catalogue = Catalogue::embedded().unwrap();
            assert_eq!(target, catalogue.get(id).unwrap().executable_inside());
            assert_eq!(names(data.path()), [format!("{id}.json")]);
        }
        (Err(Error::Install { why, remedy, .. }), Err(expected)) => {
            assert!(why.contains(expected) && !remedy.is_empty(), "{why}");
            assert!(names(data.path()).is_empty(), "nothing half installed is left");
        }
        (got, _) => panic!("{got:?}"),
    }
}

#[test]
fn a_folder_is_used_in_place_when_it_has_the_right_version() {
    check("nodejs12.13", "bin/node", "v12.13.1", Ok("12.13.1"));
    check("python2.7", "bin/python", "Python 2.7.9", Ok("2.7.9"));
    check("java8", "bin/java", "openjdk version \"1.8.0_402\"", Ok("1.8.0_402"));
    check("dotnet6.0", "dotnet", "Microsoft.NETCore.App 6.0.36 [/x]", Ok("6.0.36"));
}

#[test]
fn another_version_is_never_taken() {
    check("nodejs12.13", "bin/node", "v12.14.0", Err("is 12.14.0, not 12.13"));
    check("python3.9", "bin/python3", "Python 3.11.2", Err("is 3.11.2, not 3.9"));
    check("java17", "bin/java", "openjdk version \"21\" 2023-09-19", Err("is 21, not 17"));
    check("nodejs12.13", "bin/node", "hello", Err("does not say its version"));
}

#[test]
fn a_folder_without_the_executable_is_refused() {
    check("nodejs12.13", "node", "v12.13.0", Err("has no executable bin/node"));
}

/// Else it would be waited for until somebody writes into it.
#[test]
fn a_pipe_is_neither_a_folder_nor_an_archive() {
    let (data, from) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let pipe = from.path().join("node.tgz");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let refused = install_into(data.path(), "nodejs12.13", &Host::default(), Some(&pipe)).unwrap_err();
    assert!(refused.to_string().contains("is neither a folder nor a file"), "{refused}");
}

#[test]
fn an_archive_is_unpacked_beside_the_manifest_and_readable_by_instances() {
    let (data, from) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    speaking(&from.path().join("node-v12/bin/node"), "v12.13.0");
    std::fs::set_permissions(from.path().join("node-v12"), Permissions::from_mode(0o700)).unwrap();
    let archive = from.path().join("node.tgz");
    let mut tar = Command::new("tar");
    assert!(tar.arg("-C").arg(from.path()).arg("-czf").arg(&archive).arg("node-v12").status().unwrap().success());
    let manifest = install_into(data.path(), "nodejs12.13", &Host::default(), Some(&archive)).unwrap();
    let home = data.path().join("nodejs12.13/rtsp/nodejs");
    assert_eq!(
        manifest.mounts,
        [Mount { source: home.clone(), target: "/opt/function/runtime/nodejs12.13/rtsp/nodejs".into() }]
    );
    assert_eq!(manifest.executable, home.join("bin/node"));
    assert_eq!(std::fs::metadata(&home).unwrap().permissions().mode() & 0o777, 0o755);
    assert_eq!(names(data.path()), ["nodejs12.13", "nodejs12.13.json"]);
    assert_eq!(Manifest::read(data.path(), "nodejs12.13"), Some(manifest));
}

#[test]
fn a_failed_installation_leaves_the_earlier_one() {
    let (data, from) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    speaking(&from.path().join("bin/node"), "v12.13.0");
    let first = install_into(data.path(), "nodejs12.13", &Host::default(), Some(from.path())).unwrap();
    let other = tempfile::tempdir().unwrap();
    speaking(&other.path().join("bin/node"), "v14.0.0");
    assert!(install_into(data.path(), "nodejs12.13", &Host::default(), Some(other.path())).is_err());
    assert_eq!(Manifest::read(data.path(), "nodejs12.13"), Some(first));
}

#[test]
fn what_a_crashed_installation_left_is_removed() {
    let (data, from) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    std::fs::create_dir_all(data.path().join(".new-java17-abc/unpacked")).unwrap();
    std::fs::create_dir_all(data.path().join(".new-java11-abc")).unwrap();
    speaking(&from.path().join("bin/java"), "openjdk version \"17.0.1\"");
    install_into(data.path(), "java17", &Host::default(), Some(from.path())).unwrap();
    assert_eq!(names(data.path()), [".new-java11-abc", "java17.json"]);
}

#[test]
fn a_candidate_of_another_version_is_passed_over_for_one_that_fits() {
    let (data, host) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    speaking(&host.path().join("a/bin/java"), "openjdk version \"11.0.2\"");
    speaking(&host.path().join("b/bin/java"), "openjdk version \"17.0.2\"");
    let host = Host { jvm: vec![host.path().canonicalize().unwrap()], ..Host::default() };
    let manifest = install_into(data.path(), "java17", &host, None).unwrap();
    assert_eq!(manifest.mounts[0].source, host.jvm[0].join("b"));
    let Err(Error::Install { why, .. }) = install_into(data.path(), "java21", &host, None) else { panic!() };
    assert!(why.contains("is 11.0.2, not 21") && why.contains("is 17.0.2, not 21"), "{why}");
}

#[test]
fn a_program_below_usr_gets_a_folder_with_a_link() {
    let data = tempfile::tempdir().unwrap();
    let catalogue = Catalogue::embedded().unwrap();
    let order = Order { entry: catalogue.get("php8.2").unwrap(), folder: data.path(), host: &Host::default() };
    let program = Path::new("/usr/bin/env").canonicalize().unwrap();
    let built = order.build(&Home::Program(program.clone()), data.path()).unwrap();
    assert_eq!(std::fs::read_link(&built.executable).unwrap(), program);
    assert!(built.executable.ends_with("rtsp/php/bin/php"));
}

/// pyenv builds its Pythons with a library that they look for under pyenv's own path, which instances do not have.
#[test]
fn a_python_of_pyenv_finds_its_library_wherever_it_is_mounted() {
    let host = Host::of_environment();
    let catalogue = Catalogue::embedded().unwrap();
    let mut seen = 0;
    for entry in catalogue.entries.iter().filter(|entry| entry.id.starts_with("python")) {
        let Some(candidate) = host.candidates(entry).into_iter().find(|found| found.source.starts_with("pyenv")) else {
            continue;
        };
        seen += 1;
        let data = tempfile::tempdir().unwrap();
        let manifest = install_into(data.path(), &entry.id, &host, None).unwrap();
        assert_eq!(manifest.source, candidate.source);
        // A library found from the program's own folder on is found wherever that folder is mounted.
        let programs = manifest.executable.parent().unwrap();
        let visible = [programs, Path::new("/usr"), Path::new("/lib")];
        let (libraries, missing) = verify::libraries(&manifest.executable).unwrap();
        assert!(missing.is_empty(), "{missing:?}");
        for library in libraries {
            assert!(visible.iter().any(|folder| library.starts_with(folder)), "{} in {visible:?}", library.display());
        }
        let code = "import sys, ssl, zlib, ctypes, json; sys.stdout.write(sys.prefix)";
        let finished = crate::command::run(
            Command::new(&manifest.executable).args(["-c", code]).env_clear(),
            std::time::Duration::from_secs(60),
        );
        let finished = finished.unwrap();
        assert!(finished.status.success(), "{}", finished.last_words());
    }
    if seen == 0 {
        eprintln!("SKIPPED: there is no pyenv with a Python of the catalogue on this host");
    }
}
