//! The certificate for every name that has none of its own: bare addresses and hosts of groups. The operator's, or one that is made here
//! and signs itself.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use jiff::{Timestamp, ToSpan as _, tz::TimeZone};
use rcgen::{CertificateParams, DnType, KeyPair};

use crate::check::{Checked, Problem, check_for_any};

/// Names of every certificate that is made here.
const NAMES: [&str; 4] = ["localhost", "*.localhost", "127.0.0.1", "::1"];
/// Days that one is valid; browsers take no more (CA/Browser Forum, ballot SC22).
const DAYS: i64 = 397;
/// Days before the end of one at which another is made.
const EARLY: i64 = 30;

/// Why there is none.
#[derive(Debug)]
pub enum Missing {
    /// A file cannot be read or written.
    Io(PathBuf, io::Error),
    /// What the files hold cannot be used.
    Unusable(Vec<Problem>),
    /// None could be made.
    NotMade(String),
}

impl std::fmt::Display for Missing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Io(path, error) => write!(f, "{}: {error}", path.display()),
            Self::Unusable(problems) => {
                let problems: Vec<&str> = problems.iter().map(|problem| problem.text.as_str()).collect();
                f.write_str(&problems.join("; "))
            }
            Self::NotMade(error) => write!(f, "no certificate could be made: {error}"),
        }
    }
}

impl std::error::Error for Missing {}

/// A chain and a key from two files, PEM both.
///
/// # Errors
/// They cannot be read, or not be used.
pub fn from_files(chain: &Path, key: &Path, now: Timestamp) -> Result<Checked, Missing> {
    let read = |path: &Path| fs::read_to_string(path).map_err(|error| Missing::Io(path.to_owned(), error));
    let (chain, key) = (read(chain)?, zeroize::Zeroizing::new(read(key)?));
    check_for_any(&chain, &key, now).map_err(Missing::Unusable)
}

/// The one in a folder, `default.pem` and `default.key`; made if there is none, or it ends soon, or it lacks one of `names`.
///
/// # Errors
/// The folder cannot be written.
pub fn own(folder: &Path, names: &[String], now: Timestamp) -> Result<Checked, Missing> {
    let (chain, key) = (folder.join("default.pem"), folder.join("default.key"));
    let all: Vec<String> = NAMES.into_iter().map(str::to_owned).chain(names.iter().cloned()).collect();
    if let Ok(kept) = from_files(&chain, &key, now)
        && kept.facts.not_after > later(now, EARLY)
        && all.iter().all(|name| kept.facts.names.contains(name))
    {
        return Ok(kept);
    }
    let made = make(all, now).map_err(|error| Missing::NotMade(error.to_string()))?;
    fs::create_dir_all(folder).map_err(|error| Missing::Io(folder.to_owned(), error))?;
    for (path, mode, text) in [(&key, 0o600, &made.1), (&chain, 0o644, &made.0)] {
        write(path, mode, text).map_err(|error| Missing::Io(path.clone(), error))?;
    }
    from_files(&chain, &key, now)
}

fn later(now: Timestamp, days: i64) -> Timestamp {
    now.checked_add((days * 24).hours()).unwrap_or(now)
}

fn make(names: Vec<String>, now: Timestamp) -> Result<(String, String), rcgen::Error> {
    let day = |at: Timestamp| {
        let date = at.to_zoned(TimeZone::UTC).date();
        let part = |part: i8| u8::try_from(part).unwrap_or(1);
        rcgen::date_time_ymd(date.year().into(), part(date.month()), part(date.day()))
    };
    let key = KeyPair::generate()?;
    let mut params = CertificateParams::new(names)?;
    params.distinguished_name.push(DnType::CommonName, "funcd, signed by itself");
    // Clocks of clients may be behind.
    (params.not_before, params.not_after) = (day(later(now, -1)), day(later(now, DAYS - 1)));
    Ok((params.self_signed(&key)?.pem(), key.serialize_pem()))
}

/// Whole or not at all.
fn write(path: &Path, mode: u32, text: &str) -> io::Result<()> {
    let new = path.with_extension("new");
    fs::remove_file(&new).or_else(|error| if error.kind() == io::ErrorKind::NotFound { Ok(()) } else { Err(error) })?;
    let mut file = OpenOptions::new().write(true).create_new(true).mode(mode).open(&new)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(&new, path)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn one_is_made_once_and_again_before_it_ends() {
        let folder = tempfile::tempdir().unwrap();
        let now = Timestamp::now();
        let names = ["10.0.0.1".to_owned()];
        let made = own(folder.path(), &names, now).unwrap();
        assert!(
            ["*.localhost", "127.0.0.1", "10.0.0.1"].iter().all(|name| made.facts.names.iter().any(|own| own == name))
        );
        let mode = folder.path().join("default.key").metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        let kept = own(folder.path(), &names, later(now, DAYS - EARLY - 3)).unwrap();
        assert_eq!(kept.chain, made.chain);
        assert_ne!(own(folder.path(), &names, later(now, DAYS - EARLY)).unwrap().chain, made.chain);
    }

    #[test]
    fn another_name_and_a_file_that_is_broken_make_another() {
        let folder = tempfile::tempdir().unwrap();
        let made = own(folder.path(), &[], Timestamp::now()).unwrap();
        let other = own(folder.path(), &["a.example.com".to_owned()], Timestamp::now()).unwrap();
        assert_ne!(other.chain, made.chain);
        fs::write(folder.path().join("default.key"), "nothing").unwrap();
        assert_ne!(own(folder.path(), &[], Timestamp::now()).unwrap().chain, other.chain);
    }

    #[test]
    fn what_is_wrong_with_files_is_said() {
        let folder = tempfile::tempdir().unwrap();
        let (one, two) = (folder.path().join("one"), folder.path().join("two"));
        let missing = from_files(&one, &two, Timestamp::now()).unwrap_err().to_string();
        assert!(missing.contains("one: No such file"), "{missing}");
        let other = own(&one, &[], Timestamp::now()).and(own(&two, &[], Timestamp::now()));
        assert!(other.is_ok());
        let swapped = from_files(&one.join("default.pem"), &two.join("default.key"), Timestamp::now());
        assert!(swapped.unwrap_err().to_string().contains("another certificate"));
    }
}
