//! What the store promises, against real folders.

mod aliases;
mod audit;
mod code;
mod crash;
mod dependencies;
mod domains;
mod former;
mod functions;
mod history;
mod open;
mod policies;
mod reserves;
mod secrets;
mod triggers;
mod versions;

use std::io::{Cursor, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use model::function::{Code, Config as FunctionConfig, Function};
use model::trigger::{Api, Auth, Group, Kind, MatchMode, Trigger};
use model::urn::{FunctionId, Qualifier};

use crate::{Compile, Config, Error, Store};

const KEY: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

/// A data folder that goes away with the test.
struct Home(tempfile::TempDir);

impl Home {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, below: &str) -> PathBuf {
        self.0.path().join(below)
    }

    async fn open(&self) -> Store {
        Store::open(config(self.0.path())).await.unwrap()
    }

    /// The text of the error of an open that must fail.
    async fn refused(&self) -> String {
        Store::open(config(self.0.path())).await.unwrap_err().to_string()
    }
}

fn config(path: &Path) -> Config {
    let key = auth::seal::Key::from_hex(KEY).unwrap();
    let functions = model::limits::FUNCTIONS;
    Config { data_dir: path.to_owned(), key, region: "local-1".to_owned(), functions, compile: Compile::default() }
}

fn zip(files: &[(&str, &str)]) -> Bytes {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default().unix_permissions(0o755);
    for (name, content) in files {
        writer.start_file(*name, options).unwrap();
        writer.write_all(content.as_bytes()).unwrap();
    }
    writer.finish().unwrap().into_inner().into()
}

/// A package whose digest depends on `text`.
fn package(text: &str) -> Bytes {
    zip(&[("bootstrap", "#!/bin/sh\nexec ./server\n"), ("lib/text", text)])
}

async fn put(store: &Store, text: &str) -> Code {
    store.put_code(package(text), "zip", "index.zip").await.unwrap()
}

fn id(store: &Store, name: &str) -> FunctionId {
    FunctionId {
        region: store.region().to_owned(),
        project: store.project().to_owned(),
        package: "default".to_owned(),
        name: name.to_owned(),
    }
}

fn settings() -> FunctionConfig {
    FunctionConfig::new("http", "bootstrap")
}

async fn create(store: &Store, name: &str) -> Arc<Function> {
    let code = put(store, name).await;
    store.create_function(id(store, name), settings(), code).await.unwrap()
}

async fn default_group(store: &Store) -> Group {
    store.groups(store.project()).await.unwrap().into_iter().find(Group::is_default).unwrap()
}

fn trigger(function: &FunctionId, group: &Group, path: &str) -> Trigger {
    let at = model::time::now();
    let api = Api {
        id: auth::keys::id(),
        name: "api".to_owned(),
        group_id: group.id.clone(),
        path: path.to_owned(),
        match_mode: MatchMode::Prefix,
        method: None,
        protocol: "HTTP".to_owned(),
        auth: Auth::None,
        timeout_ms: 5000,
        visibility: 1,
        env_id: model::trigger::RELEASE_ENV_ID.to_owned(),
        env_name: model::trigger::RELEASE_ENV.to_owned(),
        instance_id: None,
    };
    Trigger {
        id: auth::keys::id(),
        function: function.clone(),
        qualifier: Qualifier::Latest,
        kind: Kind::Apig,
        created: at,
        updated: at,
        api,
    }
}

/// Name of the function that answers, or `none`.
fn routed(store: &Store, host: &str, path: &str) -> String {
    let snapshots = store.snapshots();
    let snapshot = snapshots.load();
    let route = snapshot.route(host, &http::Method::GET, path);
    let choice = route.and_then(|route| route.choice.as_ref());
    choice.map_or("none".to_owned(), |choice| choice.main().function.name.clone())
}

/// Names below a folder, two levels deep as `blobs/` has them, sorted.
fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// File names below `blobs/<2>/`.
fn blobs(home: &Home) -> Vec<String> {
    names(&home.path("blobs")).iter().flat_map(|prefix| names(&home.path("blobs").join(prefix))).collect()
}

/// An encrypted variable in the clear.
fn opened(store: &Store, version: &model::function::Version, name: &str) -> String {
    store.open_variables()(version).unwrap()[name].expose().to_owned()
}

fn text<T: std::fmt::Debug>(result: Result<T, Error>) -> String {
    result.unwrap_err().to_string()
}
