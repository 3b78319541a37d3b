//! Plots as SVG, written by hand because they must be readable on light and on dark pages: the colours are in a style sheet with
//! both, and nothing is painted behind them. A panel for each case with an axis of its own, a bar for each contender, the median
//! as its length and the spread as a whisker.

use std::fmt::Write as _;

use crate::report::Figure;
use crate::report::text::{number, unique};
use crate::stats::Summary;

const COLUMNS: usize = 2;
const PANEL: f64 = 430.0;
const LABEL: f64 = 130.0;
const VALUE: f64 = 64.0;
const BAR: f64 = 15.0;
const GAP: f64 = 4.0;
const TITLE: f64 = 22.0;
const AXIS: f64 = 44.0;

const STYLE: &str = "text{font:12px system-ui,-apple-system,'Segoe UI',Helvetica,Arial,sans-serif;fill:#1f2328}\
.title{font-weight:600}.tick{font-size:10px;fill:#59636e}.line{stroke:#8c959f;stroke-width:1}\
.whisker{stroke:#1f2328;stroke-width:1.2}.ours{fill:#2f6fde}.other{fill:#9aa5b1}\
@media(prefers-color-scheme:dark){text{fill:#f0f6fc}.tick{fill:#9198a1}.line{stroke:#656c76}\
.whisker{stroke:#f0f6fc}.ours{fill:#4c8dff}.other{fill:#6e7681}}";

/// One metric of one scenario.
pub(crate) fn svg(title: &str, figures: &[&Figure]) -> String {
    let unit = figures.first().map_or("", |figure| figure.unit.as_str());
    let panels: Vec<(&str, Vec<Bar<'_>>)> = unique(figures.iter().map(|figure| figure.case.as_str()))
        .into_iter()
        .map(|case| {
            (case, figures.iter().filter(|figure| figure.case == case).filter_map(|figure| Bar::of(figure)).collect())
        })
        .collect();
    let mut body = String::new();
    let mut top = TITLE + 8.0;
    for row in panels.chunks(COLUMNS) {
        for (column, (case, bars)) in row.iter().enumerate() {
            panel(&mut body, (column as f64 * PANEL, top), &Panel { case, bars, unit });
        }
        let bars = row.iter().map(|(_, bars)| bars.len()).max().unwrap_or_default();
        top += TITLE + bars as f64 * (BAR + GAP) + AXIS;
    }
    let width = PANEL * panels.len().min(COLUMNS) as f64;
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:.0} {top:.0}\" width=\"{width:.0}\" height=\"{top:.0}\" \
         role=\"img\">\n<title>{title}, {unit}</title>\n<style>{STYLE}</style>\n\
         <text class=\"title\" x=\"4\" y=\"16\">{title}, {unit}</text>\n{body}</svg>\n",
        title = escaped(title),
        unit = escaped(unit)
    )
}

struct Bar<'a> {
    of: &'a str,
    summary: Summary,
    noisy: bool,
}

impl<'a> Bar<'a> {
    fn of(figure: &'a Figure) -> Option<Self> {
        Some(Self { of: &figure.of, summary: Summary::of(&figure.samples)?, noisy: figure.noisy > 0 })
    }
}

struct Panel<'a> {
    case: &'a str,
    bars: &'a [Bar<'a>],
    unit: &'a str,
}

fn panel(text: &mut String, (left, top): (f64, f64), panel: &Panel<'_>) {
    let most = panel.bars.iter().map(|bar| bar.summary.max).fold(0.0, f64::max);
    let step = step(most);
    let end = (most / step).ceil().max(1.0) * step;
    let start = left + LABEL;
    let scale = (PANEL - LABEL - VALUE) / end;
    writeln!(
        text,
        "<text class=\"title\" x=\"{:.1}\" y=\"{:.1}\">{}</text>",
        left + 4.0,
        top + 14.0,
        escaped(panel.case)
    )
    .unwrap_or_default();
    let mut y = top + TITLE;
    for bar in panel.bars {
        draw(text, (start, y, scale), bar);
        y += BAR + GAP;
    }
    writeln!(text, "<path class=\"line\" d=\"M{start:.1} {y:.1}h{:.1}\"/>", end * scale).unwrap_or_default();
    let ticks = (end / step).round() as usize;
    for tick in 0..=ticks {
        let value = tick as f64 * step;
        let x = start + value * scale;
        writeln!(
            text,
            "<path class=\"line\" d=\"M{x:.1} {y:.1}v4\"/><text class=\"tick\" x=\"{x:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{}</text>",
            y + 15.0,
            tick_text(value)
        )
        .unwrap_or_default();
    }
    writeln!(
        text,
        "<text class=\"tick\" x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{}</text>",
        start + end * scale / 2.0,
        y + 29.0,
        escaped(panel.unit)
    )
    .unwrap_or_default();
}

fn draw(text: &mut String, (start, y, scale): (f64, f64, f64), bar: &Bar<'_>) {
    let Bar { of, summary, noisy } = bar;
    let class = if of.starts_with("funcd") || *of == "frozen" || *of == "paged out" { "ours" } else { "other" };
    let middle = y + BAR / 2.0;
    let (low, high) = (start + summary.min * scale, start + summary.max * scale);
    let mark = if *noisy { " ~" } else { "" };
    writeln!(
        text,
        "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>\
         <rect class=\"{class}\" x=\"{start:.1}\" y=\"{y:.1}\" width=\"{:.1}\" height=\"{BAR}\" rx=\"2\"/>\
         <path class=\"whisker\" d=\"M{low:.1} {middle:.1}H{high:.1}M{low:.1} {:.1}v6M{high:.1} {:.1}v6\"/>\
         <text x=\"{:.1}\" y=\"{:.1}\">{}{mark}</text>",
        start - 6.0,
        middle + 4.0,
        escaped(of),
        (summary.median * scale).max(0.5),
        middle - 3.0,
        middle - 3.0,
        high.max(start + summary.median * scale) + 5.0,
        middle + 4.0,
        number(summary.median)
    )
    .unwrap_or_default();
}

/// A round distance between ticks, so that there are two to five of them.
fn step(most: f64) -> f64 {
    let rough = (most / 4.0).max(f64::MIN_POSITIVE);
    let power = 10_f64.powf(rough.log10().floor());
    let digit = rough / power;
    let round = [1.0, 2.0, 5.0, 10.0].into_iter().find(|round| digit <= *round).unwrap_or(10.0);
    round * power
}

fn tick_text(value: f64) -> String {
    if value >= 10_000.0 {
        return format!("{}k", value / 1000.0);
    }
    // Sums of binary fractions end in noise: 0.30000000000000004.
    let rounded = (value * 1e6).round() / 1e6;
    rounded.to_string()
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests;
