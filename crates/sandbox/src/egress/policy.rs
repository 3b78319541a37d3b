//! Where packets of instances may go: one nftables table for each installation, applied whole or not at all.

use super::GATEWAY;
use super::block::{Block, PREFIX};
use crate::Error;
use crate::error::Step;
use rustix::event::{PollFd, PollFlags, Timespec};
use std::io::{self, Read, Write};
use std::path::PathBuf;
use std::process::{ChildStdout, Command, Stdio};

/// Never reached by an instance: what IANA's special-purpose registry (RFC 6890) does not call global, so private, shared,
/// loopback, link-local (metadata services with it), documentation, benchmarking, multicast and reserved ranges; and the
/// one public address behind which a cloud keeps its host agent (Azure's 168.63.129.16).
const REFUSED: [&str; 14] = [
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "168.63.129.16",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.0.0.0/24",
    "192.0.2.0/24",
    "192.168.0.0/16",
    "198.18.0.0/15",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "224.0.0.0/3",
];

/// New connections a second and at once, and connections held at the same time, for each instance: so that none uses up the
/// host's connection table.
const RATE: &str = "limit rate over 500/second burst 1000 packets";
const HELD: &str = "ct count over 4096";

/// Where distributions keep the program. The launcher has no `PATH`.
const PLACES: [&str; 4] = ["/usr/sbin/nft", "/sbin/nft", "/usr/bin/nft", "/usr/local/sbin/nft"];
/// How long it may take.
const PATIENCE: Timespec = Timespec { tv_sec: 10, tv_nsec: 0 };

/// The table's text: what to put in the place of whatever has its name.
///
/// What may not be is refused at once, a TCP connection with a reset (`ECONNREFUSED`) and the rest as administratively
/// prohibited (`EHOSTUNREACH`): a program then sees an error, not silence. What lies about where it comes from is dropped.
pub(super) fn table(name: &str, links: &str, block: Block) -> String {
    let values = [
        ("TABLE", name.to_owned()),
        ("LINKS", format!("\"{links}*\"")),
        ("GATEWAY", GATEWAY.to_string()),
        ("BLOCK", format!("{}/{PREFIX}", block.first())),
        ("REFUSED", REFUSED.join(", ")),
        ("RATE", RATE.to_owned()),
        ("HELD", HELD.to_owned()),
    ];
    let template = include_str!("policy.nft").to_owned();
    values.iter().fold(template, |text, (word, value)| text.replace(&format!("@{word}@"), value))
}

/// The program that loads policies, where there is one.
pub(super) fn program() -> Option<PathBuf> {
    PLACES.iter().map(PathBuf::from).find(|place| place.try_exists().unwrap_or(false))
}

/// Puts a table into the place of the old one.
pub(super) fn apply(text: &str) -> Result<(), Error> {
    run(&["-f", "-"], text).map(drop).step(|| "load the network policy (nft)")
}

/// Whether the kernel would take a table; changes nothing.
pub(super) fn check(text: &str) -> Result<(), Error> {
    run(&["--check", "-f", "-"], text).map(drop).step(|| "try the network policy (nft --check)")
}

/// Removes a table, if it is there.
pub(super) fn remove(name: &str) -> Result<(), Error> {
    run(&["-f", "-"], &format!("table inet {name}\ndelete table inet {name}\n"))
        .map(drop)
        .step(|| format!("remove the network policy {name}"))
}

/// Tables of others that forward nothing unless told: `family name`, by their chains (`nft list chains`).
pub(super) fn closed_tables() -> Vec<String> {
    closed(&run(&["list", "chains"], "").unwrap_or_default())
}

fn closed(chains: &str) -> Vec<String> {
    let mut table = "";
    let mut found = Vec::new();
    for line in chains.lines().map(str::trim) {
        if let Some(name) = line.strip_prefix("table ") {
            table = name.trim_end_matches(['{', ' ']);
        }
        let is_for_us = !table.starts_with("ip6 ") && !table.starts_with("bridge ");
        if is_for_us && line.contains("hook forward") && line.contains("policy drop") {
            found.push(table.to_owned());
        }
    }
    found
}

/// Runs nft with `input`; what it printed.
fn run(arguments: &[&str], input: &str) -> io::Result<String> {
    let program = program().ok_or_else(|| io::Error::new(io::ErrorKind::NotFound, "there is no nft program"))?;
    let mut child = Command::new(program)
        .args(arguments)
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    // A pipe holds 64 KiB: neither what we write nor what it prints while it reads fills one.
    let written = child.stdin.take().map_or(Ok(()), |mut stdin| stdin.write_all(input.as_bytes()));
    let said = listen(child.stdout.take());
    if said.is_err() {
        // It has ended meanwhile, or must.
        let _ = child.kill();
    }
    let output = child.wait_with_output()?;
    let said = said?;
    if output.status.success() {
        written.map(|()| said)
    } else {
        let complaint = String::from_utf8_lossy(&output.stderr);
        Err(io::Error::other(complaint.lines().next().unwrap_or("nft failed silently").to_owned()))
    }
}

/// Reads standard output to its end, which is the program's, with a limit of patience.
fn listen(stdout: Option<ChildStdout>) -> io::Result<String> {
    let mut bytes = Vec::new();
    let mut buffer = [0; 4096];
    let Some(mut stdout) = stdout else { return Ok(String::new()) };
    loop {
        match rustix::event::poll(&mut [PollFd::new(&stdout, PollFlags::IN)], Some(&PATIENCE)) {
            Ok(0) => return Err(io::Error::new(io::ErrorKind::TimedOut, "nft did not answer in 10 seconds")),
            Err(rustix::io::Errno::INTR) => continue,
            polled => polled?,
        };
        match stdout.read(&mut buffer)? {
            0 => return Ok(String::from_utf8_lossy(&bytes).into_owned()),
            got => bytes.extend_from_slice(buffer.get(..got).unwrap_or_default()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_firewall_that_forwards_nothing_is_noticed() {
        let chains = "\
table ip filter {
\tchain INPUT {
\t\ttype filter hook input priority filter; policy drop;
\t}
\tchain FORWARD {
\t\ttype filter hook forward priority filter; policy drop;
\t}
}
table ip6 filter {
\tchain FORWARD {
\t\ttype filter hook forward priority filter; policy drop;
\t}
}
table inet funcd_0 {
\tchain forward {
\t\ttype filter hook forward priority -10; policy accept;
\t}
}
";
        assert_eq!(closed(chains), ["ip filter"]);
        assert_eq!(closed(""), Vec::<String>::new());
    }
}
