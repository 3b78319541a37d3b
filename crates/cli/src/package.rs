//! A folder or a zip becomes the package that is uploaded.
//!
//! 1. The folder is walked, without what `.funcdignore` names ([`folder`]).
//! 2. The start file is looked at, because a mistake there is the commonest of all ([`bootstrap`]).
//! 3. It is zipped: same files, same bytes, on every machine and every day ([`archive`]).
//!
//! The service checks everything again; what is checked here only saves the upload.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, anyhow, bail, ensure};

use crate::output::{Output, escape};

mod archive;
mod bootstrap;
mod folder;

/// Bytes of a package that the API takes (`api.md` e).
const LARGEST: u64 = 50 * 1024 * 1024;

/// What is uploaded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Package {
    /// A zip.
    pub(crate) bytes: Vec<u8>,
    /// The folder's or archive's own name, to name the function after.
    pub(crate) source_name: String,
}

/// What a package is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// It starts a function: it has a `bootstrap`.
    Function,
    /// It completes the code of functions.
    Dependency,
}

/// Reads a folder or a zip of a function.
///
/// # Errors
/// Everything that is wrong with it, at once.
pub(crate) fn read(source: &Path, output: &Output) -> Result<Package> {
    read_for(Purpose::Function, source, output)
}

/// Reads a folder or a zip.
///
/// # Errors
/// Everything that is wrong with it, at once.
pub(crate) fn read_for(purpose: Purpose, source: &Path, output: &Output) -> Result<Package> {
    let shown = source.display();
    let metadata = match std::fs::metadata(source) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            bail!(match purpose {
                Purpose::Function =>
                    format!("there is no {shown}: name a folder with a `bootstrap` file, or a zip of one"),
                Purpose::Dependency => format!("there is no {shown}: name a folder or a zip"),
            })
        }
        Err(error) => return Err(error).with_context(|| format!("cannot read {shown}")),
    };
    let real = source.canonicalize().with_context(|| format!("cannot resolve {shown}"))?;
    if metadata.is_dir() {
        let source_name = name_of(real.file_name());
        return Ok(Package { bytes: zip_folder(purpose, source, output)?, source_name });
    }
    ensure!(metadata.is_file(), "{shown} is neither a folder nor a file");
    Ok(Package { bytes: read_zip(purpose, source)?, source_name: name_of(real.file_stem()) })
}

fn name_of(name: Option<&std::ffi::OsStr>) -> String {
    name.map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

fn zip_folder(purpose: Purpose, root: &Path, output: &Output) -> Result<Vec<u8>> {
    let mut found = folder::walk(root)?;
    for left_out in &found.left_out {
        output.note(&format!("left out {}: neither a file, a folder nor a symlink", escape(left_out)));
    }
    let mut problems = std::mem::take(&mut found.problems);
    if purpose == Purpose::Function {
        problems.extend(start_problem(root, &found.entries)?);
    }
    refuse(root, &problems)?;
    archive::write(&found.entries, LARGEST, output)
}

fn start_problem(root: &Path, entries: &[Entry]) -> Result<Option<String>> {
    let paths: Vec<bootstrap::Found<'_>> = entries
        .iter()
        .map(|entry| bootstrap::Found { path: &entry.path, is_folder: entry.kind == folder::Kind::Folder })
        .collect();
    let start = root.join(bootstrap::NAME);
    let head = read_head(&start).with_context(|| format!("cannot read {}", start.display()))?;
    Ok(bootstrap::check(&paths, &head, Some(root)))
}

/// The first bytes of the start file, followed when it is a symlink; empty when it is not there or no file.
fn read_head(path: &Path) -> std::io::Result<Vec<u8>> {
    match File::open(path) {
        Ok(file) if file.metadata()?.is_file() => {
            let mut head = Vec::new();
            file.take(bootstrap::HEAD).read_to_end(&mut head)?;
            Ok(head)
        }
        Ok(_) => Ok(Vec::new()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

/// Takes a zip as it is, after a look at its start file.
fn read_zip(purpose: Purpose, path: &Path) -> Result<Vec<u8>> {
    let shown = path.display();
    let size = std::fs::metadata(path)?.len();
    ensure!(size <= LARGEST, "{shown} has {size} bytes; a package may have {LARGEST} (50 MB)");
    let bytes = std::fs::read(path).with_context(|| format!("cannot read {shown}"))?;
    let (names, head) = archive::look(&bytes)
        .map_err(|error| anyhow!("{shown} is not a zip that can be read: {error}. Name a folder, or a zip of one"))?;
    if purpose == Purpose::Dependency {
        return Ok(bytes);
    }
    let found: Vec<bootstrap::Found<'_>> = names
        .iter()
        .map(|name| bootstrap::Found { path: name.trim_end_matches('/'), is_folder: name.ends_with('/') })
        .collect();
    refuse(path, bootstrap::check(&found, &head, None).as_slice())?;
    Ok(bytes)
}

fn refuse(source: &Path, problems: &[String]) -> Result<()> {
    match problems {
        [] => Ok(()),
        [one] => bail!("{} cannot be deployed: {one}", source.display()),
        many => bail!("{} cannot be deployed:\n  - {}", source.display(), many.join("\n  - ")),
    }
}

/// A path inside the package: parts joined by `/` on every platform; `None` when a part is not UTF-8.
fn inner_path(path: &Path) -> Option<String> {
    let parts: Option<Vec<&str>> = path.components().map(|part| part.as_os_str().to_str()).collect();
    parts.map(|parts| parts.join("/"))
}

/// One file, folder or symlink of the folder.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Entry {
    /// Inside the package.
    path: String,
    /// On this machine.
    source: PathBuf,
    kind: folder::Kind,
    /// Permission bits.
    mode: u32,
    /// Bytes of a file.
    size: u64,
}

#[cfg(test)]
mod tests;
