//! The routes of one host in one environment, as a tree of path parts.
//!
//! Of the routes that match, the first in this order answers: exact before prefix; of two exact ones, at the first part where they
//! differ, the literal before the parameter; of two prefixes the longer, then as for exact ones; a named method before any.

use std::sync::Arc;

use super::Route;
use crate::apig::path::{self, Part};
use crate::trigger::MatchMode;

/// Routes by path.
#[derive(Debug, Default)]
pub(super) struct Table {
    /// The first one is the root.
    nodes: Vec<Node>,
}

/// Where all paths with the same first parts meet.
#[derive(Debug, Default)]
struct Node {
    /// By their text, sorted.
    literals: Vec<(Box<str>, usize)>,
    parameter: Option<usize>,
    /// Named methods first.
    exact: Vec<Arc<Route>>,
    /// Named methods first.
    prefix: Vec<Arc<Route>>,
}

/// What a search has found besides exact routes: the longest prefix, with how many parts it has.
#[derive(Default)]
struct Best<'a> {
    parts: usize,
    route: Option<&'a Arc<Route>>,
}

impl Table {
    pub(super) fn insert(&mut self, route: Arc<Route>) {
        if self.nodes.is_empty() {
            self.nodes.push(Node::default());
        }
        let at = path::parts(&route.path).fold(0, |at, part| self.child(at, part));
        let Some(node) = self.nodes.get_mut(at) else { return };
        let routes = match route.match_mode {
            MatchMode::Exact => &mut node.exact,
            MatchMode::Prefix => &mut node.prefix,
        };
        let named = routes.partition_point(|other| other.method.is_some());
        routes.insert(if route.method.is_some() { named } else { routes.len() }, route);
    }

    /// All of them, in no order.
    pub(super) fn routes(&self) -> impl Iterator<Item = &Arc<Route>> {
        self.nodes.iter().flat_map(|node| node.exact.iter().chain(&node.prefix))
    }

    /// The node below `at`; made if it is not there.
    fn child(&mut self, at: usize, part: Part<'_>) -> usize {
        let next = self.nodes.len();
        let Some(node) = self.nodes.get_mut(at) else { return at };
        let found = match part {
            Part::Parameter(_) => *node.parameter.get_or_insert(next),
            Part::Literal(text) => match node.place(text) {
                Ok(place) => node.literals.get(place).map_or(next, |(_, child)| *child),
                Err(place) => {
                    node.literals.insert(place, (text.into(), next));
                    next
                }
            },
        };
        if found == next {
            self.nodes.push(Node::default());
        }
        found
    }

    /// The route that answers. It costs at most a look at each node.
    pub(super) fn find(&self, method: &http::Method, path: &str) -> Option<&Arc<Route>> {
        if !path.starts_with('/') {
            return None;
        }
        let mut best = Best::default();
        self.walk((0, 0), path, method, &mut best).or(best.route)
    }

    /// An exact route below a node that is `parts` below the root; `rest` is what follows there.
    fn walk<'a>(
        &'a self,
        (at, parts): (usize, usize),
        rest: &str,
        method: &http::Method,
        best: &mut Best<'a>,
    ) -> Option<&'a Arc<Route>> {
        let node = self.nodes.get(at)?;
        if matches!(rest, "" | "/")
            && let Some(route) = answering(&node.exact, method)
        {
            return Some(route);
        }
        if (best.route.is_none() || parts > best.parts)
            && let Some(route) = answering(&node.prefix, method)
        {
            *best = Best { parts, route: Some(route) };
        }
        let inside = rest.strip_prefix('/')?;
        let end = inside.find('/').unwrap_or(inside.len());
        let (part, rest) = inside.split_at_checked(end)?;
        if part.is_empty() {
            return None;
        }
        let literal = node.place(part).ok().and_then(|place| node.literals.get(place));
        let found = literal.and_then(|(_, child)| self.walk((*child, parts + 1), rest, method, best));
        found.or_else(|| self.walk((node.parameter?, parts + 1), rest, method, best))
    }
}

impl Node {
    fn place(&self, text: &str) -> Result<usize, usize> {
        self.literals.binary_search_by(|(own, _)| (**own).cmp(text))
    }
}

fn answering<'a>(routes: &'a [Arc<Route>], method: &http::Method) -> Option<&'a Arc<Route>> {
    routes.iter().find(|route| route.method.as_ref().is_none_or(|own| own == method))
}

#[cfg(test)]
pub(super) mod tests;
