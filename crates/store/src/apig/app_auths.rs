//! Which app may call which API in which environment.

use model::apig::app::Grant;

use super::apps::find;
use super::callers::APP;
use crate::audit::Subject;
use crate::database::{micros, timestamp};
use crate::error::Error;
use crate::identity::{Plan, Write};
use crate::store::Store;

impl Store {
    /// Lets an app call APIs in an environment; gives each grant with whether it is a new one. That the APIs are there is the
    /// caller's to know.
    ///
    /// # Errors
    /// [`Error::CallerMissing`].
    pub async fn grant_apis(
        &self,
        project: &str,
        app: &str,
        apis: Vec<String>,
        env: &str,
    ) -> Result<Vec<(Grant, bool)>, Error> {
        let (project, app, env) = (project.to_owned(), app.to_owned(), env.to_owned());
        let subject = Subject::new(&APP, app.clone(), self.app(&project, &app)?.app.name.clone());
        self.alter_callers(vec![subject], move |callers| {
            let client = find(callers, &project, &app)?;
            let now = micros(model::time::now());
            let (mut writes, mut answer) = (Vec::new(), Vec::new());
            for api in apis {
                let known = client.grants.get(&(api.clone(), env.clone())).cloned();
                let is_new = known.is_none();
                let grant = known.map_or_else(|| fresh(now), Ok)?;
                let write =
                    Write::new("INSERT INTO app_auths (id, app, api, env, created) VALUES ($1, $2, $3, $4, $5)");
                let write = || write.text(&grant.id).text(&app).text(&api).text(&env).number(now);
                writes.extend(is_new.then(write));
                answer.push((grant, is_new));
            }
            Ok(Plan { writes, answer })
        })
        .await
    }

    /// Takes a grant back.
    ///
    /// # Errors
    /// [`Error::CallerMissing`].
    pub async fn revoke_grant(&self, project: &str, id: &str) -> Result<(), Error> {
        let missing = || Error::CallerMissing { what: "app authorization", id: id.to_owned() };
        let apps = self.apps(project);
        let owner = apps.iter().find(|client| client.grants.values().any(|grant| grant.id == id));
        let owner = owner.ok_or_else(missing)?;
        let subject = Subject::new(&APP, owner.app.id.clone(), owner.app.name.clone());
        // One that is gone meanwhile leaves nothing to delete.
        let write = Write::new("DELETE FROM app_auths WHERE id = $1").text(id);
        self.alter_callers(vec![subject], move |_| Ok(Plan { writes: vec![write], answer: () })).await
    }
}

fn fresh(now: i64) -> Result<Grant, Error> {
    Ok(Grant { id: auth::keys::id(), created: timestamp(now)? })
}
