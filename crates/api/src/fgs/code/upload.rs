//! Code as a client sends it: what it is called, what it is, and where it comes from.

use bytes::Bytes;
use model::limits;
use wire::codes;
use wire::fgs::code::FuncCode;

use crate::problems::{Problems, quoted};

/// The fields that say something about code.
#[derive(Debug, Default)]
pub(crate) struct Upload {
    pub(crate) code_type: Option<String>,
    pub(crate) code_filename: Option<String>,
    pub(crate) code_url: Option<String>,
    pub(crate) func_code: Option<FuncCode>,
    /// `func_code.file`, if it was large and cut out of the body.
    pub(crate) file: Option<Result<Bytes, String>>,
    /// What the file is called when the client does not say.
    pub(crate) usual_filename: Option<String>,
    /// Whether a function without code gets the sample.
    pub(crate) sample: bool,
}

/// A package that is worth a look by the store.
#[derive(Debug)]
pub(crate) struct Package {
    pub(crate) source: Source,
    pub(crate) code_type: &'static str,
    pub(crate) filename: String,
}

/// Where a package is.
#[derive(Debug)]
pub(crate) enum Source {
    /// It came.
    Bytes(Bytes),
    /// It is to be fetched.
    Url(String),
    /// It is ours.
    Sample,
}

impl Upload {
    /// The package, if there is one and nothing speaks against it yet.
    pub(crate) fn check(self, problems: &mut Problems) -> Option<Package> {
        let url = self.code_url.filter(|url| !url.is_empty());
        let FuncCode { file, link } = self.func_code.unwrap_or_default();
        // What a client read it may send back: a link is where code can be had, not where it comes from.
        drop(link);
        let said_empty = file.as_ref().is_some_and(|file| file.0.is_empty()) && self.file.is_none();
        let file = match self.file {
            Some(Ok(file)) => Some(file),
            Some(Err(text)) => {
                problems.unread("func_code", codes::CODE, format!("func_code.file: {text}"));
                return None;
            }
            None => file.map(|file| Bytes::from(file.0)),
        };
        let file = file.filter(|file| !file.is_empty());
        let code_type = code_type(self.code_type.as_deref(), url.is_some(), problems);
        let given = self.code_filename.filter(|name| !name.is_empty());
        let named = given.clone().or(self.usual_filename);
        let filename = named.or_else(|| url.as_deref().and_then(name_in)).unwrap_or_else(|| "index.zip".to_owned());
        problems.unless(given.is_none_or(|given| is_filename(&given, code_type)), codes::FILE_TYPE, || {
            let end = if code_type == Some("jar") { ".jar or .zip" } else { ".zip" };
            let name = quoted(&filename);
            format!("code_filename must be a name of at most 255 characters without '/' that ends in {end}, not {name}")
        });
        let code_type = code_type?;
        let source = match (code_type, file, url) {
            ("obs", None, url) => Source::Url(url?),
            ("obs", Some(_), _) => {
                problems.add(codes::CODE, "func_code.file and code_url exclude each other; code_type obs has code_url");
                return None;
            }
            (_, _, Some(_)) => {
                problems.add(codes::CODE_URL, format!("code_url goes with code_type obs, not with {code_type}"));
                return None;
            }
            (_, Some(file), None) => Source::Bytes(zip(file, problems)?),
            (_, None, None)
                if self.sample && (said_empty || matches!(self.code_type.as_deref(), None | Some("" | "inline"))) =>
            {
                Source::Sample
            }
            (_, None, None) => return None,
        };
        Some(Package { source, code_type, filename })
    }
}

/// Every package is a zip here, whatever its `code_type`: a jar is one too.
fn zip(file: Bytes, problems: &mut Problems) -> Option<Bytes> {
    let small = file.len() <= limits::PACKAGE_BYTES;
    problems.unless(small, codes::PACKAGE_TOO_LARGE, || {
        format!("func_code.file must be at most {} bytes, not {}", limits::PACKAGE_BYTES, file.len())
    });
    let zip = file.starts_with(b"PK");
    problems.unless(zip, codes::CODE, || {
        "func_code.file is source text, but an HTTP function needs a zip with a `bootstrap` at its root (code_type zip, or \
         the same zip as inline)"
            .to_owned()
    });
    (zip && small).then_some(file)
}

fn is_filename(name: &str, code_type: Option<&str>) -> bool {
    let lower = name.to_ascii_lowercase();
    let ends = lower.ends_with(".zip") || (code_type == Some("jar") && lower.ends_with(".jar"));
    ends && name.len() > 4 && name.chars().count() <= 255 && !name.chars().any(|c| c == '/' || c.is_control())
}

/// The file name in an address, if it has one that a package may have.
fn name_in(url: &str) -> Option<String> {
    let name = url.split(['?', '#']).next()?.rsplit('/').next()?;
    is_filename(name, None).then(|| name.to_owned())
}

fn code_type(given: Option<&str>, url: bool, problems: &mut Problems) -> Option<&'static str> {
    match given {
        None | Some("") if url => return Some("obs"),
        None | Some("" | "zip") => return Some("zip"),
        Some("inline") => return Some("inline"),
        Some("jar") => return Some("jar"),
        Some("obs") if url => return Some("obs"),
        Some("obs") => {
            problems.add(codes::CODE_MISSING, "code_url is missing: code_type obs fetches the package there")
        }
        Some(known @ "Custom-Image-Swr") => problems.add(
            codes::CODE_TYPE,
            format!("code_type {known} is not supported yet, send a zip as base64 (code_type zip)"),
        ),
        Some(other) => {
            problems.add(codes::CODE_TYPE, format!("code_type must be inline, zip, jar or obs, not {}", quoted(other)));
        }
    }
    None
}
