//! Code packages: whatever the archive, all of it is unpacked within the folder and the limits, or it is refused with reasons.
//!
//! An input that begins with `PK` is an archive; any other is a plan of one in which everything can lie. What is unpacked must be
//! what the `zip` crate reads from the same bytes.
#![no_main]

use std::collections::BTreeMap;
use std::fs;
use std::io::{Cursor, Read as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Component, Path, PathBuf};
use std::sync::OnceLock;

use ::fuzz::archive::Plan;
use arbitrary::{Arbitrary as _, Unstructured};
use bytes::Bytes;
use libfuzzer_sys::{Corpus, fuzz_target};
use store::package::{self, Error, Limits};

// The module itself: it is no public interface, and it needs nothing else of its crate.
#[allow(dead_code, unreachable_pub)]
#[path = "../../crates/store/src"]
mod store {
    pub(crate) mod package;
}

/// What stands at a path.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Node {
    Folder,
    File(Vec<u8>),
    Link(PathBuf),
}

type Tree = BTreeMap<PathBuf, Node>;

fuzz_target!(|input: &[u8]| -> Corpus {
    if input.starts_with(b"PK") {
        check(&Bytes::copy_from_slice(input));
        return Corpus::Keep;
    }
    let Ok(plan) = Plan::arbitrary(&mut Unstructured::new(input)) else { return Corpus::Reject };
    check(&Bytes::from(plan.bytes()));
    Corpus::Keep
});

fn limits() -> Limits {
    Limits { entries: 50, unpacked_bytes: 1 << 20, ratio: 100, ratio_from_bytes: 64 << 10, depth: 8, path_bytes: 600 }
}

fn check(zip: &Bytes) {
    let first = run(zip);
    assert_eq!(run(zip), first, "the second time it is something else");
    if let Ok(tree) = first {
        compare(zip, &tree);
    }
}

/// The unpacked tree, or the problems.
fn run(zip: &Bytes) -> Result<Tree, Vec<String>> {
    static OUTER: OnceLock<tempfile::TempDir> = OnceLock::new();
    let outer = OUTER.get_or_init(|| tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap()).path();
    let into = outer.join("code");
    fs::create_dir(&into).unwrap();
    let unpacked = package::unpack(zip, &into, &limits());
    let beside: Vec<_> = fs::read_dir(outer).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(beside, ["code"], "written outside of the folder");
    let mut tree = Tree::new();
    walk(&into, &into, &mut tree);
    fs::remove_dir_all(&into).unwrap();
    match unpacked {
        Ok(unpacked) => {
            within_limits(&tree, unpacked.files, unpacked.bytes);
            Ok(tree)
        }
        Err(Error::Refused(problems)) => {
            assert!(!problems.is_empty() && problems.iter().all(|problem| !problem.contains('\n')));
            // Only a member's own bytes are found out to be wrong while they are written.
            let damaged = ["damaged", "unpacks to", "bytes behind"];
            let late = problems.iter().any(|problem| damaged.iter().any(|word| problem.contains(word)));
            assert!(late || tree.is_empty(), "refused, but something was written: {problems:?}");
            Err(problems)
        }
        Err(error) => panic!("not the package's fault: {error}"),
    }
}

fn walk(root: &Path, at: &Path, tree: &mut Tree) {
    for entry in fs::read_dir(at).unwrap() {
        let path = entry.unwrap().path();
        let metadata = fs::symlink_metadata(&path).unwrap();
        let mode = metadata.permissions().mode() & 0o7777;
        let name = path.strip_prefix(root).unwrap().to_owned();
        if metadata.is_symlink() {
            let target = fs::read_link(&path).unwrap();
            stays_inside(root, &name, &target);
            tree.insert(name, Node::Link(target));
        } else if metadata.is_dir() {
            assert_eq!(mode, 0o755);
            tree.insert(name, Node::Folder);
            walk(root, &path, tree);
        } else {
            assert!(metadata.is_file() && [0o644, 0o755, 0o600].contains(&mode), "{name:?} has mode {mode:o}");
            tree.insert(name, Node::File(fs::read(&path).unwrap()));
        }
    }
}

/// Follows a symlink as the kernel would, and never comes above the root.
fn stays_inside(root: &Path, link: &Path, target: &Path) {
    let mut at: Vec<PathBuf> = link.parent().unwrap().components().map(|part| part.as_os_str().into()).collect();
    let mut todo: Vec<PathBuf> = vec![target.to_owned()];
    for _hop in 0..60 {
        let Some(next) = todo.pop() else { return };
        for (index, part) in next.components().enumerate() {
            match part {
                Component::RootDir | Component::Prefix(_) => panic!("{link:?} is absolute: {target:?}"),
                Component::CurDir => {}
                Component::ParentDir => assert!(at.pop().is_some(), "{link:?} leaves the package: {target:?}"),
                Component::Normal(name) => {
                    let here = root.join(at.iter().collect::<PathBuf>()).join(name);
                    match fs::read_link(&here) {
                        Ok(inner) => {
                            todo.push(next.components().skip(index + 1).collect());
                            todo.push(inner);
                            break;
                        }
                        Err(_) => at.push(name.into()),
                    }
                }
            }
        }
    }
}

fn within_limits(tree: &Tree, files: usize, bytes: u64) {
    let sizes: Vec<u64> = tree
        .values()
        .filter_map(|node| if let Node::File(content) = node { Some(content.len() as u64) } else { None })
        .collect();
    assert_eq!((sizes.len(), sizes.iter().sum::<u64>()), (files, bytes), "miscounted");
    assert!(tree.len() <= limits().entries && bytes <= limits().unpacked_bytes);
    for path in tree.keys() {
        assert!(path.components().count() <= limits().depth && path.as_os_str().len() <= limits().path_bytes);
    }
    assert!(matches!(tree.get(Path::new("bootstrap")), Some(Node::File(_))), "accepted without bootstrap");
}

/// The `zip` crate reads the same bytes as the same tree.
fn compare(zip: &Bytes, tree: &Tree) {
    let mut archive = zip::ZipArchive::new(Cursor::new(zip)).expect("accepted, but no archive to the zip crate");
    let mut expected = Tree::new();
    for index in 0..archive.len() {
        let mut member = archive.by_index(index).expect("accepted, but the zip crate cannot open a member");
        let raw = member.name().expect("accepted, but the zip crate cannot read a name").into_owned();
        let path: PathBuf = Path::new(&raw).components().filter(|part| *part != Component::CurDir).collect();
        let mut content = Vec::new();
        let read = member.read_to_end(&mut content);
        assert!(read.is_ok(), "accepted, but the zip crate finds {raw:?} damaged: {read:?} in {}", zip.escape_ascii());
        for folder in path.ancestors().skip(1).filter(|folder| !folder.as_os_str().is_empty()) {
            expected.insert(folder.to_owned(), Node::Folder);
        }
        let node = if member.is_symlink() {
            Node::Link(PathBuf::from(String::from_utf8(content).unwrap()))
        } else if member.is_dir() {
            Node::Folder
        } else {
            Node::File(content)
        };
        if !path.as_os_str().is_empty() {
            expected.insert(path, node);
        }
    }
    assert_eq!(*tree, expected, "the zip crate reads another tree");
}
