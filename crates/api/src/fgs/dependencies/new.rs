//! What a new version of a dependency may be (`behaviour.md` 8.2).

use bytes::Bytes;
use model::limits;
use store::NewDependency;
use wire::Base64;
use wire::codes::{self, Code};
use wire::fgs::dependencies::CreateDependencyRequest;

use crate::body::{self, Payload, Rules};
use crate::cut::{Cut, cut};
use crate::problems::{Problems, quoted};

/// Languages a dependency may be for: those of the specification, and the newer ones of the vendor's documentation.
const RUNTIMES: [&str; 29] = [
    "Java8",
    "Java11",
    "Java17",
    "Java21",
    "Python2.7",
    "Python3.6",
    "Python3.9",
    "Python3.10",
    "Python3.12",
    "Go1.8",
    "Go1.x",
    "Node.js6.10",
    "Node.js8.10",
    "Node.js10.16",
    "Node.js12.13",
    "Node.js14.18",
    "Node.js16.17",
    "Node.js18.15",
    "Node.js20.15",
    "C#(.NET Core 2.0)",
    "C#(.NET Core 2.1)",
    "C#(.NET Core 3.1)",
    "C#(.NET Core 6.0)",
    "Custom",
    "PHP7.3",
    "PHP8.3",
    "Cangjie1.0",
    "http",
    "Custom Image",
];

/// Where the package is.
pub(super) enum Source {
    /// In the request.
    Sent(Bytes),
    /// At an address.
    Link(String),
}

/// A version as asked for, with everything wrong about it.
pub(super) struct New {
    pub(super) wanted: NewDependency,
    pub(super) source: Option<Source>,
    pub(super) problems: Problems,
}

impl New {
    pub(super) fn read(payload: Payload, project: String) -> Self {
        let mut problems = Problems::default();
        let Cut { json, file } = cut(payload.0, &["depend_file"]);
        let request: CreateDependencyRequest = body::read(&json, Rules::new("", code_of), &mut problems);
        let CreateDependencyRequest { depend_file, depend_link, depend_type, runtime, name, description } = request;
        let sent = match file {
            Some(Ok(file)) => Some(file),
            Some(Err(problem)) => {
                problems.unread("depend_file", codes::DEPENDENCY, format!("depend_file: {problem}"));
                None
            }
            None => depend_file.map(|Base64(file)| file.into()),
        };
        let name = self::name(name, &mut problems);
        let runtime = self::runtime(runtime, &mut problems);
        let description = description.unwrap_or_default();
        let count = description.chars().count();
        problems.unless(count <= limits::DESCRIPTION_CHARS, codes::DESCRIPTION, || {
            format!("description must have at most {} characters, not {count}", limits::DESCRIPTION_CHARS)
        });
        let source = package(depend_type.as_deref(), sent, depend_link, &mut problems);
        let link = match &source {
            Some(Source::Link(link)) => link.clone(),
            _ => String::new(),
        };
        let filename = format!("{name}.zip");
        let wanted = NewDependency { project, name, runtime, description, link, filename };
        Self { wanted, source, problems }
    }
}

fn code_of(field: &str) -> Code {
    match field {
        "runtime" => codes::RUNTIME,
        "description" => codes::DESCRIPTION,
        _ => codes::DEPENDENCY,
    }
}

fn name(given: Option<String>, problems: &mut Problems) -> String {
    let Some(name) = given else {
        problems.missing("name", codes::DEPENDENCY, "name is missing");
        return String::new();
    };
    let most = limits::DEPENDENCY_NAME_CHARS;
    let fine = (1..=most).contains(&name.chars().count())
        && name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.ends_with(|c: char| c.is_ascii_alphanumeric())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'));
    problems.unless(fine, codes::DEPENDENCY, || {
        format!(
            "name must be 1 to {most} letters, digits, '-', '_' and '.', begin with a letter and end with a letter or digit, \
             not {}",
            quoted(&name)
        )
    });
    name
}

fn runtime(given: Option<String>, problems: &mut Problems) -> String {
    let Some(runtime) = given else {
        problems.missing("runtime", codes::RUNTIME, "runtime is missing: such as Node.js18.15 or Python3.9");
        return String::new();
    };
    problems.unless(RUNTIMES.contains(&runtime.as_str()), codes::RUNTIME, || {
        format!("runtime must be one of {}, not {}", RUNTIMES.join(", "), quoted(&runtime))
    });
    runtime
}

fn package(kind: Option<&str>, file: Option<Bytes>, link: Option<String>, problems: &mut Problems) -> Option<Source> {
    let link = link.filter(|link| !link.is_empty());
    let file = file.filter(|file| !file.is_empty());
    match kind {
        Some("zip") => {
            problems.unless(link.is_none(), codes::DEPENDENCY, || {
                "depend_link goes with depend_type obs, not with zip".to_owned()
            });
            let Some(file) = file else {
                problems.missing("depend_file", codes::DEPENDENCY, "depend_file is missing: a zip as base64");
                return None;
            };
            problems.unless(file.len() <= limits::DEPENDENCY_BYTES, codes::PACKAGE_TOO_LARGE, || {
                format!("depend_file must be at most {} bytes, not {}", limits::DEPENDENCY_BYTES, file.len())
            });
            (file.len() <= limits::DEPENDENCY_BYTES).then(|| Source::Sent(file))
        }
        Some("obs") => {
            problems.unless(file.is_none(), codes::DEPENDENCY, || {
                "depend_file goes with depend_type zip, not with obs".to_owned()
            });
            if link.is_none() {
                problems.missing("depend_link", codes::DEPENDENCY, "depend_link is missing: the address of a zip");
            }
            link.map(Source::Link)
        }
        Some(other) => {
            problems.add(codes::DEPENDENCY, format!("depend_type must be zip or obs, not {}", quoted(other)));
            None
        }
        None => {
            problems.missing("depend_type", codes::DEPENDENCY, "depend_type is missing: zip or obs");
            None
        }
    }
}
