//! Byte code made ahead: that it is made, used, and by whom.

use std::fs;
use std::path::Path;

use invoker::Config;

use crate::world::{World, until, write};

const BOOTSTRAP: &str = "exec /usr/bin/python3 -u server.py\n";

/// Puts what was compiled where the store would.
fn keep(root: &Path, files: &[invoker::ByteCode]) {
    for (path, bytes) in files {
        let path = root.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, bytes).unwrap();
    }
}

#[tokio::test]
async fn an_instance_runs_the_byte_code_and_not_the_source() {
    let Some(world) = World::new(Config::default()) else { return };
    let version = world.deploy(BOOTSTRAP, |_| {});
    let root = &version.code.root;
    write(&root.join("package"), "__init__.py", "from . import inner\n", false);
    write(&root.join("package"), "inner.py", "print('imported', flush=True)\n", false);
    let server = fs::read_to_string(root.join("server.py")).unwrap();
    write(root, "server.py", &format!("import package\n{server}"), false);
    let files = world.sandboxed.byte_code(root.clone()).await;
    let mut paths: Vec<&str> = files.iter().map(|(path, _)| path.as_str()).collect();
    paths.sort_unstable();
    let version_tag = |path: &str| path.replace(|c: char| c.is_ascii_digit(), "");
    assert_eq!(
        paths.iter().map(|path| version_tag(path)).collect::<Vec<_>>(),
        [
            "__pycache__/server.cpython-.pyc",
            "package/__pycache__/__init__.cpython-.pyc",
            "package/__pycache__/inner.cpython-.pyc"
        ],
        "each module, no matter how deep"
    );
    keep(root, &files);
    // Were the source read, this would be seen; and its time and size are others now.
    write(&root.join("package"), "inner.py", "print('from the source')\n", false);
    world.get(&version, "/").await.unwrap();
    let said = |text: &str| world.lines(&version).iter().any(|line| line.text.contains(text));
    until("the module is imported", || said("imported")).await;
    assert!(!said("from the source"));
    world.end().await;
}

#[tokio::test]
async fn what_cannot_be_compiled_is_left_out_and_harms_nobody() {
    let Some(world) = World::new(Config::default()) else { return };
    let version = world.deploy(BOOTSTRAP, |_| {});
    let root = &version.code.root;
    write(root, "good.py", "x = 1\n", false);
    write(root, "broken.py", "def (\n", false);
    write(root, "deep.py", &format!("x = {}1{}\n", "(".repeat(5000), ")".repeat(5000)), false);
    write(root, "nul.py", "x = '\0'\n", false);
    std::os::unix::fs::symlink("/etc/passwd", root.join("link.py")).unwrap();
    let files = world.sandboxed.byte_code(root.clone()).await;
    let names: Vec<&str> = files.iter().filter_map(|(path, _)| path.split(['/', '.']).nth(1)).collect();
    assert_eq!(names, ["good", "server"]);
    assert!(!root.join("__pycache__").is_dir(), "it wrote into the package");
    world.end().await;
}

#[tokio::test]
async fn an_interpreter_that_does_not_exist_compiles_nothing() {
    let Some(world) = World::new(Config::default()) else { return };
    let version = world.deploy("exec /opt/nowhere/bin/python3 server.py\n", |_| {});
    write(&version.code.root, "other.py", "", false);
    assert_eq!(world.sandboxed.byte_code(version.code.root.clone()).await, []);
    world.end().await;
}
