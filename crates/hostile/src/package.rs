//! The zip of a function: its own files, the server that runs them, and a `bootstrap` unless it brings one.

use std::collections::BTreeMap;
use std::io::{Seek, Write};

use anyhow::{Context as _, Result};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::case::{Case, NEIGHBOUR, SERVER, shared};

/// Python without the user's settings and site packages.
const BOOTSTRAP: &str = "exec /usr/bin/python3 -I -S -B \"$RUNTIME_CODE_ROOT/probe.py\"\n";

/// Writes the zip of a case; `file` becomes `function.py`.
pub(crate) fn write(case: &Case, file: &str, to: impl Write + Seek) -> Result<()> {
    let mut files: BTreeMap<&str, &[u8]> =
        case.files.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())).collect();
    if let Some(function) = case.files.get(file) {
        files.insert("function.py", function);
    }
    write_with(files, &case.links, to)
}

/// Writes the zip of the neighbour.
pub(crate) fn write_neighbour(to: impl Write + Seek) -> Result<()> {
    write_with(BTreeMap::from([("function.py", shared(NEIGHBOUR)?)]), &BTreeMap::new(), to)
}

fn write_with<'a>(
    mut files: BTreeMap<&'a str, &'a [u8]>,
    links: &BTreeMap<String, String>,
    to: impl Write + Seek,
) -> Result<()> {
    files.insert(SERVER, shared(SERVER)?);
    files.entry("bootstrap").or_insert(BOOTSTRAP.as_bytes());
    let mut zip = ZipWriter::new(to);
    for (name, bytes) in files {
        zip.start_file(name, SimpleFileOptions::default().unix_permissions(0o755))
            .with_context(|| format!("cannot pack {name}"))?;
        zip.write_all(bytes)?;
    }
    for (name, target) in links {
        zip.add_symlink(name, target, SimpleFileOptions::default()).with_context(|| format!("cannot pack {name}"))?;
    }
    zip.finish()?;
    Ok(())
}
