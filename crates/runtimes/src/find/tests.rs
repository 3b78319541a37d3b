use std::fs::Permissions;
use std::os::unix::fs::{PermissionsExt as _, symlink};

use super::*;
use crate::catalogue::Catalogue;

/// A host made of files: executables with these contents, below a temporary folder.
struct Fake {
    root: tempfile::TempDir,
    host: Host,
}

fn fake(files: &[(&str, &str)]) -> Fake {
    let root = tempfile::tempdir().unwrap();
    for (file, content) in files {
        let file = root.path().join(file);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(&file, content).unwrap();
        std::fs::set_permissions(&file, Permissions::from_mode(0o755)).unwrap();
    }
    let below = |path: &str| vec![root.path().join(path)];
    let host = Host { path: below("path"), pyenv: below("pyenv"), java_home: below("java_home"), jvm: below("jvm") };
    Fake { root, host }
}

/// What is found for the id, best first, below the fake's folder.
fn check(fake: &Fake, id: &str, expect: &[&str]) {
    let catalogue = Catalogue::embedded().unwrap();
    let root = fake.root.path().canonicalize().unwrap();
    let found = fake.host.candidates(catalogue.get(id).unwrap());
    let places: Vec<String> = found
        .into_iter()
        .map(|candidate| match candidate.home {
            Home::Folder(folder) => folder.strip_prefix(&root).unwrap_or(&folder).display().to_string(),
            Home::Program(program) => format!("program {}", program.display()),
        })
        .collect();
    assert_eq!(places, expect, "{id}");
}

#[test]
fn pyenvs_newest_patch_of_exactly_that_minor_version_is_first() {
    let fake = fake(&[
        ("pyenv/versions/3.9.2/bin/python3", ""),
        ("pyenv/versions/3.9.18/bin/python3", ""),
        ("pyenv/versions/3.10.1/bin/python3", ""),
        ("pyenv/versions/3.90.1/bin/python3", ""),
        ("pyenv/versions/2.7.18/bin/python", ""),
        ("pyenv/versions/pypy3.9-7.3/bin/python3", ""),
    ]);
    check(&fake, "python3.9", &["pyenv/versions/3.9.18", "pyenv/versions/3.9.2"]);
    check(&fake, "python2.7", &["pyenv/versions/2.7.18"]);
    check(&fake, "python3.12", &[]);
}

#[test]
fn a_virtual_environment_and_a_version_without_python_are_passed_over() {
    let fake = fake(&[
        ("pyenv/versions/3.9.1/bin/python3", ""),
        ("pyenv/versions/3.9.1/pyvenv.cfg", ""),
        ("pyenv/versions/3.9.2/bin/pip", ""),
    ]);
    check(&fake, "python3.9", &[]);
}

#[test]
fn a_binary_on_the_path_counts_and_a_shim_does_not() {
    let fake = fake(&[("path/python3.9", "#!/bin/sh\nexec pyenv exec python3.9\n"), ("py/bin/python3.10", "\x7fELF")]);
    symlink(fake.root.path().join("py/bin/python3.10"), fake.root.path().join("path/python3.10")).unwrap();
    check(&fake, "python3.9", &[]);
    check(&fake, "python3.10", &["py"]);
}

#[test]
fn a_program_below_usr_needs_only_a_link() {
    let fake = fake(&[("path/unrelated", "")]);
    let program = Path::new("/usr/bin/env").canonicalize().unwrap();
    symlink(&program, fake.root.path().join("path/php8.2")).unwrap();
    check(&fake, "php8.2", &[&format!("program {}", program.display())]);
    check(&fake, "php8.3", &[]);
}

#[test]
fn a_program_that_is_another_version_by_its_name_is_not_offered() {
    let fake = fake(&[("bin/php8.2", "\x7fELF"), ("path/other", "")]);
    symlink(fake.root.path().join("bin/php8.2"), fake.root.path().join("path/php")).unwrap();
    check(&fake, "php8.2", &[""]);
    check(&fake, "php8.3", &[]);
}

#[test]
fn jvms_are_found_by_java_home_in_their_folder_and_on_the_path_each_once() {
    let fake = fake(&[
        ("java_home/bin/java", ""),
        ("jvm/java-17-openjdk-amd64/bin/java", ""),
        ("jvm/java-21/bin/java", ""),
        ("jvm/java-21/release", "IMPLEMENTOR=\"x\"\nJAVA_VERSION=\"21.0.1\"\n"),
        ("jvm/java-8/bin/java", ""),
        ("jvm/java-8/release", "JAVA_VERSION=\"1.8.0_402\"\n"),
        ("sdk/bin/java", ""),
        ("path/unrelated", ""),
    ]);
    symlink("java-17-openjdk-amd64", fake.root.path().join("jvm/default")).unwrap();
    symlink(fake.root.path().join("sdk/bin/java"), fake.root.path().join("path/java")).unwrap();
    check(&fake, "java17", &["java_home", "jvm/java-17-openjdk-amd64", "sdk"]);
    check(&fake, "java21", &["java_home", "jvm/java-17-openjdk-amd64", "jvm/java-21", "sdk"]);
    check(&fake, "java8", &["java_home", "jvm/java-17-openjdk-amd64", "jvm/java-8", "sdk"]);
}

#[test]
fn node_and_dotnet_are_not_taken_from_the_host() {
    let fake = fake(&[("path/node", "\x7fELF"), ("path/dotnet", "\x7fELF")]);
    check(&fake, "nodejs12.13", &[]);
    check(&fake, "dotnet6.0", &[]);
}

#[test]
fn what_anybody_may_write_is_not_trusted() {
    let fake = fake(&[("path/x", "")]);
    let file = fake.root.path().join("path/x");
    assert!(is_trusted(&file));
    std::fs::set_permissions(&file, Permissions::from_mode(0o777)).unwrap();
    assert!(!is_trusted(&file));
    assert!(!is_trusted(&fake.root.path().join("missing")));
}
