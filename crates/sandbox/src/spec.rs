//! What to run and within which walls, and whether that can be.

use crate::error::Step;
use crate::{Error, Variables};
use rustix::fs::MemfdFlags;
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io::{Read, Seek, Write};
use std::os::fd::OwnedFd;
use std::path::{Component, Path, PathBuf};
use std::process::Command;
use zeroize::Zeroizing;

/// What to run and within which walls. Plain data: it can be printed, compared and sent.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Spec {
    /// Instance id, `[a-z0-9-]{1,40}`: it is named in errors and in the init's process name.
    pub name: String,
    /// Host name inside, `[A-Za-z0-9.-]{1,63}`.
    pub hostname: String,
    /// Absolute path of the program inside, then its arguments. No shell, no search in `PATH`.
    pub argv: Vec<String>,
    /// Complete environment: nothing is inherited from the daemon.
    pub env: Variables,
    /// Working folder inside, absolute.
    pub cwd: PathBuf,
    /// Host folders seen read-only inside (nosuid, nodev), mounted in this order after [`Spec::shared`]. Together at most
    /// [`MAX_BINDS`].
    pub binds: Vec<Bind>,
    /// The same for what all instances see, such as language runtimes, and in which nothing is any user's: the next blanks are
    /// made with them.
    pub shared: Vec<Bind>,
    /// What the instance may use up.
    pub limits: Limits,
    /// Which network it may reach.
    pub egress: Egress,
}

/// A host folder and where it appears inside.
///
/// The files keep their owners, and every owner of the host is "nobody" inside, so what the instance shall read must be
/// readable for everyone; the folders *above* `source` may be closed (0700).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bind {
    /// Absolute path of a folder on the host.
    pub source: PathBuf,
    /// Absolute path inside, below `/opt`, `/home` or `/srv`; made when it does not exist. No part of it may be a symbolic
    /// link.
    pub target: PathBuf,
}

/// What an instance may use up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Memory and swap together, in bytes. What is written to `/tmp` and `/dev/shm`, pipes and socket buffers count too,
    /// and about 1 MiB of it is the sandbox's own init.
    pub memory_bytes: u64,
    /// Processor time, in thousandths of one processor (10 to 1,000,000).
    pub cpu_millicores: u32,
    /// Processes and threads of the user.
    pub pids: u64,
    /// `RLIMIT_NOFILE`.
    pub open_files: u64,
    /// Size of `/tmp`. Its pages are charged to `memory_bytes`: the smaller of the two is what fits.
    pub tmp_bytes: u64,
    /// Files and folders in `/tmp`.
    pub tmp_inodes: u64,
}

/// Which network an instance may reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Egress {
    /// Only its own loopback.
    None,
    /// The internet, without private, link-local, metadata and host addresses.
    Internet,
}

/// What the launcher and the sandbox's init need to know of a [`Spec`].
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Outline {
    pub(crate) name: String,
    pub(crate) hostname: String,
    pub(crate) binds: Vec<Bind>,
    pub(crate) shared: Vec<Bind>,
    pub(crate) limits: Limits,
    pub(crate) egress: Egress,
}

/// The rest, which has the user's secrets in it. It travels in an anonymous file that only the user's process reads, so
/// that they are in no memory that is forked into another instance.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Program {
    pub(crate) argv: Vec<String>,
    pub(crate) env: Variables,
    pub(crate) cwd: PathBuf,
    pub(crate) open_files: u64,
}

impl Outline {
    pub(crate) fn of(spec: &Spec) -> Self {
        Self {
            name: spec.name.clone(),
            hostname: spec.hostname.clone(),
            binds: spec.binds.clone(),
            shared: spec.shared.clone(),
            limits: spec.limits.clone(),
            egress: spec.egress,
        }
    }

    pub(crate) fn read(bytes: &[u8]) -> Result<Self, Error> {
        serde_json::from_slice(bytes).map_err(std::io::Error::other).step(|| "read the specification")
    }

    /// Everything that is to be mounted in a blank that `had` some of the shared folders, in order.
    pub(crate) fn binds_beyond(&self, had: &[Bind]) -> impl Iterator<Item = &Bind> {
        self.shared.iter().filter(|bind| !had.contains(bind)).chain(&self.binds)
    }

    /// Goes through a reading once, so that the memory it takes is at hand when it matters: the first touch of each page,
    /// also after a fork, costs about 1 µs.
    pub(crate) fn rehearse() {
        let plain = r#"{"name":"rehearsal","hostname":"rehearsal","binds":[{"source":"/opt/function/code","target":"/"}],
            "shared":[{"source":"/opt/function/code","target":"/"}],
            "limits":{"memory_bytes":1,"cpu_millicores":1,"pids":1,"open_files":1,"tmp_bytes":1,"tmp_inodes":1},"egress":"None"}"#;
        std::hint::black_box(Self::read(plain.as_bytes())).ok();
    }
}

impl Program {
    /// An anonymous file with the program of `spec` in it.
    pub(crate) fn file(spec: &Spec) -> Result<OwnedFd, Error> {
        let program = Self {
            argv: spec.argv.clone(),
            env: spec.env.clone(),
            cwd: spec.cwd.clone(),
            open_files: spec.limits.open_files,
        };
        program.write()
    }

    fn write(&self) -> Result<OwnedFd, Error> {
        let bytes = self.bytes().map_err(std::io::Error::other).step(|| "write the program")?;
        let file = rustix::fs::memfd_create(c"program", MemfdFlags::CLOEXEC).step(|| "make an anonymous file")?;
        let mut file = File::from(file);
        file.write_all(&bytes).and_then(|()| file.rewind()).step(|| "write the program")?;
        Ok(file.into())
    }

    /// As JSON, in memory that is wiped and never moved: what a growing buffer leaves behind stays readable.
    fn bytes(&self) -> serde_json::Result<Zeroizing<Vec<u8>>> {
        let mut length = Length(0);
        serde_json::to_writer(&mut length, self)?;
        let mut bytes = Zeroizing::new(Vec::with_capacity(length.0));
        serde_json::to_writer(&mut *bytes, self)?;
        Ok(bytes)
    }

    pub(crate) fn read(file: OwnedFd) -> Result<Self, Error> {
        let mut bytes = Vec::new();
        File::from(file).read_to_end(&mut bytes).step(|| "read the program")?;
        serde_json::from_slice(&bytes).map_err(std::io::Error::other).step(|| "read the program")
    }

    /// See [`Outline::rehearse`]; with an environment of usual size.
    pub(crate) fn rehearse() {
        let word = || "x".repeat(40);
        let env = (0..24).map(|n| (format!("VARIABLE_{n}"), word())).collect();
        let program = Self { argv: vec![word(), word()], env, cwd: PathBuf::from("/"), open_files: 0 };
        let read = program.write().and_then(Self::read);
        std::hint::black_box(read.map(|program| program.command())).ok();
    }

    /// What becomes of the process.
    pub(crate) fn command(&self) -> Command {
        let (path, arguments) = self.argv.split_first().map_or(("", &[][..]), |(path, rest)| (path.as_str(), rest));
        let mut command = Command::new(path);
        command.args(arguments).env_clear().envs(self.env.iter().cloned());
        command
    }
}

/// Counts what is written.
struct Length(usize);

impl Write for Length {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Most binds in one [`Spec`].
pub const MAX_BINDS: usize = 64;

/// Below which folders binds may be. Elsewhere is the skeleton, and the second wall lets nothing be read.
const FOR_BINDS: [&str; 3] = ["/opt", "/home", "/srv"];

impl Spec {
    /// Every reason why this cannot be run.
    pub(crate) fn check(&self) -> Result<(), Error> {
        let mut problems = Vec::new();
        let mut need = |holds: bool, problem: String| {
            if !holds {
                problems.push(problem);
            }
        };
        need(is_name(&self.name), format!("name {:?} is not [a-z0-9-]{{1,40}}", self.name));
        need(is_hostname(&self.hostname), format!("hostname {:?} is not [A-Za-z0-9.-]{{1,63}}", self.hostname));
        let program = self.argv.first().map_or("", String::as_str);
        need(program.starts_with('/'), format!("argv[0] {program:?} is not an absolute path"));
        need(!self.argv.iter().any(|word| word.contains('\0')), "argv contains a NUL byte".to_owned());
        for (key, value) in self.env.iter() {
            let fits = !key.is_empty() && !key.contains(['=', '\0']) && !value.contains('\0');
            need(fits, format!("environment variable {key:?} is empty or contains '=' or a NUL byte"));
        }
        need(is_plain(&self.cwd), format!("cwd {} is not absolute and plain", self.cwd.display()));
        let count = self.shared.len() + self.binds.len();
        need(count <= MAX_BINDS, format!("{count} binds, at most {MAX_BINDS}"));
        for Bind { source, target } in self.shared.iter().chain(&self.binds) {
            need(is_plain(source), format!("bind source {} is not absolute and plain", source.display()));
            need(
                is_free(target),
                format!("bind target {} is not plain and below /opt, /home or /srv", target.display()),
            );
        }
        self.limits.check(&mut need);
        if problems.is_empty() { Ok(()) } else { Err(Error::Spec { problems }) }
    }
}

impl Limits {
    fn check(&self, need: &mut impl FnMut(bool, String)) {
        let mut within = |field: &str, value: u64, least: u64, most: u64| {
            need((least..=most).contains(&value), format!("{field} {value} is not within {least} to {most}"));
        };
        within("memory_bytes", self.memory_bytes, 8 << 20, 1 << 50);
        within("cpu_millicores", u64::from(self.cpu_millicores), 10, 1_000_000);
        within("pids", self.pids, 1, 1 << 20);
        within("open_files", self.open_files, 16, 1 << 20);
        within("tmp_bytes", self.tmp_bytes, 64 << 10, 1 << 50);
        within("tmp_inodes", self.tmp_inodes, 16, 1 << 40);
    }
}

fn is_name(name: &str) -> bool {
    (1..=40).contains(&name.len()) && name.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-'))
}

fn is_hostname(name: &str) -> bool {
    (1..=63).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-'))
}

/// Absolute, without `.`, `..` and NUL.
fn is_plain(path: &Path) -> bool {
    path.is_absolute()
        && !path.as_os_str().as_encoded_bytes().contains(&0)
        && path.components().all(|part| matches!(part, Component::RootDir | Component::Normal(_)))
}

fn is_free(target: &Path) -> bool {
    is_plain(target) && FOR_BINDS.iter().any(|above| target.starts_with(above) && target != Path::new(above))
}

#[cfg(test)]
mod tests;
