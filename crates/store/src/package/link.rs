//! Symlinks of a package: relative, and every step of following one stays inside of the package. A target that is not there is
//! harmless, as nothing can be made in the read-only code folder.

use std::collections::VecDeque;

use super::problems::{Problems, show};
use super::tree::{Place, Tree};

/// Symlinks that may be followed one after another, as in Linux.
const HOPS: usize = 40;
/// Path components looked at for all symlinks together, so that a hostile package cannot keep a core busy.
const STEPS: usize = 1_000_000;

pub(super) fn check(tree: &Tree, problems: &mut Problems) {
    let mut steps = STEPS;
    for (index, node) in tree.nodes() {
        let Place::Link(target) = &node.place else { continue };
        if let Err(problem) = follow(tree, node.parent, target, &mut steps) {
            problems.push(format!("{} is a symlink to {}, {problem}", show(&tree.path(index)), show(target)));
        }
        if steps == 0 {
            return problems.push("its symlinks point through each other too often");
        }
    }
}

/// Walks as the kernel would from the folder `at`.
fn follow<'a>(tree: &'a Tree, mut at: usize, target: &'a str, steps: &mut usize) -> Result<(), &'static str> {
    let mut rest = VecDeque::new();
    prepend(&mut rest, target)?;
    let mut hops = 0;
    let mut missing = 0_usize; // folders we are in that do not exist
    while let Some(part) = rest.pop_front() {
        *steps = steps.saturating_sub(1);
        if *steps == 0 {
            return Err("which is too long a way");
        }
        match part {
            "" | "." => continue,
            ".." if missing > 0 => missing -= 1,
            ".." if at == 0 => return Err("which leaves the package"),
            ".." => at = tree.node(at).map_or(0, |node| node.parent),
            _ if missing > 0 => missing += 1,
            name => match tree.child(at, name).map(|child| (child, tree.node(child).map(|node| &node.place))) {
                Some((child, Some(Place::Folder))) => at = child,
                Some((_, Some(Place::Link(next)))) => {
                    hops += 1;
                    prepend(&mut rest, next)?;
                }
                _ => missing = 1, // a file has nothing below it
            },
        }
        if hops > HOPS {
            return Err("which goes in a circle");
        }
    }
    Ok(())
}

fn prepend<'a>(rest: &mut VecDeque<&'a str>, target: &'a str) -> Result<(), &'static str> {
    if target.starts_with('/') {
        return Err("an absolute path: it must be relative and stay inside of the package");
    }
    for part in target.split('/').rev() {
        rest.push_front(part);
    }
    Ok(())
}
