//! What a change is about, and its digest: one hash over every row that belongs to it.

use sha2::{Digest as _, Sha256};
use sqlx::SqliteConnection;

use crate::database::failed;
use crate::error::Error;

/// A kind of resource.
#[derive(Debug)]
pub(crate) struct Kind {
    /// As the vendor's trail names it, such as `Functions`.
    pub(crate) name: &'static str,
    /// What belongs to one of them: queries with the id as `$1` that give one text for each row, always in the same order.
    pub(crate) rows: &'static [&'static str],
}

/// A request that was refused before it was known what it would change.
const REQUEST: Kind = Kind { name: "Request", rows: &[] };

/// What somebody comes in with; the same words as those of changes.
const USER: Kind = Kind { name: "user", rows: &[] };
const ACCESS_KEY: Kind = Kind { name: "credential", rows: &[] };

const AGENCY: Kind = Kind { name: "agency", rows: &[] };

/// How somebody comes in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Door {
    /// With a name and a password, or a token of their own.
    User,
    /// With a signature or a token.
    AccessKey,
    /// As an agency that trusts them.
    Agency,
}

const RUNTIME: Kind = Kind { name: "Runtimes", rows: &[] };
const PROGRAM: Kind = Kind { name: "Program", rows: &[] };
const HEADER_CAPTURE: Kind = Kind { name: "HeaderCaptures", rows: &[] };

/// What is changed elsewhere than in the tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Elsewhere {
    /// A language runtime in the data folder.
    Runtime,
    /// The program that serves.
    Program,
    /// That headers of a function's requests are kept, in memory.
    HeaderCapture,
}

/// One resource.
#[derive(Clone, Debug)]
pub(crate) struct Subject {
    pub(crate) kind: &'static Kind,
    pub(crate) id: String,
    pub(crate) name: String,
}

impl Subject {
    pub(crate) fn new(kind: &'static Kind, id: impl Into<String>, name: impl Into<String>) -> Self {
        Self { kind, id: id.into(), name: name.into() }
    }

    /// What a refused request named.
    pub(crate) fn named(name: &str) -> Self {
        Self::new(&REQUEST, "", name)
    }

    /// What somebody came in with, or tried to.
    pub(crate) fn door(door: Door, id: &str, name: &str) -> Self {
        let kind = match door {
            Door::User => &USER,
            Door::AccessKey => &ACCESS_KEY,
            Door::Agency => &AGENCY,
        };
        Self::new(kind, id, name)
    }

    /// What was changed elsewhere.
    pub(crate) fn elsewhere(what: Elsewhere, name: &str) -> Self {
        let kind = match what {
            Elsewhere::Runtime => &RUNTIME,
            Elsewhere::Program => &PROGRAM,
            Elsewhere::HeaderCapture => &HEADER_CAPTURE,
        };
        Self::new(kind, name, name)
    }

    /// SHA-256 in lower-case hex, empty where there is nothing.
    pub(crate) async fn digest(&self, connection: &mut SqliteConnection) -> Result<String, Error> {
        let mut hash = Sha256::new();
        let mut any = false;
        for (number, query) in self.kind.rows.iter().enumerate() {
            let rows: Vec<Option<String>> = sqlx::query_scalar(*query)
                .bind(&self.id)
                .fetch_all(&mut *connection)
                .await
                .map_err(failed("cannot read what an audit event is about"))?;
            for row in rows.into_iter().flatten() {
                any = true;
                // Lengths, so that no two contents make the same bytes.
                hash.update((number as u64).to_be_bytes());
                hash.update((row.len() as u64).to_be_bytes());
                hash.update(row.as_bytes());
            }
        }
        Ok(if any { hex::encode(hash.finalize()) } else { String::new() })
    }
}

/// Of one text.
pub(super) fn digest(text: &str) -> String {
    hex::encode(Sha256::digest(text))
}
