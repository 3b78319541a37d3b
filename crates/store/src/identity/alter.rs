//! A change of identities: decided by a pure function of what there is, then written and published as one.

use super::{Identities, load};
use crate::audit;
use crate::change::Change;
use crate::database::failed;
use crate::error::Error;
use crate::store::Store;

/// One row written: plain SQL with its values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Write {
    sql: &'static str,
    values: Vec<Value>,
}

/// A value of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Value {
    Text(Option<String>),
    Number(Option<i64>),
}

impl Write {
    pub(crate) fn new(sql: &'static str) -> Self {
        Self { sql, values: Vec::new() }
    }

    pub(crate) fn text(mut self, text: &str) -> Self {
        self.values.push(Value::Text(Some(text.to_owned())));
        self
    }

    pub(crate) fn maybe(mut self, text: Option<&str>) -> Self {
        self.values.push(Value::Text(text.map(str::to_owned)));
        self
    }

    pub(crate) fn number(mut self, number: impl Into<Option<i64>>) -> Self {
        self.values.push(Value::Number(number.into()));
        self
    }

    pub(crate) async fn execute(self, change: &mut Change) -> Result<(), Error> {
        let mut query = sqlx::query(self.sql);
        for value in self.values {
            query = match value {
                Value::Text(text) => query.bind(text),
                Value::Number(number) => query.bind(number),
            };
        }
        query.execute(change.connection()).await.map_err(failed("cannot store a row"))?;
        Ok(())
    }
}

/// What to write, and what to answer once it is written.
#[derive(Debug)]
pub(crate) struct Plan<T> {
    pub(crate) writes: Vec<Write>,
    pub(crate) answer: T,
}

impl Store {
    /// Decides with what there is now (nobody else changes it meanwhile) and the generation this change makes, then writes.
    /// Nothing to write is no change.
    pub(crate) async fn alter<T: Send + 'static>(
        &self,
        decide: impl FnOnce(&Identities, u64) -> Result<Plan<T>, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let store = self.clone();
        self.finish(async move {
            let mut change = Change::begin(&store).await?;
            let Plan { writes, answer } = decide(&store.identities(), change.generation)?;
            if writes.is_empty() {
                return Ok(answer);
            }
            let before = audit::identity::look(change.connection()).await?;
            for write in writes {
                write.execute(&mut change).await?;
            }
            audit::identity::add_differences(&mut change, &before).await?;
            let inner = std::sync::Arc::clone(&change.inner);
            change.identities = Some(load(change.connection(), &inner.settings, &inner.key).await?);
            change.commit(|_| answer).await
        })
        .await
    }
}
