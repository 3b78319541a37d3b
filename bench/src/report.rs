//! What a run found: figures with all their samples, goals met or missed, and where it was taken.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use serde::{Deserialize, Serialize};

use crate::machine::Machine;
use crate::stats::Summary;

#[cfg(test)]
pub(crate) mod sample;
pub(crate) mod text;

/// One row of samples: what was measured, of whom, in which case.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Figure {
    /// `warm`, `cold`, …
    pub(crate) scenario: String,
    /// `CPU per request`, with `unit` `µs`.
    pub(crate) metric: String,
    pub(crate) unit: String,
    /// `Rust, 64 connections, small`.
    pub(crate) case: String,
    /// `funcd`, `nginx`, …
    pub(crate) of: String,
    /// In the order in which they were taken.
    pub(crate) samples: Vec<f64>,
    /// Samples that were taken while others used more than [`crate::machine::QUIET`] cores.
    pub(crate) noisy: usize,
}

/// A goal with what was found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Verdict {
    pub(crate) goal: String,
    pub(crate) found: String,
    pub(crate) pass: bool,
}

/// A whole run.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Report {
    pub(crate) date: String,
    pub(crate) commit: String,
    /// How the run was asked for, so that it can be repeated.
    pub(crate) command: String,
    pub(crate) machine: Machine,
    /// Program and what it says its version is.
    pub(crate) versions: Vec<(String, String)>,
    pub(crate) figures: Vec<Figure>,
    pub(crate) verdicts: Vec<Verdict>,
    /// What could not be measured, and why; what a reader must know.
    pub(crate) notes: Vec<(String, String)>,
}

impl Report {
    /// Adds a sample to its row.
    pub(crate) fn add(&mut self, key: &Key<'_>, metric: (&str, &str), sample: f64, foreign: f64) {
        let noisy = usize::from(foreign > crate::machine::QUIET);
        let same = |figure: &&mut Figure| {
            figure.scenario == key.scenario
                && figure.case == key.case
                && figure.of == key.of
                && figure.metric == metric.0
        };
        if let Some(figure) = self.figures.iter_mut().find(same) {
            figure.samples.push(sample);
            figure.noisy += noisy;
            return;
        }
        self.figures.push(Figure {
            scenario: key.scenario.to_owned(),
            metric: metric.0.to_owned(),
            unit: metric.1.to_owned(),
            case: key.case.to_owned(),
            of: key.of.to_owned(),
            samples: vec![sample],
            noisy,
        });
    }

    /// A row's order statistics.
    pub(crate) fn summary(&self, key: &Key<'_>, metric: &str) -> Option<Summary> {
        let figure = self.figures.iter().find(|figure| {
            figure.scenario == key.scenario && figure.case == key.case && figure.of == key.of && figure.metric == metric
        })?;
        Summary::of(&figure.samples)
    }

    /// What was measured or at least said something about.
    pub(crate) fn scenarios(&self) -> Vec<&str> {
        let figures = self.figures.iter().map(|figure| figure.scenario.as_str());
        text::unique(figures.chain(self.notes.iter().map(|(scenario, _)| scenario.as_str())))
    }

    /// The part that is about one scenario.
    pub(crate) fn only(&self, scenario: &str) -> Self {
        let mut part = self.clone();
        part.figures.retain(|figure| figure.scenario == scenario);
        part.notes.retain(|(of, _)| of == scenario);
        part.verdicts.clear();
        part
    }

    /// Says something that belongs beside the figures of a scenario; once.
    pub(crate) fn note(&mut self, scenario: &str, text: impl Into<String>) {
        let note = (scenario.to_owned(), text.into());
        if !self.notes.contains(&note) {
            self.notes.push(note);
        }
    }

    /// Writes it as JSON into `folder`; answers where.
    pub(crate) fn save(&self, folder: &Path) -> Result<PathBuf> {
        fs::create_dir_all(folder)?;
        let day = self.date.get(..10).unwrap_or_default();
        let path = folder.join(format!("{day}-{}.json", self.commit));
        let text = serde_json::to_string_pretty(self)?;
        fs::write(&path, text + "\n").with_context(|| format!("cannot write {}", path.display()))?;
        Ok(path)
    }
}

/// Which row.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Key<'a> {
    pub(crate) scenario: &'a str,
    pub(crate) case: &'a str,
    pub(crate) of: &'a str,
}
