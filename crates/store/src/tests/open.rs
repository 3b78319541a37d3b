use super::*;

#[tokio::test]
async fn the_first_start_makes_region_project_group_and_credential() {
    let home = Home::new();
    let store = home.open().await;
    assert_eq!(store.region(), "local-1");
    assert!(store.project().len() == 32 && store.project().bytes().all(|byte| byte.is_ascii_hexdigit()));
    let [group] = &store.groups(store.project()).await.unwrap()[..] else { panic!("one group") };
    assert_eq!((group.name.as_str(), group.domain.as_deref(), group.id.len()), ("DEFAULT", None, 32));
    let credential = store.first_credential().unwrap();
    assert_eq!((credential.access_key.len(), credential.secret_key.expose().len()), (20, 40));
    assert_eq!(store.snapshots().load().generation, 0);
}

#[tokio::test]
async fn a_folder_in_use_is_refused_until_it_is_let_go() {
    let home = Home::new();
    let store = home.open().await;
    let path = std::fs::canonicalize(home.0.path()).unwrap();
    let expect = format!(
        "the data folder {} is in use by another funcd: stop that one, or choose another folder",
        path.display()
    );
    assert_eq!(home.refused().await, expect);
    store.close().await;
    home.open().await;
}

#[tokio::test]
async fn a_newer_database_is_left_alone() {
    let home = Home::new();
    let store = home.open().await;
    sqlx::query(
        "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) VALUES (99, 'later', 1, x'00', 0)",
    )
    .execute(store.inner.database.writer())
    .await
    .unwrap();
    store.close().await;
    let refused = home.refused().await;
    assert!(refused.ends_with("was written by a newer funcd (schema 99): start that version or a newer one, or restore a backup made before the upgrade"), "{refused}");
}

#[tokio::test]
async fn a_damaged_database_says_what_to_do() {
    let home = Home::new();
    let store = home.open().await;
    for number in 0..20 {
        create(&store, &format!("f{number}")).await;
    }
    store.close().await;
    let path = home.path("meta.db");
    let whole = std::fs::read(&path).unwrap();
    let damage: [fn(&mut Vec<u8>); 3] =
        [|bytes| bytes[..64].fill(b'x'), |bytes| bytes.truncate(5000), |bytes| bytes[4096..12288].fill(0xa5)];
    for damage in damage {
        let mut bytes = whole.clone();
        damage(&mut bytes);
        std::fs::write(&path, bytes).unwrap();
        let refused = home.refused().await;
        assert!(refused.contains("meta.db is damaged: restore it from a backup"), "{refused}");
    }
    std::fs::write(&path, whole).unwrap();
    let store = home.open().await;
    assert_eq!(store.functions(store.project()).len(), 20);
}

#[tokio::test]
async fn a_folder_that_cannot_be_written_says_whose_right_is_missing() {
    const REMEDY: &str = "give the user that funcd runs as the right to write there, or choose another data folder";
    // Not even root makes folders there.
    let denied = Store::open(config(Path::new("/proc/funcd-data"))).await.unwrap_err();
    assert_eq!(denied.to_string(), format!("cannot make the folder /proc/funcd-data: {REMEDY}"));

    let home = Home::new();
    std::fs::write(home.path("file"), "").unwrap();
    let below = home.path("file/data");
    let denied = Store::open(config(&below)).await.unwrap_err();
    assert_eq!(denied.to_string(), format!("cannot make the folder {}: {REMEDY}", below.display()));

    std::fs::create_dir(home.path("meta.db")).unwrap();
    let path = std::fs::canonicalize(home.path("meta.db")).unwrap();
    assert_eq!(home.refused().await, format!("cannot open {} for writing: {REMEDY}", path.display()));
}

#[tokio::test]
async fn a_full_database_is_a_full_disk_and_heals() {
    let home = Home::new();
    let store = home.open().await;
    let code = put(&store, "x").await;
    let pages: i64 = sqlx::query_scalar("PRAGMA page_count").fetch_one(store.inner.database.writer()).await.unwrap();
    // Holds for the one connection that has it, which is given up when it is full.
    let limit = format!("PRAGMA max_page_count = {pages}");
    sqlx::query(sqlx::AssertSqlSafe(limit)).execute(store.inner.database.writer()).await.unwrap();
    let mut full = None;
    for number in 0..40 {
        let config = FunctionConfig { description: "x".repeat(500), ..settings() };
        let created = store.create_function(id(&store, &format!("f{number}")), config, code.clone()).await;
        if let Err(error) = created {
            full = Some((number, error));
            break;
        }
    }
    let (number, error) = full.unwrap();
    assert!(matches!(error, Error::DiskFull), "{error}");
    assert_eq!(store.functions(store.project()).len(), number);
    store.create_function(id(&store, "more"), settings(), code).await.unwrap();
}

#[tokio::test]
async fn a_database_of_before_versions_keeps_its_triggers() {
    let home = Home::new();
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(home.path("meta.db")).create_if_missing(true);
    let pool = sqlx::SqlitePool::connect_with(options).await.unwrap();
    let all = sqlx::migrate!();
    let first = sqlx::migrate::Migrator { migrations: vec![all.migrations[0].clone()].into(), ..all };
    first.run(&pool).await.unwrap();
    let config = serde_json::to_string(&settings()).unwrap();
    let id =
        FunctionId { region: "local-1".into(), project: "p".into(), package: "default".into(), name: "web".into() };
    let group = Group { id: "g".into(), project: "p".into(), name: "DEFAULT".into(), domain: None };
    let made = trigger(&id, &group, "/web");
    for statement in [
        "INSERT INTO settings (name, value) VALUES ('region', 'local-1'), ('project', 'p')".to_owned(),
        "INSERT INTO projects (id, created) VALUES ('p', 0)".to_owned(),
        "INSERT INTO api_groups (project, id, name) VALUES ('p', 'g', 'DEFAULT')".to_owned(),
        "INSERT INTO functions VALUES ('f', 'p', 'default', 'web', 0, 0)".to_owned(),
        format!(
            "INSERT INTO versions VALUES ('f', 'latest', 1, '{config}', '{{}}', 'zip', 'x.zip', 'a', 'b', 1, '\"shell\"')"
        ),
        format!(
            "INSERT INTO triggers VALUES ('{}', 'f', 'latest', 'p', 'g', 'APIG', 0, 0, '', 'ANY', '/web', 'SWA', '{}')",
            made.id,
            serde_json::to_string(&made.api).unwrap()
        ),
    ] {
        sqlx::query(sqlx::AssertSqlSafe(statement)).execute(&pool).await.unwrap();
    }
    pool.close().await;

    let store = home.open().await;
    assert_eq!(routed(&store, "h", "/web/x"), "web");
    let [kept] = &store.triggers(&id, &Qualifier::Latest).await.unwrap()[..] else { panic!("one trigger") };
    assert_eq!((&kept.id, &kept.api), (&made.id, &made.api));
    store.delete_function(&id).await.unwrap();
    assert_eq!(routed(&store, "h", "/web/x"), "none");
}
