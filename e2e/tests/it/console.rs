//! The web console in a real browser: `console/e2e/walk.mjs` does in it what the vendor's page "create an HTTP function" says, in both
//! languages; the scripts beside it walk the other pages. Left out, and said so, where there is no Node.js, no Chromium or no built console;
//! where CI is set they fail then, because nobody reads there what was left out. Pictures of every page stay in `target/console/`.

use std::path::{Path, PathBuf};
use std::process::Command;

use libtest_mimic::{Failed, Trial};
use rcgen::{CertificateParams, KeyPair, date_time_ymd};

use crate::harness::{Funcd, binary, free_ports, root};

const CHROMIUM: [&str; 3] = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

pub(crate) fn trials() -> Vec<Trial> {
    let missing = missing();
    if let Some(what) = &missing {
        eprintln!("THE CONSOLE IS NOT TRIED: {what}");
    }
    let left_out = missing.is_some() && !in_ci();
    let trial = |name: &str, script: &'static str, language: &'static str| {
        Trial::test(name, move || walk(script, language)).with_ignored_flag(left_out)
    };
    // The vendor's page in both languages; of the others each in one, by turns: a browser takes its time, and a walk takes the same
    // steps in either. Words that are in one language only do not compile.
    vec![
        trial("console::the vendor's page is walked in a browser, in English", "walk", "en"),
        trial("console::the vendor's page is walked in a browser, in Chinese", "walk", "zh"),
        trial("console::what is beside the APIs is managed in a browser, in English", "gateway", "en"),
        trial("console::an API is made and edited in its three steps in a browser, in Chinese", "apis", "zh"),
        trial("console::users of different rights walk the pages in a browser, in Chinese", "iam", "zh"),
        trial("console::versions and aliases are managed in a browser, in English", "versions", "en"),
        trial("console::instances are shown in a browser with why they came and went, in Chinese", "instances", "zh"),
        trial(
            "console::tags, dependencies and reserved instances are managed in a browser, in English",
            "extras",
            "en",
        ),
        trial(
            "console::a function is tried with requests and events, and by the lines to copy, in English",
            "invoke",
            "en",
        ),
        trial("console::a template, saved events and the list are used in a browser, in Chinese", "list", "zh"),
        trial("console::what runs is watched in a browser, in English", "observe", "en"),
        trial("console::a lost connection comes back and nothing is lost or doubled", "lost", "en"),
        trial("console::the first view is small", "first", "en"),
        trial("console::packages of nearly 50 MB are sent by a slow link, cancelled and sent again, in Chinese", "upload", "zh"),
        trial("console::the vendor's page is walked by keyboard alone, in English", "keyboard", "en"),
        trial("console::the lines that are shown do what the pages do, in Chinese", "lines", "zh"),
        trial("console::two tabs, packages, the header, several functions and logs, in English", "tabs", "en"),
        trial("console::every page that the router knows keeps nobody out, in English", "routes", "en"),
        trial(
            "console::every action is shown as the request it sends and as a command there is, in English",
            "same",
            "en",
        ),
        Trial::test(
            "console::a domain gets a certificate of its own in a browser, and APIs are shown where they answer, in English",
            certificates,
        )
            .with_ignored_flag(left_out),
    ]
}

/// Whether this is a run whose result is all that is looked at.
fn in_ci() -> bool {
    std::env::var_os("CI").is_some_and(|set| !set.is_empty() && set != "false")
}

/// What keeps a browser from being tried.
fn missing() -> Option<&'static str> {
    let modules = root().join("console/node_modules/playwright-core");
    if chromium().is_none() {
        return Some("there is no Chromium; script/test installs it");
    }
    if !modules.is_dir() || !root().join("console/dist/index.html").is_file() {
        return Some("it is not built; console/build.sh builds it");
    }
    Command::new("node").arg("--version").output().is_err().then_some("there is no Node.js")
}

fn chromium() -> Option<&'static Path> {
    CHROMIUM.iter().map(Path::new).find(|path| path.is_file())
}

fn walk(script: &str, language: &str) -> Result<(), Failed> {
    walk_at(&Funcd::start(), script, language, &[])
}

/// With a TLS port, and files of certificates for two domains.
fn certificates() -> Result<(), Failed> {
    let (tls, _) = free_ports();
    let funcd = Funcd::start_with(&format!("[gateway.tls]\nlisten = '{tls}'\n"));
    let folder = tempfile::tempdir()?;
    for (prefix, domain) in [("", "shop.example.com"), ("other-", "other.example.com")] {
        let key = KeyPair::generate()?;
        let mut params = CertificateParams::new([domain.to_owned()])?;
        params.not_after = date_time_ymd(2041, 5, 6);
        std::fs::write(folder.path().join(format!("{prefix}chain.pem")), params.self_signed(&key)?.pem())?;
        std::fs::write(folder.path().join(format!("{prefix}key.pem")), key.serialize_pem())?;
    }
    let folder = folder.path().to_str().unwrap();
    let (tls, gateway) = (tls.port().to_string(), funcd.gateway.port().to_string());
    walk_at(&funcd, "certificates", "en", &[("CERTIFICATES", folder), ("TLS_PORT", &tls), ("GATEWAY_PORT", &gateway)])
}

fn walk_at(funcd: &Funcd, script: &str, language: &str, more: &[(&str, &str)]) -> Result<(), Failed> {
    if let Some(what) = missing() {
        return Err(format!("the console cannot be tried: {what}").into());
    }
    let pictures: PathBuf = root().join("target/console").join(script).join(language);
    let output = Command::new("node")
        .arg(root().join(format!("console/e2e/{script}.mjs")))
        .arg(language)
        .env("CHROMIUM", chromium().unwrap())
        .env("FUNCD", binary())
        .env("FUNCD_DATA_DIR", &funcd.data)
        .env("API", format!("http://{}", funcd.api))
        .env("PICTURES", pictures)
        // What e2e/sdk/build.sh and e2e/sdk/node/build.sh install: one walk runs the lines that are shown for it.
        .env("SDK_PYTHON", root().join("target/sdk/bin/python"))
        .env("SDK_NODE", root().join("target/sdk-node/node_modules"))
        .envs(more.iter().copied())
        .output()
        .unwrap();
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    if !output.status.success() {
        return Err(format!("{said}\nfuncd said:\n{}", funcd.said()).into());
    }
    eprint!("{said}");
    Ok(())
}
