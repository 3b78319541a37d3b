//! Names of functions: `urn:fss:<region>:<project>:function:<package>:<name>[:<version>|:!<alias>]` and its short forms
//! (`api.md` c.1).

use std::fmt;

/// Which function, whatever its version.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FunctionId {
    /// Region name of this installation, such as `local-1`.
    pub region: String,
    /// Project id, 32 hexadecimal digits.
    pub project: String,
    /// The app, `default` unless said otherwise.
    pub package: String,
    /// Function name.
    pub name: String,
}

impl FunctionId {
    /// The URN with a qualifier; the REST API shows `latest` explicitly.
    pub fn urn(&self, qualifier: &Qualifier) -> String {
        format!("{self}:{qualifier}")
    }
}

impl fmt::Display for FunctionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { region, project, package, name } = self;
        write!(f, "urn:fss:{region}:{project}:function:{package}:{name}")
    }
}

/// Which version of a function.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub enum Qualifier {
    /// The newest code, the only one that can be changed.
    #[default]
    Latest,
    /// A published version by name.
    Version(String),
    /// An alias by name, written `!name`.
    Alias(String),
}

impl fmt::Display for Qualifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Latest => f.write_str("latest"),
            Self::Version(name) => f.write_str(name),
            Self::Alias(name) => write!(f, "!{name}"),
        }
    }
}

impl From<&str> for Qualifier {
    fn from(text: &str) -> Self {
        match text.strip_prefix('!') {
            Some(alias) => Self::Alias(alias.to_owned()),
            None if text == "latest" => Self::Latest,
            None => Self::Version(text.to_owned()),
        }
    }
}

/// A function and a version of it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Urn {
    /// Which function.
    pub function: FunctionId,
    /// Which version.
    pub qualifier: Qualifier,
}

impl fmt::Display for Urn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.function, self.qualifier)
    }
}

/// Why a text is not a URN of this installation.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UrnError {
    /// The number of fields fits no form.
    #[error("a function urn has 1, 2, 3, 4, 7 or 8 fields separated by ':', not {0}")]
    Fields(usize),
    /// A fixed field has another text.
    #[error("field {position} of a function urn must be '{expected}', not '{found}'")]
    Fixed {
        /// Counted from 1.
        position: usize,
        /// What must stand there.
        expected: &'static str,
        /// What stands there.
        found: String,
    },
    /// A field is empty.
    #[error("field {0} of the function urn is empty")]
    Empty(usize),
}

impl Urn {
    /// Reads a URN or one of its short forms; missing parts come from the caller's `region` and `project`,
    /// then `default` and `latest`.
    pub fn parse(text: &str, region: &str, project: &str) -> Result<Self, UrnError> {
        let fields: Vec<&str> = text.split(':').collect();
        if let Some(at) = fields.iter().position(|field| field.is_empty()) {
            return Err(UrnError::Empty(at + 1));
        }
        let (region, project, package, name, qualifier) = match fields.as_slice() {
            [name] => (region, project, "default", *name, "latest"),
            [package, name] => (region, project, *package, *name, "latest"),
            [project, package, name] => (region, *project, *package, *name, "latest"),
            [project, package, name, qualifier] => (region, *project, *package, *name, *qualifier),
            [urn, fss, region, project, function, package, name, rest @ ..] if rest.len() <= 1 => {
                fixed(1, "urn", urn)?;
                fixed(2, "fss", fss)?;
                fixed(5, "function", function)?;
                (*region, *project, *package, *name, rest.first().copied().unwrap_or("latest"))
            }
            _ => return Err(UrnError::Fields(fields.len())),
        };
        let function = FunctionId {
            region: region.to_owned(),
            project: project.to_owned(),
            package: package.to_owned(),
            name: name.to_owned(),
        };
        Ok(Self { function, qualifier: Qualifier::from(qualifier) })
    }
}

fn fixed(position: usize, expected: &'static str, found: &str) -> Result<(), UrnError> {
    if found == expected {
        return Ok(());
    }
    Err(UrnError::Fixed { position, expected, found: found.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn check(text: &str, expect: &str) {
        let got = match Urn::parse(text, "local-1", "p0") {
            Ok(urn) => urn.to_string(),
            Err(error) => error.to_string(),
        };
        assert_eq!(got, expect);
    }

    #[test]
    fn short_forms_take_the_callers_region_and_project() {
        check("web", "urn:fss:local-1:p0:function:default:web:latest");
        check("app:web", "urn:fss:local-1:p0:function:app:web:latest");
        check("p9:app:web", "urn:fss:local-1:p9:function:app:web:latest");
        check("p9:app:web:!prod", "urn:fss:local-1:p9:function:app:web:!prod");
    }

    #[test]
    fn full_forms_keep_every_field() {
        check("urn:fss:r:p:function:d:web", "urn:fss:r:p:function:d:web:latest");
        check("urn:fss:r:p:function:d:web:v1", "urn:fss:r:p:function:d:web:v1");
    }

    #[test]
    fn wrong_forms_say_which_field() {
        check("urn:fss:r:p:workflow:d:web", "field 5 of a function urn must be 'function', not 'workflow'");
        check("a:b:c:d:e", "a function urn has 1, 2, 3, 4, 7 or 8 fields separated by ':', not 5");
        check("app:", "field 2 of the function urn is empty");
    }

    proptest! {
        #[test]
        fn no_text_panics(text in ".{0,80}") {
            let _ = Urn::parse(&text, "r", "p");
        }

        #[test]
        fn what_is_printed_is_read_back(parts in proptest::collection::vec("[a-z0-9!_-]{1,9}", 4), q in "!?[a-z]{1,6}") {
            let text = format!("urn:fss:{}:{}:function:{}:{}:{q}", parts[0], parts[1], parts[2], parts[3]);
            prop_assert_eq!(Urn::parse(&text, "", "").unwrap().to_string(), text);
        }
    }
}
