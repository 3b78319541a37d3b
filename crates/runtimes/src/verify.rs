//! What an executable is: the version it says, and the libraries it needs, seen by running it on the host.

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::catalogue::{Entry, Language};
use crate::command;

/// A JVM on a busy small machine takes seconds to say its version.
const LIMIT: Duration = Duration::from_secs(60);

/// The version the executable says, when it is the entry's; else what it is instead.
pub(crate) fn version(entry: &Entry, executable: &Path) -> Result<String, String> {
    let finished = run(executable, &entry.version_arguments, &[])?;
    let said = [finished.stdout.as_str(), finished.stderr.as_str()].concat();
    if !finished.status.success() {
        return Err(format!("{} does not run: {}", executable.display(), finished.last_words()));
    }
    let versions = versions(entry.language, &said);
    match versions.iter().find(|version| is_version(&entry.version, version)) {
        Some(version) => Ok(version.clone()),
        None if versions.is_empty() => Err(format!("{} does not say its version", executable.display())),
        None => Err(format!("{} is {}, not {}", executable.display(), versions.join(" and "), entry.version)),
    }
}

/// The libraries the dynamic linker finds for it, and the names of those it does not find.
pub(crate) fn libraries(executable: &Path) -> Result<(Vec<PathBuf>, Vec<String>), String> {
    // ld.so(8): lists what it would load instead of running the program.
    let finished = run(executable, &[], &[("LD_TRACE_LOADED_OBJECTS", "1")])?;
    let (mut found, mut missing) = (Vec::new(), Vec::new());
    for line in finished.stdout.lines() {
        let Some((name, target)) = line.split_once(" => ") else { continue };
        match target.split_once(" (0x") {
            Some((path, _)) => found.push(PathBuf::from(path)),
            None => missing.push(name.trim().to_owned()),
        }
    }
    Ok((found, missing))
}

/// Whether the file is a binary: a script would run some other interpreter, perhaps of another version (pyenv's shims do).
pub(crate) fn is_binary(file: &Path) -> bool {
    let mut magic = [0; 4];
    std::fs::File::open(file).and_then(|mut file| file.read_exact(&mut magic)).is_ok() && magic == *b"\x7fELF"
}

/// Runs without the daemon's environment: `NODE_OPTIONS` and the like change what a runtime says, and secrets stay here.
fn run(executable: &Path, arguments: &[String], variables: &[(&str, &str)]) -> Result<command::Finished, String> {
    let mut command = Command::new(executable);
    command.args(arguments).env_clear().env("PATH", "/usr/bin:/bin").env("LC_ALL", "C").current_dir("/");
    command.envs(variables.iter().copied());
    command::run(&mut command, LIMIT).map_err(|error| format!("{} does not run: {error}", executable.display()))
}

/// Whether `found` is `wanted` or a patch of it; Java 8 says 1.8.
pub(crate) fn is_version(wanted: &str, found: &str) -> bool {
    let of =
        |found: &str| found.strip_prefix(wanted).is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_digit()));
    of(found) || (!wanted.contains('.') && found.strip_prefix("1.").is_some_and(of))
}

/// The version in what an executable says; .NET lists several.
fn versions(language: Language, said: &str) -> Vec<String> {
    match language {
        Language::Dotnet => {
            said.lines().filter_map(|line| first_version(line.strip_prefix("Microsoft.NETCore.App ")?)).collect()
        }
        _ => first_version(said).into_iter().collect(),
    }
}

fn first_version(said: &str) -> Option<String> {
    let start = said.find(|c: char| c.is_ascii_digit())?;
    let text = said.get(start..)?;
    let end =
        text.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '+' | '-'))).unwrap_or(text.len());
    text.get(..end).map(ToOwned::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(language: Language, said: &str, expect: &[&str]) {
        assert_eq!(versions(language, said), expect);
    }

    #[test]
    fn every_language_says_its_version_in_its_way() {
        check(Language::Nodejs, "v12.13.0\n", &["12.13.0"]);
        check(Language::Python, "Python 2.7.18\n", &["2.7.18"]);
        check(Language::Java, "openjdk version \"1.8.0_402\"\nOpenJDK Runtime Environment (build 1.8)", &["1.8.0_402"]);
        check(Language::Java, "openjdk version \"21\" 2023-09-19\n", &["21"]);
        check(Language::Php, "PHP 8.2.29 (cli) (built: Jul 3 2025 16:16:05) (NTS)\n", &["8.2.29"]);
        let list = "Microsoft.AspNetCore.App 7.0.1 [/d]\nMicrosoft.NETCore.App 3.1.32 [/d]\nMicrosoft.NETCore.App 6.0.36 [/d]\n";
        check(Language::Dotnet, list, &["3.1.32", "6.0.36"]);
        check(Language::Php, "no version here", &[]);
    }

    #[test]
    fn only_a_patch_of_the_wanted_version_is_it() {
        for (wanted, found, expect) in [
            ("12.13", "12.13.0", true),
            ("3.1", "3.1", true),
            ("3.1", "3.12.1", false),
            ("3.9", "3.10.13", false),
            ("6.10", "6.1.0", false),
            ("17", "17.0.15", true),
            ("17", "1.17.0", true),
            ("8", "1.8.0_402", true),
            ("8", "8u402", true),
            ("8", "18.0.1", false),
            ("8", "1.80", false),
            ("2.7", "1.2.7", false),
        ] {
            assert_eq!(is_version(wanted, found), expect, "{wanted} {found}");
        }
    }
}
