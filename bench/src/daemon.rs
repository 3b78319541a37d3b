//! A funcd of the run: its own folder and ports, spoken to through its command line, its processes told apart from the functions'.

use std::fs;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

use crate::process::{self, Running, wait_for};
use crate::{Setup, functions};

/// Looks, 20 ms apart, in which nothing may change until a daemon is at rest: longer than it waits before it makes sandboxes ahead.
const SETTLED: usize = 20;

/// How it is started.
#[derive(Clone, Debug)]
pub(crate) struct Options<'a> {
    pub(crate) binary: &'a Path,
    /// Runtimes are installed here once for all runs.
    pub(crate) runtimes: &'a Path,
    /// `funcd.toml`.
    pub(crate) config: &'a str,
    /// Cores it may use, as `taskset` writes them.
    pub(crate) cores: Option<&'a str>,
}

/// A running funcd; dropping it stops it.
#[derive(Debug)]
pub(crate) struct Daemon {
    running: Running,
    binary: PathBuf,
    data: PathBuf,
    api: SocketAddr,
    pub(crate) gateway: SocketAddr,
    /// From the start of the process until it said that it is ready.
    pub(crate) start: Duration,
}

impl Daemon {
    /// Starts the binary of the run with this configuration, on every core, in a folder of this name; the state of an earlier one
    /// of the same name is kept.
    pub(crate) fn of(setup: &Setup, name: &str, config: &str) -> Result<Self> {
        let options = Options { binary: &setup.funcd, runtimes: &setup.runtimes, config, cores: None };
        Self::start(&functions::scratch(setup, name)?, &options)
    }

    /// Starts it in `folder`, which may hold the state of an earlier one.
    pub(crate) fn start(folder: &Path, options: &Options<'_>) -> Result<Self> {
        let data = folder.join("data");
        fs::create_dir_all(&data)?;
        fs::create_dir_all(options.runtimes)?;
        fs::write(data.join("funcd.toml"), options.config)?;
        let runtimes = data.join("runtimes");
        if !fs::exists(&runtimes)? {
            std::os::unix::fs::symlink(options.runtimes, runtimes)?;
        }
        let (api, gateway) = (free_address()?, free_address()?);
        let mut command = Command::new(options.binary);
        command.args(["up", "--data-dir"]).arg(&data);
        command.args(["--api", &api.to_string(), "--gateway", &gateway.to_string()]);
        let log = folder.join("funcd.log");
        let began = Instant::now();
        let mut running = Running::start("funcd", command, options.cores, &log)?;
        let said = || fs::read_to_string(&log).unwrap_or_default();
        wait_for(Duration::from_secs(60), Duration::from_millis(1), || {
            running.check().with_context(said)?;
            Ok(said().contains("is ready"))
        })
        .context("funcd did not start")?;
        let start = began.elapsed();
        Ok(Self { running, binary: options.binary.to_owned(), data, api, gateway, start })
    }

    /// Where its state is.
    pub(crate) fn data(&self) -> &Path {
        &self.data
    }

    /// Where the API and the console are.
    pub(crate) fn api(&self) -> String {
        format!("http://{}", self.api)
    }

    /// Runs a command of the CLI on it; answers what it printed.
    pub(crate) fn cli(&self, arguments: &[&str]) -> Result<String> {
        let mut command = Command::new(&self.binary);
        command.args(arguments).arg("--data-dir").arg(&self.data).env_remove("FUNCD_ENDPOINT");
        let output = command.output().context("cannot run funcd")?;
        if !output.status.success() {
            bail!("funcd {} failed:\n{}", arguments.join(" "), String::from_utf8_lossy(&output.stderr));
        }
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    /// Deploys a folder or zip; answers the host to call.
    pub(crate) fn deploy(&self, source: &Path, name: &str, more: &[&str]) -> Result<String> {
        let source = source.to_str().context("the path is not text")?;
        let mut arguments = vec!["deploy", source, "--name", name];
        arguments.extend(more);
        self.cli(&arguments)?;
        Ok(format!("{name}.localhost:{}", self.gateway.port()))
    }

    /// An error when it has ended.
    pub(crate) fn check(&mut self) -> Result<()> {
        self.running.check()
    }

    pub(crate) fn pid(&self) -> u32 {
        self.running.pid()
    }

    /// Its own processes: the daemon, the launcher, blanks, and what stays of us in a sandbox.
    pub(crate) fn platform(&self) -> Result<Vec<u32>> {
        Ok(self.split()?.0)
    }

    /// The functions' processes, in sandboxes.
    pub(crate) fn functions(&self) -> Result<Vec<u32>> {
        Ok(self.split()?.1)
    }

    /// Kills the functions' processes and waits until nothing of them is left and the sandboxes that are made ahead are made
    /// again, so that what is measured next is measured in peace.
    pub(crate) fn end_instances(&self) -> Result<()> {
        for pid in self.functions()? {
            process::signal(pid, rustix::process::Signal::KILL);
        }
        wait_for(Duration::from_secs(30), Duration::from_millis(5), || Ok(self.functions()?.is_empty()))
            .context("instances do not end")?;
        self.settle()
    }

    /// Waits until no process comes or goes.
    pub(crate) fn settle(&self) -> Result<()> {
        let (mut last, mut still) = (Vec::new(), 0);
        wait_for(Duration::from_secs(30), Duration::from_millis(20), || {
            let now = process::tree(self.pid())?;
            still = if now == last { still + 1 } else { 0 };
            last = now;
            Ok(still >= SETTLED)
        })
        .context("processes of funcd come and go without end")
    }

    /// Ours run our program, theirs another.
    fn split(&self) -> Result<(Vec<u32>, Vec<u32>)> {
        let ours = process::program(self.pid()).context("funcd is gone")?;
        let tree = process::tree(self.pid())?;
        Ok(tree.into_iter().partition(|pid| process::program(*pid).is_none_or(|program| program == ours)))
    }
}

/// An address of this machine's loopback where nobody listens now.
pub(crate) fn free_address() -> Result<SocketAddr> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?)
}
