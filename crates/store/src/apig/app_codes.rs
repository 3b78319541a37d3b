//! AppCodes: texts that prove an app by being sent.

use model::apig::app::{CODES, Code};
use model::secret::Secret;

use super::apps::find;
use super::callers::{APP, context, fingerprint};
use crate::audit::Subject;
use crate::credentials::seal;
use crate::database::{micros, timestamp};
use crate::error::Error;
use crate::identity::{Plan, Write};
use crate::quota;
use crate::store::Store;

impl Store {
    /// Gives an app another code.
    ///
    /// # Errors
    /// [`Error::CallerMissing`]; [`Error::NameTaken`] when any app has this code; [`Error::Quota`].
    pub async fn create_app_code(&self, project: &str, app: &str, text: Secret) -> Result<Code, Error> {
        let (project, app) = (project.to_owned(), app.to_owned());
        let subject = Subject::new(&APP, app.clone(), self.app(&project, &app)?.app.name.clone());
        let now = micros(model::time::now());
        let code = Code { id: auth::keys::id(), text, created: timestamp(now)? };
        let sealed = seal(&self.inner.key, &context("app code", &code.id), &code.text);
        self.alter_callers(vec![subject], move |callers| {
            let client = find(callers, &project, &app)?;
            if client.codes.len() >= CODES {
                return Err(Error::Quota { what: quota::APP_CODES, limit: CODES as u64 });
            }
            if callers.by_code(&fingerprint(code.text.expose())).is_some() {
                return Err(Error::NameTaken("the AppCode exists: choose another one".to_owned()));
            }
            let write = Write::new("INSERT INTO app_codes (id, app, code, created) VALUES ($1, $2, $3, $4)");
            let write = write.text(&code.id).text(&app).text(&sealed).number(now);
            Ok(Plan { writes: vec![write], answer: code })
        })
        .await
    }

    /// Takes a code from an app.
    ///
    /// # Errors
    /// [`Error::CallerMissing`].
    pub async fn delete_app_code(&self, project: &str, app: &str, id: &str) -> Result<(), Error> {
        let (project, app, id) = (project.to_owned(), app.to_owned(), id.to_owned());
        let subject = Subject::new(&APP, app.clone(), self.app(&project, &app)?.app.name.clone());
        self.alter_callers(vec![subject], move |callers| {
            let client = find(callers, &project, &app)?;
            if !client.codes.iter().any(|code| code.id == id) {
                return Err(Error::CallerMissing { what: "AppCode", id });
            }
            Ok(Plan { writes: vec![Write::new("DELETE FROM app_codes WHERE id = $1").text(&id)], answer: () })
        })
        .await
    }
}
