//! Functions as the tables keep them, read for the Snapshot. What did not change since the Snapshot before is not read again.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use model::alias::Alias;
use model::function::{Code, Config, Function, Published, Version};
use model::snapshot::Snapshot;
use model::urn::{FunctionId, Qualifier};
use sqlx::{FromRow, SqliteConnection};

use crate::code::tree_name;
use crate::database::{failed, signed, timestamp, unsigned};
use crate::error::{Error, internal};
use crate::store::Inner;
use crate::{aliases, variables};

/// All functions, or the one with this `func_id`. Of those in `before`, versions that are still of the same revision keep their allocation, and so does a
/// function of which nothing changed.
pub(crate) async fn load(
    connection: &mut SqliteConnection,
    inner: &Inner,
    before: &Snapshot,
    only: Option<&str>,
) -> Result<Vec<Arc<Function>>, Error> {
    let span = only.map_or(ALL, |func_id| (func_id, func_id));
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT func_id, project, package, name, created, modified, pinned FROM functions WHERE func_id BETWEEN $1 AND $2",
    )
    .bind(span.0)
    .bind(span.1)
    .fetch_all(&mut *connection)
    .await
    .map_err(failed("cannot read the functions"))?;
    let mut versions = listed(connection, span).await?;
    let mut changed = changed(connection, before.generation, span).await?;
    let mut aliases = aliases::all(connection, span).await?;
    let known: HashMap<&str, &Arc<Function>> =
        before.functions().map(|function| (function.func_id.as_str(), function)).collect();
    let function = |row: Row| {
        let parts = Parts {
            known: known.get(row.func_id.as_str()).copied(),
            versions: versions.remove(&row.func_id).unwrap_or_default(),
            aliases: aliases.remove(&row.func_id).unwrap_or_default(),
        };
        parts.build(row, &mut changed, inner)
    };
    rows.into_iter().map(function).collect()
}

/// The first and the last `func_id` to read.
pub(crate) type Span<'a> = (&'a str, &'a str);
/// Every one, as they are hexadecimal digits.
const ALL: Span<'_> = ("", "~");

#[derive(FromRow)]
struct Row {
    func_id: String,
    project: String,
    package: String,
    name: String,
    created: i64,
    modified: i64,
    pinned: i64,
}

/// That there is a version.
#[derive(FromRow)]
struct Listed {
    func_id: String,
    qualifier: String,
    revision: i64,
    published: i64,
    description: String,
}

/// Which versions there are, by function.
async fn listed(connection: &mut SqliteConnection, span: Span<'_>) -> Result<HashMap<String, Vec<Listed>>, Error> {
    let rows: Vec<Listed> = sqlx::query_as(
        "SELECT func_id, qualifier, revision, published, description FROM versions WHERE func_id BETWEEN $1 AND $2",
    )
    .bind(span.0)
    .bind(span.1)
    .fetch_all(connection)
    .await
    .map_err(failed("cannot read which versions there are"))?;
    let mut found: HashMap<String, Vec<Listed>> = HashMap::new();
    for row in rows {
        found.entry(row.func_id.clone()).or_default().push(row);
    }
    Ok(found)
}

/// What a version is made of.
#[derive(FromRow)]
struct Content {
    func_id: String,
    qualifier: String,
    config: String,
    encrypted_user_data: String,
    code_type: String,
    filename: String,
    sha256: String,
    sha512: String,
    size: i64,
    entry: String,
    code_url: String,
}

/// By `func_id` and qualifier.
type Contents = HashMap<(String, String), Content>;

/// The versions written after a generation: a revision is the generation that wrote it.
async fn changed(connection: &mut SqliteConnection, generation: u64, span: Span<'_>) -> Result<Contents, Error> {
    let rows: Vec<Content> = sqlx::query_as(
        "SELECT func_id, qualifier, config, encrypted_user_data, code_type, filename, sha256, sha512, size, entry, code_url \
         FROM versions WHERE revision > $1 AND func_id BETWEEN $2 AND $3",
    )
    .bind(signed(generation))
    .bind(span.0)
    .bind(span.1)
    .fetch_all(connection)
    .await
    .map_err(failed("cannot read the versions"))?;
    Ok(rows.into_iter().map(|row| ((row.func_id.clone(), row.qualifier.clone()), row)).collect())
}

/// What there is to make a function of.
struct Parts<'a> {
    known: Option<&'a Arc<Function>>,
    versions: Vec<Listed>,
    aliases: BTreeMap<String, Alias>,
}

impl Parts<'_> {
    fn build(self, row: Row, changed: &mut Contents, inner: &Inner) -> Result<Arc<Function>, Error> {
        let region = inner.settings.region.clone();
        let id = FunctionId { region, project: row.project, package: row.package, name: row.name };
        let mut latest = None;
        let mut versions = BTreeMap::new();
        for listed in self.versions {
            let qualifier = Qualifier::from(listed.qualifier.as_str());
            let version = match kept(self.known, &qualifier, unsigned(listed.revision)) {
                Some(version) => version,
                None => {
                    let content = changed.remove(&(listed.func_id.clone(), listed.qualifier.clone()));
                    let content =
                        content.ok_or_else(|| internal(format!("a version of {id} cannot be read"), "no row"))?;
                    Arc::new(content.into_version(&id, qualifier.clone(), unsigned(listed.revision), inner)?)
                }
            };
            match qualifier {
                Qualifier::Latest => latest = Some(version),
                _ => {
                    let at = timestamp(listed.published)?;
                    versions.insert(listed.qualifier, Published { version, description: listed.description, at });
                }
            }
        }
        let function = Function {
            latest: latest.ok_or_else(|| internal(format!("{id} cannot be read"), "it has no version latest"))?,
            id,
            func_id: row.func_id,
            domain: inner.settings.domain.clone(),
            pinned: row.pinned != 0,
            created: timestamp(row.created)?,
            modified: timestamp(row.modified)?,
            versions,
            aliases: self.aliases,
        };
        Ok(self.known.filter(|known| same(known, &function)).cloned().unwrap_or_else(|| Arc::new(function)))
    }
}

/// The version as the Snapshot before has it.
fn kept(known: Option<&Arc<Function>>, qualifier: &Qualifier, revision: u64) -> Option<Arc<Version>> {
    known?.version(qualifier).filter(|version| version.revision == revision).cloned()
}

/// Whether a function is what it was. Published versions do not change, nor what is said about them.
fn same(known: &Function, function: &Function) -> bool {
    let revisions = |function: &Function| {
        function.versions.iter().map(|(name, own)| (name.clone(), own.version.revision)).collect::<Vec<_>>()
    };
    known.latest.revision == function.latest.revision
        && known.modified == function.modified
        && known.pinned == function.pinned
        && known.aliases == function.aliases
        && revisions(known) == revisions(function)
}

impl Content {
    fn into_version(
        self,
        id: &FunctionId,
        qualifier: Qualifier,
        revision: u64,
        inner: &Inner,
    ) -> Result<Version, Error> {
        let unreadable = |cause| internal(format!("the stored version of {id} cannot be read"), cause);
        let mut config: Config = serde_json::from_str(&self.config).map_err(unreadable)?;
        config.encrypted_user_data = variables::read(id, &self.func_id, &self.encrypted_user_data)?;
        let code = Code {
            code_type: self.code_type,
            filename: self.filename,
            url: self.code_url,
            root: inner.packages.root(&tree_name(&self.sha256, &config.dependencies)),
            sha256: self.sha256,
            sha512: self.sha512,
            size: unsigned(self.size),
            entry: serde_json::from_str(&self.entry).map_err(unreadable)?,
        };
        Ok(Version { function: id.clone(), qualifier, revision, config, code })
    }
}
