//! The audit trail: who changed what, from where, and with which result.
//!
//! 1. The API says in whose name it works: [`acting`] for the time of a request.
//! 2. A change names what it may change ([`Subject`]) before it does; [`Change::commit`](crate::change::Change::commit) adds an event
//!    for each in the same transaction, so that there is no change without its event and no event without its change.
//! 3. What was refused is added by [`Store::note_refusal`], who came in or did not by [`Store::note_attempt`], what was changed elsewhere
//!    than in the tables by [`Store::note_elsewhere`].
//!
//! Events are only ever added, which triggers of the database hold too. Each carries a hash over itself and the hash before it
//! ([`chain`]); where the chain ends is kept sealed ([`head`]).

mod chain;
mod function;
pub(crate) mod head;
pub(crate) mod identity;
mod query;
mod subject;

use std::future::Future;

use model::time;
use sqlx::SqliteConnection;

use crate::database::{Turn, micros};
use crate::error::Error;
use crate::store::Store;

pub use chain::Verdict;
pub(crate) use function::touch as touch_function;
use head::Head;
pub use query::{Event, Operations, Wanted};
pub use subject::{Door, Elsewhere};
pub(crate) use subject::{Kind, Subject};

/// In whose name something is changed, and what the API calls it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Actor {
    /// The project it happens in; empty where the whole account is concerned.
    pub project: String,
    /// Id of the user.
    pub user_id: String,
    /// Name of the user.
    pub user_name: String,
    /// The access key that signed the request; empty for a token.
    pub access_key: String,
    /// The client's address, without its port.
    pub address: String,
    /// `X-Request-Id` of the answer.
    pub request_id: String,
    /// The SDK's name of the operation, such as `CreateFunction`.
    pub operation: String,
    /// As the vendor's trail (CTS) names it, such as `createFunction`.
    pub event: String,
}

impl Actor {
    /// funcd itself, at its first start and in its own time.
    fn system() -> Self {
        Self { user_name: "funcd".to_owned(), event: "system".to_owned(), ..Self::default() }
    }
}

tokio::task_local! {
    static ACTOR: Actor;
}

/// Runs `work`: everything that it changes is changed in the name of `actor`.
pub async fn acting<F: Future>(actor: Actor, work: F) -> F::Output {
    ACTOR.scope(actor, work).await
}

/// In whose name the current task works.
pub fn actor() -> Actor {
    ACTOR.try_with(Clone::clone).unwrap_or_else(|_| Actor::system())
}

/// What came of it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Outcome<'a> {
    pub(crate) status: u16,
    pub(crate) message: &'a str,
}

impl Outcome<'_> {
    const DONE: Self = Self { status: 200, message: "" };
}

/// What was changed, and its digests before and after.
#[derive(Debug)]
pub(crate) struct Touched {
    subject: Subject,
    before: String,
}

impl Touched {
    /// As it is before the change.
    pub(crate) async fn look(connection: &mut SqliteConnection, subject: Subject) -> Result<Self, Error> {
        let before = subject.digest(connection).await?;
        Ok(Self { subject, before })
    }

    /// Whether it is about this.
    pub(crate) fn is(&self, subject: &Subject) -> bool {
        std::ptr::eq(self.subject.kind, subject.kind) && self.subject.id == subject.id
    }
}

/// Adds an event for each subject that is not as it was.
pub(crate) async fn add_all(
    connection: &mut SqliteConnection,
    key: &auth::seal::Key,
    touched: Vec<Touched>,
) -> Result<(), Error> {
    let actor = actor();
    for Touched { subject, before } in touched {
        let after = subject.digest(connection).await?;
        if before != after {
            add((&mut *connection, key), &actor, (&subject, &before, &after), Outcome::DONE).await?;
        }
    }
    Ok(())
}

async fn add(
    (connection, key): (&mut SqliteConnection, &auth::seal::Key),
    actor: &Actor,
    (subject, before, after): (&Subject, &str, &str),
    outcome: Outcome<'_>,
) -> Result<(), Error> {
    let (last, kept) = Head::to_follow(&mut *connection, key).await?;
    let row = query::Row {
        number: last.number + 1,
        at: micros(time::now()),
        id: uuid::Uuid::new_v4().to_string(),
        project: actor.project.clone(),
        user_id: actor.user_id.clone(),
        user_name: actor.user_name.clone(),
        access_key: actor.access_key.clone(),
        address: actor.address.clone(),
        request_id: actor.request_id.clone(),
        operation: actor.operation.clone(),
        event: actor.event.clone(),
        resource_type: subject.kind.name.to_owned(),
        resource_id: subject.id.clone(),
        resource_name: subject.name.clone(),
        before_digest: before.to_owned(),
        after_digest: after.to_owned(),
        status: i64::from(outcome.status),
        message: outcome.message.to_owned(),
        hash: String::new(),
    };
    let row = row.chained(&last.hash);
    if kept {
        let head = Head { number: row.number, hash: row.hash.clone() };
        head.keep(&mut *connection, key).await?;
    }
    row.insert(connection).await
}

impl Store {
    /// Adds an event for a change that was refused, about a resource as the request names it; digests are those of nothing.
    ///
    /// # Errors
    /// [`Error::DiskFull`], [`Error::Internal`].
    pub async fn note_refusal(&self, actor: Actor, name: &str, status: u16, message: &str) -> Result<(), Error> {
        self.note(actor, Subject::named(name), ("", ""), (status, message)).await
    }

    /// Adds an event for somebody who came in, or was refused: by which door, with the id and name of what they tried it with (no id
    /// for what nobody has); the HTTP status and, of a refusal, why.
    ///
    /// # Errors
    /// [`Error::DiskFull`], [`Error::Internal`].
    pub async fn note_attempt(
        &self,
        actor: Actor,
        (door, id, name): (Door, &str, &str),
        outcome: (u16, &str),
    ) -> Result<(), Error> {
        self.note(actor, Subject::door(door, id, name), ("", ""), outcome).await
    }

    /// Adds an event for what was changed elsewhere than in the tables, once it is: its name and its state before and after in words,
    /// empty where it was not there. Nothing is added where both are the same.
    ///
    /// # Errors
    /// [`Error::DiskFull`], [`Error::Internal`].
    pub async fn note_elsewhere(
        &self,
        actor: Actor,
        (what, name): (Elsewhere, &str),
        (before, after): (&str, &str),
    ) -> Result<(), Error> {
        if before == after {
            return Ok(());
        }
        self.note(actor, Subject::elsewhere(what, name), (before, after), (200, after)).await
    }

    async fn note(
        &self,
        actor: Actor,
        subject: Subject,
        (before, after): (&str, &str),
        (status, message): (u16, &str),
    ) -> Result<(), Error> {
        let digest = |text: &str| if text.is_empty() { String::new() } else { subject::digest(text) };
        let (before, after) = (digest(before), digest(after));
        let (store, message) = (self.clone(), message.to_owned());
        self.finish(async move {
            let mut turn = store.inner.database.turn().await?;
            let outcome = Outcome { status, message: &message };
            let place = (&mut *turn.transaction, &store.inner.key);
            add(place, &actor, (&subject, &before, &after), outcome).await?;
            Turn::commit(turn).await.map(drop)
        })
        .await
    }
}
