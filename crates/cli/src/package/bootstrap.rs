//! The start file: at the root, named exactly `bootstrap`, with a start command in it. What people have instead has a hint
//! of its own each, in the words of the service's own refusal.

use std::path::Path;

use crate::output::escape;

pub(super) const NAME: &str = "bootstrap";
/// Bytes of it that are looked at.
pub(super) const HEAD: u64 = 64 * 1024;
/// Names listed when there is no start file at all.
const LISTED: usize = 10;

/// A path of the package.
#[derive(Clone, Copy, Debug)]
pub(super) struct Found<'a> {
    pub(super) path: &'a str,
    pub(super) is_folder: bool,
}

/// What is wrong with the start file, if anything. `root` is the folder that was walked, if it was one.
pub(super) fn check(found: &[Found<'_>], head: &[u8], root: Option<&Path>) -> Option<String> {
    match found.iter().find(|found| found.path == NAME) {
        Some(start) if start.is_folder => {
            Some("`bootstrap` is a folder; it must be a file with the start command".to_owned())
        }
        Some(_) => unusable(head).map(|problem| format!("`bootstrap` {problem}")),
        None => Some(missing(found, root)),
    }
}

fn unusable(head: &[u8]) -> Option<&'static str> {
    match head {
        [0x7f, b'E', b'L', b'F', ..] => None,
        _ if head.trim_ascii().is_empty() => Some("is empty: write the start command into it"),
        [0xef, 0xbb, 0xbf, ..] => Some("starts with a byte order mark (BOM): save it as UTF-8 without BOM"),
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => Some("is UTF-16 text: save it as UTF-8 without BOM"),
        [b'M', b'Z', ..] => Some("is a Windows program: build it for Linux"),
        [0xcf | 0xce, 0xfa, 0xed, 0xfe, ..] => {
            Some("is a macOS program: build it for Linux (Go: GOOS=linux CGO_ENABLED=0)")
        }
        text if text.windows(2).any(|pair| pair == b"\r\n") || text.ends_with(b"\r") => Some(
            "has Windows line ends (CRLF), which the shell takes for part of the command: convert them to LF (`dos2unix \
             bootstrap`)",
        ),
        _ => None,
    }
}

/// What was found instead.
fn missing(found: &[Found<'_>], root: Option<&Path>) -> String {
    if root.is_some_and(|root| root.join(NAME).is_file()) {
        return "`bootstrap` is left out by .funcdignore: take it off the list".to_owned();
    }
    let file_named = |name: &dyn Fn(&str) -> bool| found.iter().find(|found| !found.is_folder && name(found.path));
    if let Some(deep) = file_named(&|path| path.split_once('/').is_some_and(|(_, rest)| rest == NAME)) {
        let path = escape(deep.path);
        let folder = deep.path.split_once('/').map_or("", |(folder, _)| folder);
        return match root {
            Some(root) => format!(
                "there is no `bootstrap` at the root but {path}: deploy that folder instead, {}",
                root.join(folder).display()
            ),
            None => format!(
                "there is no `bootstrap` at the root but {path}: zip the contents of the folder, not the folder"
            ),
        };
    }
    if let Some(other) = file_named(&|path| !path.contains('/') && alike(path)) {
        let name = escape(other.path);
        return format!("there is no `bootstrap` but {name}: the start file must be named exactly `bootstrap`");
    }
    if let Some(deep) = file_named(&|path| path.ends_with("/bootstrap")) {
        return format!("there is no `bootstrap` at the root but {}: move it to the root", escape(deep.path));
    }
    format!("there is no `bootstrap`, the file with the start command, at the root; found: {}", listed(found))
}

fn listed(found: &[Found<'_>]) -> String {
    let top: Vec<&Found<'_>> = found.iter().filter(|found| !found.path.contains('/')).collect();
    let mut names: Vec<String> = top
        .iter()
        .take(LISTED)
        .map(|found| format!("{}{}", escape(found.path), if found.is_folder { "/" } else { "" }))
        .collect();
    if top.len() > LISTED {
        names.push(format!("and {} more", top.len() - LISTED));
    }
    if names.is_empty() { "nothing".to_owned() } else { names.join(", ") }
}

/// `Bootstrap`, `bootstrap.sh`, ` bootstrap.txt`.
fn alike(name: &str) -> bool {
    let name = name.trim().to_ascii_lowercase();
    name.strip_prefix(NAME).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '_', '-', ' ']))
}
