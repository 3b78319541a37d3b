use std::collections::HashSet;
use std::time::Duration;

use super::*;
use crate::Compiled;
use crate::faults::{Fault, Faults, Step};

#[tokio::test]
async fn a_package_is_kept_unpacked_and_given_back_as_it_came() {
    let home = Home::new();
    let store = home.open().await;
    let zip = package("x");
    let code = store.put_code(zip.clone(), "zip", "app.zip").await.unwrap();
    assert_eq!((code.code_type.as_str(), code.filename.as_str(), code.size), ("zip", "app.zip", zip.len() as u64));
    assert_eq!((code.sha256.len(), code.sha512.len()), (64, 128));
    assert_eq!(code.entry, model::function::Entry::Direct);
    assert!(code.root.is_absolute() && code.root.join("bootstrap").is_file());
    assert_eq!(store.package(&code).await.unwrap(), zip);
    assert_eq!(blobs(&home), [code.sha256.as_str()]);
    assert_eq!(names(&home.path("code")), [code.sha256.as_str()]);
    assert_eq!(names(&home.path("tmp")), [] as [String; 0]);
    assert_eq!(put(&store, "x").await.sha256, code.sha256);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_package_put_eight_times_at_once_is_there_once() {
    let home = Home::new();
    let store = home.open().await;
    let putting: tokio::task::JoinSet<Code> = (0..8)
        .map(|_| {
            let store = store.clone();
            async move { put(&store, "x").await }
        })
        .collect();
    let digests: HashSet<String> = putting.join_all().await.into_iter().map(|code| code.sha256).collect();
    assert_eq!(digests.len(), 1);
    assert_eq!((blobs(&home).len(), names(&home.path("code")).len(), names(&home.path("tmp")).len()), (1, 1, 0));
}

#[tokio::test]
async fn a_refused_package_leaves_nothing() {
    let home = Home::new();
    let store = home.open().await;
    let refused = store.put_code(zip(&[("index.js", ""), ("../up", "")]), "zip", "x.zip").await;
    let Err(Error::Package(problems)) = refused else { panic!("{refused:?}") };
    assert!(problems.len() >= 2, "all problems at once: {problems:?}");
    let large = Bytes::from(vec![0; model::limits::PACKAGE_BYTES + 1]);
    let refused = store.put_code(large, "zip", "x.zip").await;
    assert_eq!(text(refused), "the package is 52428801 bytes, more than 52428800");
    assert_eq!((blobs(&home).len(), names(&home.path("code")).len(), names(&home.path("tmp")).len()), (0, 0, 0));
}

#[tokio::test]
async fn a_full_disk_at_any_step_leaves_nothing_and_the_next_try_succeeds() {
    for step in [Step::Unpacked, Step::Synced, Step::Stored, Step::Written] {
        let home = Home::new();
        let faults = Faults::default();
        let store = Store::open_with(config(home.0.path()), faults.clone()).await.unwrap();
        faults.plan(step, Fault::DiskFull);
        let deploy = async || {
            let code = store.put_code(package("x"), "zip", "index.zip").await?;
            store.create_function(id(&store, "web"), settings(), code).await
        };
        assert_eq!(text(deploy().await), "no space left on the data folder's disk", "{step:?}");
        assert!(store.function(&id(&store, "web")).is_none());
        assert_eq!(names(&home.path("tmp")), [] as [String; 0], "{step:?}");
        if step != Step::Written {
            assert_eq!((blobs(&home).len(), names(&home.path("code")).len()), (0, 0), "{step:?}");
        }
        deploy().await.unwrap();
    }
}

/// Deploys, closes, lets `damage` at the folder, opens again; then the code must be whole and usable.
async fn check(damage: impl FnOnce(&Home, &str)) {
    let home = Home::new();
    let store = home.open().await;
    let sha256 = create(&store, "web").await.latest.code.sha256.clone();
    store.close().await;
    damage(&home, &sha256);
    let store = home.open().await;
    let web = store.function(&id(&store, "web")).unwrap();
    assert_eq!(std::fs::read_to_string(web.latest.code.root.join("lib/text")).unwrap(), "web");
    assert_eq!(store.package(&web.latest.code).await.unwrap(), package("web"));
    assert_eq!((names(&home.path("code")).len(), names(&home.path("tmp")).len()), (1, 0));
    assert_eq!(blobs(&home), [sha256]);
}

#[tokio::test]
async fn code_that_is_missing_or_in_parts_is_unpacked_again_at_open() {
    let code = |home: &Home, sha256: &str| home.path("code").join(sha256);
    check(|home, sha256| std::fs::remove_dir_all(code(home, sha256)).unwrap()).await;
    check(|home, sha256| std::fs::remove_file(code(home, sha256).join("complete")).unwrap()).await;
    check(|home, sha256| std::fs::write(code(home, sha256).join("complete"), "{").unwrap()).await;
    check(|home, sha256| std::fs::remove_file(code(home, sha256).join("root/lib/text")).unwrap()).await;
    check(|home, sha256| std::fs::write(code(home, sha256).join("root/lib/text"), "").unwrap()).await;
    check(|home, sha256| std::fs::remove_dir_all(code(home, sha256).join("root")).unwrap()).await;
}

#[tokio::test]
async fn what_was_not_finished_is_cleared_at_open() {
    check(|home, sha256| {
        std::fs::create_dir_all(home.path("tmp/half/root")).unwrap();
        std::fs::write(home.path("tmp/half/root/bootstrap"), "x").unwrap();
        std::fs::write(home.path("tmp/file"), "x").unwrap();
        let prefix = home.path("blobs").join(&sha256[..2]);
        std::fs::write(prefix.join(format!("{sha256}#1")), "half").unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_package_that_changed_on_disk_is_never_used() {
    let home = Home::new();
    let store = home.open().await;
    let (web, api) = (create(&store, "web").await, create(&store, "api").await);
    let sha256 = web.latest.code.sha256.clone();
    let blob = home.path("blobs").join(&sha256[..2]).join(&sha256);
    let mut bytes = std::fs::read(&blob).unwrap();
    bytes[40] ^= 1;
    std::fs::write(&blob, bytes).unwrap();
    let expect = format!("package {sha256} is damaged on disk and is not used: deploy the function again");
    assert_eq!(text(store.package(&web.latest.code).await), expect);
    store.close().await;

    // Not unpacked from it either, and what is left in parts cannot be run; the other function is served.
    std::fs::remove_file(web.latest.code.root.join("lib/text")).unwrap();
    let store = home.open().await;
    assert!(!web.latest.code.root.try_exists().unwrap());
    assert!(api.latest.code.root.join("bootstrap").is_file());
    assert!(
        text(store.create_function(id(&store, "copy"), settings(), web.latest.code.clone()).await)
            .starts_with("the package is no longer on this node")
    );

    // The same package again heals both.
    let code = put(&store, "web").await;
    assert_eq!(code, web.latest.code);
    assert_eq!(store.package(&code).await.unwrap(), package("web"));
    assert!(code.root.join("lib/text").is_file());
}

#[tokio::test]
async fn code_goes_when_no_function_no_instance_and_no_deploy_under_way_uses_it() {
    let home = Home::new();
    let store = home.open().await;
    let web = create(&store, "web").await;
    let old = web.latest.code.sha256.clone();
    let new = put(&store, "new").await;
    store.update_function(&web.id, None, Some(new.clone())).await.unwrap();
    let running = HashSet::from([old.clone()]);
    let nobody = HashSet::new();

    assert_eq!(store.collect_garbage(&nobody).await.unwrap(), 0, "it was uploaded a moment ago");
    assert_eq!(store.collect_older_than(&running, Duration::ZERO).await.unwrap(), 0, "an instance runs it");
    assert_eq!(store.collect_older_than(&nobody, Duration::ZERO).await.unwrap(), 2, "package and folder");
    assert_eq!((blobs(&home), names(&home.path("code"))), (vec![new.sha256.clone()], vec![new.sha256.clone()]));
    assert_eq!(names(&home.path("tmp")), [] as [String; 0]);
    assert_eq!(store.package(&new).await.unwrap(), package("new"));

    let lost = store.update_function(&web.id, None, Some(web.latest.code.clone())).await;
    assert_eq!(text(lost), "the package is no longer on this node: upload it again");
}

/// Makes a package look as if it had been uploaded yesterday.
fn age(home: &Home, code: &Code) {
    let yesterday = std::time::SystemTime::from(model::time::now()) - Duration::from_hours(24);
    for path in [home.path("blobs").join(&code.sha256[..2]).join(&code.sha256), home.path("code").join(&code.sha256)] {
        std::fs::File::open(path).unwrap().set_modified(yesterday).unwrap();
    }
}

#[tokio::test]
async fn an_old_package_that_is_uploaded_again_stays_for_its_deploy() {
    let home = Home::new();
    let store = home.open().await;
    age(&home, &put(&store, "x").await);
    let code = put(&store, "x").await;
    assert_eq!(store.collect_garbage(&HashSet::new()).await.unwrap(), 0);
    store.create_function(id(&store, "web"), settings(), code).await.unwrap();
}

#[tokio::test]
async fn an_open_removes_only_old_garbage() {
    let home = Home::new();
    let store = home.open().await;
    let (old, new) = (put(&store, "old").await, put(&store, "new").await);
    store.close().await;
    age(&home, &old);
    home.open().await;
    assert_eq!((blobs(&home), names(&home.path("code"))), (vec![new.sha256.clone()], vec![new.sha256]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn garbage_is_collected_beside_deploys_without_taking_their_code() {
    let home = Home::new();
    let store = home.open().await;
    let deploying: tokio::task::JoinSet<()> =
        (0..4).map(|writer| deploy_again_and_again(store.clone(), writer)).collect();
    let collecting = async {
        for _ in 0..20 {
            store.collect_garbage(&HashSet::new()).await.unwrap();
            tokio::task::yield_now().await;
        }
    };
    tokio::join!(deploying.join_all(), collecting);
    store.collect_older_than(&HashSet::new(), Duration::ZERO).await.unwrap();
    assert_eq!((blobs(&home).len(), names(&home.path("code")).len()), (4, 4));
    for function in store.functions(store.project()) {
        assert!(function.latest.code.root.join("bootstrap").is_file());
    }
}

/// The grace is what protects a package between its upload and its transaction.
async fn deploy_again_and_again(store: Store, writer: u8) {
    let name = id(&store, &format!("f{writer}"));
    for turn in 0..8 {
        let code = put(&store, &format!("{writer} {turn}")).await;
        match turn {
            0 => store.create_function(name.clone(), settings(), code).await.unwrap(),
            _ => store.update_function(&name, None, Some(code)).await.unwrap(),
        };
    }
}

#[tokio::test]
async fn byte_code_is_kept_beside_its_source_and_nowhere_else() {
    let home = Home::new();
    let mut config = config(home.0.path());
    config.compile = Compile::with(|root| {
        let compiled = |path: &str| Compiled { path: path.to_owned(), bytes: Bytes::from_static(b"code") };
        assert!(root.join("app/main.py").is_file(), "it is asked before the package is there");
        let paths = [
            "app/__pycache__/main.pyc",
            "app/__pycache__/own.pyc",
            "gone/__pycache__/x.pyc",
            "../__pycache__/x.pyc",
            "bootstrap",
        ];
        Box::pin(std::future::ready(paths.map(compiled).to_vec()))
    });
    let store = Store::open(config).await.unwrap();
    let files = [("bootstrap", "#!/bin/sh\n"), ("app/main.py", "x = 1"), ("app/__pycache__/own.pyc", "the user's")];
    let code = store.put_code(zip(&files), "zip", "app.zip").await.unwrap();
    let read = |path: &str| std::fs::read_to_string(code.root.join(path)).ok();
    assert_eq!(read("app/__pycache__/main.pyc").as_deref(), Some("code"));
    assert_eq!(read("app/__pycache__/own.pyc").as_deref(), Some("the user's"));
    assert_eq!(read("bootstrap").as_deref(), Some("#!/bin/sh\n"));
    assert_eq!((read("gone/__pycache__/x.pyc"), read("../__pycache__/x.pyc")), (None, None));
    // It counts as part of the package from then on: nothing is missing, so nothing is unpacked again.
    assert!(!store.inner.packages.restore(&code.sha256, crate::code::Role::Code).await.unwrap());
}
