//! What a function prints: cut into lines within its budget, kept as one line of a file each, and read back as what it was.
//!
//! No text ends its line in the file, puts a control character there, or comes back as a record or as a line of funcd's own.
#![no_main]

use std::time::Duration;

use jiff::Timestamp;
use libfuzzer_sys::{Corpus, fuzz_target};
use line::{LINE_BYTES, Line, Stream, ndjson};
use model::record::Record;
use telemetry::LineSplitter;

// The file itself: how a line is written is no public interface, and it needs nothing else of its crate.
#[allow(dead_code, unreachable_pub)]
#[path = "../../crates/telemetry/src/line.rs"]
mod line;

/// An instance's output: the input's first bytes say how it comes, the rest is what it prints.
struct Output {
    rate: u32,
    burst: u32,
    /// The bytes of each read and when they came.
    reads: Vec<(Duration, Vec<u8>)>,
}

impl Output {
    fn read(input: &[u8]) -> Option<Self> {
        let ([rate, burst, pieces, pause, again], text) = input.split_first_chunk()?;
        // Many short lines would cost much and show nothing new, so only one that has no end is made a long one.
        let again = if text.contains(&b'\n') { 0 } else { again.saturating_sub(230) };
        let mut bytes = text.repeat(1 + 256 * usize::from(again));
        bytes.truncate(LINE_BYTES + 1024);
        let size = (bytes.len() / (1 + usize::from(pieces % 16))).max(1);
        let pause = Duration::from_millis(10 * u64::from(*pause));
        let reads = (1..).map(|number| pause * number).zip(bytes.chunks(size).map(<[u8]>::to_vec)).collect();
        Some(Self { rate: 1 << (rate % 24), burst: 1 << (burst % 24), reads })
    }
}

fuzz_target!(|input: &[u8]| -> Corpus {
    let Some(output) = Output::read(input) else { return Corpus::Reject };
    let all: Vec<u8> = output.reads.iter().flat_map(|(_, bytes)| bytes.clone()).collect();
    let whole = split(u32::MAX, u32::MAX, &[(Duration::ZERO, all.clone())]);
    assert_eq!(whole, expected(&all), "with budget enough");
    assert_eq!(split(u32::MAX, u32::MAX, &output.reads), whole, "in pieces");
    let kept = split(output.rate, output.burst, &output.reads);
    within_budget(&output, &all, &kept);
    survives(&String::from_utf8_lossy(&all[..all.len().min(4096)]));
    kept.iter().take(4).for_each(|text| survives(text));
    Corpus::Keep
});

fn split(rate: u32, burst: u32, reads: &[(Duration, Vec<u8>)]) -> Vec<String> {
    let mut splitter = LineSplitter::new(rate, burst);
    let mut lines = Vec::new();
    for (now, bytes) in reads {
        splitter.feed(bytes, *now, &mut |line| lines.push(line));
    }
    splitter.finish(&mut |line| lines.push(line));
    for line in &lines {
        assert!(line.len() <= LINE_BYTES && !line.contains('\n'), "not a line: {} bytes", line.len());
    }
    lines
}

/// Lines by their ends; the pieces of one that is too long are not cut within a character, so together they say the same.
fn expected(all: &[u8]) -> Vec<String> {
    let mut lines = Vec::new();
    let mut rest = all;
    while !rest.is_empty() {
        let end = rest.iter().position(|&byte| byte == b'\n');
        let length = end.map_or(rest.len(), |at| at + 1);
        if length <= LINE_BYTES {
            let line = &rest[..end.unwrap_or(length)];
            let line = if end.is_some() { line.strip_suffix(b"\r").unwrap_or(line) } else { line };
            pieces(&String::from_utf8_lossy(line), &mut lines);
            rest = &rest[length..];
        } else {
            let cut = character_start(&rest[..LINE_BYTES]);
            pieces(&String::from_utf8_lossy(&rest[..cut]), &mut lines);
            rest = &rest[cut..];
        }
    }
    lines
}

/// Where the character begins that the bytes end in the middle of.
fn character_start(bytes: &[u8]) -> usize {
    for back in 1..=3.min(bytes.len()) {
        let at = bytes.len() - back;
        let length = match bytes[at] {
            0xC2..=0xDF => 2,
            0xE0..=0xEF => 3,
            0xF0..=0xF4 => 4,
            _ => continue,
        };
        // Only what can still become a character waits for the rest.
        let open = length > back && std::str::from_utf8(&bytes[at..]).is_err_and(|error| error.error_len().is_none());
        return if open { at } else { bytes.len() };
    }
    bytes.len()
}

fn pieces(text: &str, lines: &mut Vec<String>) {
    if text.len() <= LINE_BYTES {
        return lines.push(text.to_owned());
    }
    let mut piece = String::new();
    for character in text.chars() {
        if piece.len() + character.len_utf8() > LINE_BYTES {
            lines.push(std::mem::take(&mut piece));
        }
        piece.push(character);
    }
    lines.push(piece);
}

/// No more passes than the budget has, and every byte is kept or counted.
fn within_budget(output: &Output, all: &[u8], kept: &[String]) {
    if !all.is_ascii() || String::from_utf8_lossy(all).contains("[funcd: ") {
        return; // lengths would change, or the counts could not be told from what was printed
    }
    let (reports, texts): (Vec<&String>, Vec<&String>) = kept.iter().partition(|line| line.starts_with("[funcd: "));
    let dropped: u64 = reports.iter().map(|line| line.split(' ').nth(1).unwrap().parse::<u64>().unwrap()).sum();
    let passed: u64 = texts.iter().map(|line| line.len() as u64).sum();
    let ends = all.iter().filter(|byte| b"\r\n".contains(byte)).count() as u64;
    let total = all.len() as u64;
    assert!(passed + dropped <= total && passed + dropped + ends >= total, "{passed} + {dropped} of {total}");
    let elapsed = output.reads.last().map_or(0, |(now, _)| now.as_millis());
    let budget = u128::from(output.burst) + u128::from(output.rate) * elapsed / 1000;
    assert!(u128::from(passed) <= budget, "{passed} bytes within a budget of {budget}");
}

/// Written and read back it is the same line of the same stream, and nothing else.
fn survives(text: &str) {
    let line = Line {
        at: Timestamp::UNIX_EPOCH,
        function: "urn".into(),
        version: "latest".into(),
        instance: "i".into(),
        stream: Stream::Stdout,
        request_id: None,
        tags: None,
        text: text.into(),
    };
    let mut bytes = Vec::new();
    ndjson(&line, &mut bytes).unwrap();
    let written = std::str::from_utf8(&bytes).unwrap();
    let entry = written.strip_suffix('\n').expect("a line");
    assert!(!entry.chars().any(char::is_control), "a control character in the file");
    let read: Line = serde_json::from_str(entry).unwrap();
    assert_eq!(read, Line { function: String::new(), ..line });
    assert!(serde_json::from_str::<Record>(entry).is_err(), "a line is read as a record");
}
