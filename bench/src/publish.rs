//! The documents that show the figures: blocks between marks are rewritten, plots are drawn, everything around stays.
//!
//! `docs/performance/figures.json` keeps the last run of each scenario with all its samples, so that a run of one scenario renews
//! only what it measured.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};
use serde::{Deserialize, Serialize};

use crate::report::{Figure, Report, text};
use crate::{goals, plot};

const FIGURES: &str = "docs/performance/figures.json";
const DOCUMENTS: [&str; 2] = ["SPECIFICATION.md", "docs/performance.md"];

/// What is drawn; everything is in the tables.
const PLOTS: [(&str, &str); 8] = [
    ("warm", "throughput"),
    ("warm", "CPU of the proxy"),
    ("half-load", "latency p99"),
    ("writes-apart", "latency p50"),
    ("cold", "first byte"),
    ("scale", "all answered"),
    ("wake", "first byte after a rest"),
    ("deploy", "until the first answer"),
];

/// The last run of each scenario.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Published {
    scenarios: BTreeMap<String, Report>,
}

/// Writes `report` into the documents below `root`.
pub(crate) fn publish(root: &Path, report: &Report) -> Result<()> {
    let path = root.join(FIGURES);
    let mut published: Published = match fs::read_to_string(&path) {
        Ok(text) => serde_json::from_str(&text).with_context(|| format!("{} cannot be read", path.display()))?,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Published::default(),
        Err(error) => return Err(error).with_context(|| format!("cannot read {}", path.display())),
    };
    for scenario in report.scenarios() {
        published.scenarios.insert(scenario.to_owned(), report.only(scenario));
    }
    fs::create_dir_all(root.join("docs/performance"))?;
    fs::write(&path, serde_json::to_string_pretty(&published)? + "\n")?;
    for (scenario, metric) in PLOTS {
        let Some(report) = published.scenarios.get(scenario) else { continue };
        let figures: Vec<&Figure> = report.figures.iter().filter(|figure| figure.metric == metric).collect();
        fs::write(
            root.join("docs/performance").join(plot_name(scenario, metric)),
            plot::svg(&format!("{scenario}: {metric}"), &figures),
        )?;
    }
    let blocks = published.blocks();
    for document in DOCUMENTS {
        let path = root.join(document);
        let text = fs::read_to_string(&path).with_context(|| format!("cannot read {document}"))?;
        fs::write(&path, rewrite(&text, &blocks).with_context(|| document.to_owned())?)?;
    }
    Ok(())
}

fn plot_name(scenario: &str, metric: &str) -> String {
    format!("{scenario}-{}.svg", metric.to_lowercase().replace(' ', "-"))
}

impl Published {
    /// `goals` and, for each scenario, its name.
    fn blocks(&self) -> BTreeMap<String, String> {
        let mut blocks = BTreeMap::new();
        let verdicts: Vec<_> = self.scenarios.values().flat_map(goals::judge).collect();
        let mut goals = text::verdicts(&verdicts);
        let origins: Vec<String> = self.scenarios.values().map(text::origin).collect();
        for origin in text::unique(origins.iter().map(String::as_str)) {
            writeln!(goals, "\n{}", origin.trim_end()).unwrap_or_default();
        }
        blocks.insert("goals".to_owned(), goals);
        for (scenario, report) in &self.scenarios {
            let mut block = String::new();
            for (_, metric) in PLOTS.iter().filter(|(of, _)| of == scenario) {
                writeln!(block, "![{metric}](performance/{})\n", plot_name(scenario, metric)).unwrap_or_default();
            }
            block.push_str(&text::tables(report, scenario));
            writeln!(block, "\n{}", text::origin(report).trim_end()).unwrap_or_default();
            blocks.insert(scenario.clone(), block);
        }
        blocks
    }
}

/// Replaces what is between `<!-- bench:NAME -->` and `<!-- /bench:NAME -->` for each block that the text has a place for.
fn rewrite(text: &str, blocks: &BTreeMap<String, String>) -> Result<String> {
    let mut text = text.to_owned();
    for (name, block) in blocks {
        let (open, close) = (format!("<!-- bench:{name} -->"), format!("<!-- /bench:{name} -->"));
        let Some((before, rest)) = text.split_once(&open) else { continue };
        let (_, after) = rest.split_once(&close).with_context(|| format!("{open} has no {close} after it"))?;
        text = format!("{before}{open}\n{}\n{close}{after}", block.trim_end());
    }
    Ok(text)
}

#[cfg(test)]
mod tests;
