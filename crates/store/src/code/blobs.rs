//! Packages as uploaded, by their SHA-256. Every read is compared with the name.

use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::{Stream, TryStreamExt as _};
use object_store::local::LocalFileSystem;
use object_store::{ObjectStore, ObjectStoreExt as _, PutMode, path};
use sha2::{Digest as _, Sha256};

use super::blocking;
use crate::error::{Error, internal};

/// Bytes read at a time.
const PIECE: u64 = 1024 * 1024;

/// `blobs/<2>/<sha256>`.
#[derive(Clone, Debug)]
pub(super) struct Blobs(Arc<dyn ObjectStore>);

/// What a put found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Put {
    /// It was not there.
    New,
    /// The same bytes were there.
    There,
}

impl Blobs {
    pub(super) fn open(folder: &Path) -> Result<Self, Error> {
        let local = LocalFileSystem::new_with_prefix(folder)
            .map_err(|cause| internal(format!("cannot open the folder {}", folder.display()), cause))?;
        Ok(Self(Arc::new(local.with_fsync(true))))
    }

    /// Stores bytes whose digest is `sha256`, on stable storage when it returns. A damaged blob of this name is replaced.
    pub(super) async fn put(&self, sha256: &str, bytes: Bytes) -> Result<Put, Error> {
        let failed = |cause| internal("cannot keep the package", cause);
        let at = location(sha256);
        match self.0.put_opts(&at, bytes.clone().into(), PutMode::Create.into()).await {
            Ok(_) => return Ok(Put::New),
            Err(object_store::Error::AlreadyExists { .. }) => {}
            Err(cause) => return Err(failed(cause)),
        }
        if let Err(cause) = self.check(sha256).await {
            tracing::warn!(sha256, cause = &cause as &dyn std::error::Error, "blob.replaced");
            self.0.put(&at, bytes.into()).await.map_err(failed)?;
        }
        Ok(Put::There)
    }

    /// The bytes, after their digest was compared.
    pub(super) async fn get(&self, sha256: &str) -> Result<Bytes, Error> {
        let failed = |cause| unreadable(sha256, cause);
        let found = self.0.get(&location(sha256)).await.map_err(failed)?;
        let bytes = found.bytes().await.map_err(failed)?;
        let read = bytes.clone();
        let digest = blocking(move || Ok(hex::encode(Sha256::digest(&read)))).await?;
        if digest == sha256 {
            return Ok(bytes);
        }
        Err(damaged(sha256, &digest))
    }

    /// Compares the bytes with their digest, without having them all in memory.
    pub(super) async fn check(&self, sha256: &str) -> Result<(), Error> {
        let hash = self.pieces(sha256.to_owned()).try_fold(Sha256::new(), async |mut hash, piece| {
            blocking(move || {
                hash.update(&piece);
                Ok(hash)
            })
            .await
        });
        let digest = hex::encode(hash.await?.finalize());
        if digest == sha256 { Ok(()) } else { Err(damaged(sha256, &digest)) }
    }

    /// The bytes as they are, piece by piece.
    pub(super) fn pieces(&self, sha256: String) -> impl Stream<Item = Result<Bytes, Error>> + Send + use<> {
        let blobs = self.clone();
        futures_util::stream::try_unfold(0, move |at| {
            let (blobs, sha256) = (blobs.clone(), sha256.clone());
            async move { blobs.piece(&sha256, at).await }
        })
    }

    /// The bytes from `at` on, as many as are read at a time, and where the next ones begin; nothing at the end.
    async fn piece(&self, sha256: &str, at: u64) -> Result<Option<(Bytes, u64)>, Error> {
        let failed = |cause| unreadable(sha256, cause);
        let size = self.0.head(&location(sha256)).await.map_err(failed)?.size;
        if at >= size {
            return Ok(None);
        }
        let end = size.min(at + PIECE);
        let piece = self.0.get_range(&location(sha256), at..end).await.map_err(failed)?;
        Ok(Some((piece, end)))
    }

    /// Undoes a put; what cannot be removed is garbage.
    pub(super) async fn remove(&self, sha256: &str) {
        if let Err(cause) = self.0.delete(&location(sha256)).await {
            tracing::warn!(sha256, cause = &cause as &dyn std::error::Error, "blob.left");
        }
    }

    /// Removes those older than `grace` that are not in `keep`; how many.
    pub(super) async fn collect(&self, keep: &HashSet<String>, grace: Duration) -> Result<usize, Error> {
        let failed = |cause| internal("cannot remove unused packages", cause);
        let stored: Vec<_> = self.0.list(None).try_collect().await.map_err(failed)?;
        let now = model::time::now().as_second();
        let mut removed = 0;
        for blob in stored {
            let used = blob.location.filename().is_none_or(|name| keep.contains(name));
            let age = u64::try_from(now.saturating_sub(blob.last_modified.timestamp())).unwrap_or(0);
            if used || age < grace.as_secs() {
                continue;
            }
            self.0.delete(&blob.location).await.map_err(failed)?;
            removed += 1;
        }
        Ok(removed)
    }
}

fn unreadable(sha256: &str, cause: object_store::Error) -> Error {
    internal(format!("package {sha256} cannot be read: deploy the function again"), cause)
}

fn damaged(sha256: &str, digest: &str) -> Error {
    internal(
        format!("package {sha256} is damaged on disk and is not used: deploy the function again"),
        format!("its bytes have the digest {digest}"),
    )
}

fn location(sha256: &str) -> path::Path {
    path::Path::from_iter([sha256.get(..2).unwrap_or("00"), sha256])
}
