//! Dependencies: packages with versions of their own that functions share. Which functions use one stands in their configurations.

use std::fs::File;

use bytes::Bytes;
use model::dependency::Dependency;
use model::limits;
use sqlx::{FromRow, SqliteConnection};

use crate::audit::{Kind, Subject};
use crate::change::{Change, Extent};
use crate::code::fetched;
use crate::database::{failed, micros, signed, timestamp, unsigned};
use crate::error::Error;
use crate::store::Store;
use crate::{functions, quota};

/// A version of a dependency to be made.
#[derive(Clone, Debug)]
pub struct NewDependency {
    /// Whose it is.
    pub project: String,
    /// Name of the dependency.
    pub name: String,
    /// Which language it is for.
    pub runtime: String,
    /// Free text.
    pub description: String,
    /// Where it was fetched from; empty when it came in a request.
    pub link: String,
    /// File name of the package.
    pub filename: String,
}

/// Which dependency gets the new version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Of {
    /// The one of that name; made if absent.
    Name,
    /// A new one: its name must be free.
    New,
    /// The one of this id, which takes the name.
    Id(String),
}

const COLUMNS: &str = "v.id, v.dependency, d.name, v.number, v.runtime, v.description, v.link, v.filename, v.sha256, v.size, \
                       v.created FROM dependency_versions v JOIN dependencies d ON d.id = v.dependency";

/// A dependency with its versions, for the audit trail.
static DEPENDENCY: Kind = Kind {
    name: "Dependency",
    rows: &[
        "SELECT project || ' ' || name FROM dependencies WHERE id = $1",
        "SELECT id || ' ' || CAST(number AS TEXT) || ' ' || runtime || ' ' || description || ' ' || sha256 FROM dependency_versions \
         WHERE dependency = $1 ORDER BY number",
    ],
};

impl Store {
    /// Keeps a package as a version of a dependency.
    ///
    /// # Errors
    /// [`Error::Package`], [`Error::PackageTooLarge`]; [`Error::DependencyExists`]: the name is taken, or another dependency was
    /// fetched from the same place; [`Error::DependencyMissing`] by id; [`Error::Quota`] for bytes.
    pub async fn create_dependency_version(&self, new: NewDependency, of: Of, zip: Bytes) -> Result<Dependency, Error> {
        let (size, limit) = (zip.len() as u64, limits::DEPENDENCY_BYTES as u64);
        if size > limit {
            return Err(Error::PackageTooLarge { size, limit });
        }
        self.keep_dependency(new, of, zip).await
    }

    /// The same of a package that was fetched into a file of [`Store::incoming`].
    ///
    /// # Errors
    /// As [`Store::create_dependency_version`].
    pub async fn create_fetched_dependency_version(
        &self,
        new: NewDependency,
        of: Of,
        file: File,
    ) -> Result<Dependency, Error> {
        let zip = fetched(file).await?;
        self.keep_dependency(new, of, zip).await
    }

    async fn keep_dependency(&self, new: NewDependency, of: Of, zip: Bytes) -> Result<Dependency, Error> {
        let size = zip.len() as u64;
        let store = self.clone();
        self.finish(async move {
            let sha256 = store.inner.packages.put_dependency(zip).await?;
            let mut change = Change::begin(&store).await?;
            change.extent = Extent::Nothing;
            let made = insert(&mut change, new, of, (sha256, size)).await?;
            change.commit(|_| made).await
        })
        .await
    }

    /// The newest version of each dependency of a project, by name.
    pub async fn dependencies(&self, project: &str) -> Result<Vec<Dependency>, Error> {
        let mut all = self.all_dependency_versions(project).await?;
        // The newest of each stands first.
        all.dedup_by(|next, kept| next.dependency == kept.dependency);
        Ok(all)
    }

    /// All versions of a project's dependencies, by name, the newest first.
    pub async fn all_dependency_versions(&self, project: &str) -> Result<Vec<Dependency>, Error> {
        let query = format!("SELECT {COLUMNS} WHERE d.project = $1 ORDER BY d.name, v.number DESC");
        let rows: Vec<Row> = sqlx::query_as(sqlx::AssertSqlSafe(query))
            .bind(project)
            .fetch_all(self.inner.database.readers())
            .await
            .map_err(failed("cannot read the dependencies"))?;
        rows.into_iter().map(Row::into_dependency).collect()
    }

    /// Deletes a version, and the dependency with its last one.
    ///
    /// # Errors
    /// [`Error::DependencyMissing`]; [`Error::DependencyInUse`] by any version of a function.
    pub async fn delete_dependency_version(&self, project: &str, dependency: &str, number: u64) -> Result<(), Error> {
        self.delete_dependencies(project, dependency, Some(number)).await
    }

    /// Deletes a dependency with all its versions.
    ///
    /// # Errors
    /// As [`Store::delete_dependency_version`].
    pub async fn delete_dependency(&self, project: &str, dependency: &str) -> Result<(), Error> {
        self.delete_dependencies(project, dependency, None).await
    }

    async fn delete_dependencies(&self, project: &str, dependency: &str, number: Option<u64>) -> Result<(), Error> {
        let store = self.clone();
        let (project, dependency) = (project.to_owned(), dependency.to_owned());
        self.finish(async move {
            let mut change = Change::begin(&store).await?;
            change.extent = Extent::Nothing;
            let mut gone = of_dependency(change.connection(), &project, &dependency).await?;
            gone.retain(|version| number.is_none_or(|number| version.number == number));
            if gone.is_empty() {
                return Err(missing(&dependency, number));
            }
            check_unused(&change, &gone)?;
            let name = gone.first().map(|version| version.name.clone()).unwrap_or_default();
            change.touch(Subject::new(&DEPENDENCY, &dependency, name)).await?;
            delete(&mut change, &gone).await?;
            change.commit(|_| ()).await
        })
        .await
    }
}

fn missing(dependency: &str, number: Option<u64>) -> Error {
    Error::DependencyMissing(match number {
        Some(number) => format!("{dependency} version {number}"),
        None => dependency.to_owned(),
    })
}

async fn of_dependency(
    connection: &mut SqliteConnection,
    project: &str,
    dependency: &str,
) -> Result<Vec<Dependency>, Error> {
    let query = format!("SELECT {COLUMNS} WHERE d.project = $1 AND d.id = $2");
    let rows: Vec<Row> = sqlx::query_as(sqlx::AssertSqlSafe(query))
        .bind(project)
        .bind(dependency)
        .fetch_all(connection)
        .await
        .map_err(failed("cannot look the dependency up"))?;
    rows.into_iter().map(Row::into_dependency).collect()
}

async fn insert(
    change: &mut Change,
    new: NewDependency,
    of: Of,
    (sha256, size): (String, u64),
) -> Result<Dependency, Error> {
    let found = place(change, &new, &of).await?;
    check_link(change, &new, found.as_ref().map(|(id, _)| id.as_str())).await?;
    functions::check_room(change, &new.project, size).await?;
    let (dependency, number, id) = match found {
        Some((dependency, newest)) => (dependency, newest + 1, uuid::Uuid::new_v4().to_string()),
        None => {
            let id = uuid::Uuid::new_v4().to_string();
            (id.clone(), 1, id)
        }
    };
    change.touch(Subject::new(&DEPENDENCY, &dependency, &new.name)).await?;
    let now = micros(model::time::now());
    let NewDependency { project, name, runtime, description, link, filename } = new;
    sqlx::query(
        "INSERT INTO dependencies (id, project, name, newest, created) VALUES ($1, $2, $3, $4, $5) \
         ON CONFLICT (id) DO UPDATE SET name = excluded.name, newest = excluded.newest",
    )
    .bind(&dependency)
    .bind(project)
    .bind(&name)
    .bind(number)
    .bind(now)
    .execute(change.connection())
    .await
    .map_err(failed("cannot store the dependency"))?;
    sqlx::query(
        "INSERT INTO dependency_versions (id, dependency, number, runtime, description, link, filename, sha256, size, created) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
    )
    .bind(&id)
    .bind(&dependency)
    .bind(number)
    .bind(&runtime)
    .bind(&description)
    .bind(&link)
    .bind(&filename)
    .bind(&sha256)
    .bind(signed(size))
    .bind(now)
    .execute(change.connection())
    .await
    .map_err(failed("cannot store the version of a dependency"))?;
    let (number, created) = (unsigned(number), timestamp(now)?);
    Ok(Dependency { id, dependency, name, number, runtime, description, link, filename, sha256, size, created })
}

/// Bytes of all dependencies of a project.
pub(crate) async fn bytes(connection: &mut SqliteConnection, project: &str) -> Result<u64, Error> {
    let bytes: i64 = sqlx::query_scalar(
        "SELECT CAST(COALESCE(SUM(v.size), 0) AS BIGINT) FROM dependency_versions v \
         JOIN dependencies d ON d.id = v.dependency WHERE d.project = $1",
    )
    .bind(project)
    .fetch_one(connection)
    .await
    .map_err(failed("cannot add up the dependencies"))?;
    Ok(unsigned(bytes))
}

/// Id and newest number of the dependency that gets the version; none where it is to be made.
async fn place(change: &mut Change, new: &NewDependency, of: &Of) -> Result<Option<(String, i64)>, Error> {
    let rows: Vec<(String, String, i64)> =
        sqlx::query_as("SELECT id, name, newest FROM dependencies WHERE project = $1 AND (name = $2 OR id = $3)")
            .bind(&new.project)
            .bind(&new.name)
            .bind(if let Of::Id(id) = of { id.as_str() } else { "" })
            .fetch_all(change.connection())
            .await
            .map_err(failed("cannot look the dependency up"))?;
    let named = rows.iter().find(|(_, name, _)| *name == new.name);
    let taken = || Error::DependencyExists(format!("dependency {} exists", new.name));
    let found = match of {
        Of::Name => named,
        Of::New if named.is_some() => return Err(taken()),
        Of::New => None,
        Of::Id(own) => {
            let found = rows.iter().find(|(id, _, _)| id == own).ok_or_else(|| missing(own, None))?;
            if named.is_some_and(|(id, _, _)| id != own) {
                return Err(taken());
            }
            Some(found)
        }
    };
    Ok(found.map(|(id, _, newest)| (id.clone(), *newest)))
}

/// What is fetched from one place is one dependency.
async fn check_link(change: &mut Change, new: &NewDependency, own: Option<&str>) -> Result<(), Error> {
    if new.link.is_empty() {
        return Ok(());
    }
    let other: Option<String> = sqlx::query_scalar(
        "SELECT d.name FROM dependency_versions v JOIN dependencies d ON d.id = v.dependency \
         WHERE d.project = $1 AND v.link = $2 AND d.id <> $3 LIMIT 1",
    )
    .bind(&new.project)
    .bind(&new.link)
    .bind(own.unwrap_or_default())
    .fetch_optional(change.connection())
    .await
    .map_err(failed("cannot look the link of a dependency up"))?;
    match other {
        Some(name) => Err(Error::DependencyExists(format!("dependency {name} was made from {} already", new.link))),
        None => Ok(()),
    }
}

/// No other change is under way, so the Snapshot has every version of every function.
fn check_unused(change: &Change, gone: &[Dependency]) -> Result<(), Error> {
    let snapshot = change.inner.snapshots.load();
    let versions = snapshot.functions().flat_map(|function| function.all_versions());
    let uses = |version: &&std::sync::Arc<model::function::Version>| {
        version.config.dependencies.iter().any(|used| gone.iter().any(|gone| gone.id == used.id))
    };
    let mut users: Vec<String> = versions.filter(uses).map(|version| version.urn()).collect();
    users.sort();
    match users.is_empty() {
        true => Ok(()),
        false => Err(Error::DependencyInUse(users)),
    }
}

async fn delete(change: &mut Change, gone: &[Dependency]) -> Result<(), Error> {
    for version in gone {
        sqlx::query("DELETE FROM dependency_versions WHERE id = $1")
            .bind(&version.id)
            .execute(change.connection())
            .await
            .map_err(failed("cannot delete the version of a dependency"))?;
    }
    sqlx::query(
        "DELETE FROM dependencies WHERE id = $1 \
         AND NOT EXISTS (SELECT 1 FROM dependency_versions v WHERE v.dependency = $1)",
    )
    .bind(gone.first().map(|version| version.dependency.as_str()).unwrap_or_default())
    .execute(change.connection())
    .await
    .map_err(failed("cannot delete the dependency"))?;
    Ok(())
}

/// Whether a function of this project may be given these.
pub(crate) async fn check_there(change: &mut Change, project: &str, wanted: &[Dependency]) -> Result<(), Error> {
    for version in wanted {
        let there: Option<i64> = sqlx::query_scalar(
            "SELECT 1 FROM dependency_versions v JOIN dependencies d ON d.id = v.dependency \
             WHERE v.id = $1 AND d.project = $2",
        )
        .bind(&version.id)
        .bind(project)
        .fetch_optional(change.connection())
        .await
        .map_err(failed("cannot look the dependency up"))?;
        if there.is_none() {
            return Err(Error::DependencyMissing(version.id.clone()));
        }
    }
    match wanted.len() <= limits::DEPENDENCIES {
        true => Ok(()),
        false => Err(Error::Quota { what: quota::DEPENDENCIES, limit: limits::DEPENDENCIES as u64 }),
    }
}

#[derive(FromRow)]
struct Row {
    id: String,
    dependency: String,
    name: String,
    number: i64,
    runtime: String,
    description: String,
    link: String,
    filename: String,
    sha256: String,
    size: i64,
    created: i64,
}

impl Row {
    fn into_dependency(self) -> Result<Dependency, Error> {
        let Self { id, dependency, name, runtime, description, link, filename, sha256, .. } = self;
        let (number, size, created) = (unsigned(self.number), unsigned(self.size), timestamp(self.created)?);
        Ok(Dependency { id, dependency, name, number, runtime, description, link, filename, sha256, size, created })
    }
}
