//! The hash chain: SHA-256 over the hash of the event before and every field of this one. Whoever changes, removes or inserts an
//! event must make every later hash anew, and whoever wrote down a later hash sees it; and the sealed head ([`super::head`]) shows it, and
//! that the newest events are missing, to whoever has the key.

use futures_util::TryStreamExt as _;
use sha2::{Digest as _, Sha256};

use super::head::Head;
use super::query::Row;
use crate::database::{failed, unsigned};
use crate::error::Error;
use crate::store::Store;

/// What a look at the whole chain said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// Events that were looked at.
    pub events: u64,
    /// The first event that does not follow from those before it, or that is not there though the kept head says it was; `None` when
    /// all are there and follow.
    pub broken_at: Option<u64>,
    /// Hash of the last event: worth writing down elsewhere.
    pub head: String,
}

impl Row {
    /// With its hash.
    pub(super) fn chained(mut self, previous: &str) -> Self {
        self.hash = self.hash_after(previous);
        self
    }

    fn hash_after(&self, previous: &str) -> String {
        let mut hash = Sha256::new();
        let mut field = |bytes: &[u8]| {
            hash.update((bytes.len() as u64).to_be_bytes());
            hash.update(bytes);
        };
        field(previous.as_bytes());
        for number in [self.number, self.at, self.status] {
            field(&number.to_be_bytes());
        }
        for text in self.texts() {
            field(text.as_bytes());
        }
        hex::encode(hash.finalize())
    }

    fn texts(&self) -> [&str; 15] {
        [
            &self.id,
            &self.project,
            &self.user_id,
            &self.user_name,
            &self.access_key,
            &self.address,
            &self.request_id,
            &self.operation,
            &self.event,
            &self.resource_type,
            &self.resource_id,
            &self.resource_name,
            &self.before_digest,
            &self.after_digest,
            &self.message,
        ]
    }
}

impl Store {
    /// Looks at every event of the installation, oldest first, and computes its hash again; the last must be the one that was kept.
    ///
    /// # Errors
    /// [`Error::Internal`].
    pub async fn verify_audit(&self) -> Result<Verdict, Error> {
        // Both are looked at as of one moment.
        let mut moment = self.inner.database.readers().begin().await.map_err(failed("cannot read the audit trail"))?;
        let kept = Head::kept(&mut moment, &self.inner.key).await?;
        let mut rows = sqlx::query_as::<_, Row>("SELECT * FROM audit ORDER BY number").fetch(&mut *moment);
        let mut last = 0;
        let mut verdict = Verdict { events: 0, broken_at: None, head: String::new() };
        while let Some(row) = rows.try_next().await.map_err(failed("cannot read the audit trail"))? {
            verdict.events += 1;
            let follows = unsigned(row.number) == verdict.events && row.hash == row.hash_after(&verdict.head);
            if !follows && verdict.broken_at.is_none() {
                verdict.broken_at = Some(unsigned(row.number));
            }
            last = row.number;
            verdict.head = row.hash;
        }
        if kept.is_none_or(|kept| (kept.number, kept.hash.as_str()) != (last, verdict.head.as_str())) {
            verdict.broken_at.get_or_insert(unsigned(last) + 1);
        }
        Ok(verdict)
    }
}
