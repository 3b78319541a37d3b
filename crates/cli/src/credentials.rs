//! `credentials.json`: the address and keys that a running funcd leaves in its data folder, for its owner alone. The secret key
//! in it is sealed with the installation's key file, so that a copy of the file alone opens nothing.

use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, anyhow};
use auth::seal::Key;
use serde::{Deserialize, Serialize};

use crate::options::SecretKey;

/// Name of the file in the data folder.
pub const FILE: &str = "credentials.json";

/// The name of an installation's domain, in files of before it was written there.
const FIRST_DOMAIN: &str = "funcd";

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
    /// Name and password of the first user, until they change it: for tokens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub login: Option<Login>,
}

/// A user's name and password.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Login {
    /// The domain that the user is in: a request for a token names it.
    pub domain: String,
    /// The user's name.
    pub user: String,
    /// The password.
    pub password: SecretKey,
}

/// The file's form.
#[derive(Serialize, Deserialize)]
struct Sealed {
    access_key: String,
    sealed_secret_key: String,
    /// Where the key is that opens it.
    key_file: PathBuf,
    project_id: String,
    region: String,
    api: String,
    gateway: String,
    /// Absent where there is none to show, and in files of before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    domain: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    user: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sealed_password: Option<String>,
}

impl Credentials {
    /// The file's content, as the daemon writes it: the secret sealed with `key`, which is kept in `key_file`.
    pub fn sealed(&self, key: &Key, key_file: &Path) -> Vec<u8> {
        let secret = key.seal(&context(&self.access_key), self.secret_key.expose().as_bytes());
        let file = Sealed {
            access_key: self.access_key.clone(),
            sealed_secret_key: hex::encode(secret),
            key_file: key_file.to_owned(),
            project_id: self.project_id.clone(),
            region: self.region.clone(),
            api: self.api.clone(),
            gateway: self.gateway.clone(),
            domain: self.login.as_ref().map(|login| login.domain.clone()),
            user: self.login.as_ref().map(|login| login.user.clone()),
            sealed_password: self
                .login
                .as_ref()
                .map(|login| hex::encode(key.seal(&password_context(&login.user), login.password.expose().as_bytes()))),
        };
        serde_json::to_vec_pretty(&file).unwrap_or_default()
    }
}

fn context(access_key: &str) -> String {
    format!("credentials.json/{access_key}")
}

fn password_context(user: &str) -> String {
    format!("credentials.json/password/{user}")
}

/// Name and password in the clear again.
fn login(file: &Sealed, key: &Key) -> Option<Login> {
    let (user, sealed) = (file.user.clone()?, hex::decode(file.sealed_password.as_ref()?).ok()?);
    let password = String::from_utf8(key.open(&password_context(&user), &sealed).ok()?).ok()?.parse().ok()?;
    Some(Login { domain: file.domain.clone().unwrap_or_else(|| FIRST_DOMAIN.to_owned()), user, password })
}

/// Reads the file of a data folder; `None` when there is none.
///
/// # Errors
/// When it is there but cannot be read or opened, with what to do.
pub fn read(data_dir: &Path) -> Result<Option<Credentials>> {
    let path = data_dir.join(FILE);
    let Some(text) = private(&path)? else { return Ok(None) };
    let broken = || format!("{} is not what funcd writes: start `funcd up` again to write it anew", path.display());
    let file: Sealed = serde_json::from_str(&text).with_context(broken)?;
    let key = private(&file.key_file)?
        .as_deref()
        .and_then(Key::from_hex)
        .with_context(|| format!("{} has no sealing key: restore the file from a backup", file.key_file.display()))?;
    let sealed = hex::decode(&file.sealed_secret_key).with_context(broken)?;
    let secret = key.open(&context(&file.access_key), &sealed).with_context(broken)?;
    let login = login(&file, &key);
    Ok(Some(Credentials {
        login,
        access_key: file.access_key,
        secret_key: String::from_utf8(secret).with_context(broken)?.parse()?,
        project_id: file.project_id,
        region: file.region,
        api: file.api,
        gateway: file.gateway,
    }))
}

/// The text of a file that only the owner may read; `None` when it is not there.
fn private(path: &Path) -> Result<Option<String>> {
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => Ok(None),
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => Err(anyhow!(
            "no right to read {}: it is for the user that runs funcd (often root). Run this command as that user, or \
             give address and keys by FUNCD_ENDPOINT, FUNCD_ACCESS_KEY, FUNCD_SECRET_KEY and FUNCD_PROJECT_ID \
             (`funcd credentials` prints them)",
            path.display()
        )),
        Err(error) => Err(error).with_context(|| format!("cannot read {}", path.display())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn credentials() -> Credentials {
        Credentials {
            access_key: "AK".to_owned(),
            secret_key: "the secret".parse().unwrap(),
            project_id: "p".to_owned(),
            region: "local-1".to_owned(),
            api: "http://127.0.0.1:8081".to_owned(),
            gateway: "http://127.0.0.1:8080".to_owned(),
            login: Some(Login {
                domain: "funcd".to_owned(),
                user: "admin".to_owned(),
                password: "the password".parse().unwrap(),
            }),
        }
    }

    /// Writes what a daemon leaves, with `key` in the key file but the secret sealed by `by`.
    fn folder(key: &Key, by: &Key) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        let key_file = folder.path().join("secret.key");
        std::fs::write(&key_file, key.to_hex()).unwrap();
        std::fs::write(folder.path().join(FILE), credentials().sealed(by, &key_file)).unwrap();
        folder
    }

    #[test]
    fn what_the_daemon_leaves_is_read_back_and_the_secret_is_not_in_the_file() {
        let key = Key::generate();
        let folder = folder(&key, &key);
        assert!(!std::fs::read_to_string(folder.path().join(FILE)).unwrap().contains("the secret"));
        assert!(!std::fs::read_to_string(folder.path().join(FILE)).unwrap().contains("the password"));
        assert_eq!(read(folder.path()).unwrap(), Some(credentials()));
    }

    #[test]
    fn another_key_does_not_open_it() {
        let folder = folder(&Key::generate(), &Key::generate());
        assert!(read(folder.path()).unwrap_err().to_string().contains("start `funcd up` again"));
    }

    #[test]
    fn a_lost_key_can_only_be_restored() {
        let key = Key::generate();
        let folder = folder(&key, &key);
        std::fs::remove_file(folder.path().join("secret.key")).unwrap();
        let error = read(folder.path()).unwrap_err().to_string();
        assert!(error.ends_with("secret.key has no sealing key: restore the file from a backup"), "{error}");
    }

    #[test]
    fn an_empty_folder_has_none() {
        assert_eq!(read(tempfile::tempdir().unwrap().path()).unwrap(), None);
    }
}
