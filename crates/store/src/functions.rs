//! Functions and their versions: created, changed and deleted as whole transactions.

use std::sync::Arc;

use model::function::{Code, Config, Function};
use model::limits;
use model::snapshot::Snapshot;
use model::urn::{FunctionId, Qualifier};

use crate::apig::apis::{self, Of};
use crate::change::{Change, Extent};
use crate::code::tree_name;
use crate::database::{failed, micros, signed, unsigned};
use crate::error::{Error, internal};
use crate::store::Store;
use crate::tags::{self, Tags};
use crate::{audit, dependencies, groups, quota, variables};

mod load;

pub(crate) use load::{Span, load};

impl Store {
    /// From the Snapshot.
    pub fn function(&self, id: &FunctionId) -> Option<Arc<Function>> {
        self.inner.snapshots.load().function(id).cloned()
    }

    /// The functions of a project, pinned ones first, sorted by name, then package; from the Snapshot.
    pub fn functions(&self, project: &str) -> Vec<Arc<Function>> {
        let snapshot = self.inner.snapshots.load();
        let mut found: Vec<_> = snapshot.functions().filter(|own| own.id.project == project).cloned().collect();
        found.sort_by(|a, b| (!a.pinned, &a.id.name, &a.id.package).cmp(&(!b.pinned, &b.id.name, &b.id.package)));
        found
    }

    /// The code with this digest of a function with this `func_id`, if a version of it has it; from the Snapshot.
    pub fn code(&self, func_id: &str, sha256: &str) -> Option<Code> {
        let snapshot = self.inner.snapshots.load();
        let function = snapshot.functions().find(|own| own.func_id == func_id)?;
        function.all_versions().map(|version| &version.code).find(|code| code.sha256 == sha256).cloned()
    }

    /// Creates a function from settings and a package that [`Store::put_code`] gave.
    ///
    /// # Errors
    /// [`Error::FunctionExists`]; [`Error::Quota`] for functions or bytes of code.
    pub async fn create_function(&self, id: FunctionId, config: Config, code: Code) -> Result<Arc<Function>, Error> {
        self.create_tagged_function(id, config, code, Tags::new()).await
    }

    /// The same, with tags.
    ///
    /// # Errors
    /// Those of [`Store::create_function`]; [`Error::Quota`] for tags.
    pub async fn create_tagged_function(
        &self,
        id: FunctionId,
        config: Config,
        code: Code,
        tags: Tags,
    ) -> Result<Arc<Function>, Error> {
        let store = self.clone();
        self.finish(async move {
            store.inner.packages.merge(&code.sha256, &config.dependencies).await?;
            let mut change = Change::begin(&store).await?;
            let func_id = insert(&mut change, &id, &config, &code).await?;
            tags::insert(&mut change, &func_id, &tags).await?;
            change.extent = Extent::Function(func_id);
            change.commit(|snapshot| written(snapshot, &id)).await?
        })
        .await
    }

    /// Replaces configuration, code or both in one transaction, which gives the version a new revision. With neither nothing
    /// changes.
    ///
    /// # Errors
    /// [`Error::FunctionMissing`]; [`Error::Quota`] for bytes of code.
    pub async fn update_function(
        &self,
        id: &FunctionId,
        config: Option<Config>,
        code: Option<Code>,
    ) -> Result<Arc<Function>, Error> {
        if config.is_none() && code.is_none() {
            return self.function(id).ok_or_else(|| Error::FunctionMissing(id.to_string()));
        }
        let store = self.clone();
        let id = id.clone();
        self.finish(async move {
            let mut change = begin_with_tree(&store, &id, config.as_ref(), code.as_ref()).await?;
            replace(&mut change, &id, config.as_ref(), code.as_ref()).await?;
            change.commit(|snapshot| written(snapshot, &id)).await?
        })
        .await
    }

    /// Puts a function at the head of its project's lists, or back in its place. Neither code nor configuration changes.
    ///
    /// # Errors
    /// [`Error::FunctionMissing`].
    pub async fn pin_function(&self, id: &FunctionId, pinned: bool) -> Result<Arc<Function>, Error> {
        let store = self.clone();
        let id = id.clone();
        self.finish(async move {
            let mut change = Change::begin(&store).await?;
            pin(&mut change, &id, pinned).await?;
            change.commit(|snapshot| written(snapshot, &id)).await?
        })
        .await
    }

    /// Deletes a function with its triggers, and with the groups that only they used (never the default one). Its code goes with
    /// [`Store::collect_garbage`], once no instance runs it.
    ///
    /// # Errors
    /// [`Error::FunctionMissing`].
    pub async fn delete_function(&self, id: &FunctionId) -> Result<(), Error> {
        let store = self.clone();
        let id = id.clone();
        self.finish(async move {
            let mut change = Change::begin(&store).await?;
            delete(&mut change, &id).await?;
            change.commit(|_| ()).await
        })
        .await
    }
}

/// A function as it is before the change: no other change can be under way. The audit trail looks at it from here on.
pub(crate) async fn current(change: &mut Change, id: &FunctionId) -> Result<Arc<Function>, Error> {
    let found = change.inner.snapshots.load().function(id).cloned();
    let function = found.ok_or_else(|| Error::FunctionMissing(id.to_string()))?;
    audit::touch_function(change, &function.func_id, &id.name).await?;
    Ok(function)
}

/// A function as the change that is being committed leaves it.
pub(crate) fn written(snapshot: &Snapshot, id: &FunctionId) -> Result<Arc<Function>, Error> {
    snapshot.function(id).cloned().ok_or_else(|| Error::FunctionMissing(id.to_string()))
}

/// Gives its `func_id`.
async fn insert(change: &mut Change, id: &FunctionId, config: &Config, code: &Code) -> Result<String, Error> {
    check_home(change, id).await?;
    if find(change, id).await?.is_some() {
        return Err(Error::FunctionExists(id.to_string()));
    }
    check_count(change, &id.project).await?;
    check_code(change, &id.project, "", code).await?;
    check_dependencies(change, id, config, Some(code)).await?;

    let func_id = auth::keys::id();
    audit::touch_function(change, &func_id, &id.name).await?;
    let now = micros(model::time::now());
    sqlx::query(
        "INSERT INTO functions (func_id, project, package, name, created, modified) VALUES ($1, $2, $3, $4, $5, $5)",
    )
    .bind(&func_id)
    .bind(&id.project)
    .bind(&id.package)
    .bind(&id.name)
    .bind(now)
    .execute(change.connection())
    .await
    .map_err(failed("cannot store the function"))?;

    let revision = signed(change.generation);
    sqlx::query(
        "INSERT INTO versions (func_id, qualifier, revision, config, encrypted_user_data, code_type, filename, sha256, sha512, \
         size, entry, code_url) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
    )
    .bind(&func_id)
    .bind(Qualifier::Latest.to_string())
    .bind(revision)
    .bind(json(config)?)
    .bind(variables::seal(&change.inner, &id.project, &func_id, config)?)
    .bind(&code.code_type)
    .bind(&code.filename)
    .bind(&code.sha256)
    .bind(&code.sha512)
    .bind(signed(code.size))
    .bind(json(&code.entry)?)
    .bind(&code.url)
    .execute(change.connection())
    .await
    .map_err(failed("cannot store the version"))?;
    Ok(func_id)
}

/// Begins a change of a function while its code and dependencies, as they will be, are together on this node.
async fn begin_with_tree(
    store: &Store,
    id: &FunctionId,
    config: Option<&Config>,
    code: Option<&Code>,
) -> Result<Change, Error> {
    let mut tried: Option<String> = None;
    loop {
        let change = Change::begin(store).await?;
        // No other change is under way: this is what the tables say.
        let snapshot = change.inner.snapshots.load();
        let latest = &snapshot.function(id).ok_or_else(|| Error::FunctionMissing(id.to_string()))?.latest;
        let sha256 = code.map_or(&latest.code.sha256, |code| &code.sha256).clone();
        let dependencies = config.map_or(&latest.config.dependencies, |config| &config.dependencies).clone();
        drop(snapshot);
        let tree = tree_name(&sha256, &dependencies);
        // Once more only when another change came between.
        if dependencies.is_empty() || tried.as_ref() == Some(&tree) || change.inner.packages.installed(&tree).await? {
            return Ok(change);
        }
        drop(change);
        store.inner.packages.merge(&sha256, &dependencies).await?;
        tried = Some(tree);
    }
}

async fn replace(
    change: &mut Change,
    id: &FunctionId,
    config: Option<&Config>,
    code: Option<&Code>,
) -> Result<(), Error> {
    let func_id = find(change, id).await?.ok_or_else(|| Error::FunctionMissing(id.to_string()))?;
    if let Some(config) = config {
        check_dependencies(change, id, config, code).await?;
        let sealed = variables::seal(&change.inner, &id.project, &func_id, config)?;
        sqlx::query("UPDATE versions SET config = $1, encrypted_user_data = $2 WHERE func_id = $3 AND qualifier = $4")
            .bind(json(config)?)
            .bind(sealed)
            .bind(&func_id)
            .bind(Qualifier::Latest.to_string())
            .execute(change.connection())
            .await
            .map_err(failed("cannot store the configuration"))?;
    }
    if let Some(code) = code {
        check_code(change, &id.project, &func_id, code).await?;
        replace_code(change, &func_id, code).await?;
    }
    change.extent = Extent::Function(func_id.clone());
    let revision = signed(change.generation);
    sqlx::query("UPDATE versions SET revision = $1 WHERE func_id = $2 AND qualifier = $3")
        .bind(revision)
        .bind(&func_id)
        .bind(Qualifier::Latest.to_string())
        .execute(change.connection())
        .await
        .map_err(failed("cannot store the revision"))?;
    sqlx::query("UPDATE functions SET modified = $1 WHERE func_id = $2")
        .bind(micros(model::time::now()))
        .bind(&func_id)
        .execute(change.connection())
        .await
        .map_err(failed("cannot store the time of a change"))?;
    Ok(())
}

async fn replace_code(change: &mut Change, func_id: &str, code: &Code) -> Result<(), Error> {
    sqlx::query(
        "UPDATE versions SET code_type = $1, filename = $2, sha256 = $3, sha512 = $4, size = $5, entry = $6, \
         code_url = $7 WHERE func_id = $8 AND qualifier = $9",
    )
    .bind(&code.code_type)
    .bind(&code.filename)
    .bind(&code.sha256)
    .bind(&code.sha512)
    .bind(signed(code.size))
    .bind(json(&code.entry)?)
    .bind(&code.url)
    .bind(func_id)
    .bind(Qualifier::Latest.to_string())
    .execute(change.connection())
    .await
    .map_err(failed("cannot store the code of a version"))?;
    Ok(())
}

async fn pin(change: &mut Change, id: &FunctionId, pinned: bool) -> Result<(), Error> {
    let func_id = find(change, id).await?.ok_or_else(|| Error::FunctionMissing(id.to_string()))?;
    sqlx::query("UPDATE functions SET pinned = $1 WHERE func_id = $2")
        .bind(i64::from(pinned))
        .bind(&func_id)
        .execute(change.connection())
        .await
        .map_err(failed("cannot pin the function"))?;
    change.extent = Extent::Function(func_id);
    Ok(())
}

async fn delete(change: &mut Change, id: &FunctionId) -> Result<(), Error> {
    let func_id = find(change, id).await?.ok_or_else(|| Error::FunctionMissing(id.to_string()))?;
    let groups = groups::of_function(change.connection(), &func_id).await?;
    apis::delete_of(change.connection(), &func_id, Of::Function).await?;
    // Versions go with it: foreign keys.
    sqlx::query("DELETE FROM functions WHERE func_id = $1")
        .bind(&func_id)
        .execute(change.connection())
        .await
        .map_err(failed("cannot delete the function"))?;
    change.extent = Extent::Function(func_id);
    groups::delete_unused(change.connection(), &id.project, &groups).await
}

/// The `func_id` of a function that is going to be changed, or what belongs to it; a name of another region is nobody's. The audit
/// trail looks at the function from here on.
pub(crate) async fn find(change: &mut Change, id: &FunctionId) -> Result<Option<String>, Error> {
    if id.region != change.inner.settings.region {
        return Ok(None);
    }
    let found: Option<String> =
        sqlx::query_scalar("SELECT func_id FROM functions WHERE project = $1 AND package = $2 AND name = $3")
            .bind(&id.project)
            .bind(&id.package)
            .bind(&id.name)
            .fetch_optional(change.connection())
            .await
            .map_err(failed("cannot look the function up"))?;
    if let Some(func_id) = &found {
        audit::touch_function(change, func_id, &id.name).await?;
    }
    Ok(found)
}

async fn check_home(change: &mut Change, id: &FunctionId) -> Result<(), Error> {
    let region = &change.inner.settings.region;
    if id.region != *region {
        return Err(internal(format!("cannot create {id}: this is region {region}"), "another region"));
    }
    let project: Option<i64> = sqlx::query_scalar("SELECT 1 FROM projects WHERE id = $1")
        .bind(&id.project)
        .fetch_optional(change.connection())
        .await
        .map_err(failed("cannot look the project up"))?;
    match project {
        Some(_) => Ok(()),
        None => Err(internal(format!("cannot create {id}: there is no project {}", id.project), "another project")),
    }
}

async fn check_count(change: &mut Change, project: &str) -> Result<(), Error> {
    let count: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM functions WHERE project = $1")
        .bind(project)
        .fetch_one(change.connection())
        .await
        .map_err(failed("cannot count the functions"))?;
    let limit = change.inner.functions;
    if unsigned(count) < limit { Ok(()) } else { Err(Error::Quota { what: quota::FUNCTIONS, limit }) }
}

/// Whether the project may have this package instead of the one of `func_id`, and whether it is still on this node.
async fn check_code(change: &mut Change, project: &str, func_id: &str, code: &Code) -> Result<(), Error> {
    let snapshot = Arc::clone(&change.inner.snapshots.load());
    let replaced = snapshot.functions().find(|own| own.func_id == func_id).map_or(0, |own| own.latest.code.size);
    let others = bytes(&snapshot, project).saturating_sub(replaced);
    check_bytes(change, project, others, code.size).await?;
    // Garbage is collected only while no change is under way, so what is here now stays until this one is committed.
    if change.inner.packages.installed(&code.sha256).await? {
        return Ok(());
    }
    Err(internal("the package is no longer on this node: upload it again", "it was uploaded long ago and never used"))
}

/// Whether the dependencies are there, in the tables and, with the code, in one folder on this node.
async fn check_dependencies(
    change: &mut Change,
    id: &FunctionId,
    config: &Config,
    code: Option<&Code>,
) -> Result<(), Error> {
    dependencies::check_there(change, &id.project, &config.dependencies).await?;
    let snapshot = Arc::clone(&change.inner.snapshots.load());
    let sha256 = match (code, snapshot.function(id)) {
        (Some(code), _) => &code.sha256,
        (None, Some(function)) => &function.latest.code.sha256,
        (None, None) => return Ok(()),
    };
    if change.inner.packages.installed(&tree_name(sha256, &config.dependencies)).await? {
        return Ok(());
    }
    Err(internal("code and dependencies are no longer together on this node: send the request again", "it was undone"))
}

/// Dependencies count as well.
async fn check_bytes(change: &mut Change, project: &str, versions: u64, size: u64) -> Result<(), Error> {
    let kept = versions.saturating_add(dependencies::bytes(change.connection(), project).await?);
    let limit = limits::PROJECT_CODE_BYTES;
    if kept.saturating_add(size) > limit { Err(Error::Quota { what: quota::CODE, limit }) } else { Ok(()) }
}

/// Whether the project may have one more version, of a function or of a dependency, with a package of so many bytes.
pub(crate) async fn check_room(change: &mut Change, project: &str, size: u64) -> Result<(), Error> {
    let others = bytes(&change.inner.snapshots.load(), project);
    check_bytes(change, project, others, size).await
}

/// Bytes of the packages of a project's functions, before the change.
fn bytes(snapshot: &Snapshot, project: &str) -> u64 {
    let own = snapshot.functions().filter(|function| function.id.project == project);
    own.flat_map(|function| function.all_versions()).map(|version| version.code.size).sum()
}

pub(crate) fn json(value: &impl serde::Serialize) -> Result<String, Error> {
    serde_json::to_string(value).map_err(|cause| internal("a value cannot be written as JSON", cause))
}
