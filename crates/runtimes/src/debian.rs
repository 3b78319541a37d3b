//! Runtimes that the distribution has as a package, installed with apt-get where this process may.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use crate::command::{self, Finished, which};
use crate::find::Host;
use crate::install::{Progress, Refusal};

/// A JVM with what it needs, over a slow line.
const LIMIT: Duration = Duration::from_mins(20);

/// Installs the package, telling so; refuses where the distribution does not have it, with what to do `otherwise`, or where this
/// process is not root.
pub(crate) fn install(package: &str, host: &Host, otherwise: &str, progress: Progress<'_>) -> Result<(), Refusal> {
    if which(&host.path, "apt-get").is_none() || which(&host.path, "apt-cache").is_none() {
        return Err(Refusal::new("it is not on this host, and there is no apt-get to install it with", otherwise));
    }
    let is_root = rustix::process::geteuid().is_root();
    if is_root && !has_lists() {
        progress("reading the distribution's package lists (apt-get update)");
        apt_get(&["update"], host)?;
    }
    if !has_candidate(package) {
        return Err(Refusal::new(
            format!("it is not on this host, and this distribution has no package {package}"),
            otherwise,
        ));
    }
    if !is_root {
        return Err(Refusal::new(
            format!("it is not on this host; the package {package} has it, but installing packages needs root"),
            format!("run: sudo apt-get install {package}, and try again"),
        ));
    }
    progress(&format!("installing the distribution's package {package} (apt-get install)"));
    let install = ["install", "--yes", "--no-install-recommends", package];
    if apt_get(&install, host).is_ok() {
        return Ok(());
    }
    // Lists that are weeks old name files that are gone.
    progress("that failed; reading the package lists anew (apt-get update)");
    apt_get(&["update"], host)?;
    apt_get(&install, host)
}

fn apt_get(arguments: &[&str], host: &Host) -> Result<(), Refusal> {
    let refused = |why: String| {
        Refusal::new(
            format!("apt-get {} failed: {why}", arguments.join(" ")),
            format!("run it yourself to see why: apt-get {}", arguments.join(" ")),
        )
    };
    let mut command = Command::new(which(&host.path, "apt-get").unwrap_or_else(|| "apt-get".into()));
    command.args(["-o", "DPkg::Lock::Timeout=120", "-o", "Dpkg::Use-Pty=0", "-q"]).args(arguments);
    // Needrestart and debconf ask otherwise.
    command.envs([("DEBIAN_FRONTEND", "noninteractive"), ("NEEDRESTART_MODE", "l"), ("LC_ALL", "C")]);
    match command::run(&mut command, LIMIT) {
        Ok(Finished { status, .. }) if status.success() => Ok(()),
        Ok(finished) => Err(refused(finished.last_words())),
        Err(error) => Err(refused(error.to_string())),
    }
}

/// A fresh container image has no lists, and then no package either.
fn has_lists() -> bool {
    let lists = std::fs::read_dir(Path::new("/var/lib/apt/lists"));
    lists.is_ok_and(|entries| entries.flatten().any(|entry| entry.file_name().to_string_lossy().contains("Packages")))
}

fn has_candidate(package: &str) -> bool {
    let mut command = Command::new("apt-cache");
    command.args(["policy", package]).env("LC_ALL", "C");
    command::run(&mut command, Duration::from_mins(1)).is_ok_and(|finished| candidate(&finished.stdout).is_some())
}

/// The version that would be installed, from what `apt-cache policy` says.
fn candidate(policy: &str) -> Option<&str> {
    let version = policy.lines().find_map(|line| line.trim().strip_prefix("Candidate: "))?;
    (version != "(none)").then_some(version)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(policy: &str, expect: Option<&str>) {
        assert_eq!(candidate(policy), expect);
    }

    #[test]
    fn a_package_is_had_when_it_has_a_candidate() {
        check("php8.2-cli:\n  Installed: (none)\n  Candidate: 8.2.29-1~deb12u1\n", Some("8.2.29-1~deb12u1"));
        check("openjdk-21-jre-headless:\n  Installed: (none)\n  Candidate: (none)\n", None);
        check("", None);
    }

    #[test]
    fn without_apt_get_it_is_said_what_else_to_do() {
        let refusal = install("php8.2-cli", &Host::default(), "use --from", &mut |_| {}).unwrap_err();
        assert!(refusal.remedy == "use --from", "{}", refusal.remedy);
    }
}
