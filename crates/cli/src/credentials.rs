//! `credentials.json`: the address and keys that a running funcd leaves in its data folder, for its owner alone.

use std::io;
use std::path::Path;

use anyhow::{Context as _, Result, anyhow};
use serde::{Deserialize, Serialize};

use crate::options::SecretKey;

/// Name of the file in the data folder.
pub const FILE: &str = "credentials.json";

/// Everything a client needs; `funcd credentials --json` prints exactly this.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Credentials {
    /// Access key, 20 characters.
    pub access_key: String,
    /// Secret key, 40 characters.
    pub secret_key: SecretKey,
    /// Project id, 32 hexadecimal digits.
    pub project_id: String,
    /// Region name.
    pub region: String,
    /// URL of the REST API.
    pub api: String,
    /// URL of the gateway.
    pub gateway: String,
}

/// Reads the file of a data folder; `None` when there is none.
///
/// # Errors
/// When it is there but cannot be read, with what to do.
pub fn read(data_dir: &Path) -> Result<Option<Credentials>> {
    let path = data_dir.join(FILE);
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            return Ok(None);
        }
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
            return Err(anyhow!(
                "no right to read {}: it is for the user that runs funcd (often root). Run this command as that user, or \
                 give address and keys by FUNCD_ENDPOINT, FUNCD_ACCESS_KEY, FUNCD_SECRET_KEY and FUNCD_PROJECT_ID \
                 (`funcd credentials` prints them)",
                path.display()
            ));
        }
        Err(error) => return Err(error).with_context(|| format!("cannot read {}", path.display())),
    };
    let credentials = serde_json::from_str(&text).with_context(|| {
        format!("{} is not what funcd writes: start `funcd up` again to write it anew", path.display())
    })?;
    Ok(Some(credentials))
}
