//! What the vendor asks of a dependency beyond what it asks of every package (`behaviour.md` 8.2).

use model::function::Entry;

use super::central::Member;
use super::problems::{Problems, show};
use super::tree::{Place, Tree};

/// Names said when there are many.
const NAMED: usize = 10;

/// How it is started does not matter: it is not.
pub(super) fn check(tree: &Tree, _: &[Member<'_>], problems: &mut Problems) -> Option<Entry> {
    let mut found = tree.nodes().filter(|(_, node)| node.place != Place::Folder).peekable();
    if found.peek().is_none() {
        problems.push("the package has no files".to_owned());
    }
    let refused = found.filter(|(_, node)| node.name.ends_with('~')).take(NAMED);
    for (index, _) in refused {
        problems.push(format!("{} ends in `~`, which a file of a dependency must not", show(&tree.path(index))));
    }
    Some(Entry::Shell)
}
