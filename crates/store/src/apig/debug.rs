//! An API as a test of it finds it: alone, as it would be if it were published now, or as it is.

use std::sync::Arc;

use model::apig::{ApiRef, Published};
use model::snapshot::Snapshot;
use model::urn::FunctionId;

use super::{What, apis, environments, missing, refuse, release, variables};
use crate::database::failed;
use crate::error::Error;
use crate::store::Store;

impl Store {
    /// A Snapshot where nothing answers but this API, as it is edited now and as if it were published in the environment: its policies
    /// hold, and whoever may call it there may call it.
    ///
    /// # Errors
    /// [`What::ApiMissing`], [`What::EnvironmentMissing`]; [`What::VariableMissing`] and [`What::Unpublishable`] as when it is published.
    pub async fn draft_of_api(&self, project: &str, id: &str, env_id: &str) -> Result<Snapshot, Error> {
        let acquired = self.inner.database.readers().acquire().await;
        let mut connection = acquired.map_err(failed("cannot read the API"))?;
        let api = apis::find(&mut connection, project, id).await?;
        let api = api.ok_or_else(|| missing(What::ApiMissing, "API", id))?;
        let environment = environments::find(&mut connection, project, env_id).await?;
        let definition = &api.definition;
        let values = variables::of(&mut connection, project, &definition.group_id, &environment.id).await?;
        let path = release::expanded(&api, &environment, &values)?;
        let named = ApiRef {
            api_id: id.to_owned(),
            group_id: definition.group_id.clone(),
            env_id: environment.id,
            env_name: environment.name,
            project: project.to_owned(),
            name: definition.name.clone(),
        };
        let function = FunctionId {
            region: self.region().to_owned(),
            project: project.to_owned(),
            package: definition.package.clone(),
            name: definition.function.clone(),
        };
        Ok(self.alone(Published { api: Arc::new(named), function, path, definition: Arc::new(api.definition) }))
    }

    /// The same of what is published in an environment of this name.
    ///
    /// # Errors
    /// [`What::ApiMissing`]; [`What::PublicationMissing`].
    pub async fn published_api(&self, project: &str, id: &str, stage: &str) -> Result<Snapshot, Error> {
        let apis = Arc::clone(&self.inner.apis.lock());
        let own = |one: &&Published| one.api.project == project && one.api.api_id == id && one.api.env_name == stage;
        if let Some(found) = apis.published().iter().find(own) {
            return Ok(self.alone(found.clone()));
        }
        let api = self.api(project, id).await?.ok_or_else(|| missing(What::ApiMissing, "API", id))?;
        refuse(What::PublicationMissing, format!("API {} is not published in {stage}", api.api.definition.name))
    }

    fn alone(&self, published: Published) -> Snapshot {
        let now = self.inner.snapshots.load();
        let apis = Arc::clone(&self.inner.apis.lock());
        let functions = now.functions().cloned().collect();
        Snapshot::build_with(now.generation, functions, apis.groups(), &[published], Arc::clone(now.policies()))
            .with_domains(Arc::clone(now.domains()))
            .with_callers(Arc::clone(now.callers()))
    }
}
