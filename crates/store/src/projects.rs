//! Projects: each has its own functions, triggers and default API group.

use jiff::Timestamp;
use model::trigger::Group;

use crate::database::{failed, micros, timestamp};
use crate::error::Error;
use crate::identity::{Identities, Plan, Project, Write, missing};
use crate::store::Store;

/// Projects of the domain.
pub(crate) const PROJECTS: usize = 100;

/// Whether a project may get another name.
fn check_new_name(identities: &Identities, name: &str, first: bool) -> Result<(), Error> {
    if first {
        let text = "the first project has the name of the region and keeps it";
        return Err(Error::IdentityProtected(text.to_owned()));
    }
    check_name(identities, name)
}

impl Store {
    /// When the installation was made: with its first project.
    ///
    /// # Errors
    /// [`Error::Internal`].
    pub async fn installed(&self) -> Result<Timestamp, Error> {
        let first: i64 = sqlx::query_scalar("SELECT COALESCE(MIN(created), 0) FROM projects")
            .fetch_one(self.inner.database.readers())
            .await
            .map_err(failed("cannot look up when the installation was made"))?;
        timestamp(first)
    }

    /// A new project with its default group.
    ///
    /// # Errors
    /// [`Error::IdentityConflict`] when the name is taken, or there are too many.
    pub async fn create_project(&self, name: &str, description: &str) -> Result<Project, Error> {
        let project =
            Project { id: auth::keys::id(), name: name.to_owned(), description: description.to_owned(), enabled: true };
        self.alter(move |identities, _| {
            check_name(identities, &project.name)?;
            if identities.projects.len() >= PROJECTS {
                return Err(Error::IdentityConflict(format!("at most {PROJECTS} projects")));
            }
            let row = Write::new("INSERT INTO projects (id, name, description, created) VALUES ($1, $2, $3, $4)")
                .text(&project.id)
                .text(&project.name)
                .text(&project.description)
                .number(micros(model::time::now()));
            let group = Write::new("INSERT INTO api_groups (project, id, name) VALUES ($1, $2, $3)")
                .text(&project.id)
                .text(&auth::keys::id())
                .text(Group::DEFAULT_NAME);
            Ok(Plan { writes: vec![row, group], answer: project })
        })
        .await
    }

    /// Changes name, description, or whether it may be used.
    ///
    /// # Errors
    /// [`Error::IdentityMissing`]; [`Error::IdentityConflict`] when the name is taken; [`Error::IdentityProtected`] when the first
    /// project would be renamed, which is named after the region.
    pub async fn update_project(
        &self,
        id: &str,
        name: Option<String>,
        description: Option<String>,
        enabled: Option<bool>,
    ) -> Result<Project, Error> {
        let (id, first) = (id.to_owned(), self.project().to_owned());
        self.alter(move |identities, _| {
            let mut project = identities.projects.get(&id).cloned().ok_or_else(|| missing("project", &id))?;
            if let Some(name) = name.filter(|name| *name != project.name) {
                check_new_name(identities, &name, id == first)?;
                project.name = name;
            }
            project.description = description.unwrap_or(project.description);
            project.enabled = enabled.unwrap_or(project.enabled);
            let write = Write::new("UPDATE projects SET name = $1, description = $2, enabled = $3 WHERE id = $4")
                .text(&project.name)
                .text(&project.description)
                .number(i64::from(project.enabled))
                .text(&id);
            Ok(Plan { writes: vec![write], answer: project })
        })
        .await
    }
}

fn check_name(identities: &Identities, name: &str) -> Result<(), Error> {
    match identities.project_named(name) {
        Some(_) => Err(Error::IdentityConflict(format!("there is a project named {name}"))),
        None => Ok(()),
    }
}
