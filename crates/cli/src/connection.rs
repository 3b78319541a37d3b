//! From options, environment, profile and data folder to one service and the keys for it.
//!
//! An address and its keys belong together: keys found beside one address are never used for another, except the data
//! folder's, when nothing else has keys at all (a local service on another port).

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use crate::credentials::{self, Credentials};
use crate::data_dir;
use crate::options::{Options, SecretKey};
use crate::profile::{self, Profile};

mod endpoint;

pub(crate) use endpoint::Endpoint;

/// Where requests go and how they are signed: all of it is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Connection {
    pub(crate) endpoint: Endpoint,
    pub(crate) access_key: String,
    pub(crate) secret_key: SecretKey,
    pub(crate) project_id: String,
    /// As far as the client knows.
    pub(crate) region: Option<String>,
    /// URL of the gateway, when it is said somewhere; else the service says it.
    pub(crate) gateway: Option<String>,
    /// More authorities to trust.
    pub(crate) ca_file: Option<PathBuf>,
}

/// Everything that may say something, read already.
#[derive(Debug)]
struct Sources<'a> {
    options: &'a Options,
    /// `HUAWEICLOUD_SDK_AK`, `_SK` and `_PROJECT_ID`.
    sdk: Keys,
    profile: Profile,
    local: Option<Credentials>,
    data_dir: &'a Path,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Keys {
    access_key: Option<String>,
    secret_key: Option<SecretKey>,
    project_id: Option<String>,
}

/// Finds the service.
///
/// # Errors
/// When nothing says where it is or who is asking, with every way to say it.
pub(crate) fn find(options: &Options) -> Result<Connection> {
    let options = &without_empty(options.clone());
    let data_dir = data_dir::resolve(options)?;
    let local_only = options.endpoint.is_some() || options.data_dir.is_some();
    let path = data_dir::profiles()?;
    let profile = profile::read(&path)?
        .choose(options.profile.as_deref(), !local_only)
        .with_context(|| format!("in {}", path.display()))?;
    // An unreadable file matters only when it would be needed.
    let complete = options.endpoint.is_some() && options.access_key.is_some() && options.secret_key.is_some()
        || profile.endpoint.is_some() && profile.access_key.is_some();
    let local = match credentials::read(&data_dir) {
        Err(_) if complete => None,
        read => read?,
    };
    let sdk = Keys {
        access_key: variable("HUAWEICLOUD_SDK_AK"),
        secret_key: variable("HUAWEICLOUD_SDK_SK").and_then(|text| text.parse().ok()),
        project_id: variable("HUAWEICLOUD_SDK_PROJECT_ID"),
    };
    choose(Sources { options, sdk, profile, local, data_dir: &data_dir })
}

/// What the data folder says, when nothing names another service or other keys.
pub(crate) fn local(options: &Options) -> Result<Option<Credentials>> {
    let found = find(options)?;
    let local = credentials::read(&data_dir::resolve(&without_empty(options.clone()))?).ok().flatten();
    Ok(local.filter(|local| {
        local.access_key == found.access_key
            && local.project_id == found.project_id
            && Endpoint::parse(&local.api).is_ok_and(|api| api == found.endpoint)
    }))
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|text| !text.is_empty())
}

/// A variable that is set to nothing says nothing.
fn without_empty(mut options: Options) -> Options {
    for text in [
        &mut options.endpoint,
        &mut options.profile,
        &mut options.access_key,
        &mut options.project,
        &mut options.region,
    ] {
        text.take_if(|text| text.is_empty());
    }
    options.secret_key.take_if(|key| key.expose().is_empty());
    options.data_dir.take_if(|path| path.as_os_str().is_empty());
    options
}

/// The pure part of [`find`].
fn choose(sources: Sources<'_>) -> Result<Connection> {
    let Sources { options, sdk, profile, local, data_dir } = sources;
    let named = options.endpoint.clone().or_else(|| profile.endpoint.clone());
    let Some(address) = named.clone().or_else(|| local.as_ref().map(|local| local.api.clone())) else {
        bail!(
            "no funcd found: {} does not exist. Start one with `funcd up`, name its data folder with --data-dir, or \
             name another machine's address with --endpoint or --profile",
            data_dir.join(credentials::FILE).display()
        );
    };
    let endpoint = Endpoint::parse(&address).with_context(|| format!("the endpoint '{address}' is no address"))?;
    let is_local = local.as_ref().is_some_and(|local| Endpoint::parse(&local.api).is_ok_and(|api| api == endpoint));
    let given = Keys {
        access_key: options.access_key.clone(),
        secret_key: options.secret_key.clone(),
        project_id: options.project.clone(),
    };
    let of_profile =
        Keys { access_key: profile.access_key, secret_key: profile.secret_key, project_id: profile.project_id };
    let of_local = local.as_ref().map_or_else(Keys::default, |local| Keys {
        access_key: Some(local.access_key.clone()),
        secret_key: Some(local.secret_key.clone()),
        project_id: Some(local.project_id.clone()),
    });
    let in_order = if is_local { [given, of_profile, of_local, sdk] } else { [given, of_profile, sdk, of_local] };
    let (access_key, secret_key) = pair(&in_order)?;
    let Some(project_id) = in_order.iter().find_map(|keys| keys.project_id.clone()) else {
        bail!("the project id is missing: give it with --project or FUNCD_PROJECT_ID (`funcd credentials` prints it)");
    };
    Ok(Connection {
        region: options.region.clone().or(profile.region).or(local.as_ref().map(|local| local.region.clone())),
        gateway: profile.gateway.or(local.filter(|_| is_local).map(|local| local.gateway)),
        ca_file: profile.ca_file,
        endpoint,
        access_key,
        secret_key,
        project_id,
    })
}

/// The first pair of keys; half a pair is a mistake, not a reason to look further.
fn pair(in_order: &[Keys]) -> Result<(String, SecretKey)> {
    for keys in in_order {
        match (&keys.access_key, &keys.secret_key) {
            (Some(access), Some(secret)) => return Ok((access.clone(), secret.clone())),
            (None, None) => {}
            (Some(access), None) => bail!(
                "the secret key of access key {access} is missing: give it with FUNCD_SECRET_KEY, or in the profile"
            ),
            (None, Some(_)) => bail!(
                "there is a secret key but no access key: give it with --access-key, FUNCD_ACCESS_KEY, or in the profile"
            ),
        }
    }
    bail!(
        "the access key is missing: give FUNCD_ACCESS_KEY and FUNCD_SECRET_KEY, or a profile (`funcd credentials` \
         prints them on the machine where funcd runs)"
    )
}

#[cfg(test)]
mod tests;
