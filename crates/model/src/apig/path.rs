//! Request paths of APIs: `/users/{id}/photos`, where a parameter in braces stands for one whole part.

/// Characters of a path, as the vendor limits `req_uri`.
pub const CHARS: usize = 512;
/// Characters of the name of a parameter.
const NAME_CHARS: usize = 32;

/// The rule of a path, for whoever is told that theirs breaks it.
pub const RULE: &str = "a path of at most 512 characters that begins with '/': letters, digits, '/', percent-encoded bytes \
                        and -._~!$&'()*+,;=:@, without '//', '.' or '..' as a part; a part may be a parameter in braces such as {id} \
                        (a letter, then letters, digits, '-', '_' and '.', at most 32), each name once; \
                        everything below a path is match_mode SWA (prefix), not a parameter such as {proxy+}";

/// One part of a path, between two slashes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part<'a> {
    /// Itself.
    Literal(&'a str),
    /// Any part that is not empty.
    Parameter(&'a str),
}

/// The parts of a path, without the empty one that a trailing slash makes.
pub fn parts(path: &str) -> impl Iterator<Item = Part<'_>> {
    let trimmed = path.trim_end_matches('/');
    let inside = trimmed.strip_prefix('/');
    inside.into_iter().flat_map(|inside| inside.split('/')).map(part)
}

fn part(text: &str) -> Part<'_> {
    match text.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
        Some(name) => Part::Parameter(name),
        None => Part::Literal(text),
    }
}

/// Names of the parameters of a path, in order.
pub fn parameters(path: &str) -> impl Iterator<Item = &str> {
    parts(path).filter_map(|part| match part {
        Part::Parameter(name) => Some(name),
        Part::Literal(_) => None,
    })
}

/// The path without a trailing slash and without the names of its parameters: two APIs with the same shape answer the same requests.
pub fn shape(path: &str) -> String {
    let mut shape = String::with_capacity(path.len());
    for part in parts(path) {
        shape.push('/');
        shape.push_str(match part {
            Part::Literal(text) => text,
            Part::Parameter(_) => "{}",
        });
    }
    if shape.is_empty() { "/".to_owned() } else { shape }
}

/// What the parameters of `path` stand for in `request`, which it matches; still percent-encoded.
pub fn values<'a>(path: &'a str, request: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
    let asked = request.strip_prefix('/').unwrap_or(request).split('/');
    parts(path).zip(asked).filter_map(|(part, value)| match part {
        Part::Parameter(name) => Some((name, value)),
        Part::Literal(_) => None,
    })
}

/// Whether a client may give an API this path: RFC 3986 section 3.3 and parameters, without what a gateway and a function could read
/// differently.
pub fn is_valid(path: &str) -> bool {
    path.len() <= CHARS
        && path.starts_with('/')
        && !path.contains("//")
        && parts(path).all(is_part)
        && are_distinct(path)
}

fn is_part(part: Part<'_>) -> bool {
    match part {
        Part::Parameter(name) => is_name(name),
        Part::Literal(text) => !matches!(text, "." | "..") && is_literal(text),
    }
}

fn is_literal(text: &str) -> bool {
    let legal = |c: char| c.is_ascii_alphanumeric() || "-._~!$&'()*+,;=:@%".contains(c);
    let hex = |rest: &str| rest.get(..2).is_some_and(|hex| hex.bytes().all(|b| b.is_ascii_hexdigit()));
    text.chars().all(legal) && text.split('%').skip(1).all(hex)
}

/// Fills in the environment's variables, each named between two `#`; gives the name of one that is not there.
///
/// # Errors
/// The name that `value_of` does not know.
pub fn expand<'a>(path: &'a str, value_of: impl Fn(&str) -> Option<&'a str>) -> Result<String, &'a str> {
    let mut expanded = String::with_capacity(path.len());
    for (number, piece) in path.split('#').enumerate() {
        let named = number % 2 == 1;
        expanded.push_str(if named { value_of(piece).ok_or(piece)? } else { piece });
    }
    Ok(expanded)
}

/// Whether a client may give an API this path, which may name variables of the environment.
pub fn is_valid_template(path: &str) -> bool {
    let names = path.split('#').skip(1).step_by(2);
    path.split('#').count() % 2 == 1
        && path.len() <= CHARS
        && names.clone().all(is_variable)
        && expand(path, |_| Some("x")).is_ok_and(|path| is_valid(&path))
}

/// Whether a variable of an environment may be called this.
pub fn is_variable(name: &str) -> bool {
    let rest = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    (3..=32).contains(&name.len()) && name.starts_with(|c: char| c.is_ascii_alphabetic()) && name.chars().all(rest)
}

/// Whether a parameter may be called this.
pub fn is_name(name: &str) -> bool {
    let rest = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    name.len() <= NAME_CHARS && name.starts_with(|c: char| c.is_ascii_alphabetic()) && name.chars().all(rest)
}

fn are_distinct(path: &str) -> bool {
    let mut names: Vec<&str> = parameters(path).collect();
    let all = names.len();
    names.sort_unstable();
    names.dedup();
    names.len() == all
}

#[cfg(test)]
mod tests;
