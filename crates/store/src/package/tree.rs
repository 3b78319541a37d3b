//! All paths of a package as one tree, so that no two members claim one place: not by the same name, not by names that differ
//! only in case (one of them would vanish on the user's own machine), not as a file and as the folder of another.

use std::collections::HashMap;
use std::io;

use super::Limits;
use super::central::{Kind, Member};
use super::inflate;
use super::problems::{Problems, show};

/// Bytes a symlink may point with; Linux allows 4095.
const TARGET_BYTES: u64 = 4095;

/// What stands at a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Folder,
    /// Which member.
    File(usize),
    /// Where it points to.
    Link(String),
}

#[derive(Debug)]
pub(super) struct Node {
    pub(super) parent: usize,
    pub(super) name: String,
    pub(super) place: Place,
}

/// Node 0 is the root; a parent always comes before its children.
#[derive(Debug)]
pub(super) struct Tree {
    nodes: Vec<Node>,
    /// By parent and case-folded name.
    children: HashMap<(usize, String), usize>,
}

impl Tree {
    /// Puts every member with a legal name at its place.
    pub(super) fn plant(members: &[Member<'_>], limits: &Limits, problems: &mut Problems) -> Self {
        let root = Node { parent: 0, name: String::new(), place: Place::Folder };
        let mut tree = Self { nodes: vec![root], children: HashMap::new() };
        for (index, member) in members.iter().enumerate() {
            if tree.nodes.len() > limits.entries + 1 {
                problems.push(format!("the package has more than {} files and folders", limits.entries));
                break;
            }
            let place = match member.kind {
                Kind::Folder => folder(member),
                Kind::File => Ok(Place::File(index)),
                Kind::Link if member.content.is_none() => continue, // complained about already
                Kind::Link => target(member).map(Place::Link),
            };
            if let Err(problem) = place.and_then(|place| tree.put(member, place)) {
                problems.push(format!("{} {problem}", member.shown));
            }
        }
        tree
    }

    fn put(&mut self, member: &Member<'_>, place: Place) -> Result<(), String> {
        let Some((last, folders)) = member.name.as_ref().and_then(|name| name.parts.split_last()) else {
            return Ok(()); // without a legal name, or the root itself
        };
        let mut at = 0;
        for folder in folders {
            at = self.step(at, folder, Place::Folder)?;
            match self.nodes.get(at).map(|node| &node.place) {
                Some(Place::Folder) => {}
                Some(Place::Link(_)) => return Err(format!("lies behind the symlink {}", show(&self.path(at)))),
                _ => return Err(format!("lies in {}, which is a file", show(&self.path(at)))),
            }
        }
        let known = self.nodes.len();
        let here = self.step(at, last, place.clone())?;
        let same_folder = place == Place::Folder && self.nodes.get(here).is_some_and(|node| node.place == place);
        match here >= known || same_folder {
            true => Ok(()),
            false => Err("is there twice".to_owned()),
        }
    }

    /// The child of `parent` by that name, made if absent.
    fn step(&mut self, parent: usize, name: &str, place: Place) -> Result<usize, String> {
        let next = self.nodes.len();
        let index = *self.children.entry((parent, fold(name))).or_insert(next);
        if index == next {
            self.nodes.push(Node { parent, name: name.to_owned(), place });
            return Ok(index);
        }
        match self.nodes.get(index).filter(|node| node.name != name) {
            None => Ok(index),
            Some(other) => Err(format!("and {} differ only in upper and lower case", show(&other.name))),
        }
    }

    /// All nodes but the root, parents first.
    pub(super) fn nodes(&self) -> impl Iterator<Item = (usize, &Node)> {
        self.nodes.iter().enumerate().skip(1)
    }

    pub(super) fn node(&self, index: usize) -> Option<&Node> {
        self.nodes.get(index)
    }

    /// The child by exactly that name.
    pub(super) fn child(&self, parent: usize, name: &str) -> Option<usize> {
        let index = *self.children.get(&(parent, fold(name)))?;
        self.nodes.get(index).filter(|node| node.name == name).map(|_| index)
    }

    /// The path of a node from the root.
    pub(super) fn path(&self, mut index: usize) -> String {
        let mut parts = Vec::new();
        while let Some(node) = self.nodes.get(index).filter(|_| index != 0) {
            parts.push(node.name.as_str());
            index = node.parent;
        }
        parts.reverse();
        parts.join("/")
    }
}

/// Names that a case-insensitive file system takes for one have one fold. Upper case first, which also unites `ß` and `ss`.
fn fold(name: &str) -> String {
    name.to_uppercase().to_lowercase()
}

/// A folder has no content, and what the archive says of it is true nevertheless.
fn folder(member: &Member<'_>) -> Result<Place, String> {
    if member.content.is_some() && member.size == 0 {
        inflate::copy(member, &mut io::sink()).map_err(damaged)?;
    }
    Ok(Place::Folder) // or complained about already
}

fn target(member: &Member<'_>) -> Result<String, String> {
    if member.size > TARGET_BYTES {
        return Err(format!("is a symlink whose target is longer than {TARGET_BYTES} bytes"));
    }
    let mut bytes = Vec::new();
    inflate::copy(member, &mut bytes).map_err(damaged)?;
    match String::from_utf8(bytes) {
        Ok(target) if target.is_empty() => Err("is a symlink to nowhere".to_owned()),
        Ok(target) if target.contains('\0') => Err("is a symlink with a NUL in its target".to_owned()),
        Ok(target) if target.contains('\\') => Err("is a symlink with a backslash in its target".to_owned()),
        Ok(target) => Ok(target),
        Err(_) => Err("is a symlink whose target is not UTF-8".to_owned()),
    }
}

fn damaged(error: inflate::Error) -> String {
    match error {
        inflate::Error::Damaged(problem) => problem.to_owned(),
        inflate::Error::Io(error) => error.to_string(),
    }
}
