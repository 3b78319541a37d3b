//! Profiles: named addresses and keys in `config.toml`, for services on other machines.
//!
//! ```toml
//! default = "office"
//!
//! [profiles.office]
//! endpoint = "http://build.example:8081"
//! access_key = "..."
//! secret_key = "..."
//! project_id = "..."
//! region = "local-1"
//! gateway = "http://build.example:8080"   # when it is reached by another address than it says itself
//! ca_file = "/etc/ssl/office.pem"         # beside the system's own authorities
//! ```

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use serde::Deserialize;

use crate::options::SecretKey;

/// The file as written.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct File {
    /// The profile for commands that name none, nor an endpoint, nor a data folder.
    default: Option<String>,
    profiles: BTreeMap<String, Profile>,
}

/// One profile; what it leaves out is looked for elsewhere.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Profile {
    pub(crate) endpoint: Option<String>,
    pub(crate) access_key: Option<String>,
    pub(crate) secret_key: Option<SecretKey>,
    pub(crate) project_id: Option<String>,
    pub(crate) region: Option<String>,
    pub(crate) gateway: Option<String>,
    pub(crate) ca_file: Option<PathBuf>,
}

/// Reads the file; one that is not there has no profiles.
pub(crate) fn read(path: &Path) -> Result<File> {
    match std::fs::read_to_string(path) {
        Ok(text) => parse(&text).with_context(|| format!("in {}", path.display())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(File::default()),
        Err(error) => Err(error).with_context(|| format!("cannot read {}", path.display())),
    }
}

fn parse(text: &str) -> Result<File> {
    Ok(toml::from_str(text)?)
}

impl File {
    /// The profile to use: the one named, else the default one when it may be used.
    pub(crate) fn choose(mut self, named: Option<&str>, use_default: bool) -> Result<Profile> {
        let name = match (named, self.default.take()) {
            (Some(name), _) => name.to_owned(),
            (None, Some(name)) if use_default => name,
            _ => return Ok(Profile::default()),
        };
        match self.profiles.remove(&name) {
            Some(profile) => Ok(profile),
            None if self.profiles.is_empty() => {
                bail!("there is no profile '{name}': the configuration file has none")
            }
            None => {
                let known: Vec<&str> = self.profiles.keys().map(String::as_str).collect();
                bail!("there is no profile '{name}': the configuration file has {}", known.join(", "))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TWO: &str = "default = 'a'\n[profiles.a]\nendpoint = 'http://a'\n[profiles.b]\nendpoint = 'http://b'\n";

    #[track_caller]
    fn check(text: &str, named: Option<&str>, use_default: bool, expect: Result<Option<&str>, &str>) {
        let got = parse(text).and_then(|file| file.choose(named, use_default)).map(|profile| profile.endpoint);
        match (got, expect) {
            (Ok(endpoint), Ok(expect)) => assert_eq!(endpoint.as_deref(), expect),
            (Err(error), Err(expect)) => assert!(format!("{error:#}").contains(expect), "{error:#}"),
            (got, expect) => panic!("{got:?}, not {expect:?}"),
        }
    }

    #[test]
    fn the_named_profile_is_used() {
        check(TWO, Some("b"), true, Ok(Some("http://b")));
    }

    #[test]
    fn the_default_is_used_only_when_nothing_else_was_said() {
        check(TWO, None, true, Ok(Some("http://a")));
        check(TWO, None, false, Ok(None));
        check("", None, true, Ok(None));
    }

    #[test]
    fn an_unknown_profile_or_key_is_refused_by_name() {
        check(TWO, Some("c"), true, Err("there is no profile 'c': the configuration file has a, b"));
        check("", Some("c"), true, Err("the configuration file has none"));
        check("[profiles.a]\nendpont = 'x'", None, true, Err("endpont"));
    }
}
