//! Code and its dependencies in one folder, as instances see them.
//!
//! One rule decides where two of them have the same path: the function's own package wins over every dependency, and a dependency
//! over those before it in the function's list. Folders of the same path become one; where one has a folder and another a file or
//! a symlink, the winner's stands alone, with nothing of the other's below it.
//!
//! Files are linked, not copied: the packages are unpacked already, nobody ever writes to them, and each file is in memory once
//! however many functions use it.

use std::ffi::OsStr;
use std::fs::{self, File, Permissions};
use std::io;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};

use model::dependency::Dependency;
use sha2::{Digest as _, Sha256};

/// The name in `code/` of a package with its dependencies; of a package without any, its own digest.
pub(crate) fn name(sha256: &str, dependencies: &[Dependency]) -> String {
    if dependencies.is_empty() {
        return sha256.to_owned();
    }
    let mut hash = Sha256::new_with_prefix("code with dependencies");
    for digest in std::iter::once(sha256).chain(dependencies.iter().map(|dependency| dependency.sha256.as_str())) {
        hash.update("\n");
        hash.update(digest);
    }
    hex::encode(hash.finalize())
}

/// Puts `layers`, the winner first, into the folder `into`. Gives how many files, folders and symlinks that makes.
pub(super) fn link(layers: &[PathBuf], into: &Path, most: usize) -> io::Result<usize> {
    let mut entries = 0;
    // Popped from the end: all of one layer, then the next.
    let mut folders: Vec<_> = layers.iter().rev().map(|layer| (layer.clone(), into.to_owned())).collect();
    while let Some((from, to)) = folders.pop() {
        for entry in fs::read_dir(&from)? {
            let entry = entry?;
            let (source, target) = (entry.path(), to.join(entry.file_name()));
            entries += 1;
            if put(entry.file_type()?, &source, &target)? == Put::Folder {
                folders.push((source, target));
            }
        }
        if entries > most {
            break;
        }
    }
    Ok(entries)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Put {
    /// What is in it is still to be put.
    Folder,
    /// Nothing more is to be done: it is there, or it lost.
    Done,
}

fn put(kind: fs::FileType, source: &Path, target: &Path) -> io::Result<Put> {
    let there = match fs::symlink_metadata(target) {
        Ok(there) => Some(there.file_type()),
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => None,
        Err(cause) => return Err(cause),
    };
    match there {
        Some(there) if kind.is_dir() && there.is_dir() => return Ok(Put::Folder),
        Some(_) => return Ok(Put::Done),
        None if kind.is_dir() => {
            fs::create_dir(target)?;
            // Whatever the daemon's umask is: instances run as other users.
            fs::set_permissions(target, Permissions::from_mode(0o755))?;
            return Ok(Put::Folder);
        }
        None if kind.is_symlink() => symlink(fs::read_link(source)?, target)?,
        None if is_of_another_source(source, target) => {}
        None => link_file(source, target)?,
    }
    Ok(Put::Done)
}

/// Where links cannot be made, such as on some network file systems, or when a file has 65,000 of them.
fn link_file(source: &Path, target: &Path) -> io::Result<()> {
    if fs::hard_link(source, target).is_ok() {
        return Ok(());
    }
    fs::copy(source, target)?;
    // Byte code is for a source of this time.
    File::options().write(true).open(target)?.set_modified(fs::metadata(source)?.modified()?)
}

/// Whether this is byte code whose source lost its place to another.
fn is_of_another_source(source: &Path, target: &Path) -> bool {
    let beside = |path: &Path| {
        let cache = path.parent().filter(|cache| cache.file_name() == Some(OsStr::new("__pycache__")))?;
        let stem = path.file_name()?.to_str()?.strip_suffix(".pyc")?.split('.').next()?;
        Some(cache.parent()?.join(format!("{stem}.py")))
    };
    let (Some(own), Some(there)) = (beside(source), beside(target)) else { return false };
    let identity = |path: PathBuf| fs::symlink_metadata(path).ok().map(|file| (file.dev(), file.ino(), file.mtime()));
    match identity(there) {
        Some(there) => identity(own) != Some(there),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layer(home: &Path, name: &str, files: &[(&str, &str)]) -> PathBuf {
        let root = home.join(name);
        for (path, content) in files {
            let path = root.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            match content.strip_prefix("-> ") {
                Some(target) => symlink(target, path).unwrap(),
                None => fs::write(path, content).unwrap(),
            }
        }
        root
    }

    fn pointing(path: &Path) -> String {
        format!("-> {}", fs::read_link(path).unwrap().display())
    }

    /// Every file and symlink of the merged folder, with its content or target, sorted.
    #[track_caller]
    fn check(layers: &[&[(&str, &str)]], expect: &[(&str, &str)]) {
        let home = tempfile::tempdir().unwrap();
        let into = home.path().join("into");
        fs::create_dir(&into).unwrap();
        let names = ["first", "second", "third"];
        let layers: Vec<_> = layers.iter().zip(names).map(|(files, name)| layer(home.path(), name, files)).collect();
        link(&layers, &into, 100).unwrap();
        let (mut found, mut folders) = (Vec::new(), vec![into.clone()]);
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                let kind = fs::symlink_metadata(&path).unwrap().file_type();
                let name = path.strip_prefix(&into).unwrap().to_str().unwrap().to_owned();
                match kind {
                    kind if kind.is_dir() => folders.push(path),
                    kind if kind.is_symlink() => found.push((name, pointing(&path))),
                    _ => found.push((name, fs::read_to_string(path).unwrap())),
                }
            }
        }
        found.sort();
        let expect: Vec<_> = expect.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect();
        assert_eq!(found, expect);
    }

    #[test]
    fn folders_become_one_and_the_first_has_its_way() {
        check(
            &[
                &[("a", "1"), ("lib/x", "1")],
                &[("a", "2"), ("lib/y", "2")],
                &[("lib/x", "3"), ("lib/y", "3"), ("z", "3")],
            ],
            &[("a", "1"), ("lib/x", "1"), ("lib/y", "2"), ("z", "3")],
        );
    }

    #[test]
    fn a_file_or_link_where_another_has_a_folder_stands_alone() {
        check(&[&[("lib", "1")], &[("lib/y", "2")]], &[("lib", "1")]);
        check(&[&[("lib/y", "1")], &[("lib", "2")]], &[("lib/y", "1")]);
        check(&[&[("lib", "-> real"), ("real/x", "1")], &[("lib/y", "2")]], &[("lib", "-> real"), ("real/x", "1")]);
        check(&[&[("real/x", "1")], &[("lib", "-> real")]], &[("lib", "-> real"), ("real/x", "1")]);
    }

    #[test]
    fn byte_code_stays_with_its_source() {
        let second: &[(&str, &str)] = &[("m.py", "two"), ("__pycache__/m.cpython-39.pyc", "of two"), ("n.py", "n")];
        check(&[&[("m.py", "one")], second], &[("m.py", "one"), ("n.py", "n")]);
        check(
            &[&[("o.py", "o")], second],
            &[("__pycache__/m.cpython-39.pyc", "of two"), ("m.py", "two"), ("n.py", "n"), ("o.py", "o")],
        );
    }

    #[test]
    fn the_name_depends_on_every_digest_and_their_order() {
        let dependency = |sha256: &str| Dependency {
            id: String::new(),
            dependency: String::new(),
            name: String::new(),
            number: 1,
            runtime: String::new(),
            description: String::new(),
            link: String::new(),
            filename: String::new(),
            sha256: sha256.to_owned(),
            size: 1,
            created: model::time::now(),
        };
        assert_eq!(name("c", &[]), "c");
        let names = [
            name("c", &[dependency("a")]),
            name("c", &[dependency("a"), dependency("b")]),
            name("c", &[dependency("b"), dependency("a")]),
            name("d", &[dependency("a")]),
        ];
        assert_eq!(names.iter().collect::<std::collections::HashSet<_>>().len(), 4);
        assert!(names.iter().all(|name| name.len() == 64));
    }
}
