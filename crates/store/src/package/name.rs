//! Which paths a package may have: relative, inside, in UTF-8, written one way only.

use super::Limits;
use super::field;
use super::problems::show;

/// Bytes one component may have on every Linux file system.
const COMPONENT: usize = 255;

/// A legal path, split at its slashes; no component is empty, `.` or `..`. Without components it is the root itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Name {
    pub(super) parts: Vec<String>,
    /// It ended with a slash.
    pub(super) folder: bool,
}

/// What is wrong with a path.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// The usual mistake of old Windows tools, with the path as it was written.
    Backslash(String),
    /// Anything else, as the user reads it.
    Other(String),
}

/// The name as text: what the UTF-8 flag promises, else what happens to be UTF-8, else the name that Info-ZIP's field carries
/// beside one in an older encoding.
pub(super) fn decode(raw: &[u8], flagged: bool, extras: &[u8]) -> Result<String, Fault> {
    let unicode = unicode_name(raw, extras);
    match (str::from_utf8(raw), unicode) {
        (Ok(name), Some(other)) if name != other => Err(Fault::Other(format!(
            "{} is named {} in its Unicode field: the archive can be read in two ways",
            show(name),
            show(other)
        ))),
        (Ok(name), _) => Ok(name.to_owned()),
        (Err(_), Some(name)) if !flagged => Ok(name.to_owned()),
        (Err(_), _) => Err(Fault::Other(format!(
            "{} is not UTF-8: make the archive with a tool that writes names in UTF-8",
            show(&String::from_utf8_lossy(raw))
        ))),
    }
}

/// Version 1, the checksum of the name it belongs to, then the name.
fn unicode_name<'a>(raw: &[u8], extras: &'a [u8]) -> Option<&'a str> {
    let content = field::extra(extras, field::UNICODE_NAME)?;
    let mut checksum = flate2::Crc::new();
    checksum.update(raw);
    let applies = content.first() == Some(&1) && field::u32(content, 1) == Some(checksum.sum());
    str::from_utf8(content.get(5..).filter(|_| applies)?).ok()
}

pub(super) fn parse(text: &str, limits: &Limits) -> Result<Name, Fault> {
    let wrong = |what: &str| Err(Fault::Other(format!("{} {what}", show(text))));
    if text.contains('\0') {
        return wrong("has a NUL in its name");
    }
    if text.contains('\\') {
        return Err(Fault::Backslash(text.to_owned()));
    }
    if text.is_empty() {
        return wrong("is an empty name");
    }
    if text.starts_with('/') {
        return wrong("is an absolute path: paths in a package are relative to its root");
    }
    if matches!(text.as_bytes(), [letter, b':', ..] if letter.is_ascii_alphabetic()) {
        return wrong("has a drive letter: paths in a package are relative to its root");
    }
    if text.len() > limits.path_bytes {
        return wrong(&format!("is longer than {} bytes", limits.path_bytes));
    }
    let path = text.strip_suffix('/');
    let folder = path.is_some();
    let parts: Vec<&str> = path.unwrap_or(text).split('/').filter(|part| *part != ".").collect();
    if parts.contains(&"..") {
        return wrong("goes up with `..`: paths in a package stay inside of it");
    }
    if parts.contains(&"") {
        return wrong("has an empty folder name (`//`)");
    }
    if parts.iter().any(|part| part.len() > COMPONENT) {
        return wrong(&format!("has a part longer than {COMPONENT} bytes"));
    }
    if parts.len() > limits.depth {
        return wrong(&format!("is more than {} folders deep", limits.depth));
    }
    if parts.is_empty() && !folder && text != "." {
        return wrong("names no file");
    }
    Ok(Name { folder: folder || parts.is_empty(), parts: parts.into_iter().map(str::to_owned).collect() })
}
