//! Where the funcd of this machine keeps its state; the daemon and the commands agree on it here.

use std::path::PathBuf;

use anyhow::{Context as _, Result};
use directories::ProjectDirs;

use crate::options::Options;

/// The platform's data folder for funcd, such as `~/.local/share/funcd`.
///
/// # Errors
/// When the user has no home folder.
pub fn default() -> Result<PathBuf> {
    Ok(folders()?.data_dir().to_owned())
}

/// The data folder that the options name (`--data-dir`, `FUNCD_DATA_DIR`), else [`default`].
///
/// # Errors
/// As [`default`].
pub fn resolve(options: &Options) -> Result<PathBuf> {
    match options.data_dir.as_ref().filter(|path| !path.as_os_str().is_empty()) {
        Some(path) => Ok(path.clone()),
        None => default(),
    }
}

/// The file with the profiles, such as `~/.config/funcd/config.toml`.
pub(crate) fn profiles() -> Result<PathBuf> {
    Ok(folders()?.config_dir().join("config.toml"))
}

fn folders() -> Result<ProjectDirs> {
    ProjectDirs::from("", "", "funcd").context("this user has no home folder: name the data folder with --data-dir")
}
