//! Real clients against a funcd of their own: the vendor's SDKs in three languages, and what its Terraform provider sends.
//! The suites themselves are in `e2e/sdk`; each lists the operations that it could not try because they answer 501.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use libtest_mimic::{Failed, Trial};

use crate::apig_sdk::certificate;
use crate::apps::built;
use crate::harness::{Funcd, root};

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        Trial::test("clients::the vendor's Node.js SDK calls every operation that is there", || node("suite.js")),
        Trial::test("clients::the vendor's Node.js SDK calls every identity operation", || node("identity.js")),
        Trial::test("clients::the vendor's Python SDK calls every operation that is there", every),
        Trial::test(
            "clients::the vendor's Python SDK calls every identity operation, and each is refused what it may not",
            identities,
        ),
        Trial::test("clients::the vendor's Go SDK does what its users do", go),
        Trial::test("clients::no request that the document allows or forbids breaks its promises", contract),
        Trial::test("clients::200 functions by eight clients are each made, changed and deleted once", load),
        Trial::test("clients::terraform's requests, replayed, leave no difference", terraform),
    ]
}

/// A suite in `e2e/sdk` with the address and the keys of a new funcd and a package to deploy; what it says is shown.
pub(crate) fn run(command: Command) -> Result<(), Failed> {
    run_on(&Funcd::start(), command)
}

fn run_on(funcd: &Funcd, mut command: Command) -> Result<(), Failed> {
    let folder = tempfile::tempdir().unwrap();
    let package = zipped(&built("seed-node12"), &folder.path().join("package.zip"));
    let output = command
        .arg(package)
        .env("FUNCD_CREDENTIALS", funcd.json(&["credentials"]).to_string())
        .env("FUNCD_DATA", &funcd.data)
        .output()
        .map_err(|error| format!("{command:?}: {error}"))?;
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    if !output.status.success() {
        return Err(format!("{said}\nfuncd said:\n{}", funcd.said()).into());
    }
    eprint!("{said}");
    Ok(())
}

/// The files of a folder as a package; `bootstrap` may be run.
fn zipped(folder: &Path, to: &Path) -> PathBuf {
    let mut writer = zip::ZipWriter::new(std::fs::File::create(to).unwrap());
    let options = zip::write::SimpleFileOptions::default().unix_permissions(0o755);
    for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap).filter(|entry| entry.path().is_file()) {
        writer.start_file(entry.file_name().to_str().unwrap(), options).unwrap();
        writer.write_all(&std::fs::read(entry.path()).unwrap()).unwrap();
    }
    writer.finish().unwrap();
    to.to_owned()
}

/// A suite in `e2e/sdk/node` with the packages that `e2e/sdk/node/build.sh` installed.
fn node(suite: &str) -> Result<(), Failed> {
    let modules = root().join("target/sdk-node/node_modules");
    assert!(modules.is_dir(), "the SDK is not installed: run e2e/sdk/node/build.sh");
    let mut command = Command::new("node");
    command.arg(root().join("e2e/sdk/node").join(suite)).env("NODE_PATH", modules);
    run(command)
}

/// The suite of `e2e/sdk/go`, as `e2e/sdk/go/build.sh` built it.
fn go() -> Result<(), Failed> {
    let suite = root().join("target/sdk-go/suite");
    assert!(suite.is_file(), "the suite is not built: run e2e/sdk/go/build.sh");
    run(Command::new(suite))
}

/// `e2e/sdk/load.py`.
fn load() -> Result<(), Failed> {
    run(python("load.py"))
}

/// `e2e/sdk/every.py`; an operation that funcd has and that was not both done and refused fails it.
fn every() -> Result<(), Failed> {
    run(python("every.py"))
}

/// `e2e/sdk/iam.py`, the same of identities.
fn identities() -> Result<(), Failed> {
    run(python("iam.py"))
}

/// `e2e/sdk/terraform.py`: the provider itself cannot be had as a module, so its requests are made as it makes them.
fn terraform() -> Result<(), Failed> {
    run(python("terraform.py"))
}

/// `e2e/sdk/contract`: schemathesis with a fixed seed, 12 requests of each kind for each operation. One that nothing was accepted of
/// fails it.
fn contract() -> Result<(), Failed> {
    let python = root().join("target/sdk-contract/bin/python");
    assert!(python.is_file(), "schemathesis is not installed: run e2e/sdk/contract/build.sh");
    let mut command = Command::new(python);
    let folder = certificate();
    command.arg(root().join("e2e/sdk/contract/run.py")).env("PYTHONDONTWRITEBYTECODE", "1");
    command.env("APIG_CERTIFICATE", folder.path());
    // It installs a runtime that is none, which no other trial is to find.
    let funcd = Funcd::start_apart();
    funcd.json(&["runtime", "install", "nodejs12.13"]);
    run_on(&funcd, command)
}

/// A script of `e2e/sdk` in the virtual environment that `e2e/sdk/build.sh` made.
pub(crate) fn python(script: &str) -> Command {
    let python = root().join("target/sdk/bin/python");
    assert!(python.is_file(), "the SDK is not installed: run e2e/sdk/build.sh");
    let mut command = Command::new(python);
    command.arg(root().join("e2e/sdk").join(script)).env("PYTHONDONTWRITEBYTECODE", "1");
    command
}
