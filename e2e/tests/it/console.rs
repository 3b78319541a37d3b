//! The web console in a real browser: `console/e2e/walk.mjs` does in it what the vendor's page "create an HTTP function" says, in both
//! languages; the scripts beside it walk the other pages. Left out, and said so, where there is no Node.js, no Chromium or no built console.

use std::path::{Path, PathBuf};
use std::process::Command;

use libtest_mimic::{Failed, Trial};

use crate::harness::{Funcd, binary, root};

const CHROMIUM: [&str; 3] = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

pub(crate) fn trials() -> Vec<Trial> {
    let missing = missing();
    if let Some(what) = &missing {
        eprintln!("THE CONSOLE IS NOT TRIED: {what}");
    }
    let trial = |name: &str, script: &'static str, language: &'static str| {
        Trial::test(name, move || walk(script, language)).with_ignored_flag(missing.is_some())
    };
    // The vendor's page in both languages; of the others each in one, by turns: a browser takes its time, and a walk takes the same
    // steps in either. Words that are in one language only do not compile.
    vec![
        trial("console::the vendor's page is walked in a browser, in English", "walk", "en"),
        trial("console::the vendor's page is walked in a browser, in Chinese", "walk", "zh"),
        trial("console::what is beside the APIs is managed in a browser, in English", "gateway", "en"),
        trial("console::users of different rights walk the pages in a browser, in Chinese", "iam", "zh"),
        trial("console::versions and aliases are managed in a browser, in English", "versions", "en"),
        trial("console::instances are shown in a browser with why they came and went, in Chinese", "instances", "zh"),
        trial(
            "console::tags, dependencies and reserved instances are managed in a browser, in English",
            "extras",
            "en",
        ),
        trial("console::a template, saved events and the list are used in a browser, in Chinese", "list", "zh"),
        trial("console::what runs is watched in a browser, in English", "observe", "en"),
        trial("console::a lost connection comes back and nothing is lost or doubled", "lost", "en"),
        trial("console::the first view is small", "first", "en"),
    ]
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
    let funcd = Funcd::start();
    let pictures: PathBuf = root().join("target/console").join(script).join(language);
    let output = Command::new("node")
        .arg(root().join(format!("console/e2e/{script}.mjs")))
        .arg(language)
        .env("CHROMIUM", chromium().unwrap())
        .env("FUNCD", binary())
        .env("FUNCD_DATA_DIR", &funcd.data)
        .env("API", format!("http://{}", funcd.api))
        .env("PICTURES", pictures)
        .output()
        .unwrap();
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    if !output.status.success() {
        return Err(format!("{said}\nfuncd said:\n{}", funcd.said()).into());
    }
    eprint!("{said}");
    Ok(())
}
