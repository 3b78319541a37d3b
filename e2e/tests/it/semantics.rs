//! HTTP as it is meant: what proxies tend to break, asked of the bare function server, of funcd and of other proxies in the same run, in
//! HTTP/1.1, HTTP/2 and gRPC, with and without TLS. The result is the tables in `docs/http-semantics.md` (`UPDATE_DOCS=1` writes them).

mod calls;
mod certificate;
mod frames;
mod http2;
mod peers;
mod probes;
mod requests;
mod responses;
mod table;
pub(crate) mod wire;
pub(crate) mod world;

use std::path::PathBuf;
use std::sync::OnceLock;

use libtest_mimic::{Failed, Trial};

use crate::harness::root;
use certificate::Certificate;
use peers::{KINDS, Kind, Peer};
use probes::{IDENTITY, Verdict};
use table::{NAMES, Question, Table};
use world::{Bare, Front, Places};

/// What funcd does not do, by table and row, and what happens instead. A trial of these fails when it works, so that the list cannot outlive its
/// reason, which is in the document.
const PENDING: &[(&str, &str)] = &[("HTTP/2", "103 Early Hints before the answer")];

/// How often calls of gRPC are made before a document says what becomes of them: some proxies serve most of them.
const OFTEN: usize = 5;

const HTTP2_LIMITS: &str = "HTTP/2 is no way around what HTTP/1.1 refuses, and floods are bounded";

/// What was measured.
struct Measured {
    /// Name and version of who was there beside funcd.
    peers: Vec<(&'static str, String)>,
    tables: [Table; 3],
}

pub(crate) fn trials() -> Vec<Trial> {
    let mut trials = Vec::new();
    for (table, rows) in table::rows().into_iter().enumerate() {
        for (row, semantic) in rows.iter().enumerate() {
            let name = format!("semantics::{}, {}", NAMES[table], semantic.name);
            trials.push(Trial::test(name, move || judged(table, row)));
        }
    }
    for kind in &KINDS {
        let missing = kind.version().is_none();
        if missing {
            eprintln!("semantics: {} is not installed and not measured beside funcd: {}", kind.name, kind.install);
        }
        let trial = Trial::test(format!("semantics::{} does what the tables say", kind.name), || beside(kind));
        trials.push(trial.with_ignored_flag(missing));
    }
    trials.push(Trial::test(format!("semantics::{HTTP2_LIMITS}"), http2_limits));
    trials.push(requests::trial());
    trials.push(responses::trial());
    trials.push(Trial::test("semantics::the tables in docs/http-semantics.md are what was measured", tables));
    trials
}

/// Whether the document is to be written.
fn updating() -> bool {
    std::env::var_os("UPDATE_DOCS").is_some()
}

/// Asked once, for all trials.
fn measured() -> &'static Measured {
    static MEASURED: OnceLock<Measured> = OnceLock::new();
    MEASURED.get_or_init(|| {
        let certificate = Certificate::make();
        let (bare, calls) = (Bare::start(), calls::Server::start());
        let servers = [bare.front.address, calls.front.address];
        let peers: Vec<(&Kind, Peer)> =
            KINDS.iter().filter_map(|kind| Some((kind, kind.start(servers, &certificate)?))).collect();
        let funcd = Places::start(&certificate);
        let tables = [0, 1, 2].map(|table| {
            let spoken_bare = [Some(&bare.front), None, Some(&calls.front)][table];
            let mut fronts: Vec<_> = spoken_bare.map(one).into_iter().collect();
            let places = |http, calls| both(if NAMES[table] == "gRPC" { calls } else { http });
            fronts.push(places(&funcd.http, &funcd.grpc));
            fronts.extend(peers.iter().map(|(_, peer)| places(&peer.http, &peer.grpc)));
            let defaults = peers.iter().filter_map(|(_, peer)| peer.defaults.as_ref());
            fronts.extend(defaults.filter(|_| table == 0).map(one));
            let times = if updating() && NAMES[table] == "gRPC" { OFTEN } else { 1 };
            Question { name: NAMES[table], rows: table::rows()[table], fronts, times }.ask()
        });
        let peers = peers.into_iter().map(|(kind, peer)| (kind.name, peer.version)).collect();
        Measured { peers, tables }
    })
}

fn one(front: &Front) -> (&'static str, [Option<&Front>; 2]) {
    (front.name, [Some(front), None])
}

fn both([plain, secure]: &[Front; 2]) -> (&'static str, [Option<&Front>; 2]) {
    (plain.name, [Some(plain), Some(secure)])
}

/// What funcd does, without TLS and over it.
fn judged(table: usize, row: usize) -> Result<(), Failed> {
    let table = &measured().tables[table];
    let name = table.rows[row].name;
    let found = |of: &str| table.columns.iter().find(|column| column.name == of).map(|column| &column.found[row]);
    if let Some([Some(direct), _]) = found("direct").filter(|_| name != IDENTITY) {
        assert_eq!(*direct, Ok(()), "the server itself does not do it");
    }
    let found = found("funcd").unwrap();
    for (verdict, how) in found.iter().zip(["without TLS", "over TLS"]) {
        judge((table.name, name), how, verdict.as_ref().unwrap())?;
    }
    Ok(())
}

fn judge(name: (&str, &str), how: &str, verdict: &Verdict) -> Result<(), Failed> {
    let pending = PENDING.contains(&name);
    match verdict {
        Ok(()) if pending => Err("works now: take it off PENDING".into()),
        Err(why) if !pending => Err(format!("through funcd, {how}: {why}").into()),
        _ => Ok(()),
    }
}

fn http2_limits() -> Result<(), Failed> {
    frames::sound()?;
    frames::holds().map_err(Failed::from)
}

const MARKS: [&str; 2] = ["<!-- semantics -->\n", "<!-- end -->"];

fn document() -> (PathBuf, String) {
    let path = root().join("docs/http-semantics.md");
    let text = std::fs::read_to_string(&path).unwrap();
    (path, text)
}

/// The columns that do not depend on what is installed; with UPDATE_DOCS, all of them are written.
fn tables() -> Result<(), Failed> {
    let measured = measured();
    if !updating() {
        return ["direct", "funcd"].iter().try_for_each(|name| same(measured, name));
    }
    if measured.peers.len() < KINDS.len() {
        return Err("not everybody is installed, and what is published of them would be lost".into());
    }
    let (path, text) = document();
    let (before, rest) = text.split_once(MARKS[0]).unwrap();
    let (_, after) = rest.split_once(MARKS[1]).unwrap();
    let wanted = measured.tables.each_ref().map(Table::render).concat();
    std::fs::write(&path, format!("{before}{}\n{}\n\n{wanted}{}{after}", MARKS[0], versions(measured), MARKS[1]))
        .unwrap();
    Ok(())
}

fn versions(measured: &Measured) -> String {
    let peers: Vec<String> = measured.peers.iter().map(|(name, version)| format!("{name} {version}")).collect();
    format!("Beside {}.", peers.join(", "))
}

/// What another proxy does, where it is the version that the document is about.
fn beside(kind: &Kind) -> Result<(), Failed> {
    let measured = measured();
    let Some((name, version)) = measured.peers.iter().find(|(name, _)| *name == kind.name) else {
        return Err("it was not started".into());
    };
    if !document().1.contains(&format!("{name} {version}")) {
        eprintln!(
            "semantics: {name} {version} is not the one in docs/http-semantics.md, and its column is not compared"
        );
        return Ok(());
    }
    same(measured, name)?;
    if *name == "nginx" { same(measured, "nginx, defaults") } else { Ok(()) }
}

/// Whether a column is what the document says. Calls of gRPC that some proxies serve most of the time are only spoken of.
fn same(measured: &Measured, name: &str) -> Result<(), Failed> {
    let text = if updating() { return Ok(()) } else { document().1 };
    for table in &measured.tables {
        let said = table::published(&text, table.name, name).unwrap_or_default();
        let found = table::published(&table.render(), table.name, name).unwrap_or_default();
        let differing: Vec<&str> = found.iter().filter(|cell| !said.contains(cell)).map(String::as_str).collect();
        if differing.is_empty() && said.len() == found.len() {
            continue;
        }
        let words = format!(
            "{name} in {} is measured otherwise; UPDATE_DOCS=1 writes it:\n{}",
            table.name,
            differing.join("\n")
        );
        if table.name != "gRPC" || ["direct", "funcd"].contains(&name) {
            return Err(words.into());
        }
        eprintln!("semantics: {words}");
    }
    Ok(())
}
