//! Apps: made, changed, deleted with their codes and authorisations.

use std::sync::Arc;

use model::apig::app::{APPS, Acl, App, Client};
use model::apig::throttles::Object;
use model::secret::Secret;
use model::snapshot::Callers;

use super::callers::{APP, context};
use crate::audit::Subject;
use crate::change::Extent;
use crate::credentials::seal;
use crate::database::{micros, timestamp};
use crate::error::{Error, internal};
use crate::identity::{Plan, Write};
use crate::quota;
use crate::store::Store;

/// What of an app changes; what is not given stays.
#[derive(Clone, Debug, Default)]
pub struct AppChange {
    /// Its name.
    pub name: Option<String>,
    /// Its remark.
    pub remark: Option<String>,
    /// Its AppKey.
    pub key: Option<String>,
    /// Its AppSecret.
    pub secret: Option<Secret>,
    /// From where it may call: some list, or none.
    pub acl: Option<Option<Acl>>,
}

impl Store {
    /// The apps of a project, newest first.
    pub fn apps(&self, project: &str) -> Vec<Arc<Client>> {
        let callers = self.callers();
        let mut found: Vec<_> = callers.clients().filter(|client| client.app.project == project).cloned().collect();
        found.sort_by(|a, b| (b.app.created, &a.app.id).cmp(&(a.app.created, &b.app.id)));
        found
    }

    /// An app of a project.
    ///
    /// # Errors
    /// [`Error::CallerMissing`].
    pub fn app(&self, project: &str, id: &str) -> Result<Arc<Client>, Error> {
        find(&self.callers(), project, id)
    }

    /// Stores an app; its times are set here.
    ///
    /// # Errors
    /// [`Error::NameTaken`] for its name in the project or its key anywhere; [`Error::Quota`].
    pub async fn create_app(&self, mut app: App) -> Result<App, Error> {
        let now = micros(model::time::now());
        app.created = timestamp(now)?;
        app.modified = app.created;
        let write = Write::new(
            "INSERT INTO apps (id, project, name, remark, app_key, app_secret, acl, created, modified) \
             VALUES ($1, $2, $3, $4, $5, $6, NULL, $7, $7)",
        );
        let write = write
            .text(&app.id)
            .text(&app.project)
            .text(&app.name)
            .text(&app.remark)
            .text(&app.key)
            .text(&seal(&self.inner.key, &context("app secret", &app.id), &app.secret))
            .number(now);
        let subject = Subject::new(&APP, app.id.clone(), app.name.clone());
        self.alter_callers(vec![subject], move |callers| {
            check_unlike(callers, &app)?;
            if callers.clients().filter(|client| client.app.project == app.project).count() >= APPS {
                return Err(Error::Quota { what: quota::APPS, limit: APPS as u64 });
            }
            Ok(Plan { writes: vec![write], answer: app })
        })
        .await
    }

    /// Changes an app.
    ///
    /// # Errors
    /// [`Error::CallerMissing`]; [`Error::NameTaken`].
    pub async fn update_app(&self, project: &str, id: &str, change: AppChange) -> Result<App, Error> {
        let (project, id) = (project.to_owned(), id.to_owned());
        let key = self.inner.key.clone();
        let subject = Subject::new(&APP, id.clone(), self.app(&project, &id)?.app.name.clone());
        self.alter_callers(vec![subject], move |callers| {
            let mut app = find(callers, &project, &id)?.app.clone();
            app.name = change.name.unwrap_or(app.name);
            app.remark = change.remark.unwrap_or(app.remark);
            app.key = change.key.unwrap_or(app.key);
            app.secret = change.secret.unwrap_or(app.secret);
            app.acl = change.acl.unwrap_or(app.acl);
            app.modified = timestamp(micros(model::time::now()))?;
            check_unlike(callers, &app)?;
            let acl = app.acl.as_ref().map(serde_json::to_string).transpose();
            let acl = acl.map_err(|cause| internal("an access list cannot be written as JSON", cause))?;
            let write = Write::new(
                "UPDATE apps SET name = $1, remark = $2, app_key = $3, app_secret = $4, acl = $5, modified = $6 WHERE id = $7",
            );
            let write = write
                .text(&app.name)
                .text(&app.remark)
                .text(&app.key)
                .text(&seal(&key, &context("app secret", &app.id), &app.secret))
                .maybe(acl.as_deref())
                .number(micros(app.modified))
                .text(&app.id);
            Ok(Plan { writes: vec![write], answer: app })
        })
        .await
    }

    /// Deletes an app with its codes, its authorisations, and the limits of its own in throttling policies.
    ///
    /// # Errors
    /// [`Error::CallerMissing`].
    pub async fn delete_app(&self, project: &str, id: &str) -> Result<(), Error> {
        let (project, id) = (project.to_owned(), id.to_owned());
        let subject = Subject::new(&APP, id.clone(), self.app(&project, &id)?.app.name.clone());
        self.alter_more(Extent::Apis, vec![subject], move |callers| {
            find(callers, &project, &id)?;
            let specials = Write::new("DELETE FROM throttle_specials WHERE object = $1 AND object_id = $2");
            let specials = specials.text(Object::App.code()).text(&id);
            let app = Write::new("DELETE FROM apps WHERE id = $1").text(&id);
            Ok(Plan { writes: vec![specials, app], answer: () })
        })
        .await
    }
}

/// An app of another project is not there.
pub(super) fn find(callers: &Callers, project: &str, id: &str) -> Result<Arc<Client>, Error> {
    let found = callers.client(id).filter(|client| client.app.project == project);
    found.cloned().ok_or_else(|| Error::CallerMissing { what: "app", id: id.to_owned() })
}

fn check_unlike(callers: &Callers, app: &App) -> Result<(), Error> {
    let mut others = callers.clients().map(|client| &client.app).filter(|other| other.id != app.id);
    if callers.by_key(&app.key).is_some_and(|other| other.app.id != app.id) {
        return Err(Error::NameTaken(format!("app_key {} exists", app.key)));
    }
    if others.any(|other| other.project == app.project && other.name == app.name) {
        return Err(Error::NameTaken(format!("app {} exists", app.name)));
    }
    Ok(())
}
