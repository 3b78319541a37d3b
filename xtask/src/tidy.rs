//! What a reader expects of the tree, checked: sizes, names, imports that go down, where `unsafe` is, what docs name.

use std::fs;
use std::path::{Path, PathBuf};

/// Source lines a file may have; tests in `tests.rs` count apart.
const FILE_LINES: usize = 500;
/// Files that may be longer, each with its reason.
const LONGER: &[(&str, &str)] = &[];
/// Who may import whom (`DESIGN.md`, `ARCHITECTURE.md`); everything else is refused.
const IMPORTS: &[(&str, &[&str])] = &[
    ("model", &[]),
    ("wire", &[]),
    ("auth", &["model"]),
    ("http1", &[]),
    ("sandbox", &[]),
    ("telemetry", &["model"]),
    ("store", &["model", "auth"]),
    ("runtimes", &["model"]),
    ("invoker", &["model", "http1", "telemetry", "sandbox"]),
    ("gateway", &["model", "http1", "auth", "telemetry"]),
    ("certificates", &["model", "store"]),
    ("api", &["model", "wire", "auth", "store", "telemetry", "runtimes", "certificates"]),
    ("cli", &["wire", "auth"]),
    ("hostile", &[]),
];
const BANNED_SUFFIXES: &[&str] = &["Manager", "Helper", "Util", "Utils", "Processor"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

fn rust_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let path = entry.path();
        if path.is_dir() && !path.ends_with("target") {
            rust_files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

fn sources() -> Vec<(String, String)> {
    let mut files = Vec::new();
    for folder in ["bench", "crates", "e2e", "xtask"] {
        rust_files(&root().join(folder), &mut files);
    }
    files
        .into_iter()
        .map(|path| (path.strip_prefix(root()).unwrap().display().to_string(), fs::read_to_string(&path).unwrap()))
        .collect()
}

#[track_caller]
fn none(what: &str, offenders: &[String]) {
    assert!(offenders.is_empty(), "{what}:\n{}", offenders.join("\n"));
}

#[test]
fn files_are_short_enough_to_hold_in_the_head() {
    let offenders: Vec<String> = sources()
        .into_iter()
        .filter(|(path, _)| !path.ends_with("tests.rs") && !path.contains("/tests/"))
        .filter(|(path, _)| !LONGER.iter().any(|(longer, _)| longer == path))
        .filter(|(_, text)| text.lines().count() > FILE_LINES)
        .map(|(path, text)| format!("{path}: {} lines, {FILE_LINES} is the limit", text.lines().count()))
        .collect();
    none("split these files where their parts meet", &offenders);
}

#[test]
fn modules_are_files_with_a_name() {
    let offenders: Vec<String> =
        sources().into_iter().map(|(path, _)| path).filter(|path| path.ends_with("/mod.rs")).collect();
    none("use foo.rs beside foo/", &offenders);
}

#[test]
fn every_file_says_what_it_is() {
    let offenders: Vec<String> = sources()
        .into_iter()
        .filter(|(path, text)| !path.ends_with("tests.rs") && !path.contains("/tests/") && !text.starts_with("//!"))
        .map(|(path, _)| path)
        .collect();
    none("start these files with a module doc", &offenders);
}

#[test]
fn names_are_the_fields_words() {
    let mut offenders = Vec::new();
    for (path, text) in sources() {
        for line in text.lines() {
            let mut words = line
                .trim_start()
                .trim_start_matches("pub ")
                .trim_start_matches("pub(crate) ")
                .split([' ', '<', '(', '{', ';']);
            let named = matches!(words.next(), Some("struct" | "enum" | "trait" | "type"));
            if let Some(name) =
                words.next().filter(|name| named && BANNED_SUFFIXES.iter().any(|suffix| name.ends_with(suffix)))
            {
                offenders.push(format!("{path}: {name}"));
            }
        }
    }
    none("one of the field's words says more", &offenders);
}

#[test]
fn only_the_sandbox_has_unsafe_code() {
    let crates = IMPORTS.iter().filter(|(krate, _)| *krate != "sandbox");
    let crates = crates.map(|(krate, _)| format!("crates/{krate}/src/lib.rs"));
    for path in crates.chain(
        ["bench/src/main.rs", "bench/servers/rust/src/main.rs", "bench/warm-path/src/main.rs"].map(str::to_owned),
    ) {
        let text = fs::read_to_string(root().join(&path)).unwrap();
        assert!(text.contains("#![forbid(unsafe_code)]"), "{path} does not forbid unsafe code");
    }
}

#[test]
fn imports_only_go_down() {
    for (krate, allowed) in IMPORTS {
        let manifest = fs::read_to_string(root().join(format!("crates/{krate}/Cargo.toml"))).unwrap();
        let dependencies =
            manifest.split("[dependencies]").nth(1).unwrap_or_default().split("\n[").next().unwrap_or_default();
        let offenders: Vec<String> = IMPORTS
            .iter()
            .map(|(other, _)| *other)
            .filter(|other| {
                dependencies
                    .lines()
                    .any(|line| line.starts_with(&format!("{other}.")) || line.starts_with(&format!("{other} ")))
            })
            .filter(|other| !allowed.contains(other))
            .map(|other| format!("{krate} imports {other}"))
            .collect();
        none("an import goes up or sideways", &offenders);
    }
}

#[test]
fn nothing_is_left_unfinished() {
    let marks =
        ["TO".to_owned() + "DO", "FIX".to_owned() + "ME", "todo".to_owned() + "!(", "unimplemented".to_owned() + "!("];
    let offenders: Vec<String> = sources()
        .into_iter()
        .flat_map(|(path, text)| {
            let marks = &marks;
            text.lines()
                .enumerate()
                .filter(|(_, line)| marks.iter().any(|mark| line.contains(mark.as_str())))
                .map(|(number, line)| format!("{path}:{}: {}", number + 1, line.trim()))
                .collect::<Vec<_>>()
        })
        .collect();
    none("finish these, or write an issue", &offenders);
}

/// `module::sentence` in backticks is a test, `e2e/hostile/h_…` a case.
#[test]
fn every_test_that_the_isolation_table_names_exists() {
    let text = fs::read_to_string(root().join("docs/isolation.md")).unwrap();
    let tests: Vec<String> = sources().into_iter().map(|(_, text)| text).collect();
    let is_test = |name: &str| {
        let is = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        name.contains('_') && name.chars().all(is)
    };
    let (mut checked, mut offenders) = (0, Vec::new());
    for named in text.split('`').skip(1).step_by(2) {
        let exists = match named.rsplit_once("::") {
            Some((_, name)) if is_test(name) => tests.iter().any(|text| text.contains(&format!("fn {name}("))),
            _ if named.starts_with("e2e/") => root().join(named).is_dir(),
            _ => continue,
        };
        checked += 1;
        if !exists {
            offenders.push(named.to_owned());
        }
    }
    assert!(checked > 60, "only {checked} names were found in the table");
    none("docs/isolation.md names tests that are not there", &offenders);
}
