//! A report as tables of Markdown, which a terminal shows as well.

use std::fmt::Write as _;

use super::{Figure, Report, Verdict};
use crate::stats::Summary;

/// One table for each metric of a scenario: a row a case, a column for each contender.
pub(crate) fn tables(report: &Report, scenario: &str) -> String {
    let figures: Vec<&Figure> = report.figures.iter().filter(|figure| figure.scenario == scenario).collect();
    let mut text = String::new();
    for metric in unique(figures.iter().map(|figure| figure.metric.as_str())) {
        let figures: Vec<&Figure> = figures.iter().copied().filter(|figure| figure.metric == metric).collect();
        text.push_str(&table(metric, &figures));
        text.push('\n');
    }
    for (_, note) in report.notes.iter().filter(|(of, _)| of == scenario) {
        writeln!(text, "- {note}").unwrap_or_default();
    }
    text
}

fn table(metric: &str, figures: &[&Figure]) -> String {
    let unit = figures.first().map_or("", |figure| figure.unit.as_str());
    let columns = unique(figures.iter().map(|figure| figure.of.as_str()));
    let mut text = format!("| {metric}, {unit} | {} |\n|---|{}\n", columns.join(" | "), "---|".repeat(columns.len()));
    for case in unique(figures.iter().map(|figure| figure.case.as_str())) {
        let cells: Vec<String> = columns
            .iter()
            .map(|of| {
                figures
                    .iter()
                    .find(|figure| figure.case == case && figure.of == *of)
                    .map_or("–".to_owned(), |f| cell(f))
            })
            .collect();
        writeln!(text, "| {case} | {} |", cells.join(" | ")).unwrap_or_default();
    }
    text
}

/// Median and spread; `~` when a sample was noisy.
fn cell(figure: &Figure) -> String {
    let Some(summary) = Summary::of(&figure.samples) else { return "–".to_owned() };
    let mark = if figure.noisy > 0 { " ~" } else { "" };
    match figure.samples.len() {
        1 => format!("**{}**{mark}", number(summary.median)),
        _ => format!("**{}** ({} to {}){mark}", number(summary.median), number(summary.min), number(summary.max)),
    }
}

/// Three digits that count, with thousands set off.
pub(crate) fn number(value: f64) -> String {
    let size = value.abs();
    if size >= 1000.0 {
        let whole = format!("{value:.0}");
        let start = whole.len() % 3;
        let mut text = whole.get(..start).unwrap_or_default().to_owned();
        for group in whole.as_bytes().get(start..).unwrap_or_default().chunks(3) {
            if !text.is_empty() && text != "-" {
                text.push(',');
            }
            text.push_str(&String::from_utf8_lossy(group));
        }
        return text;
    }
    match size {
        _ if size >= 100.0 => format!("{value:.0}"),
        _ if size >= 10.0 => format!("{value:.1}"),
        _ if size >= 0.995 => format!("{value:.2}"),
        _ => format!("{value:.3}"),
    }
}

/// Goals, each with what was found.
pub(crate) fn verdicts(verdicts: &[Verdict]) -> String {
    let mut text = "| goal | found | |\n|---|---|---|\n".to_owned();
    for Verdict { goal, found, pass } in verdicts {
        writeln!(text, "| {goal} | {found} | {} |", if *pass { "PASS" } else { "**MISS**" }).unwrap_or_default();
    }
    text
}

/// Where, when and with what.
pub(crate) fn origin(report: &Report) -> String {
    let machine = &report.machine;
    let mut text = format!(
        "Taken {} at commit `{}` by `{}` on {} cores ({}), {:.0} GB, {}, Linux {}, cgroup {}, ",
        report.date,
        report.commit,
        report.command,
        machine.cores,
        machine.cpu,
        machine.memory_gb,
        machine.system,
        machine.kernel,
        machine.cgroup
    );
    match machine.swap_gb {
        swap if swap > 0.0 => write!(text, "{swap:.1} GB of swap.").unwrap_or_default(),
        _ => text.push_str("no swap."),
    }
    let versions: Vec<String> =
        report.versions.iter().map(|(program, version)| format!("{program} `{version}`")).collect();
    writeln!(text, " With {}.", versions.join(", ")).unwrap_or_default();
    text
}

pub(crate) fn unique<'t>(items: impl Iterator<Item = &'t str>) -> Vec<&'t str> {
    let mut found = Vec::new();
    for item in items {
        if !found.contains(&item) {
            found.push(item);
        }
    }
    found
}

#[cfg(test)]
mod tests;
