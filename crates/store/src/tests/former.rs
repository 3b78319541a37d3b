//! A data folder from before there were users, groups and policies: its tables are those that the migrations of then made, its rows as
//! the program of then wrote them. The next start brings it up to date and loses nothing.

use std::borrow::Cow;

use model::secret::Secret;
use sqlx::migrate::Migrator;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{Connection as _, SqliteConnection};

use super::*;
use crate::credentials;

const PROJECT: &str = "0123456789abcdef0123456789abcdef";
const GROUP: &str = "00000000000000000000000000000001";
const FUNCTION: &str = "00000000-0000-4000-8000-000000000001";
/// Microseconds since 1970: 2026-01-01.
const THEN: i64 = 1_767_225_600_000_000;
/// The last migration of then.
const LAST: i64 = 2;
/// What a configuration had then; the rest came later.
const FIELDS: [&str; 15] = [
    "runtime",
    "handler",
    "description",
    "memory_mb",
    "timeout_seconds",
    "initializer",
    "pre_stop",
    "max_instances",
    "concurrent_num",
    "user_data",
    "ephemeral_storage_mb",
    "egress",
    "xrole",
    "app_xrole",
    "enterprise_project_id",
];

fn sealed(context: &str, text: &str) -> String {
    let key = auth::seal::Key::from_hex(KEY).unwrap();
    credentials::seal(&key, context, &Secret::new(text.to_owned()))
}

/// Its tables, without a row.
async fn tables(path: &Path) -> SqliteConnection {
    let options = SqliteConnectOptions::new().filename(path).create_if_missing(true);
    let mut connection = SqliteConnection::connect_with(&options).await.unwrap();
    let all = sqlx::migrate!();
    let then = all.iter().filter(|migration| migration.version <= LAST).cloned().collect();
    let then = Migrator { migrations: Cow::Owned(then), ..Migrator::DEFAULT };
    then.run_direct(None, &mut connection, false).await.unwrap();
    connection
}

/// A data folder with one function, its package and its trigger.
async fn folder() -> (Home, Code) {
    let home = Home::new();
    let store = home.open().await;
    let code = put(&store, "web").await;
    store.close().await;
    for name in ["meta.db", "meta.db-wal", "meta.db-shm"] {
        std::fs::remove_file(home.path(name)).unwrap_or_default();
    }
    let mut tables = tables(&home.path("meta.db")).await;
    let mut config = serde_json::to_value(FunctionConfig { memory_mb: 256, ..settings() }).unwrap();
    config.as_object_mut().unwrap().retain(|name, _| FIELDS.contains(&name.as_str()));
    assert_eq!(config.as_object().unwrap().len(), FIELDS.len());
    let function = FunctionId {
        region: "old-1".to_owned(),
        project: PROJECT.to_owned(),
        package: "default".to_owned(),
        name: "web".to_owned(),
    };
    let group =
        Group { id: GROUP.to_owned(), project: PROJECT.to_owned(), name: Group::DEFAULT_NAME.to_owned(), domain: None };
    let api = serde_json::to_string(&trigger(&function, &group, "/web").api).unwrap();
    let entry = serde_json::to_string(&code.entry).unwrap();
    let secrets = serde_json::json!({
        "TOKEN": sealed(&format!("{PROJECT}/{FUNCTION}/encrypted_user_data/TOKEN"), "canary"),
    });
    let rows = format!(
        "UPDATE generation SET value = 7;
         INSERT INTO settings (name, value) VALUES ('region', 'old-1'), ('project', '{PROJECT}');
         INSERT INTO projects (id, created) VALUES ('{PROJECT}', {THEN});
         INSERT INTO credentials (access_key, project, secret_key, created)
             VALUES ('AKOFTHEN', '{PROJECT}', '{}', {THEN});
         INSERT INTO functions (func_id, project, package, name, created, modified)
             VALUES ('{FUNCTION}', '{PROJECT}', 'default', 'web', {THEN}, {THEN});
         INSERT INTO versions (func_id, qualifier, revision, config, encrypted_user_data, code_type, filename, sha256, sha512, size, entry)
             VALUES ('{FUNCTION}', 'latest', 7, '{config}', '{secrets}', 'zip', 'index.zip', '{}', '{}', {}, '{entry}');
         INSERT INTO api_groups (project, id, name) VALUES ('{PROJECT}', '{GROUP}', 'DEFAULT');
         INSERT INTO triggers (id, func_id, qualifier, version, alias, project, group_id, kind, created, updated, host, method, path,
             match_mode, api)
             VALUES ('t1', '{FUNCTION}', 'latest', 'latest', NULL, '{PROJECT}', '{GROUP}', 'APIG', {THEN}, {THEN}, '', 'ANY', '/web',
             'SWA', '{api}');",
        sealed(&format!("{PROJECT}/AKOFTHEN/secret_key"), "secret of then"),
        code.sha256,
        code.sha512,
        code.size,
    );
    sqlx::raw_sql(sqlx::AssertSqlSafe(rows)).execute(&mut tables).await.unwrap();
    tables.close().await.unwrap();
    (home, code)
}

#[tokio::test]
async fn the_functions_of_then_are_there_with_code_secrets_and_triggers() {
    let (home, code) = folder().await;
    for start in ["first", "second"] {
        let store = home.open().await;
        assert_eq!((store.region(), store.project()), ("old-1", PROJECT), "{start}");
        let web = store.function(&id(&store, "web")).unwrap();
        assert_eq!((web.latest.config.memory_mb, web.latest.revision), (256, 7));
        assert_eq!(opened(&store, &web.latest, "TOKEN"), "canary");
        assert_eq!(store.package(&web.latest.code).await.unwrap(), package("web"));
        assert_eq!(web.latest.code.sha256, code.sha256);
        assert_eq!(std::fs::read_to_string(web.latest.code.root.join("lib/text")).unwrap(), "web");
        let triggers = store.triggers(&web.id, &Qualifier::Latest).await.unwrap();
        assert_eq!((triggers.len(), triggers[0].api.path.as_str()), (1, "/web"));
        let snapshots = store.snapshots();
        assert!(snapshots.load().route("", &http::Method::GET, "/web/x").is_some(), "its API answers");
        store.close().await;
    }
}

#[tokio::test]
async fn the_key_of_then_belongs_to_the_first_user_who_may_do_everything() {
    let (home, _) = folder().await;
    let store = home.open().await;
    let first = store.first_credential().unwrap();
    assert_eq!((first.access_key.as_str(), first.secret_key.expose()), ("AKOFTHEN", "secret of then"));
    let identities = store.identities();
    assert_eq!(identities.access_keys.len(), 1, "no other key is made");
    let admin = identities.user_named("admin").unwrap();
    assert_eq!(identities.access_keys["AKOFTHEN"].user, admin.id);
    let admin = auth::token::Subject::User(admin.id.clone());
    let roles = identities.roles_of(&admin, Some(PROJECT));
    assert!(roles.iter().any(|role| role.display_name == "FullAccess"));
    assert_eq!(identities.projects[PROJECT].name, "old-1", "the first project is named after its region");
    // It can be changed as any other.
    create(&store, "new").await;
    assert!(store.verify_audit().await.unwrap().broken_at.is_none());
}
