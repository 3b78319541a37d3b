//! What a version of a function means for the sandbox: command line, environment, folders, limits.

use std::collections::BTreeMap;
use std::path::PathBuf;

use model::function::{self, BOOTSTRAP, CODE_ROOT, Entry, Mount, Version};
use model::limits;
use model::secret::Secret;
use sandbox::{Bind, Egress, Limits, Spec};

use super::Order;

/// Names that belong to the platform; a user variable of such a name is only in `RUNTIME_USERDATA` (`behaviour.md` 1.2).
const RESERVED: [&str; 21] = [
    "RUNTIME_PROJECT_ID",
    "RUNTIME_FUNC_NAME",
    "RUNTIME_FUNC_VERSION",
    "RUNTIME_PACKAGE",
    "RUNTIME_HANDLER",
    "RUNTIME_TIMEOUT",
    "RUNTIME_USERDATA",
    "RUNTIME_CPU",
    "RUNTIME_MEMORY",
    "RUNTIME_MAX_RESP_BODY_SIZE",
    "RUNTIME_INITIALIZER_HANDLER",
    "RUNTIME_INITIALIZER_TIMEOUT",
    "RUNTIME_ROOT",
    "RUNTIME_CODE_ROOT",
    "RUNTIME_LOG_DIR",
    "RUNTIME_API_ADDR",
    "EXTENSION_API_ADDR",
    "RUNTIME_ALIAS",
    "RUNTIME_PRESTOP_HANDLER",
    "RUNTIME_MAX_REQUEST_BODY_SIZE",
    "RUNTIME_MAX_STATE_SIZE",
];

/// Files and folders that `/tmp` may hold for each MB it has: one for every 8 KiB.
const INODES_PER_MB: u64 = 128;

/// The sandbox that `order` asks for, with its encrypted variables in the clear and the runtimes that are installed now.
pub(super) fn spec(order: &Order, opened: &BTreeMap<String, Secret>, mounts: &[Mount]) -> Spec {
    let version = &order.version;
    Spec {
        name: order.id.clone(),
        hostname: order.id.clone(),
        argv: argv(version.code.entry),
        env: environment(version, opened).into_iter().collect(),
        cwd: PathBuf::from(CODE_ROOT),
        binds: vec![Bind { source: version.code.root.clone(), target: PathBuf::from(CODE_ROOT) }],
        shared: shared(mounts),
        limits: limits(&version.config),
        egress: match version.config.egress {
            function::Egress::Internet => Egress::Internet,
            function::Egress::None => Egress::None,
        },
    }
}

fn argv(entry: Entry) -> Vec<String> {
    let bootstrap = format!("{CODE_ROOT}/{BOOTSTRAP}");
    match entry {
        Entry::Shell => vec!["/bin/bash".to_owned(), bootstrap],
        Entry::Direct => vec![bootstrap],
    }
}

/// The runtimes that are installed, which every instance sees. One whose folder was removed since is left out: no other function
/// has to do without its instances for that.
pub(super) fn shared(mounts: &[Mount]) -> Vec<Bind> {
    mounts
        .iter()
        .filter(|mount| mount.source.try_exists().unwrap_or(false))
        .map(|mount| Bind { source: mount.source.clone(), target: mount.target.clone() })
        .collect()
}

fn limits(config: &function::Config) -> Limits {
    let megabytes = u64::from(config.ephemeral_storage_mb);
    Limits {
        memory_bytes: u64::from(config.memory_mb) << 20,
        cpu_millicores: config.cpu_millicores(),
        pids: limits::PROCESSES,
        open_files: limits::OPEN_FILES,
        tmp_bytes: megabytes << 20,
        tmp_inodes: megabytes * INODES_PER_MB,
    }
}

/// The whole environment: usual values first, the user's over them, the platform's over all. What is copied here is moved on to what
/// is wiped, and nothing else is made of it.
fn environment(version: &Version, opened: &BTreeMap<String, Secret>) -> BTreeMap<String, String> {
    let user = user_variables(&version.config, opened);
    let mut environment: BTreeMap<String, String> = [
        ("HOME", "/tmp"),
        ("LANG", "C.UTF-8"),
        ("LC_ALL", "C.UTF-8"),
        ("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"),
        ("PWD", CODE_ROOT),
        ("SHELL", "/bin/bash"),
        ("TMPDIR", "/tmp"),
        ("TZ", "UTC"),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .collect();
    let own = user.iter().filter(|(name, _)| !RESERVED.contains(name));
    environment.extend(own.map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    environment.extend(runtime_variables(version, &user));
    environment
}

/// Plain and decrypted variables of the user; an encrypted one wins over a plain one of the same name.
fn user_variables<'a>(
    config: &'a function::Config,
    opened: &'a BTreeMap<String, Secret>,
) -> BTreeMap<&'a str, &'a str> {
    let mut user: BTreeMap<_, _> =
        config.user_data.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    user.extend(opened.iter().map(|(name, secret)| (name.as_str(), secret.expose())));
    user
}

/// Six bytes for each, as `\u001f` takes: a text that grew would leave copies of its beginning behind.
fn user_data(user: &BTreeMap<&str, &str>) -> String {
    let most: usize = user.iter().map(|(name, value)| 6 * (name.len() + value.len()) + 6).sum();
    let mut bytes = Vec::with_capacity(most + 2);
    // Text is always written, and always text.
    serde_json::to_writer(&mut bytes, user)
        .map_or_else(|_| String::new(), |()| String::from_utf8(bytes).unwrap_or_default())
}

/// `behaviour.md` 1.2.
fn runtime_variables(version: &Version, user: &BTreeMap<&str, &str>) -> BTreeMap<String, String> {
    let config = &version.config;
    let mut variables = BTreeMap::from([
        ("RUNTIME_PROJECT_ID", version.function.project.clone()),
        ("RUNTIME_FUNC_NAME", version.function.name.clone()),
        ("RUNTIME_FUNC_VERSION", version.qualifier.to_string()),
        ("RUNTIME_PACKAGE", version.function.package.clone()),
        ("RUNTIME_HANDLER", config.handler.clone()),
        ("RUNTIME_TIMEOUT", config.timeout_seconds.to_string()),
        ("RUNTIME_USERDATA", user_data(user)),
        ("RUNTIME_CPU", config.cpu_millicores().to_string()),
        ("RUNTIME_MEMORY", config.memory_mb.to_string()),
        ("RUNTIME_MAX_RESP_BODY_SIZE", limits::INVOKE_RESPONSE_BYTES.to_string()),
        ("RUNTIME_ROOT", "/home/snuser/runtime".to_owned()),
        ("RUNTIME_CODE_ROOT", CODE_ROOT.to_owned()),
        ("RUNTIME_LOG_DIR", "/home/snuser/log".to_owned()),
    ]);
    if let Some(initializer) = &config.initializer {
        variables.insert("RUNTIME_INITIALIZER_HANDLER", initializer.handler.clone());
        variables.insert("RUNTIME_INITIALIZER_TIMEOUT", initializer.timeout_seconds.to_string());
    }
    if let Some(pre_stop) = &config.pre_stop {
        variables.insert("RUNTIME_PRESTOP_HANDLER", pre_stop.handler.clone());
    }
    variables.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

#[cfg(test)]
mod tests;
