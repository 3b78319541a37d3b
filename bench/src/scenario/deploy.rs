//! (f) From a zip of 10 KB to the first answer of the function in it, by the command that users run.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::Result;

use super::quiet;
use crate::daemon::Daemon;
use crate::functions::{self, Function};
use crate::report::{Key, Report};
use crate::start::{self, LISTEN, Namespace};
use crate::{Setup, say};

const SCENARIO: &str = "deploy";
const ZIP_BYTES: usize = 10_000;

pub(crate) fn run(setup: &Setup, report: &mut Report) -> Result<()> {
    let daemon = Daemon::of(setup, "deploy", "[instances]\nidle_seconds = 86400\n")?;
    let function = functions::node(setup);
    let folder = functions::scratch(setup, "deploy")?;
    let namespace = Namespace::make()?;
    deploy(&daemon, &zip(&folder, &function, 0)?, 0)?;
    for round in 1..=setup.rounds.unwrap_or(if setup.quick { 2 } else { 15 }) {
        let package = zip(&folder, &function, round)?;
        let (ms, foreign) = quiet(setup, || deploy(&daemon, &package, round))?;
        let command = function.bare(setup, LISTEN)?;
        let bare = namespace.inside(|| start::bare(command, LISTEN, "/"))?.0.first_byte * 1e3;
        let key = Key { scenario: SCENARIO, case: "Node, zip of 10 KB", of: "funcd deploy" };
        report.add(&key, ("until the first answer", "ms"), ms, foreign);
        report.add(&Key { of: "bare start", ..key }, ("until the first answer", "ms"), bare, foreign);
        say(&format!("{SCENARIO} {round:>2} {ms:.1} ms, bare start {bare:.1} ms  foreign {foreign:.2}"));
    }
    report.note(
        SCENARIO,
        "Each time another function with other code; the whole command is timed, its own start included.",
    );
    Ok(())
}

/// Milliseconds until the command ends, which it does when the function's URL answered.
fn deploy(daemon: &Daemon, package: &Path, round: usize) -> Result<f64> {
    let began = Instant::now();
    let host = daemon.deploy(package, &format!("deploy-{round}"), &["--memory", "4096"])?;
    let ms = began.elapsed().as_secs_f64() * 1e3;
    crate::http::get(daemon.gateway, &host, "/")?;
    daemon.end_instances()?;
    Ok(ms)
}

/// The function with a file beside it that nothing can compress, another one each time.
fn zip(folder: &Path, function: &Function, round: usize) -> Result<PathBuf> {
    let path = folder.join(format!("{round}.zip"));
    let mut archive = zip::ZipWriter::new(fs::File::create(&path)?);
    let options = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    let mut size = 0;
    for name in ["bootstrap", "index.js"] {
        let content = fs::read(function.folder.join(name))?;
        size += content.len();
        archive.start_file(name, options.unix_permissions(0o755))?;
        archive.write_all(&content)?;
    }
    archive.start_file("ballast", options)?;
    archive.write_all(&ballast(round as u64 + 1, ZIP_BYTES.saturating_sub(size + 400)))?;
    archive.finish()?;
    Ok(path)
}

/// Bytes that look random (Marsaglia's xorshift) and are the same for the same seed.
pub(super) fn ballast(seed: u64, count: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let next = |_| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state as u8
    };
    (0..count).map(next).collect()
}
