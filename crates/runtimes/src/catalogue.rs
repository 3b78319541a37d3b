//! What there is: the rows of `catalogue.toml`, which is part of the binary.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;

/// Below this folder instances find all runtimes (seed page, table 1).
const ROOT: &str = "/opt/function/runtime";

/// All rows, in the order in which they are listed.
#[derive(Debug)]
pub(crate) struct Catalogue {
    pub(crate) entries: Vec<Entry>,
}

/// A row: one runtime that a bootstrap can name.
#[derive(Debug)]
pub(crate) struct Entry {
    /// `nodejs12.13`
    pub(crate) id: String,
    pub(crate) language: Language,
    /// The version that what is installed must have: `12.13`.
    pub(crate) version: String,
    /// `rtsp/nodejs`
    pub(crate) home: PathBuf,
    /// Below `home`: `bin/node`.
    pub(crate) executable: PathBuf,
    /// What to call it with so that it says its version.
    pub(crate) version_arguments: Vec<String>,
    pub(crate) npm: Option<Npm>,
    /// The Debian package that has it, where the distribution has that version.
    pub(crate) debian: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Language {
    Nodejs,
    Python,
    Java,
    Php,
    Dotnet,
}

/// A package of the npm registry the user has configured.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Npm {
    pub(crate) package: String,
    pub(crate) version: String,
    /// `sha512-` and the base64 of the archive's digest.
    pub(crate) integrity: String,
}

impl Catalogue {
    /// The catalogue of this binary.
    pub(crate) fn embedded() -> Result<Self, toml::de::Error> {
        Self::parse(include_str!("../catalogue.toml"))
    }

    fn parse(text: &str) -> Result<Self, toml::de::Error> {
        let file: File = toml::from_str(text)?;
        let entry = |row: Row| {
            let layout = file.languages.get(&row.language);
            let layout = layout.ok_or_else(|| missing_language(&row))?;
            Ok(Entry {
                id: row.id,
                language: row.language,
                version: row.version,
                home: layout.home.clone(),
                executable: row.executable.unwrap_or_else(|| layout.executable.clone()),
                version_arguments: layout.version_arguments.clone(),
                npm: row.npm,
                debian: row.debian,
            })
        };
        Ok(Self { entries: file.runtimes.into_iter().map(entry).collect::<Result<_, _>>()? })
    }

    pub(crate) fn get(&self, id: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.id == id)
    }

    pub(crate) fn ids(&self) -> Vec<&str> {
        self.entries.iter().map(|entry| entry.id.as_str()).collect()
    }
}

impl Entry {
    /// Where instances see it.
    pub(crate) fn target(&self) -> PathBuf {
        Path::new(ROOT).join(&self.id).join(&self.home)
    }

    /// What a bootstrap calls.
    pub(crate) fn executable_inside(&self) -> PathBuf {
        self.target().join(&self.executable)
    }
}

/// The file as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    languages: BTreeMap<Language, Layout>,
    runtimes: Vec<Row>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Layout {
    home: PathBuf,
    executable: PathBuf,
    version_arguments: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    id: String,
    language: Language,
    version: String,
    executable: Option<PathBuf>,
    npm: Option<Npm>,
    debian: Option<String>,
}

fn missing_language(row: &Row) -> toml::de::Error {
    serde::de::Error::custom(format!("{} has a language without a layout", row.id))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each id's executable, exactly as the vendor documents it.
    fn check(expect: &[(&str, &str)]) {
        let catalogue = Catalogue::embedded().unwrap();
        for (id, executable) in expect {
            let entry = catalogue.get(id).unwrap_or_else(|| panic!("{id} is missing"));
            assert_eq!(entry.executable_inside(), Path::new(executable), "{id}");
        }
    }

    #[test]
    fn every_row_of_the_seeds_table_is_there() {
        check(&[
            ("java8", "/opt/function/runtime/java8/rtsp/jre/bin/java"),
            ("java11", "/opt/function/runtime/java11/rtsp/jre/bin/java"),
            ("nodejs6.10", "/opt/function/runtime/nodejs6.10/rtsp/nodejs/bin/node"),
            ("nodejs8.10", "/opt/function/runtime/nodejs8.10/rtsp/nodejs/bin/node"),
            ("nodejs10.16", "/opt/function/runtime/nodejs10.16/rtsp/nodejs/bin/node"),
            ("nodejs12.13", "/opt/function/runtime/nodejs12.13/rtsp/nodejs/bin/node"),
            ("nodejs14.18", "/opt/function/runtime/nodejs14.18/rtsp/nodejs/bin/node"),
            ("nodejs16.17", "/opt/function/runtime/nodejs16.17/rtsp/nodejs/bin/node"),
            ("nodejs18.15", "/opt/function/runtime/nodejs18.15/rtsp/nodejs/bin/node"),
            ("python2.7", "/opt/function/runtime/python2.7/rtsp/python/bin/python"),
            ("python3.6", "/opt/function/runtime/python3.6/rtsp/python/bin/python3"),
            ("python3.9", "/opt/function/runtime/python3.9/rtsp/python/bin/python3"),
        ]);
    }

    #[test]
    fn the_newer_rows_are_there() {
        check(&[
            ("java17", "/opt/function/runtime/java17/rtsp/jre/bin/java"),
            ("java21", "/opt/function/runtime/java21/rtsp/jre/bin/java"),
            ("nodejs20.15", "/opt/function/runtime/nodejs20.15/rtsp/nodejs/bin/node"),
            ("nodejs22.18", "/opt/function/runtime/nodejs22.18/rtsp/nodejs/bin/node"),
            ("python3.10", "/opt/function/runtime/python3.10/rtsp/python/bin/python3"),
            ("python3.12", "/opt/function/runtime/python3.12/rtsp/python/bin/python3"),
            ("php7.3", "/opt/function/runtime/php7.3/rtsp/php/bin/php"),
            ("php8.2", "/opt/function/runtime/php8.2/rtsp/php/bin/php"),
            ("php8.3", "/opt/function/runtime/php8.3/rtsp/php/bin/php"),
            ("dotnet2.1", "/opt/function/runtime/dotnet2.1/rtsp/dotnet/dotnet"),
            ("dotnet3.1", "/opt/function/runtime/dotnet3.1/rtsp/dotnet/dotnet"),
            ("dotnet6.0", "/opt/function/runtime/dotnet6.0/rtsp/dotnet/dotnet"),
        ]);
    }

    #[test]
    fn an_id_is_its_language_and_its_version_and_there_once() {
        let catalogue = Catalogue::embedded().unwrap();
        for entry in &catalogue.entries {
            let language = format!("{:?}", entry.language).to_lowercase();
            assert_eq!(entry.id, format!("{language}{}", entry.version));
            assert_eq!(catalogue.entries.iter().filter(|other| other.id == entry.id).count(), 1);
        }
    }

    #[test]
    fn what_is_fetched_is_pinned_by_version_and_digest() {
        use base64::Engine as _;
        let pinned: Vec<Entry> = Catalogue::embedded().unwrap().entries;
        for (entry, npm) in pinned.iter().filter_map(|entry| Some((entry, entry.npm.as_ref()?))) {
            assert!(npm.version.starts_with(&format!("{}.", entry.version)), "{}", entry.id);
            let digest = npm.integrity.strip_prefix("sha512-").unwrap();
            assert_eq!(base64::prelude::BASE64_STANDARD.decode(digest).unwrap().len(), 64, "{}", entry.id);
        }
        assert!(pinned.iter().filter(|entry| entry.language == Language::Nodejs).all(|entry| entry.npm.is_some()));
    }
}
