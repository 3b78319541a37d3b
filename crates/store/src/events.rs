//! Test events: what the owner of a function keeps to call it with.

use jiff::Timestamp;
use model::limits;
use model::urn::FunctionId;
use sqlx::FromRow;

use crate::change::{Change, Extent};
use crate::database::{failed, micros, timestamp};
use crate::error::Error;
use crate::store::Store;
use crate::{functions, quota};

/// A test event of a function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// 32 hexadecimal digits.
    pub id: String,
    /// Unlike that of any other event of the function.
    pub name: String,
    /// JSON.
    pub content: String,
    /// When it was last changed.
    pub modified: Timestamp,
}

impl Store {
    /// Keeps an event.
    ///
    /// # Errors
    /// [`Error::FunctionMissing`]; [`Error::EventExists`] by that name; [`Error::Quota`].
    pub async fn create_event(&self, function: &FunctionId, name: &str, content: &str) -> Result<Event, Error> {
        let store = self.clone();
        let (function, name, content) = (function.clone(), name.to_owned(), content.to_owned());
        self.finish(async move {
            let mut change = Change::begin(&store).await?;
            change.extent = Extent::Nothing;
            let func_id = owner(&mut change, &function).await?;
            check_new(&mut change, &func_id, &name).await?;
            let now = micros(model::time::now());
            let event = Event { id: auth::keys::id(), name, content, modified: timestamp(now)? };
            sqlx::query(
                "INSERT INTO test_events (id, func_id, name, content, created, modified) VALUES ($1, $2, $3, $4, $5, $5)",
            )
            .bind(&event.id)
            .bind(func_id)
            .bind(&event.name)
            .bind(&event.content)
            .bind(now)
            .execute(change.connection())
            .await
            .map_err(failed("cannot store the test event"))?;
            change.commit(|_| event).await
        })
        .await
    }

    /// Replaces the content of an event, and its name if one is given.
    ///
    /// # Errors
    /// [`Error::FunctionMissing`], [`Error::EventMissing`]; [`Error::EventExists`]: another one has the name.
    pub async fn update_event(
        &self,
        function: &FunctionId,
        id: &str,
        (name, content): (Option<&str>, &str),
    ) -> Result<Event, Error> {
        let store = self.clone();
        let (function, id, content) = (function.clone(), id.to_owned(), content.to_owned());
        let name = name.map(str::to_owned);
        self.finish(async move {
            let mut change = Change::begin(&store).await?;
            change.extent = Extent::Nothing;
            let func_id = owner(&mut change, &function).await?;
            let others = names(&mut change, &func_id, &id).await?;
            if let Some(taken) = name.as_ref().filter(|name| others.contains(name)) {
                return Err(Error::EventExists(taken.clone()));
            }
            let row: Option<Row> = sqlx::query_as(
                "UPDATE test_events SET content = $1, modified = $2, name = coalesce($5, name) WHERE func_id = $3 AND id = $4 \
                 RETURNING id, name, content, modified",
            )
            .bind(content)
            .bind(micros(model::time::now()))
            .bind(func_id)
            .bind(&id)
            .bind(name)
            .fetch_optional(change.connection())
            .await
            .map_err(failed("cannot store the test event"))?;
            let event = row.ok_or(Error::EventMissing(id))?.into_event()?;
            change.commit(|_| event).await
        })
        .await
    }

    /// Deletes an event.
    ///
    /// # Errors
    /// [`Error::FunctionMissing`], [`Error::EventMissing`].
    pub async fn delete_event(&self, function: &FunctionId, id: &str) -> Result<(), Error> {
        let store = self.clone();
        let (function, id) = (function.clone(), id.to_owned());
        self.finish(async move {
            let mut change = Change::begin(&store).await?;
            change.extent = Extent::Nothing;
            let func_id = owner(&mut change, &function).await?;
            let done = sqlx::query("DELETE FROM test_events WHERE func_id = $1 AND id = $2")
                .bind(func_id)
                .bind(&id)
                .execute(change.connection())
                .await
                .map_err(failed("cannot delete the test event"))?;
            if done.rows_affected() == 0 {
                return Err(Error::EventMissing(id));
            }
            change.commit(|_| ()).await
        })
        .await
    }

    /// The events of a function (by `func_id`), oldest first.
    pub async fn events(&self, func_id: &str) -> Result<Vec<Event>, Error> {
        let rows: Vec<Row> = sqlx::query_as(
            "SELECT id, name, content, modified FROM test_events WHERE func_id = $1 ORDER BY created, name",
        )
        .bind(func_id)
        .fetch_all(self.inner.database.readers())
        .await
        .map_err(failed("cannot read the test events"))?;
        rows.into_iter().map(Row::into_event).collect()
    }
}

async fn owner(change: &mut Change, function: &FunctionId) -> Result<String, Error> {
    functions::find(change, function).await?.ok_or_else(|| Error::FunctionMissing(function.to_string()))
}

async fn check_new(change: &mut Change, func_id: &str, name: &str) -> Result<(), Error> {
    let names = names(change, func_id, "").await?;
    if names.iter().any(|taken| taken == name) {
        return Err(Error::EventExists(name.to_owned()));
    }
    match names.len() < limits::EVENTS {
        true => Ok(()),
        false => Err(Error::Quota { what: quota::EVENTS, limit: limits::EVENTS as u64 }),
    }
}

/// The names of a function's events but for the one with this id.
async fn names(change: &mut Change, func_id: &str, but: &str) -> Result<Vec<String>, Error> {
    sqlx::query_scalar("SELECT name FROM test_events WHERE func_id = $1 AND id <> $2")
        .bind(func_id)
        .bind(but)
        .fetch_all(change.connection())
        .await
        .map_err(failed("cannot read the names of the test events"))
}

#[derive(FromRow)]
struct Row {
    id: String,
    name: String,
    content: String,
    modified: i64,
}

impl Row {
    fn into_event(self) -> Result<Event, Error> {
        Ok(Event { id: self.id, name: self.name, content: self.content, modified: timestamp(self.modified)? })
    }
}
