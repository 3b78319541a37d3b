//! HTTP as it is meant: ten semantics that proxies tend to break, asked of the bare function server, of funcd and of nginx in
//! the same run. The result is the table in `docs/http-semantics.md` (`UPDATE_DOCS=1` writes it).

mod frames;
mod h2c;
mod probes;
mod requests;
mod responses;
pub(crate) mod wire;
pub(crate) mod world;

use std::path::PathBuf;
use std::sync::OnceLock;

use libtest_mimic::{Failed, Trial};

use crate::harness::root;
use probes::{SEMANTICS, Semantic, Verdict};
use world::{Bare, InFuncd, Nginx};

/// What funcd does not do yet. A trial of these fails when it works, so that the list cannot outlive its reason.
const PENDING: &[&str] = &[];

const H2C_LIMITS: &str = "HTTP/2 is no way around what HTTP/1.1 refuses, and floods are bounded";

/// The columns.
const HEADINGS: [&str; 4] = ["direct", "funcd", "nginx, set up", "nginx, defaults"];

/// What was measured, in the order of [`SEMANTICS`] and [`HEADINGS`].
struct Measured {
    nginx: String,
    rows: Vec<[Verdict; 4]>,
}

pub(crate) fn trials() -> Vec<Trial> {
    let mut trials: Vec<Trial> = SEMANTICS
        .iter()
        .enumerate()
        .map(|(at, semantic)| Trial::test(format!("semantics::{}", semantic.name), move || row(at, semantic.name)))
        .collect();
    trials.push(Trial::test(format!("semantics::{H2C_LIMITS}"), h2c_limits));
    trials.push(requests::trial());
    trials.push(responses::trial());
    trials.push(Trial::test("semantics::the table in docs/http-semantics.md is what was measured", table));
    trials
}

/// Asked once, for all trials.
fn measured() -> &'static Measured {
    static MEASURED: OnceLock<Measured> = OnceLock::new();
    MEASURED.get_or_init(|| {
        let bare = Bare::start();
        let nginx = Nginx::start(bare.front.address);
        let funcd = InFuncd::start("");
        let fronts = [&bare.front, &funcd.front, &nginx.tuned, &nginx.defaults];
        assert_eq!(fronts.map(|front| front.name), HEADINGS);
        // At the same time, because what never comes is waited for.
        let rows = std::thread::scope(|scope| {
            let ask = |semantic: &'static Semantic| fronts.map(|front| scope.spawn(|| (semantic.probe)(front)));
            let asked = SEMANTICS.each_ref().map(ask);
            asked.map(|row| row.map(|probe| probe.join().unwrap())).into()
        });
        Measured { nginx: nginx.version.clone(), rows }
    })
}

fn row(at: usize, name: &str) -> Result<(), Failed> {
    let [direct, funcd, _, _] = &measured().rows[at];
    if name != "HTTP/2 without TLS (h2c) on the same port" && name != "a client cannot set X-CFF-Request-Id" {
        assert_eq!(*direct, Ok(()), "the function server itself does not do it");
    }
    judge(name, funcd)
}

fn h2c_limits() -> Result<(), Failed> {
    frames::sound()?;
    judge(H2C_LIMITS, &frames::holds())
}

fn judge(name: &str, verdict: &Verdict) -> Result<(), Failed> {
    let pending = PENDING.contains(&name);
    match verdict {
        Ok(()) if pending => Err("works now: take it off PENDING".into()),
        Err(why) if !pending => Err(format!("through funcd: {why}").into()),
        _ => Ok(()),
    }
}

fn table() -> Result<(), Failed> {
    let measured = measured();
    let path: PathBuf = root().join("docs/http-semantics.md");
    let text = std::fs::read_to_string(&path).unwrap();
    let (before, rest) = text.split_once("<!-- semantics -->\n").unwrap();
    let (published, after) = rest.split_once("<!-- end -->").unwrap();
    let wanted = rendered(measured);
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, format!("{before}<!-- semantics -->\n{wanted}<!-- end -->{after}")).unwrap();
        return Ok(());
    }
    // Another nginx may do other things; then only what does not depend on it is compared.
    let columns = if published.contains(&format!("nginx {}", measured.nginx)) { 5 } else { 3 };
    let cut = |table: &str| -> Vec<Vec<String>> {
        let rows = table.lines().filter(|line| line.starts_with('|')).skip(2);
        rows.map(|line| line.split('|').skip(1).take(columns).map(|cell| cell.trim().to_owned()).collect()).collect()
    };
    if cut(published) != cut(&wanted) {
        return Err(format!("measured otherwise; UPDATE_DOCS=1 writes it:\n{wanted}").into());
    }
    Ok(())
}

fn rendered(measured: &Measured) -> String {
    let mut text = format!("\nnginx {}.\n\n| | {} |\n|---|---|---|---|---|\n", measured.nginx, HEADINGS.join(" | "));
    for (semantic, row) in SEMANTICS.iter().zip(&measured.rows) {
        let cells: Vec<&str> =
            row.iter().map(|verdict| verdict.as_ref().map_or_else(|why| why.as_str(), |()| "yes")).collect();
        text.push_str(&format!("| {} | {} |\n", semantic.name, cells.join(" | ")));
    }
    text.push('\n');
    text
}
