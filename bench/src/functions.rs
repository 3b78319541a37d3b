//! The functions of the benchmark: a folder that funcd deploys, and the same started bare, with the very files of the runtime that
//! the sandbox sees.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};
use serde::Deserialize;

use crate::Setup;

/// A function that can be measured.
#[derive(Clone, Debug)]
pub(crate) struct Function {
    pub(crate) name: &'static str,
    /// Holds `bootstrap`.
    pub(crate) folder: PathBuf,
    /// The runtime that `bootstrap` names.
    pub(crate) runtime: Option<&'static str>,
}

/// The small Rust server, with the binary that was built.
pub(crate) fn rust(setup: &Setup) -> Result<Function> {
    let folder = setup.folder.path().join("package-rust");
    if !folder.is_dir() {
        fs::create_dir_all(&folder)?;
        fs::copy(setup.root.join("bench/servers/rust/bootstrap"), folder.join("bootstrap"))?;
        fs::copy(&setup.hello, folder.join("hello"))?;
    }
    Ok(Function { name: "Rust", folder, runtime: None })
}

/// The small Node.js server.
pub(crate) fn node(setup: &Setup) -> Function {
    Function { name: "Node", folder: setup.root.join("bench/servers/node"), runtime: Some("nodejs20.15") }
}

/// Python's `http.server`, which writes the head and the body of an answer apart.
pub(crate) fn python(setup: &Setup) -> Function {
    Function { name: "Python", folder: setup.root.join("bench/servers/python"), runtime: Some("python3.10") }
}

/// Express 5, the application of the black-box tests.
pub(crate) fn express(setup: &Setup) -> Result<Function> {
    Ok(Function { name: "Express", folder: application(setup, "express5")?, runtime: Some("nodejs20.15") })
}

/// Flask with gunicorn, the application of the black-box tests.
pub(crate) fn flask(setup: &Setup) -> Result<Function> {
    Ok(Function { name: "Flask", folder: application(setup, "flask")?, runtime: Some("python3.10") })
}

/// The JDK's own HTTP server.
pub(crate) fn java(setup: &Setup) -> Result<Function> {
    let folder = setup.folder.path().join("package-java");
    if !folder.is_dir() {
        fs::create_dir_all(&folder)?;
        let source = setup.root.join("bench/servers/java");
        fs::copy(source.join("bootstrap"), folder.join("bootstrap"))?;
        let mut javac = Command::new("javac");
        javac.args(["--release", "17", "-d"]).arg(&folder).arg(source.join("Server.java"));
        done(&mut javac).context("cannot compile the Java server (package openjdk-17-jdk-headless)")?;
    }
    Ok(Function { name: "Java", folder, runtime: Some("java17") })
}

/// Builds an application of the black-box tests; that is quick when it was built before.
fn application(setup: &Setup, name: &str) -> Result<PathBuf> {
    done(&mut Command::new(setup.root.join("e2e/apps").join(name).join("build.sh")))?;
    Ok(setup.root.join("target/apps").join(name))
}

fn done(command: &mut Command) -> Result<()> {
    let output = command.output().with_context(|| format!("cannot run {}", command.get_program().to_string_lossy()))?;
    if !output.status.success() {
        anyhow::bail!(
            "{} failed:\n{}",
            command.get_program().to_string_lossy(),
            String::from_utf8_lossy(&output.stderr)
        );
    }
    Ok(())
}

/// What the catalogue says is mounted for a runtime.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub(crate) struct Mount {
    pub(crate) source: PathBuf,
    pub(crate) target: PathBuf,
}

#[derive(Debug, Deserialize)]
struct Installed {
    mounts: Vec<Mount>,
}

impl Function {
    /// The folders that make its runtime; it must be installed, which deploying does.
    pub(crate) fn mounts(&self, setup: &Setup) -> Result<Vec<Mount>> {
        let Some(runtime) = self.runtime else { return Ok(Vec::new()) };
        let path = setup.runtimes.join(format!("{runtime}.json"));
        let text = fs::read_to_string(&path).with_context(|| format!("{} is not installed", path.display()))?;
        Ok(serde_json::from_str::<Installed>(&text)?.mounts)
    }

    /// The same program in the same files as in a sandbox, started by the same shell, without one.
    pub(crate) fn bare(&self, setup: &Setup, address: SocketAddr) -> Result<Command> {
        let text = fs::read_to_string(self.folder.join("bootstrap"))?;
        let bootstrap = setup.folder.path().join(format!("bootstrap-{}", self.name));
        fs::write(&bootstrap, outside(&text, &self.mounts(setup)?))?;
        let mut command = Command::new("/bin/bash");
        command.arg(bootstrap).current_dir(&self.folder);
        command.env("RUNTIME_CODE_ROOT", &self.folder).env("PORT", address.port().to_string());
        // As in a sandbox: nothing of the caller's environment reaches the program.
        for (name, _) in std::env::vars_os().filter(|(name, _)| name != "PATH") {
            command.env_remove(name);
        }
        command.env("HOME", "/tmp").env("LANG", "C.UTF-8").env("LC_ALL", "C.UTF-8").env("TZ", "UTC");
        Ok(command)
    }
}

/// A bootstrap with the paths that its runtime has on the host.
fn outside(bootstrap: &str, mounts: &[Mount]) -> String {
    let mut mounts: Vec<&Mount> = mounts.iter().collect();
    mounts.sort_by_key(|mount| std::cmp::Reverse(mount.target.as_os_str().len()));
    mounts.iter().fold(bootstrap.to_owned(), |text, Mount { source, target }| {
        text.replace(&*target.to_string_lossy(), &source.to_string_lossy())
    })
}

/// An empty folder in the scratch folder.
pub(crate) fn scratch(setup: &Setup, name: &str) -> Result<PathBuf> {
    let folder: &Path = setup.folder.path();
    let folder = folder.join(name);
    fs::create_dir_all(&folder)?;
    Ok(folder)
}

#[cfg(test)]
mod tests;
