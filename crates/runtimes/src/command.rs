//! Running a command of the host: with nothing on its input, a bound on its time, and all it says kept for the error.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, PidfdFlags, Signal, kill_process_group, pidfd_open};

/// Bytes kept of each output: its end says why something failed.
const KEPT_BYTES: u64 = 64 * 1024;
/// How often, and how long in between, a busy program is tried again: a second in all.
const BUSY_TRIES: u32 = 100;
const BUSY_PAUSE: Timespec = Timespec { tv_sec: 0, tv_nsec: 10_000_000 };

/// A command that ended in time.
#[derive(Debug)]
pub(crate) struct Finished {
    pub(crate) status: ExitStatus,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Finished {
    /// The last line it said that is not empty, for a message; errors before output.
    pub(crate) fn last_words(&self) -> String {
        let mut lines = self.stderr.lines().rev().chain(self.stdout.lines().rev());
        let words = lines.find(|line| !line.trim().is_empty()).unwrap_or("it said nothing");
        format!("{}: {}", self.status, words.trim())
    }
}

/// Runs it to its end; kills it, with all it started in its process group, when that takes longer than `limit`, or when the process
/// that asked for it ends ([`crate::stop`]).
pub(crate) fn run(command: &mut Command, limit: Duration) -> io::Result<Finished> {
    run_among(&RUNNING, command, limit)
}

fn run_among(running: &Running, command: &mut Command, limit: Duration) -> io::Result<Finished> {
    let (stdout, stderr) = (tempfile::tempfile()?, tempfile::tempfile()?);
    command.stdin(Stdio::null()).stdout(stdout.try_clone()?).stderr(stderr.try_clone()?).process_group(0);
    let mut child = spawn(command)?;
    let status = wait(running, &mut child, limit)?;
    Ok(Finished { status, stdout: tail(stdout)?, stderr: tail(stderr)? })
}

/// Those of this process, which must not outlive it.
pub(crate) static RUNNING: Running = Running(Mutex::new(Groups { leaders: Vec::new(), stopped: false }));

/// Process groups that run.
#[derive(Debug)]
pub(crate) struct Running(Mutex<Groups>);

#[derive(Debug)]
struct Groups {
    /// Their leaders, none of which was waited for yet, so that its id is its own.
    leaders: Vec<Pid>,
    stopped: bool,
}

impl Running {
    /// Kills all that run, and whatever is started from now on.
    pub(crate) fn stop(&self) {
        let mut groups = self.groups();
        groups.stopped = true;
        for leader in &groups.leaders {
            // One that has just ended needs no signal.
            _ = kill_process_group(*leader, Signal::KILL);
        }
    }

    fn enter(&self, leader: Pid) {
        let mut groups = self.groups();
        groups.leaders.push(leader);
        if groups.stopped {
            _ = kill_process_group(leader, Signal::KILL);
        }
    }

    /// Before it is waited for. Whether all were stopped.
    fn leave(&self, leader: Pid) -> bool {
        let mut groups = self.groups();
        groups.leaders.retain(|other| *other != leader);
        groups.stopped
    }

    fn groups(&self) -> MutexGuard<'_, Groups> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A program just written may still be open for writing in a child that another thread has forked and that has not exec'd yet
/// (execve(2), ETXTBSY); that passes.
fn spawn(command: &mut Command) -> io::Result<Child> {
    let mut tries = 0;
    loop {
        match command.spawn() {
            Err(error) if error.kind() == io::ErrorKind::ExecutableFileBusy && tries < BUSY_TRIES => tries += 1,
            spawned => return spawned,
        }
        poll(&mut [], Some(&BUSY_PAUSE))?;
    }
}

fn wait(running: &Running, child: &mut Child, limit: Duration) -> io::Result<ExitStatus> {
    let pid = Pid::from_child(child);
    running.enter(pid);
    let ended = ended(pid, limit);
    let stopped = running.leave(pid);
    if !matches!(ended, Ok(true)) {
        // Not waited for yet, so the id is still its own.
        _ = kill_process_group(pid, Signal::KILL);
    }
    let status = child.wait()?;
    if stopped {
        return Err(io::Error::new(io::ErrorKind::Interrupted, "funcd is stopping"));
    }
    match ended? {
        true => Ok(status),
        false => Err(io::Error::new(io::ErrorKind::TimedOut, format!("no end after {} s", limit.as_secs()))),
    }
}

/// Whether a child ends within `limit`; it is not waited for.
fn ended(pid: Pid, limit: Duration) -> io::Result<bool> {
    let pidfd = pidfd_open(pid, PidfdFlags::empty())?;
    let limit = Timespec::try_from(limit).map_err(io::Error::other)?;
    loop {
        match poll(&mut [PollFd::new(&pidfd, PollFlags::IN)], Some(&limit)) {
            Err(rustix::io::Errno::INTR) => {}
            ended => return Ok(ended? > 0),
        }
    }
}

fn tail(mut file: File) -> io::Result<String> {
    let len = file.metadata()?.len();
    file.seek(SeekFrom::Start(len.saturating_sub(KEPT_BYTES)))?;
    let mut bytes = Vec::new();
    file.take(KEPT_BYTES).read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// The program of this name in the folders of a search path.
pub(crate) fn which(path: &[std::path::PathBuf], name: &str) -> Option<std::path::PathBuf> {
    path.iter().map(|folder| folder.join(name)).find(|file| is_executable(file))
}

pub(crate) fn is_executable(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::metadata(file).is_ok_and(|metadata| metadata.is_file() && metadata.permissions().mode() & 0o111 != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(script: &str, expect: &str) {
        let finished = run(Command::new("sh").args(["-c", script]), Duration::from_secs(30)).unwrap();
        assert_eq!(finished.last_words(), expect);
    }

    #[test]
    fn the_last_words_tell_why_it_failed() {
        check("echo out; echo first >&2; echo ' why ' >&2; echo >&2; exit 3", "exit status: 3: why");
        check("echo out", "exit status: 0: out");
        check("exit 1", "exit status: 1: it said nothing");
    }

    #[test]
    fn one_that_runs_is_killed_when_all_are_stopped_and_so_is_the_next() {
        let running = Running(Mutex::new(Groups { leaders: Vec::new(), stopped: false }));
        let sleep = || run_among(&running, Command::new("sleep").arg("1000"), Duration::from_secs(900)).unwrap_err();
        std::thread::scope(|scope| {
            let first = scope.spawn(sleep);
            while running.groups().leaders.is_empty() {
                std::thread::yield_now();
            }
            running.stop();
            assert_eq!(first.join().unwrap().to_string(), "funcd is stopping");
        });
        assert_eq!(sleep().kind(), io::ErrorKind::Interrupted);
        assert!(running.groups().leaders.is_empty());
    }

    #[test]
    fn it_has_no_input_to_wait_for() {
        check("cat; echo end", "exit status: 0: end");
    }

    #[test]
    fn a_program_that_was_just_written_runs_as_soon_as_its_writer_is_gone() {
        use std::os::unix::fs::OpenOptionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("program");
        let mut file = File::options().create_new(true).write(true).mode(0o755).open(&program).unwrap();
        io::Write::write_all(&mut file, b"#!/bin/sh\necho ran\n").unwrap();
        let (started, wait) = std::sync::mpsc::channel();
        std::thread::scope(|scope| {
            scope.spawn(move || {
                started.send(()).unwrap();
                run(Command::new("sleep").arg("0.2"), Duration::from_secs(30)).unwrap();
                drop(file);
            });
            wait.recv().unwrap();
            assert_eq!(run(&mut Command::new(&program), Duration::from_secs(30)).unwrap().stdout, "ran\n");
        });
    }

    #[test]
    fn much_output_is_kept_from_its_end() {
        check("head -c 1000000 /dev/zero | tr '\\0' x; echo; echo end", "exit status: 0: end");
    }

    #[test]
    fn what_does_not_end_is_killed_with_its_children() {
        let error = run(Command::new("sh").args(["-c", "sleep 1000 & wait"]), Duration::from_millis(100)).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    }
}
