//! Custom authorizers: made, changed, deleted. One that an API asks for stays.

use std::sync::Arc;

use model::apig::authorizer::{AUTHORIZERS, Authorizer};
use model::snapshot::Callers;

use super::callers::{AUTHORIZER, context};
use crate::audit::Subject;
use crate::credentials::seal;
use crate::database::{micros, timestamp};
use crate::error::{Error, internal};
use crate::identity::{Plan, Write};
use crate::quota;
use crate::store::Store;

impl Store {
    /// The authorizers of a project, newest first.
    pub fn authorizers(&self, project: &str) -> Vec<Arc<Authorizer>> {
        let callers = self.callers();
        let mut found: Vec<_> = callers.authorizers().filter(|own| own.project == project).cloned().collect();
        found.sort_by(|a, b| (b.created, &a.id).cmp(&(a.created, &b.id)));
        found
    }

    /// An authorizer of a project.
    ///
    /// # Errors
    /// [`Error::CallerMissing`].
    pub fn authorizer(&self, project: &str, id: &str) -> Result<Arc<Authorizer>, Error> {
        find(&self.callers(), project, id)
    }

    /// Stores an authorizer, a new one or in place of the one with its id; its times are set here.
    ///
    /// # Errors
    /// [`Error::NameTaken`]; [`Error::Quota`].
    pub async fn put_authorizer(&self, mut authorizer: Authorizer) -> Result<Authorizer, Error> {
        let key = self.inner.key.clone();
        let subject = Subject::new(&AUTHORIZER, authorizer.id.clone(), authorizer.name.clone());
        self.alter_callers(vec![subject], move |callers| {
            let now = micros(model::time::now());
            let known = callers.authorizer(&authorizer.id).cloned();
            authorizer.created = known.as_ref().map_or(timestamp(now)?, |known| known.created);
            authorizer.modified = timestamp(now)?;
            check(callers, &authorizer, known.is_none())?;
            let settings = serde_json::to_string(&authorizer.settings)
                .map_err(|cause| internal("an authorizer cannot be written as JSON", cause))?;
            let sealed = seal(&key, &context("user data", &authorizer.id), &authorizer.user_data);
            let write = match known {
                None => Write::new(
                    "INSERT INTO authorizers (name, settings, user_data, modified, id, project, created) \
                     VALUES ($1, $2, $3, $4, $5, $6, $4)",
                ),
                Some(_) => Write::new(
                    "UPDATE authorizers SET name = $1, settings = $2, user_data = $3, modified = $4 \
                     WHERE id = $5 AND project = $6",
                ),
            };
            let write = write.text(&authorizer.name).text(&settings).text(&sealed).number(now);
            let write = write.text(&authorizer.id).text(&authorizer.project);
            Ok(Plan { writes: vec![write], answer: authorizer })
        })
        .await
    }

    /// Deletes an authorizer. That no API asks for it is the caller's to know.
    ///
    /// # Errors
    /// [`Error::CallerMissing`].
    pub async fn delete_authorizer(&self, project: &str, id: &str) -> Result<(), Error> {
        let (project, id) = (project.to_owned(), id.to_owned());
        let subject = Subject::new(&AUTHORIZER, id.clone(), self.authorizer(&project, &id)?.name.clone());
        self.alter_callers(vec![subject], move |callers| {
            find(callers, &project, &id)?;
            Ok(Plan { writes: vec![Write::new("DELETE FROM authorizers WHERE id = $1").text(&id)], answer: () })
        })
        .await
    }
}

fn find(callers: &Callers, project: &str, id: &str) -> Result<Arc<Authorizer>, Error> {
    let found = callers.authorizer(id).filter(|own| own.project == project);
    found.cloned().ok_or_else(|| Error::CallerMissing { what: "authorizer", id: id.to_owned() })
}

fn check(callers: &Callers, authorizer: &Authorizer, new: bool) -> Result<(), Error> {
    let mut mine = callers.authorizers().filter(|other| other.project == authorizer.project);
    if new && mine.clone().count() >= AUTHORIZERS {
        return Err(Error::Quota { what: quota::AUTHORIZERS, limit: AUTHORIZERS as u64 });
    }
    match mine.any(|other| other.name == authorizer.name && other.id != authorizer.id) {
        true => Err(Error::NameTaken(format!("authorizer {} exists", authorizer.name))),
        false => Ok(()),
    }
}
