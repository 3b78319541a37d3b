//! APIs and where they are published, in the few words that whatever is bound to them shows of them.

use std::collections::BTreeMap;

use model::apig::Definition;
use model::trigger::{RELEASE_ENV, RELEASE_ENV_ID};
use sqlx::FromRow;

use super::apis;
use crate::database::failed;
use crate::error::Error;
use crate::store::Store;

/// An API as it is edited, with where it is published.
#[derive(Clone, Debug)]
pub struct Outline {
    /// Its id.
    pub id: String,
    /// What is being edited.
    pub definition: Definition,
    /// Name of its group.
    pub group_name: String,
    /// Id of the publication, by the environment's id.
    pub published: BTreeMap<String, String>,
}

impl Store {
    /// The APIs of a project, by name.
    ///
    /// # Errors
    /// [`Error::Internal`].
    pub async fn api_outlines(&self, project: &str) -> Result<Vec<Outline>, Error> {
        let apis: Vec<ApiRow> = sqlx::query_as(
            "SELECT a.id, a.definition, g.name AS group_name FROM apis a \
             JOIN api_groups g ON g.project = a.project AND g.id = a.group_id WHERE a.project = $1",
        )
        .bind(project)
        .fetch_all(self.inner.database.readers())
        .await
        .map_err(failed("cannot read the APIs"))?;
        let published: Vec<(String, String, String)> =
            sqlx::query_as("SELECT api_id, env_id, publish_id FROM publications WHERE project = $1")
                .bind(project)
                .fetch_all(self.inner.database.readers())
                .await
                .map_err(failed("cannot read what is published"))?;
        let mut outlines = BTreeMap::new();
        for row in apis {
            let definition = apis::read(&row.id, &row.definition)?;
            let (id, group_name) = (row.id.clone(), row.group_name);
            outlines.insert(row.id, Outline { id, definition, group_name, published: BTreeMap::new() });
        }
        for (api, env, publish_id) in published {
            if let Some(outline) = outlines.get_mut(&api) {
                outline.published.insert(env, publish_id);
            }
        }
        let mut outlines: Vec<_> = outlines.into_values().collect();
        outlines.sort_by(|a, b| a.definition.name.cmp(&b.definition.name));
        Ok(outlines)
    }

    /// The environments of a project: names by id, RELEASE among them.
    ///
    /// # Errors
    /// [`Error::Internal`].
    pub async fn environment_names(&self, project: &str) -> Result<BTreeMap<String, String>, Error> {
        let made: Vec<(String, String)> = sqlx::query_as("SELECT id, name FROM environments WHERE project = $1")
            .bind(project)
            .fetch_all(self.inner.database.readers())
            .await
            .map_err(failed("cannot read the environments"))?;
        Ok(made.into_iter().chain([(RELEASE_ENV_ID.to_owned(), RELEASE_ENV.to_owned())]).collect())
    }
}

#[derive(FromRow)]
struct ApiRow {
    id: String,
    definition: String,
    group_name: String,
}
