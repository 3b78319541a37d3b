//! Python byte code of a package, made once when it is unpacked: an instance cannot write it beside the sources, and without it
//! each start compiles every module again (`performance.md` 2c: 297 ms become 812).
//!
//! Compiling runs the package's own interpreter over text that somebody sent, so it is done as the package itself would be run: in
//! a sandbox, without a network. What comes out is the package's word about itself, and is believed no further than its code.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use bytes::{Buf as _, Bytes, BytesMut};
use futures_util::StreamExt as _;
use model::function::{BOOTSTRAP, CODE_ROOT, Mount};
use model::limits;
use sandbox::{Bind, Egress, Limits, Spec};
use serde::Deserialize;

use super::Event;
use super::sandboxed::{self, Sandboxed};
use super::spec::shared;

/// The program. It knows Python from 3.7 on.
const PROGRAM: &str = include_str!("compile.py");
/// How long it may take, over all modules.
const PATIENCE: Duration = Duration::from_secs(30);
/// Bytes it may give.
const OUTPUT_BYTES: usize = 128 << 20;
/// Modules from which on it is worth a process: with one, that is the one that is run, whose byte code Python never keeps.
const MODULES: usize = 2;
/// Files looked at.
const FILES: usize = limits::PACKAGE_ENTRIES;
/// Bytes of `bootstrap` that are looked at for an interpreter.
const BOOTSTRAP_BYTES: usize = 64 << 10;

/// One file of byte code: its place below the package's root, and its bytes.
pub type ByteCode = (String, Bytes);

impl Sandboxed {
    /// The byte code of the Python modules of a package that is unpacked in `root`, by the interpreter that its bootstrap names.
    /// Nothing where there are none, or it does not work; that costs time at starts and is no reason to refuse a package.
    pub async fn byte_code(&self, root: PathBuf) -> Vec<ByteCode> {
        let looked = tokio::task::spawn_blocking(move || Ok::<_, io::Error>((interpreter(&root)?, root))).await;
        let (interpreter, root) = match looked {
            Ok(Ok((Some(interpreter), root))) => (interpreter, root),
            Ok(Ok((None, _))) => return Vec::new(),
            Ok(Err(error)) => return left_out(&error),
            Err(error) => return left_out(&error),
        };
        let spec = spec(&interpreter, root, &self.mounts.load());
        let output = tokio::time::timeout(PATIENCE, self.output(spec)).await;
        match output {
            Ok(Ok(output)) => files(output),
            Ok(Err(error)) => left_out(&error),
            Err(error) => left_out(&error),
        }
    }

    /// What a program writes to its standard output until it ends, or has written too much.
    async fn output(&self, spec: Spec) -> Result<Bytes, Box<dyn std::error::Error + Send + Sync>> {
        let mut launched = sandboxed::start(std::sync::Arc::clone(&self.launcher), spec).await??;
        let mut output = BytesMut::new();
        while let Some(event) = launched.events.next().await {
            match event {
                Event::Stdout(bytes) => output.extend_from_slice(&bytes),
                Event::Stderr(bytes) => tracing::debug!(text = %String::from_utf8_lossy(&bytes), "compile.said"),
                Event::Exited { .. } | Event::Ready | Event::Elsewhere(_) | Event::OutOfMemory => {}
            }
            if output.len() > OUTPUT_BYTES {
                launched.process.kill();
                break;
            }
        }
        Ok(output.freeze())
    }
}

fn left_out(error: &dyn std::fmt::Display) -> Vec<ByteCode> {
    tracing::warn!(%error, "compile.left_out");
    Vec::new()
}

fn spec(interpreter: &str, root: PathBuf, mounts: &[Mount]) -> Spec {
    // The shell looks for the interpreter, as it does for a bootstrap.
    let script = "exec \"$0\" -I -S -W ignore -c \"$1\" \"$2\"";
    let argv = ["/bin/sh", "-c", script, interpreter, PROGRAM, CODE_ROOT];
    Spec {
        name: "compile".to_owned(),
        hostname: "compile".to_owned(),
        argv: argv.map(str::to_owned).to_vec(),
        env: vec![("PATH".to_owned(), "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin".to_owned())]
            .into(),
        cwd: PathBuf::from("/tmp"),
        binds: vec![Bind { source: root, target: PathBuf::from(CODE_ROOT) }],
        shared: shared(mounts),
        limits: Limits {
            memory_bytes: 512 << 20,
            cpu_millicores: 1000,
            pids: 16,
            open_files: 256,
            tmp_bytes: 1 << 20,
            tmp_inodes: 16,
        },
        egress: Egress::None,
    }
}

/// What to compile the package in `root` with; `None` where it has too few modules.
fn interpreter(root: &Path) -> io::Result<Option<String>> {
    if modules(root)? < MODULES {
        return Ok(None);
    }
    let bootstrap = fs::read(root.join(BOOTSTRAP))?;
    Ok(named(bootstrap.get(..BOOTSTRAP_BYTES).unwrap_or(&bootstrap)))
}

/// Python modules in a folder, as far as it matters.
fn modules(root: &Path) -> io::Result<usize> {
    let (mut found, mut seen, mut folders) = (0, 0, vec![root.to_owned()]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            let kind = entry.file_type()?;
            seen += 1;
            if kind.is_dir() {
                folders.push(entry.path());
            } else if kind.is_file() && entry.path().extension().is_some_and(|extension| extension == "py") {
                found += 1;
            }
            if found >= MODULES || seen >= FILES {
                return Ok(found);
            }
        }
    }
    Ok(found)
}

/// The first Python that a script names; `python3` where it names none, as it may start one by a command of its own. `None` for a
/// program.
fn named(bootstrap: &[u8]) -> Option<String> {
    if bootstrap.contains(&0) {
        return None;
    }
    let text = String::from_utf8_lossy(bootstrap);
    let lines = text.lines().filter(|line| !line.trim_start().starts_with('#') || line.starts_with("#!"));
    let words = lines.flat_map(|line| line.split(|c: char| c.is_whitespace() || "\"'`;&|()=!#".contains(c)));
    let python = words.map(|word| word.replace("$RUNTIME_CODE_ROOT", CODE_ROOT)).find(|word| {
        let name = word.rsplit('/').next().unwrap_or_default();
        let version = name.strip_prefix("python");
        version.is_some_and(|version| version.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.'))
    });
    Some(python.unwrap_or_else(|| "python3".to_owned()))
}

/// One line of the program's output.
#[derive(Deserialize)]
struct Head {
    path: String,
    size: usize,
}

/// The files in the program's output, up to the first that is not whole.
fn files(mut output: Bytes) -> Vec<ByteCode> {
    let mut files = Vec::new();
    while let Some(end) = output.iter().position(|byte| *byte == b'\n') {
        let line = output.split_to(end);
        output.advance(1);
        match serde_json::from_slice::<Head>(&line) {
            Ok(Head { path, size }) if size <= output.len() => files.push((path, output.split_to(size))),
            _ => break,
        }
    }
    files
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(bootstrap: &str, expect: Option<&str>) {
        assert_eq!(named(bootstrap.as_bytes()).as_deref(), expect, "{bootstrap:?}");
    }

    #[test]
    fn the_interpreter_is_the_one_that_the_bootstrap_runs() {
        check("exec /usr/bin/python3 -u app.py\n", Some("/usr/bin/python3"));
        check("#!/bin/sh\n# python2 is not used\nexec python3.11 app.py", Some("python3.11"));
        check("#!/opt/venv/bin/python3\nimport app", Some("/opt/venv/bin/python3"));
        let own = "/opt/function/runtime/python3.9/rtsp/python/bin/python3";
        check(&format!("{own} -u $RUNTIME_CODE_ROOT/index.py"), Some(own));
        check("\"$RUNTIME_CODE_ROOT/venv/bin/python\" -m app", Some("/opt/function/code/venv/bin/python"));
        check("PATH=x gunicorn app:app", Some("python3"));
        check("pythonic --run", Some("python3"));
        check("\x7fELF\0", None);
    }

    #[test]
    fn output_is_read_up_to_what_is_not_whole() {
        let text =
            "{\"path\": \"a\", \"size\": 3}\nx\ny{\"path\": \"b\", \"size\": 0}\n{\"path\": \"c\", \"size\": 9}\nshort";
        let expect = [("a".to_owned(), Bytes::from("x\ny")), ("b".to_owned(), Bytes::new())];
        assert_eq!(files(Bytes::from(text)), expect);
        for text in [
            "",
            "\n",
            "no json\n",
            "{\"path\": \"a\", \"size\": -1}\n",
            "{\"path\": \"a\"",
            "{\"size\": 18446744073709551615}\n",
        ] {
            assert_eq!(files(Bytes::from(text)), []);
        }
    }
}
