use std::collections::HashSet;
use std::os::unix::fs::MetadataExt as _;
use std::time::Duration;

use model::dependency::Dependency;

use super::*;
use crate::code::tree_name;
use crate::faults::{Fault, Faults, Step};
use crate::{NewDependency, Of};

fn new(store: &Store, name: &str) -> NewDependency {
    NewDependency {
        project: store.project().to_owned(),
        name: name.to_owned(),
        runtime: "Node.js18.15".to_owned(),
        description: String::new(),
        link: String::new(),
        filename: format!("{name}.zip"),
    }
}

async fn depend(store: &Store, name: &str, files: &[(&str, &str)]) -> Dependency {
    store.create_dependency_version(new(store, name), Of::Name, zip(files)).await.unwrap()
}

fn with(dependencies: &[&Dependency]) -> FunctionConfig {
    let mut config = settings();
    config.dependencies = dependencies.iter().map(|dependency| (*dependency).clone()).collect();
    config
}

/// The text of a file as instances of the function see it.
fn read(function: &Function, path: &str) -> String {
    std::fs::read_to_string(function.latest.code.root.join(path)).unwrap_or_else(|_| "none".to_owned())
}

#[tokio::test]
async fn code_wins_over_dependencies_and_the_later_over_the_earlier() {
    let home = Home::new();
    let store = home.open().await;
    let a = depend(&store, "a", &[("lib/text", "a"), ("lib/a", "a"), ("lib/both", "a")]).await;
    let b = depend(&store, "b", &[("lib/text", "b"), ("lib/b", "b"), ("lib/both", "b")]).await;
    let code = put(&store, "code").await;
    let web = store.create_function(id(&store, "web"), with(&[&a, &b]), code).await.unwrap();
    let texts = ["lib/text", "lib/a", "lib/b", "lib/both"].map(|path| read(&web, path));
    assert_eq!(texts, ["code", "a", "b", "b"]);
    let inode = |path: PathBuf| std::fs::metadata(path).unwrap().ino();
    let own = home.path("code").join(format!("{}.dependency", a.sha256)).join("root/lib/a");
    assert_eq!(inode(own), inode(web.latest.code.root.join("lib/a")), "linked, not copied");

    let web = store.update_function(&web.id, Some(with(&[&b, &a])), None).await.unwrap();
    assert_eq!(read(&web, "lib/both"), "a");
    let web = store.update_function(&web.id, None, Some(put(&store, "other").await)).await.unwrap();
    assert_eq!((read(&web, "lib/text"), read(&web, "lib/both")), ("other".into(), "a".into()));
    let web = store.update_function(&web.id, Some(with(&[])), None).await.unwrap();
    assert_eq!((read(&web, "lib/text"), read(&web, "lib/both")), ("other".into(), "none".into()));
}

#[tokio::test]
async fn versions_count_up_and_the_last_one_takes_the_dependency_with_it() {
    let home = Home::new();
    let store = home.open().await;
    let project = store.project().to_owned();
    let first = depend(&store, "a", &[("x", "1")]).await;
    let second = depend(&store, "a", &[("x", "2")]).await;
    assert_eq!((first.number, second.number, &first.dependency), (1, 2, &second.dependency));
    assert_eq!(first.id, first.dependency);
    assert_ne!(second.id, second.dependency);
    depend(&store, "b", &[("x", "1")]).await;
    let newest: Vec<_> = store.dependencies(&project).await.unwrap().into_iter().map(|d| (d.name, d.number)).collect();
    assert_eq!(newest, [("a".into(), 2), ("b".into(), 1)]);

    store.delete_dependency_version(&project, &first.dependency, 2).await.unwrap();
    assert_eq!(depend(&store, "a", &[("x", "2")]).await.number, 3, "no number is given twice");
    let gone = store.delete_dependency_version(&project, &first.dependency, 2).await;
    assert_eq!(text(gone), format!("no dependency {} version 2", first.dependency));
    store.delete_dependency(&project, &first.dependency).await.unwrap();
    assert_eq!(text(store.delete_dependency(&project, &first.dependency).await), format!("no dependency {}", first.id));
    assert_eq!(depend(&store, "a", &[("x", "1")]).await.number, 1);
    assert_eq!(
        text(store.delete_dependency("another", &first.dependency).await),
        format!("no dependency {}", first.id)
    );
}

#[tokio::test]
async fn names_and_links_belong_to_one_dependency() {
    let home = Home::new();
    let store = home.open().await;
    let make = async |name: &str, link: &str, of: Of| {
        let wanted = NewDependency { link: link.to_owned(), ..new(&store, name) };
        store.create_dependency_version(wanted, of, zip(&[("x", "1")])).await
    };
    let a = make("a", "http://here/a.zip", Of::New).await.unwrap();
    assert_eq!(text(make("a", "", Of::New).await), "dependency a exists");
    let taken = make("b", "http://here/a.zip", Of::Name).await;
    assert_eq!(text(taken), "dependency a was made from http://here/a.zip already");
    make("b", "http://here/b.zip", Of::Name).await.unwrap();
    assert_eq!(text(make("b", "", Of::Id(a.dependency.clone())).await), "dependency b exists");
    let renamed = make("c", "http://here/a.zip", Of::Id(a.dependency.clone())).await.unwrap();
    assert_eq!((renamed.dependency, renamed.number), (a.dependency, 2));
    assert_eq!(text(make("d", "", Of::Id("none".into())).await), "no dependency none");
}

#[tokio::test]
async fn what_a_function_uses_cannot_be_deleted() {
    let home = Home::new();
    let store = home.open().await;
    let project = store.project().to_owned();
    let (first, second) = (depend(&store, "a", &[("x", "1")]).await, depend(&store, "a", &[("x", "2")]).await);
    let code = put(&store, "code").await;
    let web = store.create_function(id(&store, "web"), with(&[&first]), code.clone()).await.unwrap();
    let used = format!("the dependency is in use by {}", web.latest.urn());
    assert_eq!(text(store.delete_dependency_version(&project, &first.dependency, 1).await), used);
    assert_eq!(text(store.delete_dependency(&project, &first.dependency).await), used);
    store.delete_dependency_version(&project, &first.dependency, 2).await.unwrap();
    let gone = store.create_function(id(&store, "api"), with(&[&second]), code).await;
    assert_eq!(text(gone), format!("no dependency {}", second.id));
    assert!(store.function(&id(&store, "api")).is_none());
    store.update_function(&web.id, Some(with(&[])), None).await.unwrap();
    store.delete_dependency(&project, &first.dependency).await.unwrap();
}

#[tokio::test]
async fn a_dependency_is_checked_as_code_is_but_for_what_starts_it() {
    let home = Home::new();
    let store = home.open().await;
    let refused = async |files: &[(&str, &str)]| {
        let made = store.create_dependency_version(new(&store, "a"), Of::Name, zip(files)).await;
        let Err(Error::Package(problems)) = made else { panic!("{made:?}") };
        problems.join("; ")
    };
    assert!(refused(&[("../up", "")]).await.contains("../up"));
    assert!(refused(&[]).await.contains("no files"));
    let both = refused(&[("a~", ""), ("lib/b~", ""), ("c", "")]).await;
    assert!(
        both.contains(r#""a~" ends in"#) && both.contains(r#""lib/b~" ends in"#) && !both.contains(r#""c""#),
        "{both}"
    );
    let large = Bytes::from(vec![0; model::limits::DEPENDENCY_BYTES + 1]);
    let made = store.create_dependency_version(new(&store, "a"), Of::Name, large).await;
    assert_eq!(text(made), "the package is 41943041 bytes, more than 41943040");
    // What completes code is no code.
    depend(&store, "a", &[("x", "1")]).await;
    let code = store.put_code(zip(&[("x", "1")]), "zip", "x.zip").await;
    assert!(matches!(code, Err(Error::Package(_))), "{code:?}");
    assert_eq!(names(&home.path("tmp")), [] as [String; 0]);
}

#[tokio::test]
async fn what_is_used_stays_and_the_rest_goes() {
    let home = Home::new();
    let store = home.open().await;
    let project = store.project().to_owned();
    let (a, b) = (depend(&store, "a", &[("a", "1")]).await, depend(&store, "b", &[("b", "1")]).await);
    let web = store.create_function(id(&store, "web"), with(&[&a]), put(&store, "code").await).await.unwrap();
    let old = web.latest.code.tree().to_owned();
    let web = store.update_function(&web.id, Some(with(&[&a, &b])), None).await.unwrap();
    let collect = async |in_use: &[&str]| {
        let in_use: HashSet<String> = in_use.iter().map(|name| (*name).to_owned()).collect();
        store.collect_older_than(&in_use, Duration::ZERO).await.unwrap()
    };
    assert_eq!(collect(&[&old]).await, 0, "an instance of the old revision runs");
    assert_eq!(collect(&[]).await, 1);
    let mut expect = vec![
        web.latest.code.sha256.clone(),
        tree_name(&web.latest.code.sha256, &web.latest.config.dependencies),
        format!("{}.dependency", a.sha256),
        format!("{}.dependency", b.sha256),
    ];
    expect.sort();
    assert_eq!((names(&home.path("code")), blobs(&home).len()), (expect, 3));
    assert_eq!(read(&web, "b"), "1");
    store.delete_function(&web.id).await.unwrap();
    store.delete_dependency(&project, &a.dependency).await.unwrap();
    assert_eq!(collect(&[]).await, 5, "two folders and a package of the function, a folder and a package of a");
    assert_eq!((names(&home.path("code")).len(), blobs(&home).len()), (1, 1));
}

#[tokio::test]
async fn what_is_missing_or_in_parts_is_put_together_again_at_open() {
    for damage in ["merged", "file", "dependency", "everything"] {
        let home = Home::new();
        let store = home.open().await;
        let a = depend(&store, "a", &[("lib/a", "a")]).await;
        let web = store.create_function(id(&store, "web"), with(&[&a]), put(&store, "code").await).await.unwrap();
        store.close().await;
        let code = home.path("code");
        match damage {
            "merged" => std::fs::remove_dir_all(code.join(web.latest.code.tree())).unwrap(),
            "file" => std::fs::remove_file(web.latest.code.root.join("lib/a")).unwrap(),
            "dependency" => {
                std::fs::remove_dir_all(code.join(format!("{}.dependency", a.sha256))).unwrap();
                std::fs::remove_dir_all(code.join(web.latest.code.tree())).unwrap();
            }
            _ => std::fs::remove_dir_all(&code).unwrap(),
        }
        let store = home.open().await;
        let web = store.function(&web.id).unwrap();
        assert_eq!((read(&web, "lib/a"), read(&web, "lib/text")), ("a".into(), "code".into()), "{damage}");
        assert_eq!((store.dependencies(store.project()).await.unwrap(), names(&home.path("tmp")).len()), (vec![a], 0));
    }
}

#[tokio::test]
async fn a_full_disk_at_any_step_leaves_nothing_and_the_next_try_succeeds() {
    for step in [Step::Unpacked, Step::Synced, Step::Stored, Step::Written] {
        let home = Home::new();
        let faults = Faults::default();
        let store = Store::open_with(config(home.0.path()), faults.clone()).await.unwrap();
        let a = depend(&store, "a", &[("a", "1")]).await;
        let code = put(&store, "code").await;
        faults.plan(step, Fault::DiskFull);
        let deploy = async || store.create_function(id(&store, "web"), with(&[&a]), code.clone()).await;
        assert_eq!(text(deploy().await), "no space left on the data folder's disk", "{step:?}");
        assert!(store.function(&id(&store, "web")).is_none());
        assert_eq!(names(&home.path("tmp")), [] as [String; 0], "{step:?}");
        assert_eq!(read(&deploy().await.unwrap(), "a"), "1");

        faults.plan(step, Fault::DiskFull);
        let made = store.create_dependency_version(new(&store, "b"), Of::Name, zip(&[("b", "1")])).await;
        assert_eq!(text(made), "no space left on the data folder's disk", "{step:?}");
        assert_eq!(depend(&store, "b", &[("b", "1")]).await.number, 1);
    }
}
