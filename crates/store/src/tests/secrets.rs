use model::secret::Secret;

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
    let secrets = [("TOKEN".to_owned(), Secret::new(CANARY)), ("OTHER".to_owned(), Secret::new("x"))];
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

    let again = home.open().await.function(&function.id).unwrap();
    assert_eq!(again.latest.config.encrypted_user_data["TOKEN"].expose(), CANARY);
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
    let refused = home.refused().await;
    assert!(refused.starts_with("encrypted_user_data OTHER of urn:fss:local-1:"), "{refused}");
    assert!(!refused.contains(CANARY));
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
