//! What is decided at the first start and never again: region, domain, the first project with its default group, the first user with
//! their rights and a first access key.

use model::trigger::Group;
use sqlx::SqliteConnection;

use crate::credentials;
use crate::database::{Database, failed, micros};
use crate::error::Error;
use crate::users;

/// The identity of this installation.
#[derive(Debug)]
pub(crate) struct Settings {
    pub(crate) region: String,
    /// The first project.
    pub(crate) project: String,
    pub(crate) domain: String,
    pub(crate) domain_name: String,
    /// Id of the user who was made at the first start.
    pub(crate) first_user: String,
}

const REGION: &str = "region";
const PROJECT: &str = "project";
const DOMAIN: &str = "domain";
const DOMAIN_NAME: &str = "domain_name";
const FIRST_USER: &str = "first_user";

/// Name of the domain.
const FUNCD: &str = "funcd";

impl Settings {
    /// Reads them; makes what is absent, all in one transaction.
    pub(crate) async fn load_or_make(database: &Database, key: &auth::seal::Key, region: &str) -> Result<Self, Error> {
        let mut turn = database.turn().await?;
        let connection = &mut *turn.transaction;
        let settings = Self {
            region: get_or_set(connection, REGION, region).await?,
            project: get_or_set(connection, PROJECT, &auth::keys::id()).await?,
            domain: get_or_set(connection, DOMAIN, &auth::keys::id()).await?,
            domain_name: get_or_set(connection, DOMAIN_NAME, FUNCD).await?,
            first_user: get_or_set(connection, FIRST_USER, &auth::keys::id()).await?,
        };
        make_project(connection, &settings).await?;
        users::make_first(connection, key, &settings.first_user).await?;
        credentials::make_first(connection, key, &settings).await?;
        turn.commit().await?;
        Ok(settings)
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

async fn make_project(connection: &mut SqliteConnection, settings: &Settings) -> Result<(), Error> {
    sqlx::query("INSERT INTO projects (id, name, created) VALUES ($1, $2, $3) ON CONFLICT (id) DO NOTHING")
        .bind(&settings.project)
        .bind(&settings.region)
        .bind(micros(model::time::now()))
        .execute(&mut *connection)
        .await
        .map_err(failed("cannot store the project"))?;
    // Data folders of before know the project by its id only; the vendor names the first one after its region.
    sqlx::query("UPDATE projects SET name = $1 WHERE id = $2 AND name = ''")
        .bind(&settings.region)
        .bind(&settings.project)
        .execute(&mut *connection)
        .await
        .map_err(failed("cannot name the project"))?;
    // `DO NOTHING` without a target also covers the index that allows one default group a project.
    sqlx::query("INSERT INTO api_groups (project, id, name) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING")
        .bind(&settings.project)
        .bind(auth::keys::id())
        .bind(Group::DEFAULT_NAME)
        .execute(connection)
        .await
        .map_err(failed("cannot store the default group"))?;
    Ok(())
}
