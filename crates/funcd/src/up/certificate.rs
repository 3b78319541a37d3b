//! The certificate for every name that has none of its own: read at the start, and again when its files change or the one that funcd
//! makes itself comes to its end. Nobody has to restart or to tell.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result};
use gateway::Gateway;
use model::snapshot::Certificate;
use store::Store;
use tokio::task::spawn_blocking;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::config::Config;
use crate::folder::Folder;

/// How often is looked whether it changed.
const LOOK: Duration = Duration::from_secs(2);
/// Seconds between two looks at the one that funcd made.
const OWN: i64 = 3600;

/// Where it comes from.
#[derive(Clone)]
pub(crate) struct Source {
    /// The operator's chain and key.
    files: Option<(PathBuf, PathBuf)>,
    /// Where funcd keeps its own, and the host in it.
    place: PathBuf,
    name: String,
    store: Store,
    /// How it was before it was first read.
    first: Stamp,
}

/// A file without what is in it: device, inode, size, seconds and nanoseconds of its last change.
type File = (u64, u64, u64, i64, i64);

/// What tells one state of the files from another without reading them.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Stamp {
    /// Those of chain and key; none where one is missing, as it is for a moment when it is replaced.
    Files(Option<[File; 2]>),
    /// The hour.
    Own(i64),
}

impl Source {
    pub(crate) fn new(config: &Config, folder: &Folder, store: &Store) -> Self {
        let files = config.gateway.tls.as_ref().and_then(|tls| tls.files.clone());
        let name = config.gateway.public_host.trim_matches(['[', ']']).to_owned();
        let first = stamp(files.as_ref());
        Self { files, place: folder.path().join("tls"), name, store: store.clone(), first }
    }

    /// The certificate as it is now.
    pub(crate) fn read(&self) -> Result<Certificate> {
        let now = model::time::now();
        let checked = match &self.files {
            Some((chain, key)) => {
                certificates::from_files(chain, key, now).context("gateway.tls.certificate_file and key_file")?
            }
            None => certificates::own(&self.place, std::slice::from_ref(&self.name), now, &self.store)
                .context("the certificate that signs itself")?,
        };
        Ok(Certificate { id: "default".to_owned(), chain: checked.chain, key: checked.key })
    }
}

fn stamp(files: Option<&(PathBuf, PathBuf)>) -> Stamp {
    let Some((chain, key)) = files else { return Stamp::Own(model::time::now().as_second() / OWN) };
    let of = |path: &PathBuf| {
        let seen = fs::metadata(path).ok()?;
        Some((seen.dev(), seen.ino(), seen.size(), seen.mtime(), seen.mtime_nsec()))
    };
    Stamp::Files(of(chain).zip(of(key)).map(|(chain, key)| [chain, key]))
}

/// What is known of the files, from look to look.
#[derive(Debug)]
struct Watch {
    /// As they were when they were last read.
    read: Stamp,
    /// As they were at the last look.
    seen: Stamp,
}

impl Watch {
    fn new(stamp: Stamp) -> Self {
        Self { read: stamp.clone(), seen: stamp }
    }

    /// Whether they are to be read: they are others, and two looks in a row found them the same, so that nobody is just replacing one
    /// after the other.
    fn look(&mut self, now: Stamp) -> bool {
        let still = self.seen == now;
        self.seen = now;
        if !still || self.read == self.seen {
            return false;
        }
        self.read = self.seen.clone();
        true
    }
}

/// Keeps the gateway's certificate up, if it has any, until another process takes over.
pub(crate) fn start(
    config: &Config,
    source: Source,
    gateway: &Arc<Gateway>,
    (changes, leaving): (&TaskTracker, &CancellationToken),
) {
    if config.gateway.tls.is_some() {
        changes.spawn(keep_up(source, Arc::clone(gateway), leaving.clone()));
    }
}

/// Shows the certificate that is there from then on. One that cannot be used is said once, and the one before stays.
async fn keep_up(source: Source, gateway: Arc<Gateway>, stop: CancellationToken) {
    let mut watch = Watch::new(source.first.clone());
    let mut turns = tokio::time::interval(LOOK);
    while stop.run_until_cancelled(turns.tick()).await.is_some() {
        let files = source.files.clone();
        let Ok(now) = spawn_blocking(move || stamp(files.as_ref())).await else { return };
        if !watch.look(now) {
            continue;
        }
        let (source, gateway) = (source.clone(), Arc::clone(&gateway));
        let shown = spawn_blocking(move || show(&source, &gateway)).await;
        match shown.map_err(anyhow::Error::from).flatten() {
            Ok(()) => tracing::info!("gateway.certificate_read_again"),
            Err(error) => tracing::error!(error = format!("{error:#}"), "gateway.certificate_kept"),
        }
    }
}

fn show(source: &Source, gateway: &Gateway) -> Result<()> {
    gateway.show_certificate(&source.read()?).context("the gateway cannot use it")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_read_once_when_they_are_others_and_rest() {
        let at = |time: i64| Stamp::Files(Some([(1, 1, 1, time, 0); 2]));
        let mut watch = Watch::new(at(1));
        assert!(!watch.look(at(1)));
        assert!(!watch.look(at(2)), "it may be being written");
        assert!(!watch.look(at(3)), "it was");
        assert!(!watch.look(Stamp::Files(None)), "it is being replaced");
        assert!(!watch.look(at(4)));
        assert!(watch.look(at(4)));
        assert!(!watch.look(at(4)), "once");
    }
}
