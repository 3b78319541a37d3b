//! The certificate for every name that has none of its own: bare addresses and hosts of groups. The operator's, or one that is made here
//! and signs itself.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use jiff::{Timestamp, ToSpan as _, tz::TimeZone};
use rcgen::{CertificateParams, DnType, KeyPair};
use store::Store;
use zeroize::Zeroizing;

use crate::check::{Checked, Problem, check_for_any};

/// Names of every certificate that is made here.
const NAMES: [&str; 4] = ["localhost", "*.localhost", "127.0.0.1", "::1"];
/// Days that one is valid; browsers take no more (CA/Browser Forum, ballot SC22).
const DAYS: i64 = 397;
/// Days before the end of one at which another is made.
const EARLY: i64 = 30;
/// What the key is sealed as.
const CONTEXT: &str = "key of the default certificate";

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
    let (chain, key) = (read(chain)?, Zeroizing::new(read(key)?));
    check_for_any(&chain, &key, now).map_err(Missing::Unusable)
}

/// The one in a folder, `default.pem` and `default.key.sealed`; made if there is none, or it ends soon, or it lacks one of `names`. A key that
/// lies there in the clear, as earlier versions left it, is sealed and removed.
///
/// # Errors
/// The folder cannot be written.
pub fn own(folder: &Path, names: &[String], now: Timestamp, store: &Store) -> Result<Checked, Missing> {
    let place = Place::in_folder(folder);
    let all: Vec<String> = NAMES.into_iter().map(str::to_owned).chain(names.iter().cloned()).collect();
    let checked = match place.kept(now, store)? {
        Some(kept) if kept.facts.not_after > later(now, EARLY) && has_all(&kept, &all) => kept,
        _ => {
            let (chain, key) = make(all, now).map_err(|error| Missing::NotMade(error.to_string()))?;
            fs::create_dir_all(folder).map_err(|error| Missing::Io(folder.to_owned(), error))?;
            place.seal(&key, store)?;
            write(&place.chain, 0o644, chain.as_bytes())?;
            check_for_any(&chain, &key, now).map_err(Missing::Unusable)?
        }
    };
    place.clear()?;
    Ok(checked)
}

fn has_all(certificate: &Checked, names: &[String]) -> bool {
    names.iter().all(|name| certificate.facts.names.contains(name))
}

/// Its files.
struct Place {
    chain: PathBuf,
    sealed: PathBuf,
    /// Where earlier versions kept the key.
    clear: PathBuf,
}

impl Place {
    fn in_folder(folder: &Path) -> Self {
        Self {
            chain: folder.join("default.pem"),
            sealed: folder.join("default.key.sealed"),
            clear: folder.join("default.key"),
        }
    }

    /// What is there and fits together. The key in the clear may be the newer one: an earlier version can have run in between.
    fn kept(&self, now: Timestamp, store: &Store) -> Result<Option<Checked>, Missing> {
        let Ok(chain) = fs::read_to_string(&self.chain) else { return Ok(None) };
        let sealed = fs::read(&self.sealed).ok().and_then(|sealed| store.unseal(CONTEXT, &sealed));
        let sealed = sealed.and_then(|key| String::from_utf8(key).ok()).map(Zeroizing::new);
        if let Some(checked) = sealed.and_then(|key| check_for_any(&chain, &key, now).ok()) {
            return Ok(Some(checked));
        }
        let Ok(clear) = fs::read_to_string(&self.clear).map(Zeroizing::new) else { return Ok(None) };
        let Ok(checked) = check_for_any(&chain, &clear, now) else { return Ok(None) };
        self.seal(&clear, store)?;
        Ok(Some(checked))
    }

    fn seal(&self, key: &str, store: &Store) -> Result<(), Missing> {
        write(&self.sealed, 0o600, &store.seal(CONTEXT, key.as_bytes()))
    }

    /// Removes the key in the clear.
    fn clear(&self) -> Result<(), Missing> {
        match fs::remove_file(&self.clear) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(Missing::Io(self.clear.clone(), error)),
            _ => Ok(()),
        }
    }
}

fn later(now: Timestamp, days: i64) -> Timestamp {
    now.checked_add((days * 24).hours()).unwrap_or(now)
}

fn make(names: Vec<String>, now: Timestamp) -> Result<(String, Zeroizing<String>), rcgen::Error> {
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
    Ok((params.self_signed(&key)?.pem(), Zeroizing::new(key.serialize_pem())))
}

/// Whole or not at all.
fn write(path: &Path, mode: u32, bytes: &[u8]) -> Result<(), Missing> {
    let written = || {
        let new = path.with_extension("new");
        fs::remove_file(&new)
            .or_else(|error| if error.kind() == io::ErrorKind::NotFound { Ok(()) } else { Err(error) })?;
        let mut file = OpenOptions::new().write(true).create_new(true).mode(mode).open(&new)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&new, path)
    };
    written().map_err(|error| Missing::Io(path.to_owned(), error))
}

#[cfg(test)]
mod tests;
