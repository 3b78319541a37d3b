//! The second wall: should a mount ever be writable by mistake, or show what it should not, Landlock still lets the user
//! write, read and execute only where it may.

use crate::Error;
use landlock::{
    ABI, Access, AccessFs, BitFlags, CompatLevel, Compatible, PathBeneath, PathFd, Ruleset, RulesetAttr,
    RulesetCreated, RulesetCreatedAttr, Scope,
};
use std::io;

/// Rights beyond this one are about networks, which have a namespace of their own here.
const NEWEST: ABI = ABI::V6;

/// Where files may be read and executed: the host's programs, and where binds may be ([`crate::spec`]). What else lies at
/// the root, lies there by mistake.
const PROGRAMS: [&str; 11] =
    ["/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/etc", "/opt", "/home", "/srv"];
/// Where they may be read only.
const READ: [&str; 3] = ["/sys", "/run", "/var"];

/// Restricts the calling process: listing folders everywhere, reading and executing in [`PROGRAMS`], writing below `/tmp`,
/// `/dev/shm` and to devices and `/proc` files, signals and abstract sockets within the instance. As much of it as the
/// kernel has; nothing on a kernel without Landlock, as the mounts are the first wall.
pub(crate) fn restrict() -> Result<(), Error> {
    rules().map(drop).map_err(|error| Error::Step {
        step: "restrict with landlock".to_owned(),
        source: io::Error::other(error.to_string()),
        remedy: "",
    })
}

fn rules() -> Result<landlock::RestrictionStatus, landlock::RulesetError> {
    let all = AccessFs::from_all(NEWEST);
    let list = AccessFs::ReadDir;
    let read = list | AccessFs::ReadFile;
    let devices = read | AccessFs::WriteFile | AccessFs::IoctlDev;
    // A shell's `>` truncates.
    let process = read | AccessFs::WriteFile | AccessFs::Truncate;
    let own = all & !(AccessFs::MakeChar | AccessFs::MakeBlock | AccessFs::IoctlDev);
    let mut ruleset = Ruleset::default()
        .set_compatibility(CompatLevel::BestEffort)
        .handle_access(all)?
        .scope(Scope::from_all(NEWEST))?
        .create()?;
    // A rule holds for all below it, so there is none for reading at the root itself; its list of names betrays nothing.
    ruleset = beneath(ruleset, "/", list.into())?;
    for path in PROGRAMS {
        ruleset = beneath(ruleset, path, AccessFs::from_read(NEWEST))?;
    }
    for path in READ {
        ruleset = beneath(ruleset, path, read)?;
    }
    ruleset = beneath(ruleset, "/dev", devices)?;
    ruleset = beneath(ruleset, "/proc", process)?;
    ruleset = beneath(ruleset, "/dev/shm", own & !AccessFs::Execute)?;
    beneath(ruleset, "/tmp", own)?.restrict_self()
}

fn beneath(
    ruleset: RulesetCreated,
    path: &str,
    access: BitFlags<AccessFs>,
) -> Result<RulesetCreated, landlock::RulesetError> {
    match PathFd::new(path) {
        Ok(fd) => ruleset.add_rule(PathBeneath::new(fd, access)),
        // Less is allowed then, never more.
        Err(_) => Ok(ruleset),
    }
}

#[cfg(test)]
mod tests {
    use std::fs::{self, File};
    use std::os::linux::net::SocketAddrExt;
    use std::os::unix::net::{SocketAddr, UnixListener, UnixStream};

    /// Runs `check` in a thread that is restricted, and then ends. `false` where the kernel has less than `abi`.
    fn restricted(abi: u32, check: impl FnOnce() + Send + 'static) -> bool {
        if crate::sys::landlock_abi() < abi {
            eprintln!("SKIPPED: this kernel's landlock has no ABI {abi}");
            return false;
        }
        let thread = std::thread::spawn(move || {
            rustix::thread::set_no_new_privs(true).unwrap();
            super::restrict().unwrap();
            check();
        });
        thread.join().unwrap();
        true
    }

    /// The first wall is not there in this test: the folder is writable, for root even.
    #[test]
    fn a_folder_that_is_writable_by_mistake_stays_unwritten() {
        let folder = tempfile::tempdir_in("/var/tmp").unwrap();
        let (inside, before) = (folder.path().join("x"), folder.path().join("before"));
        fs::write(&before, "").unwrap();
        restricted(1, move || {
            assert!(fs::write(&inside, "").is_err(), "it made a file");
            assert!(File::options().append(true).open(&before).is_err(), "it opened a file for writing");
            assert!(File::open(&before).is_ok(), "reading is allowed");
            let own = tempfile::tempfile_in("/tmp");
            assert!(own.is_ok(), "{own:?}");
            assert!(fs::write("/dev/null", "x").is_ok(), "devices are writable");
        });
    }

    #[test]
    fn what_lies_elsewhere_by_mistake_stays_unread() {
        // Where root may write, and no rule of ours leads.
        let Ok(folder) = tempfile::tempdir_in("/root") else {
            eprintln!("SKIPPED: not root");
            return;
        };
        let program = folder.path().join("program");
        fs::copy("/bin/true", &program).unwrap();
        let run =
            |program: &std::path::Path| std::process::Command::new(program).status().map(|status| status.success());
        assert!(run(&program).unwrap(), "it can be run from here");
        restricted(1, move || {
            for refused in [File::open(&program).err(), run(&program).err()] {
                assert_eq!(refused.and_then(|error| error.raw_os_error()), Some(libc::EACCES));
            }
            assert!(fs::read_dir("/").is_ok(), "names may be listed");
            assert!(File::open("/etc/passwd").is_ok(), "what programs need may be read");
        });
    }

    /// Abstract sockets and signals have no path, and a rule of their own.
    #[test]
    fn abstract_sockets_and_processes_outside_are_out_of_reach() {
        let name = SocketAddr::from_abstract_name(format!("landlock-{}", std::process::id())).unwrap();
        let _listener = UnixListener::bind_addr(&name).unwrap();
        assert!(UnixStream::connect_addr(&name).is_ok(), "it can be reached from here");
        let mut outside = std::process::Command::new("/bin/sleep").arg("100").spawn().unwrap();
        let pid = rustix::process::Pid::from_child(&outside);
        restricted(6, move || {
            let refused = UnixStream::connect_addr(&name).unwrap_err();
            assert_eq!(refused.raw_os_error(), Some(libc::EPERM));
            assert_eq!(rustix::process::test_kill_process(pid), Err(rustix::io::Errno::PERM));
        });
        outside.kill().unwrap();
        outside.wait().unwrap();
    }
}
