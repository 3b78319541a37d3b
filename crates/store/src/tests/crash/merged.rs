//! Code and dependencies, put together in `/opt/function/code`, and killed at each durable step of that: after the next start the function
//! has the code of before or of after, whole, with all its dependencies, and nothing half done is left.

use super::*;
use crate::{NewDependency, Of};

fn library(store: &Store) -> NewDependency {
    NewDependency {
        project: store.project().to_owned(),
        name: "library".to_owned(),
        runtime: "http".to_owned(),
        description: String::new(),
        link: String::new(),
        filename: "library.zip".to_owned(),
    }
}

/// Not a test of its own: the process that `check` kills, while the function gets other code and a dependency.
#[tokio::test]
#[ignore = "started by the tests below"]
async fn child() {
    let Ok(folder) = std::env::var(FOLDER) else { return };
    let folder = PathBuf::from(folder);
    let step = STEPS[std::env::var(STEP).unwrap().parse::<usize>().unwrap()];
    let faults = Faults::default();
    let store = Store::open_with(config(&folder.join("data")), faults.clone()).await.unwrap();
    create(&store, "web").await;
    let files = [("lib/own", "library"), ("lib/text", "library")];
    let dependency = store.create_dependency_version(library(&store), Of::Name, zip(&files)).await.unwrap();
    let code = put(&store, "two").await;
    std::fs::write(folder.join("begun"), "").unwrap();
    faults.plan(step, Fault::Abort);
    let with = FunctionConfig { dependencies: vec![dependency], ..settings() };
    store.update_function(&id(&store, "web"), Some(with), Some(code)).await.unwrap();
    std::fs::write(folder.join("acknowledged"), "").unwrap();
}

/// What is in the function's code folder: its own text, and the dependency's file.
fn seen(function: &Function) -> (String, bool) {
    let root = &function.latest.code.root;
    (std::fs::read_to_string(root.join("lib/text")).unwrap(), root.join("lib/own").is_file())
}

async fn check(step: Step, expect: (&str, bool)) {
    let home = Home::new();
    let number = STEPS.iter().position(|one| *one == step).unwrap();
    let mut child = start("tests::crash::merged::child", home.0.path());
    let output = child.env(STEP, number.to_string()).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(std::fs::exists(home.path("begun")).unwrap(), "{step:?}: {said}");
    let ended = output.status.success() || std::fs::exists(home.path("acknowledged")).unwrap();
    assert!(!ended, "it was killed at {step:?}: {said}");

    let store = Store::open(config(&home.path("data"))).await.unwrap();
    let web = store.function(&id(&store, "web")).unwrap();
    assert_eq!(seen(&web), (expect.0.to_owned(), expect.1), "killed at {step:?}");
    assert_eq!(names(&home.path("data/tmp")), [] as [String; 0]);
    // The same once more works, whatever was left.
    let dependency = store.all_dependency_versions(store.project()).await.unwrap().remove(0);
    let with = FunctionConfig { dependencies: vec![dependency], ..settings() };
    let code = put(&store, "two").await;
    let web = store.update_function(&web.id, Some(with), Some(code)).await.unwrap();
    assert_eq!(seen(&web), ("two".to_owned(), true), "after {step:?}");
    // And survives the loss of what was put together.
    store.close().await;
    std::fs::remove_dir_all(web.latest.code.root.parent().unwrap()).unwrap();
    let store = Store::open(config(&home.path("data"))).await.unwrap();
    assert_eq!(seen(&store.function(&web.id).unwrap()), ("two".to_owned(), true), "made anew after {step:?}");
    store.close().await;
}

#[tokio::test]
async fn code_and_dependencies_are_together_or_as_before() {
    for step in [Step::Unpacked, Step::Synced, Step::Placed, Step::Written] {
        check(step, ("web", false)).await;
    }
    check(Step::Committed, ("two", true)).await;
}
