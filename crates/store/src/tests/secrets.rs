use model::secret::{Guarded, Secret};

use super::*;

const CANARY: &str = "canary-3f9a-value-in-the-clear";

/// Every file below the folder that holds `needle`.
fn files_with(folder: &Path, needle: &[u8]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files_with(&path, needle));
        } else if std::fs::read(&path).unwrap().windows(needle.len()).any(|window| window == needle) {
            found.push(path);
        }
    }
    found
}

async fn with_secret(store: &Store) -> Arc<Function> {
    let secrets = [("TOKEN".to_owned(), Secret::new(CANARY).into()), ("OTHER".to_owned(), Secret::new("x").into())];
    let config = FunctionConfig { encrypted_user_data: secrets.into(), ..settings() };
    let code = put(store, "web").await;
    store.create_function(id(store, "web"), config, code).await.unwrap()
}

#[tokio::test]
async fn no_secret_is_on_the_disk_in_the_clear() {
    let home = Home::new();
    let store = home.open().await;
    let function = with_secret(&store).await;
    store.update_function(&function.id, Some(function.latest.config.clone()), None).await.unwrap();
    let credential = store.first_credential().unwrap();
    let secret = credential.secret_key.expose().to_owned();
    // The search itself works: names are not secret. Now with the log, then after the checkpoint of a close.
    assert!(!files_with(home.0.path(), b"TOKEN").is_empty());
    assert_eq!(files_with(home.0.path(), CANARY.as_bytes()), [] as [PathBuf; 0]);
    assert_eq!(files_with(home.0.path(), secret.as_bytes()), [] as [PathBuf; 0]);
    store.close().await;
    assert_eq!(files_with(home.0.path(), CANARY.as_bytes()), [] as [PathBuf; 0]);
    assert_eq!(files_with(home.0.path(), secret.as_bytes()), [] as [PathBuf; 0]);
    assert!(!format!("{store:?} {function:?} {credential:?}").contains(CANARY));
    assert!(!format!("{credential:?}").contains(&secret));

    let store = home.open().await;
    let again = store.function(&function.id).unwrap();
    assert_eq!(opened(&store, &again.latest, "TOKEN"), CANARY);
}

#[tokio::test]
async fn another_key_is_refused_and_says_so() {
    let home = Home::new();
    let store = home.open().await;
    let access_key = store.first_credential().unwrap().access_key;
    store.close().await;
    let other = Config { key: auth::seal::Key::generate(), ..config(home.0.path()) };
    assert_eq!(
        Store::open(other).await.unwrap_err().to_string(),
        format!(
            "the secret of access key {access_key} cannot be opened: the key file is not the one this data folder was made \
             with; put the right one back"
        )
    );
    home.open().await;
}

#[tokio::test]
async fn a_sealed_value_opens_only_where_it_was_sealed() {
    let home = Home::new();
    let store = home.open().await;
    with_secret(&store).await;
    let stored: String = sqlx::query_scalar("SELECT encrypted_user_data FROM versions")
        .fetch_one(store.inner.database.readers())
        .await
        .unwrap();
    let swapped = stored.replace("TOKEN", "T").replace("OTHER", "TOKEN").replace("\"T\"", "\"OTHER\"");
    sqlx::query("UPDATE versions SET encrypted_user_data = $1")
        .bind(swapped)
        .execute(store.inner.database.writer())
        .await
        .unwrap();
    store.close().await;
    // One function's damage is not the others': it is told to whoever starts an instance of it.
    let store = home.open().await;
    let refused = text(store.open_variables()(&store.function(&id(&store, "web")).unwrap().latest));
    assert!(refused.starts_with("encrypted_user_data OTHER of urn:fss:local-1:"), "{refused}");
    assert!(!refused.contains(CANARY));
}

/// Every value that the Snapshot holds is sealed, from the first moment on, and after a start.
#[tokio::test]
async fn the_snapshot_has_no_variable_in_the_clear() {
    let home = Home::new();
    let store = home.open().await;
    let function = with_secret(&store).await;
    versions::publish(&store, &function.id, "v1").await;
    let other = FunctionConfig { memory_mb: 256, ..function.latest.config.clone() };
    store.update_function(&function.id, Some(other), None).await.unwrap();
    assert_sealed(&store);
    store.close().await;
    assert_sealed(&home.open().await);
}

/// Four values, none of them in the clear.
#[track_caller]
fn assert_sealed(store: &Store) {
    let snapshots = store.snapshots();
    let snapshot = snapshots.load();
    let versions = snapshot.functions().flat_map(|function| function.all_versions());
    let held: Vec<_> = versions.flat_map(|version| version.config.encrypted_user_data.values()).collect();
    assert_eq!(held.len(), 4);
    let sealed = |value: &&Guarded| matches!(value, Guarded::Sealed(sealed) if !sealed.text.contains(CANARY));
    assert!(held.iter().all(sealed));
}

#[tokio::test]
async fn what_stays_is_not_sealed_again_and_what_changes_opens_to_the_new_value() {
    let home = Home::new();
    let store = home.open().await;
    let before = with_secret(&store).await;
    let mut config = before.latest.config.clone();
    config.encrypted_user_data.insert("OTHER".to_owned(), Secret::new("y").into());
    let after = store.update_function(&before.id, Some(config), None).await.unwrap();
    let (before, after) = (&before.latest, &after.latest);
    assert_eq!(before.config.encrypted_user_data["TOKEN"], after.config.encrypted_user_data["TOKEN"]);
    assert_eq!((opened(&store, after, "TOKEN"), opened(&store, after, "OTHER")), (CANARY.to_owned(), "y".to_owned()));
    assert_eq!(opened(&store, before, "OTHER"), "x", "the version of before is what it was");
    assert!(after.revision > before.revision, "new instances");
}

#[tokio::test]
async fn the_same_secret_sealed_once_more_is_no_change_and_another_one_is() {
    let home = Home::new();
    let store = home.open().await;
    let function = with_secret(&store).await;
    versions::publish(&store, &function.id, "v1").await;
    let set = async |value: &str| {
        let mut config = function.latest.config.clone();
        config.encrypted_user_data.insert("OTHER".to_owned(), Secret::new(value).into());
        store.update_function(&function.id, Some(config), None).await.unwrap();
        store.publish_version(&function.id, None, String::new()).await
    };
    assert!(text(set("x").await).starts_with("nothing changed since"));
    set("y").await.unwrap();
}

#[tokio::test]
async fn only_the_owner_may_read_the_data_folder() {
    use std::os::unix::fs::PermissionsExt as _;
    let home = Home::new();
    let data = home.path("new/data");
    let store = Store::open(config(&data)).await.unwrap();
    create(&store, "web").await;
    let mode = |below: &str| std::fs::metadata(data.join(below)).unwrap().permissions().mode() & 0o777;
    let folders = ["", "blobs", "code", "tmp"].map(mode);
    assert_eq!(folders, [0o700; 4]);
    let files = ["meta.db", "meta.db-wal", "meta.db-shm", "store.lock"].map(mode);
    assert_eq!(files, [0o600; 4]);
}
