//! What is decided at the first start and never again: region, account, project, its default group and its first credential.

use model::trigger::Group;
use sqlx::SqliteConnection;

use crate::credentials;
use crate::database::{Database, failed, micros};
use crate::error::Error;

/// The identity of this installation.
#[derive(Debug)]
pub(crate) struct Settings {
    pub(crate) region: String,
    pub(crate) project: String,
    /// Id of the account that everything belongs to.
    pub(crate) domain: String,
}

const REGION: &str = "region";
const PROJECT: &str = "project";
const DOMAIN: &str = "domain";

impl Settings {
    /// Reads them; makes what is absent, all in one transaction.
    pub(crate) async fn load_or_make(database: &Database, key: &auth::seal::Key, region: &str) -> Result<Self, Error> {
        let mut turn = database.turn().await?;
        let connection = &mut *turn.transaction;
        let region = get_or_set(connection, REGION, region).await?;
        let project = get_or_set(connection, PROJECT, &auth::keys::id()).await?;
        let domain = get_or_set(connection, DOMAIN, &auth::keys::id()).await?;
        make_project(connection, &project).await?;
        credentials::make_first(connection, key, &project).await?;
        turn.commit().await?;
        Ok(Self { region, project, domain })
    }
}

async fn get_or_set(connection: &mut SqliteConnection, name: &str, first: &str) -> Result<String, Error> {
    sqlx::query("INSERT INTO settings (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING")
        .bind(name)
        .bind(first)
        .execute(&mut *connection)
        .await
        .map_err(failed("cannot store the settings"))?;
    sqlx::query_scalar("SELECT value FROM settings WHERE name = $1")
        .bind(name)
        .fetch_one(connection)
        .await
        .map_err(failed("cannot read the settings"))
}

async fn make_project(connection: &mut SqliteConnection, project: &str) -> Result<(), Error> {
    sqlx::query("INSERT INTO projects (id, created) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING")
        .bind(project)
        .bind(micros(model::time::now()))
        .execute(&mut *connection)
        .await
        .map_err(failed("cannot store the project"))?;
    // `DO NOTHING` without a target also covers the index that allows one default group a project.
    sqlx::query("INSERT INTO api_groups (project, id, name) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING")
        .bind(project)
        .bind(auth::keys::id())
        .bind(Group::DEFAULT_NAME)
        .execute(connection)
        .await
        .map_err(failed("cannot store the default group"))?;
    Ok(())
}
