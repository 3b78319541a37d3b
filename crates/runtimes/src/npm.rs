//! Fetching a package's archive with the user's own npm client, so that the user's registry, proxy and certificates hold.

use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use sha2::{Digest as _, Sha512};

use crate::catalogue::Npm;
use crate::command::{self, which};
use crate::find::Host;
use crate::install::Refusal;

/// Twenty megabytes over a slow line.
const LIMIT: Duration = Duration::from_mins(10);

/// By default npm tries for minutes before it says that there is no network; somebody is waiting for a deploy.
const PATIENCE: [&str; 2] = ["--fetch-retries=1", "--fetch-retry-mintimeout=2000"];

/// Fetches the archive into `folder` and checks its digest against the catalogue's.
pub(crate) fn fetch(npm: &Npm, folder: &Path, host: &Host) -> Result<PathBuf, Refusal> {
    let name = format!("{}@{}", npm.package, npm.version);
    if std::env::consts::ARCH != "x86_64" {
        let why = format!("the npm package {name} is for x86_64, this machine is {}", std::env::consts::ARCH);
        return Err(Refusal::new(why, "install it from a folder or archive with --from"));
    }
    let Some(client) = which(&host.path, "npm") else {
        return Err(Refusal::new(
            format!("it comes as the npm package {name}, and there is no npm client on the search path"),
            "install npm (on Debian: apt-get install npm), or install from a folder or archive with --from",
        ));
    };
    let failed = |why: String| {
        Refusal::new(
            format!("npm could not fetch {name}: {why}"),
            "check the network and npm's registry and proxy settings (npm config list), or use --from",
        )
    };
    let mut command = Command::new(client);
    command.args(["pack", "--ignore-scripts", "--loglevel=error"]).args(PATIENCE).arg(&name).current_dir(folder);
    let finished = command::run(&mut command, LIMIT).map_err(|error| failed(error.to_string()))?;
    if !finished.status.success() {
        return Err(failed(errors(&finished.stderr).unwrap_or_else(|| finished.last_words())));
    }
    let archive = only_archive(folder).ok_or_else(|| failed("it left no archive".into()))?;
    check_integrity(&archive, npm)?;
    Ok(archive)
}

/// The lines of npm's errors that say what is wrong; the last ones only name its log file.
fn errors(stderr: &str) -> Option<String> {
    let said = |line: &str| {
        let text = line.strip_prefix("npm error ").or_else(|| line.strip_prefix("npm ERR! "))?;
        let is_noise = text.trim().is_empty() || text.starts_with("A complete log") || text.contains("_logs/");
        (!is_noise).then(|| text.trim().to_owned())
    };
    let lines: Vec<String> = stderr.lines().filter_map(said).take(3).collect();
    (!lines.is_empty()).then(|| lines.join("; "))
}

fn only_archive(folder: &Path) -> Option<PathBuf> {
    let mut files = std::fs::read_dir(folder).ok()?.flatten().map(|entry| entry.path());
    files.find(|file| file.extension().is_some_and(|extension| extension == "tgz"))
}

fn check_integrity(archive: &Path, npm: &Npm) -> Result<(), Refusal> {
    let found =
        integrity(archive).map_err(|error| Refusal::new(format!("{}: {error}", archive.display()), "try again"))?;
    if found == npm.integrity {
        return Ok(());
    }
    Err(Refusal::new(
        format!("the npm package {}@{} has the digest {found}, not {}", npm.package, npm.version, npm.integrity),
        "it was changed on its way: check which registry npm uses (npm config get registry) and try again",
    ))
}

/// A file's digest as npm writes it.
fn integrity(file: &Path) -> io::Result<String> {
    let mut file = std::fs::File::open(file)?;
    let mut digest = Sha512::new();
    let mut block = vec![0; 1024 * 1024];
    loop {
        let read = file.read(&mut block)?;
        if read == 0 {
            return Ok(format!("sha512-{}", BASE64_STANDARD.encode(digest.finalize())));
        }
        digest.update(block.get(..read).unwrap_or_default());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn npm(integrity: &str) -> Npm {
        Npm { package: "p".into(), version: "1.0.0".into(), integrity: integrity.into() }
    }

    #[test]
    fn an_archive_that_was_changed_is_refused() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "abc").unwrap();
        // The digest of "abc" in FIPS 180-2, appendix C.1, as base64.
        let right = "sha512-3a81oZNherrMQXNJriBBMRLm+k6JqX6iCp7u5ktV05ohkpkqJ0/BqDa6PCOj/uu9RU1EI2Q86A4qmslPpUyknw==";
        assert!(check_integrity(file.path(), &npm(right)).is_ok());
        std::fs::write(file.path(), "abd").unwrap();
        let refusal = check_integrity(file.path(), &npm(right)).unwrap_err();
        assert!(refusal.why.contains("p@1.0.0") && refusal.why.contains(right), "{}", refusal.why);
    }

    #[test]
    fn npms_errors_are_told_without_its_noise() {
        let said =
            "npm warn x\nnpm error code E404\nnpm error 404 Not Found\nnpm error A complete log of this run: x\n";
        assert_eq!(errors(said).as_deref(), Some("code E404; 404 Not Found"));
        assert_eq!(errors("npm warn x\n"), None);
    }

    #[test]
    fn without_a_client_it_is_said_how_to_get_one() {
        let folder = tempfile::tempdir().unwrap();
        let refusal = fetch(&npm(""), folder.path(), &Host::default()).unwrap_err();
        assert!(refusal.remedy.contains("--from"), "{}", refusal.remedy);
    }
}
