//! What was measured, as the tables of `docs/http-semantics.md`.

use std::collections::BTreeMap;
use std::sync::Mutex;

use super::probes::{Ask, Semantic, Verdict};
use super::world::Front;
use super::{calls, http2, probes};

/// Requests that are asked at the same time: what never comes is waited for. Clients of gRPC are processes.
const AT_ONCE: (usize, usize) = (24, 4);

/// A table of the document.
pub(super) struct Table {
    /// Its heading.
    pub(super) name: &'static str,
    pub(super) rows: &'static [Semantic],
    /// What was found: without TLS and over it, where that is spoken.
    pub(super) columns: Vec<Column>,
}

/// One who was asked.
pub(super) struct Column {
    pub(super) name: &'static str,
    /// By row.
    pub(super) found: Vec<[Option<Verdict>; 2]>,
}

/// A protocol, and who speaks it.
pub(super) struct Question<'a> {
    pub(super) name: &'static str,
    pub(super) rows: &'static [Semantic],
    pub(super) fronts: Vec<(&'static str, [Option<&'a Front>; 2])>,
    /// How often each row is asked.
    pub(super) times: usize,
}

/// How the words begin for what works in some of the times.
const NOT_ALWAYS: &str = "not always";

/// The names of the tables.
pub(super) const NAMES: [&str; 3] = ["HTTP/1.1", "HTTP/2", "gRPC"];

pub(super) fn rows() -> [&'static [Semantic]; 3] {
    [&probes::SEMANTICS, &http2::SEMANTICS, &calls::SEMANTICS]
}

impl Semantic {
    fn ask(&self, front: &Front) -> Verdict {
        match self.ask {
            Ask::Probe(probe) => probe(front),
            Ask::Call(case) => calls::probe(front, case),
        }
    }

    fn ask_often(&self, front: &Front, times: usize) -> Verdict {
        let verdicts: Vec<Verdict> = (0..times).map(|_| self.ask(front)).collect();
        let held = verdicts.iter().filter(|verdict| verdict.is_ok()).count();
        match verdicts.into_iter().find(Result::is_err) {
            Some(Err(why)) if held > 0 => Err(format!("{NOT_ALWAYS}: {why}")),
            Some(failed) => failed,
            None => Ok(()),
        }
    }
}

fn next<T>(jobs: &Mutex<impl Iterator<Item = T>>) -> Option<T> {
    jobs.lock().unwrap().next()
}

impl Question<'_> {
    /// Asks everybody everything.
    pub(super) fn ask(&self) -> Table {
        let number = self.rows.len();
        let jobs = (0..self.fronts.len()).flat_map(|column| (0..number).map(move |row| (column, row)));
        let jobs = Mutex::new(jobs.flat_map(|(column, row)| [(column, row, 0), (column, row, 1)]));
        let answers = Mutex::new(BTreeMap::new());
        let calls = self.rows.iter().any(|row| matches!(row.ask, Ask::Call(_)));
        let work = || {
            while let Some((column, row, tls)) = next(&jobs) {
                let verdict = self.fronts[column].1[tls].map(|front| self.rows[row].ask_often(front, self.times));
                answers.lock().unwrap().insert((column, row, tls), verdict);
            }
        };
        std::thread::scope(|scope| {
            for _ in 0..if calls { AT_ONCE.1 } else { AT_ONCE.0 } {
                scope.spawn(work);
            }
        });
        let mut answers = answers.into_inner().unwrap();
        let mut found = |column| -> Vec<_> {
            (0..number).map(|row| [0, 1].map(|tls| answers.remove(&(column, row, tls)).flatten())).collect()
        };
        let names = self.fronts.iter().enumerate();
        let columns = names.map(|(column, (name, _))| Column { name, found: found(column) }).collect();
        Table { name: self.name, rows: self.rows, columns }
    }
}

/// The cell of a row that was asked without TLS and over it.
fn cell(found: &[Option<Verdict>; 2]) -> String {
    let word = |verdict: &Verdict| verdict.clone().err().unwrap_or_else(|| "yes".to_owned());
    match found {
        [Some(plain), Some(secure)] if plain != secure => {
            format!("without TLS: {}; over TLS: {}", word(plain), word(secure))
        }
        [Some(one), _] | [None, Some(one)] => word(one),
        [None, None] => "–".to_owned(),
    }
}

impl Table {
    pub(super) fn render(&self) -> String {
        let names: Vec<&str> = self.columns.iter().map(|column| column.name).collect();
        let mut text =
            format!("### {}\n\n| | {} |\n|---|{}\n", self.name, names.join(" | "), "---|".repeat(names.len()));
        for (at, row) in self.rows.iter().enumerate() {
            let cells: Vec<String> = self.columns.iter().map(|column| cell(&column.found[at])).collect();
            text.push_str(&format!("| {} | {} |\n", row.name, cells.join(" | ")));
        }
        text.push('\n');
        text
    }
}

/// The column `name` of the table `table` in a document, row by row.
pub(super) fn published(document: &str, table: &str, name: &str) -> Option<Vec<String>> {
    let part = document.split("### ").find(|part| part.lines().next() == Some(table))?;
    let lines = part.lines().skip_while(|line| !line.starts_with('|'));
    let mut lines = lines.take_while(|line| line.starts_with('|'));
    let split = |line: &str| -> Vec<String> { line.split('|').skip(1).map(|cell| cell.trim().to_owned()).collect() };
    let place = split(lines.next()?).iter().position(|cell| cell == name)?;
    let cells = lines.skip(1).map(|line| {
        let cells = split(line);
        format!("{}: {}", cells[0], cells[place])
    });
    Some(cells.collect())
}
