//! The file that starts the function: at the root, by exactly that name, something a Linux host can start (`behaviour.md` 1.1).
//! What people send instead has a message of its own each.

use std::env::consts::ARCH;

use model::function::{BOOTSTRAP, Entry};

use super::central::Member;
use super::inflate;
use super::problems::{Problems, show};
use super::tree::{Place, Tree};

/// Bytes of `bootstrap` that are looked at.
const HEAD: u64 = 64 * 1024;
/// Names listed when there is no `bootstrap` at all.
const LISTED: usize = 10;

pub(super) const ELF: &[u8] = b"\x7fELF";
pub(super) const SCRIPT: &[u8] = b"#!";

/// How the package's `bootstrap` is started.
pub(super) fn check(tree: &Tree, members: &[Member<'_>], problems: &mut Problems) -> Option<Entry> {
    let place = tree.child(0, BOOTSTRAP).and_then(|index| tree.node(index)).map(|node| &node.place);
    let member = match place {
        Some(Place::File(index)) => members.get(*index)?,
        Some(Place::Folder) => {
            let inside = tree.child(0, BOOTSTRAP).and_then(|folder| tree.child(folder, BOOTSTRAP));
            let hint = if inside.is_some() { ": zip the contents of the folder, not the folder" } else { "" };
            problems.push(format!("`bootstrap` is a folder; it must be a file with the start command{hint}"));
            return None;
        }
        Some(Place::Link(target)) => {
            problems.push(format!("`bootstrap` is a symlink to {}; it must be a regular file", show(target)));
            return None;
        }
        None => {
            problems.push(missing(tree));
            return None;
        }
    };
    member.content?; // complained about already
    let head = inflate::head(member, HEAD);
    if let Some(problem) = unusable(member, &head) {
        problems.push(problem);
        return None;
    }
    let starts_itself = head.starts_with(SCRIPT) || head.starts_with(ELF);
    Some(if starts_itself && executable(member, &head, true) { Entry::Direct } else { Entry::Shell })
}

/// Whether a file gets its execute bit: as its mode says, and where the archive has no modes (Windows), by what it is.
/// A `bootstrap` that is a binary always gets it, as no shell can start it otherwise.
pub(super) fn executable(member: &Member<'_>, head: &[u8], bootstrap: bool) -> bool {
    match member.mode {
        Some(mode) => mode & 0o111 != 0 || bootstrap && head.starts_with(ELF),
        None => bootstrap || head.starts_with(ELF) || head.starts_with(SCRIPT),
    }
}

fn unusable(member: &Member<'_>, head: &[u8]) -> Option<String> {
    let problem = match head {
        _ if member.size == 0 || member.size < HEAD && head.trim_ascii().is_empty() => {
            "is empty: write the start command into it"
        }
        [0xef, 0xbb, 0xbf, ..] => "starts with a byte order mark (BOM): save it as UTF-8 without BOM",
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => "is UTF-16 text: save it as UTF-8 without BOM",
        [b'M', b'Z', ..] => "is a Windows program: build it for Linux",
        [0xcf | 0xce, 0xfa, 0xed, 0xfe, ..] | [0xca, 0xfe, 0xba, 0xbe, ..] => {
            "is a macOS program: build it for Linux (Go: GOOS=linux CGO_ENABLED=0)"
        }
        [0x7f, b'E', b'L', b'F', ..] => {
            let machine = machine(head).filter(|machine| *machine != ARCH)?;
            return Some(format!(
                "`bootstrap` is a Linux program for {machine}, and this host is {ARCH}: build it for {ARCH}"
            ));
        }
        text if carriage_returns(text) => {
            "has Windows line ends (CRLF), which the shell takes for part of the command: convert them to LF (`dos2unix bootstrap`)"
        }
        _ => return None,
    };
    Some(format!("`bootstrap` {problem}"))
}

/// A carriage return at the end of a line or of the file.
fn carriage_returns(text: &[u8]) -> bool {
    text.windows(2).any(|pair| pair == b"\r\n") || text.ends_with(b"\r")
}

/// `e_machine` of an ELF header, for the machines Linux servers have.
fn machine(head: &[u8]) -> Option<&'static str> {
    match head.get(18..20)? {
        [62, 0] => Some("x86_64"),
        [183, 0] => Some("aarch64"),
        _ => None,
    }
}

/// What was found instead.
fn missing(tree: &Tree) -> String {
    let top: Vec<(usize, &str, bool)> = tree
        .nodes()
        .filter(|(_, node)| node.parent == 0 && node.name != "__MACOSX")
        .map(|(index, node)| (index, node.name.as_str(), node.place == Place::Folder))
        .collect();
    let folder = top.iter().find(|(index, _, folder)| *folder && tree.child(*index, BOOTSTRAP).is_some());
    if let Some((_, folder, _)) = folder {
        let path = show(&format!("{folder}/{BOOTSTRAP}"));
        return format!(
            "there is no `bootstrap` at the root but {path}: zip the contents of the folder, not the folder"
        );
    }
    if let Some((_, name, _)) = top.iter().find(|(_, name, folder)| !folder && alike(name)) {
        return format!("there is no `bootstrap` but {}: the start file must be named exactly `bootstrap`", show(name));
    }
    let deep = tree.nodes().find(|(_, node)| node.name == BOOTSTRAP && node.place != Place::Folder);
    if let Some((index, _)) = deep {
        return format!(
            "there is no `bootstrap` at the root but {}: move it to the root of the zip",
            show(&tree.path(index))
        );
    }
    let mut names: Vec<String> = top
        .iter()
        .take(LISTED)
        .map(|(_, name, folder)| show(&format!("{name}{}", if *folder { "/" } else { "" })))
        .collect();
    if top.len() > LISTED {
        names.push(format!("and {} more", top.len() - LISTED));
    }
    let found = if names.is_empty() { "nothing".to_owned() } else { names.join(", ") };
    format!("there is no `bootstrap`, the file with the start command, at the root; found: {found}")
}

/// `Bootstrap`, `bootstrap.sh`, ` bootstrap.txt`.
fn alike(name: &str) -> bool {
    let name = name.trim().to_ascii_lowercase();
    name.strip_prefix(BOOTSTRAP).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '_', '-', ' ']))
}
