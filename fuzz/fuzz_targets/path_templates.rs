//! Request paths of APIs: which ones a client may give, and which API answers a request. The judge reads paths by itself, tries every
//! API and sorts those that match by the documented order; the product walks a tree.
//!
//! The input is text: lines `E GET /users/{id}` and `P ANY /users` are APIs (exact and prefix), lines `GET /users/7` are requests.
#![no_main]

use std::cmp::Reverse;
use std::collections::HashSet;

use http::Method;
use libfuzzer_sys::fuzz_target;
use model::apig::{Definition, Published, path};
use model::snapshot::Snapshot;
use model::trigger::{Group, MatchMode};
use model::urn::FunctionId;

const APIS: usize = 24;
const REQUESTS: usize = 24;

fuzz_target!(|text: &str| {
    let apis = apis(text);
    let snapshot = snapshot(&apis);
    for line in text.lines().filter(|line| !line.starts_with("E ") && !line.starts_with("P ")).take(REQUESTS) {
        let Some((method, target)) = line.split_once(' ') else { continue };
        let Ok(method) = method.parse::<Method>() else { continue };
        let expect = apis.iter().filter(|api| api.matches(&method, target)).min_by_key(|api| api.rank());
        let found = snapshot.route("h", &method, target);
        let numbers = (found.map(|route| route.api.api_id.clone()), expect.map(|api| api.number.to_string()));
        assert_eq!(numbers.0, numbers.1, "{method} {target}");
        if let Some(route) = found {
            values(&route.path, target);
        }
    }
});

/// An API as the judge sees it.
#[derive(Debug)]
struct Api {
    number: usize,
    path: String,
    parts: Vec<Part>,
    mode: MatchMode,
    method: Option<Method>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Part {
    Text(String),
    Any,
}

/// Those of the input that a client may have; one place belongs to one API.
fn apis(text: &str) -> Vec<Api> {
    let mut seen = HashSet::new();
    let mut apis: Vec<Api> = Vec::new();
    for line in text.lines() {
        let mode = match line.get(..2) {
            Some("E ") => MatchMode::Exact,
            Some("P ") => MatchMode::Prefix,
            _ => continue,
        };
        let Some((method, path)) = line.get(2..).and_then(|rest| rest.split_once(' ')) else { continue };
        let read = read(path);
        assert_eq!(path::is_valid(path), read.is_some(), "{path:?}");
        template(path);
        let Some(parts) = read else { continue };
        let method = match method {
            "ANY" => None,
            name => Some(name.parse::<Method>().unwrap_or(Method::GET)),
        };
        if apis.len() < APIS && seen.insert((parts.clone(), method.clone(), mode == MatchMode::Exact)) {
            apis.push(Api { number: apis.len(), path: path.to_owned(), parts, mode, method });
        }
    }
    shapes(&apis);
    apis
}

/// The parts of a path that a client may give, or none: read letter by letter.
fn read(path: &str) -> Option<Vec<Part>> {
    if path.len() > 512 || !path.starts_with('/') || path.contains("//") {
        return None;
    }
    let inside = &path[1..];
    let inside = inside.strip_suffix('/').unwrap_or(inside);
    if inside.is_empty() {
        return Some(Vec::new());
    }
    let mut names = HashSet::new();
    inside.split('/').map(|part| read_part(part, &mut names)).collect()
}

fn read_part(text: &str, names: &mut HashSet<String>) -> Option<Part> {
    let mut letters = text.chars().peekable();
    if letters.peek() == Some(&'{') {
        let name: String = letters.by_ref().skip(1).take_while(|letter| *letter != '}').collect();
        let whole = text == format!("{{{name}}}");
        let good = name.len() <= 32
            && matches!(name.chars().next(), Some('a'..='z' | 'A'..='Z'))
            && name.chars().all(|letter| matches!(letter, 'a'..='z' | 'A'..='Z' | '0'..='9' | '-' | '_' | '.'));
        return (whole && good && names.insert(name)).then_some(Part::Any);
    }
    if text == "." || text == ".." {
        return None;
    }
    while let Some(letter) = letters.next() {
        match letter {
            'a'..='z' | 'A'..='Z' | '0'..='9' => {}
            '-' | '.' | '_' | '~' | '!' | '$' | '&' | '\'' | '(' | ')' | '*' | '+' | ',' | ';' | '=' | ':' | '@' => {}
            '%' => {
                let two = [letters.next()?, letters.next()?];
                two.iter().all(char::is_ascii_hexdigit).then_some(())?;
            }
            _ => return None,
        }
    }
    Some(Part::Text(text.to_owned()))
}

/// A path with variables of the environment is one without them, whatever their values are that may stand there.
fn template(path: &str) {
    if !path::is_valid_template(path) {
        return;
    }
    let plain =
        path::expand(path, |name| path::is_variable(name).then_some("v1")).expect("each variable has a good name");
    assert!(!plain.contains('#'), "{path:?}");
    assert!(plain.len() > 512 || read(&plain).is_some(), "{path:?} becomes {plain:?}");
}

/// Two APIs have the same shape when their paths differ in names of parameters and a slash at the end only.
fn shapes(apis: &[Api]) {
    for one in apis {
        for other in apis {
            let same = path::shape(&one.path) == path::shape(&other.path);
            assert_eq!(same, one.parts == other.parts, "{} {}", one.path, other.path);
        }
    }
}

impl Api {
    fn matches(&self, method: &Method, target: &str) -> bool {
        if self.method.as_ref().is_some_and(|own| own != method) || !target.starts_with('/') {
            return false;
        }
        let mut asked = target[1..].split('/');
        for part in &self.parts {
            let fits = match (part, asked.next()) {
                (_, None) => false,
                (Part::Text(text), Some(asked)) => text == asked,
                (Part::Any, Some(asked)) => !asked.is_empty(),
            };
            if !fits {
                return false;
            }
        }
        // Behind an exact path there may be one slash. The root's own is the one that begins every target.
        let rest: Vec<&str> = asked.collect();
        self.mode == MatchMode::Prefix || rest.is_empty() || rest == [""]
    }

    /// Less is better: exact before prefix, the longer prefix, at the first difference text before a parameter, a method before any.
    fn rank(&self) -> (bool, Reverse<usize>, Vec<bool>, bool) {
        let prefix = self.mode == MatchMode::Prefix;
        let any = self.parts.iter().map(|part| *part == Part::Any).collect();
        (prefix, Reverse(if prefix { self.parts.len() } else { 0 }), any, self.method.is_none())
    }
}

/// What parameters stand for, put in their places, is how the request begins.
fn values(path: &str, target: &str) {
    let values: Vec<(&str, &str)> = path::values(path, target).collect();
    assert!(values.iter().all(|(_, value)| !value.is_empty() && !value.contains('/')), "{path} {target}");
    // Part by part: what stands for one parameter may look like another.
    let mut begins = Vec::new();
    for part in path.trim_end_matches('/').split('/') {
        let value = values.iter().find(|(name, _)| *part == format!("{{{name}}}"));
        begins.push(value.map_or(part, |&(_, value)| value));
    }
    let begins = begins.join("/");
    assert!(target.starts_with(&begins), "{path} {target} {begins}");
}

fn snapshot(apis: &[Api]) -> Snapshot {
    let id = FunctionId { region: "r".into(), project: "p".into(), package: "default".into(), name: "f".into() };
    let group = Group { id: "g".into(), project: "p".into(), name: "g".into(), domain: None };
    let published = apis.iter().map(|api| {
        let method = api.method.as_ref().map(|method| method.as_str().to_owned());
        let definition = Definition { method, match_mode: api.mode, ..Definition::new(&id, "g", &api.path) };
        Published::in_release(&api.number.to_string(), &id, definition)
    });
    Snapshot::build(1, Vec::new(), &[group], &published.collect::<Vec<_>>())
}
