use std::fs;
use std::io::{Cursor, Read as _};

use tempfile::TempDir;
use zip::ZipArchive;

use super::*;

const START: &str = "node $RUNTIME_CODE_ROOT/index.js\n";

/// A folder with these files; a name that ends in `/` is a folder, `a -> b` a symlink.
fn folder(files: &[(&str, &str)]) -> TempDir {
    let root = tempfile::tempdir().unwrap();
    for (name, content) in files {
        if let Some((name, target)) = name.split_once(" -> ") {
            std::os::unix::fs::symlink(target, root.path().join(name)).unwrap();
            continue;
        }
        let path = root.path().join(name);
        fs::create_dir_all(if name.ends_with('/') { &path } else { path.parent().unwrap() }).unwrap();
        if !name.ends_with('/') {
            fs::write(path, content).unwrap();
        }
    }
    root
}

fn output() -> Output {
    crate::output::captured::Captured::default().output(false)
}

/// The members of a zip: name, and content or target.
fn members(package: &[u8]) -> Vec<(String, String)> {
    let mut zip = ZipArchive::new(Cursor::new(package)).unwrap();
    let mut members = Vec::new();
    for index in 0..zip.len() {
        let mut file = zip.by_index(index).unwrap();
        let mut content = String::new();
        file.read_to_string(&mut content).unwrap();
        members.push((file.name().unwrap().into_owned(), content));
    }
    members
}

/// The names of what goes into the package, or part of the refusal.
#[track_caller]
fn check(files: &[(&str, &str)], expect: Result<&[&str], &str>) {
    let root = folder(files);
    match (read(root.path(), &output()), expect) {
        (Ok(package), Ok(expect)) => {
            let names: Vec<String> = members(&package.bytes).into_iter().map(|(name, _)| name).collect();
            assert_eq!(names, expect);
        }
        (Err(error), Err(expect)) => assert!(format!("{error:#}").contains(expect), "{error:#}"),
        (got, expect) => panic!("{got:?}, not {expect:?}"),
    }
}

#[test]
fn a_folder_is_zipped_in_order_with_folders_and_links() {
    check(
        &[("bootstrap", START), ("lib/b.js", ""), ("lib/a.js", ""), ("empty/", ""), ("link -> lib/a.js", "")],
        Ok(&["bootstrap", "empty/", "lib/", "lib/a.js", "lib/b.js", "link"]),
    );
}

#[test]
fn ignored_files_and_history_stay_at_home() {
    check(
        &[
            ("bootstrap", START),
            (".funcdignore", "*.log\n/build\n!keep.log\n"),
            ("a.log", ""),
            ("keep.log", ""),
            ("build/x", ""),
            ("src/build/y", ""),
            ("src/.funcdignore", "z\n"),
            ("src/z", ""),
            (".git/config", ""),
            (".gitignore", "bootstrap\n"),
            (".env", ""),
        ],
        Ok(&[".env", ".gitignore", "bootstrap", "keep.log", "src/", "src/build/", "src/build/y"]),
    );
}

#[test]
fn a_missing_start_file_is_explained_by_what_is_there() {
    check(&[], Err("found: nothing"));
    check(&[("index.js", ""), ("lib/", "")], Err("found: index.js, lib/"));
    check(&[("bootstrap.sh", START)], Err("no `bootstrap` but bootstrap.sh: the start file must be named exactly"));
    check(&[("Bootstrap", START)], Err("no `bootstrap` but Bootstrap:"));
    check(&[("app/bootstrap", START)], Err("no `bootstrap` at the root but app/bootstrap: deploy that folder instead"));
    check(&[("a/b/bootstrap", START)], Err("a/b/bootstrap: move it to the root"));
    check(&[("bootstrap/x", START)], Err("`bootstrap` is a folder"));
    check(&[("bootstrap", START), (".funcdignore", "boot*")], Err("left out by .funcdignore"));
}

#[test]
fn a_start_file_that_cannot_start_is_named() {
    check(&[("bootstrap", "node index.js\r\n")], Err("Windows line ends (CRLF)"));
    check(&[("bootstrap", "node index.js\r")], Err("Windows line ends (CRLF)"));
    check(&[("bootstrap", " \n")], Err("is empty"));
    check(&[("bootstrap", "\u{feff}node index.js")], Err("byte order mark"));
    check(&[("bootstrap", "MZ\u{1}")], Err("is a Windows program"));
    check(&[("bootstrap", "\u{7f}ELF\r\n")], Ok(&["bootstrap"]));
}

#[test]
fn every_problem_is_said_at_once() {
    let files = [("a -> /etc/passwd", ""), ("b -> ../x", ""), ("index.js", "")];
    let error = read(folder(&files).path(), &output()).unwrap_err().to_string();
    for part in ["a -> /etc/passwd points out", "b -> ../x points out", "there is no `bootstrap`"] {
        assert!(error.contains(part), "{error}");
    }
}

#[test]
fn the_same_content_is_the_same_package() {
    let files = [("bootstrap", START), ("b/c", "1"), ("a", "2")];
    let (one, other) = (folder(&files), folder(&files));
    let day = fs::FileTimes::new().set_modified(std::time::UNIX_EPOCH);
    File::options().write(true).open(other.path().join("a")).unwrap().set_times(day).unwrap();
    assert_eq!(read(one.path(), &output()).unwrap().bytes, read(other.path(), &output()).unwrap().bytes);
}

#[test]
fn modes_links_and_content_survive() {
    use std::os::unix::fs::PermissionsExt as _;
    let root = folder(&[("bootstrap", START), ("link -> bootstrap", "")]);
    fs::set_permissions(root.path().join("bootstrap"), fs::Permissions::from_mode(0o750)).unwrap();
    let package = read(root.path(), &output()).unwrap();
    let expect = [("bootstrap".to_owned(), START.to_owned()), ("link".to_owned(), "bootstrap".to_owned())];
    assert_eq!(members(&package.bytes), expect);
    let mut zip = ZipArchive::new(Cursor::new(package.bytes)).unwrap();
    assert_eq!(zip.by_name("bootstrap").unwrap().unix_mode(), Some(0o100_750));
    assert!(zip.by_name("link").unwrap().is_symlink());
}

#[test]
fn a_package_over_the_limit_names_its_largest_files() {
    let root = folder(&[("bootstrap", START), ("small", "x")]);
    // Bytes that do not compress.
    let noise: Vec<u8> =
        (0..4096u32).flat_map(|n| n.wrapping_mul(2_654_435_761).rotate_left(7).to_le_bytes()).collect();
    fs::write(root.path().join("big.bin"), &noise).unwrap();
    let entries = folder::walk(root.path()).unwrap().entries;
    let error = archive::write(&entries, 4096, &output()).unwrap_err().to_string();
    assert!(
        error.contains("over 4.00 KiB") && error.contains("Largest files: big.bin (16.00 KiB), bootstrap"),
        "{error}"
    );
}

#[test]
fn a_zip_is_sent_as_it_is_after_the_same_checks() {
    let root = folder(&[("bootstrap", START), ("app/bootstrap", START)]);
    let zip = read(root.path(), &output()).unwrap().bytes;
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("My App.zip");
    fs::write(&path, &zip).unwrap();
    let package = read(&path, &output()).unwrap();
    assert_eq!(package, Package { bytes: zip, source_name: "My App".into() });
    let nested = archive::write(
        &folder::walk(root.path())
            .unwrap()
            .entries
            .into_iter()
            .filter(|entry| entry.path.starts_with("app"))
            .collect::<Vec<_>>(),
        LARGEST,
        &output(),
    );
    fs::write(&path, nested.unwrap()).unwrap();
    let error = read(&path, &output()).unwrap_err().to_string();
    assert!(error.contains("app/bootstrap: zip the contents of the folder, not the folder"), "{error}");
    fs::write(&path, "not a zip").unwrap();
    assert!(read(&path, &output()).unwrap_err().to_string().contains("is not a zip that can be read"));
}

#[test]
fn what_is_not_there_is_said() {
    let error = read(Path::new("/nowhere/app"), &output()).unwrap_err().to_string();
    assert!(error.starts_with("there is no /nowhere/app: name a folder"), "{error}");
}
