//! The funcd under test: this executable's `up` on a temporary folder and free ports, and its commands.

use std::fs::File;
use std::net::{SocketAddr, TcpListener};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use crate::interrupt::Interrupt;

/// How long it may take to start, and to stop.
const PATIENCE: Duration = Duration::from_secs(60);
/// Variables that would lead commands to another service.
const FOREIGN: [&str; 10] = [
    "FUNCD_ENDPOINT",
    "FUNCD_PROFILE",
    "FUNCD_DATA_DIR",
    "FUNCD_ACCESS_KEY",
    "FUNCD_SECRET_KEY",
    "FUNCD_PROJECT_ID",
    "FUNCD_REGION",
    "HUAWEICLOUD_SDK_AK",
    "HUAWEICLOUD_SDK_SK",
    "HUAWEICLOUD_SDK_PROJECT_ID",
];

/// A running funcd; dropping it stops it.
#[derive(Debug)]
pub(crate) struct Service {
    child: Child,
    executable: PathBuf,
    data: PathBuf,
    log: PathBuf,
    /// Where the gateway listens.
    pub(crate) gateway: SocketAddr,
}

impl Service {
    /// Starts one below `folder`, in the namespaces of the calling thread.
    pub(crate) fn start(folder: &Path, interrupt: &Interrupt) -> Result<Self> {
        let executable = std::env::current_exe().context("cannot find this executable")?;
        let (data, log) = (folder.join("data"), folder.join("funcd.log"));
        let (api, gateway) = (free_port()?, free_port()?);
        let said = File::create(&log)?;
        let mut command = Command::new(&executable);
        command
            .args(["up", "--data-dir"])
            .arg(&data)
            .args(["--api", &api.to_string(), "--gateway", &gateway.to_string(), "--log", "info"])
            .env_remove("FUNCD_LOG")
            // What no function must ever see.
            .env("HOSTILE_CANARY", "of the daemon")
            // A Ctrl-C is for this process, which then stops it in order.
            .process_group(0)
            .stdin(Stdio::null())
            .stdout(said.try_clone()?)
            .stderr(said);
        for name in FOREIGN {
            command.env_remove(name);
        }
        let child = command.spawn().with_context(|| format!("cannot run {}", executable.display()))?;
        let mut service = Self { child, executable, data, log, gateway };
        interrupt.wait("funcd starts", PATIENCE, || {
            if let Some(status) = service.child.try_wait()? {
                bail!("funcd ended with {status}:\n{}", service.said());
            }
            Ok(service.said().contains("is ready"))
        })?;
        Ok(service)
    }

    /// Its process.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Its data folder.
    pub(crate) fn data(&self) -> &Path {
        &self.data
    }

    /// What it printed so far.
    pub(crate) fn said(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// Whether it still runs.
    pub(crate) fn is_alive(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// Runs a command on it.
    pub(crate) fn command(&self, arguments: &[&str]) -> Result<Output> {
        let mut command = Command::new(&self.executable);
        command.args(arguments).arg("--data-dir").arg(&self.data).stdin(Stdio::null());
        for name in FOREIGN {
            command.env_remove(name);
        }
        command.output().with_context(|| format!("cannot run {}", self.executable.display()))
    }

    /// Runs a command that must work; what it says with `--json`.
    pub(crate) fn json(&self, arguments: &[&str]) -> Result<Value> {
        let mut all = arguments.to_vec();
        all.push("--json");
        let output = self.command(&all)?;
        if !output.status.success() {
            bail!("funcd {} failed: {}", arguments.join(" "), String::from_utf8_lossy(&output.stderr).trim());
        }
        Ok(serde_json::from_slice(&output.stdout)?)
    }

    fn signal(&self, signal: Signal) {
        if let Some(pid) = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw) {
            // It ended by itself, then.
            let _ = kill_process(pid, signal);
        }
    }

    /// Stops it in order; kills it when it takes too long, and says so.
    pub(crate) fn stop(mut self) -> Result<()> {
        self.end()
    }

    fn end(&mut self) -> Result<()> {
        if !self.is_alive() {
            return Ok(());
        }
        self.signal(Signal::TERM);
        // Nothing is in flight that anybody waits for: the second signal is "at once".
        self.signal(Signal::TERM);
        let ended = Interrupt::default().wait("funcd stops", PATIENCE, || Ok(self.child.try_wait()?.is_some()));
        if ended.is_err() {
            self.child.kill()?;
            self.child.wait()?;
        }
        ended
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        // Told by `stop` where somebody listens.
        let _ = self.end();
    }
}

/// A port of the loopback that nobody listens on now.
fn free_port() -> Result<SocketAddr> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?)
}
