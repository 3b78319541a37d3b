//! What a case left behind on the host: a comparison of two looks.

use std::collections::BTreeSet;

use crate::host::Host;

/// Growth of the daemon's and launcher's resident memory that caches and the allocator explain, bytes.
pub(crate) const RESIDENT: u64 = 32 << 20;
/// How much larger the daemon may be while the case runs, bytes.
pub(crate) const PEAK: u64 = 128 << 20;
/// Growth of the daemon's and launcher's open descriptors: kept connections, a log segment, one more parked sandbox than before.
pub(crate) const DESCRIPTORS: usize = 8 + 9;

/// Links of sandboxes that are no trace of a case: parked ones have one each while the last instance that was started had, and so
/// may the neighbour.
const STOCK: usize = 8 + 1;

/// Everything that is more than it was, as sentences; nothing when all is well.
///
/// Processes, namespaces, links and cgroups are compared by number: a blank sandbox in stock has another name than the one before.
pub(crate) fn left_behind(before: &Host, after: &Host) -> Vec<String> {
    let mut left = Vec::new();
    let mut more = |what: &str, (had, has): (usize, usize), new: Vec<String>| {
        if has > had {
            left.push(format!("{what}: {has} instead of {had}; new: {}", new.join(", ")));
        }
    };
    let names = |host: &Host| host.processes.iter().map(|(pid, line)| format!("{pid} {line}")).collect::<BTreeSet<_>>();
    let (had_links, had_others) = links(before);
    let (has_links, has_others) = links(after);
    let sets = [
        ("processes", 0, names(before), names(after)),
        ("namespaces", 0, before.namespaces.clone(), after.namespaces.clone()),
        ("links of sandboxes", STOCK, had_links, has_links),
        ("cgroups", 0, before.cgroups.clone(), after.cgroups.clone()),
    ];
    for (what, stock, had, has) in &sets {
        more(what, (had.len().max(*stock), has.len()), has.difference(had).cloned().collect());
    }
    for (what, had, has) in [
        ("a new link", &had_others, &has_others),
        ("a new mount", &before.mounts, &after.mounts),
        ("a new rule of the network policy", &before.rules, &after.rules),
        ("a file outside of the data folder", &before.files, &after.files),
    ] {
        left.extend(has.difference(had).map(|new| format!("{what}: {new}")));
    }
    left.extend(
        before.rules.difference(&after.rules).map(|gone| format!("a rule of the network policy is gone: {gone}")),
    );
    left.extend(
        after.marked.iter().map(|(pid, line)| format!("a process of the function's outside of funcd: {pid} {line}")),
    );
    for (path, had) in &before.fixed {
        if after.fixed.get(path).is_none_or(|has| has != had) {
            left.push(format!("{path} was changed"));
        }
    }
    left.extend(grown(before, after));
    left
}

/// The links of sandboxes, and all others: a sandbox's is `fcd`, seven digits of the installation and four of the slot.
fn links(host: &Host) -> (BTreeSet<String>, BTreeSet<String>) {
    let is_sandbox = |name: &&str| {
        let digits = name.strip_prefix("fcd").filter(|rest| rest.len() == 11);
        digits.is_some_and(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()))
    };
    host.links.iter().cloned().partition(|name| is_sandbox(&name.as_str()))
}

fn grown(before: &Host, after: &Host) -> Vec<String> {
    let mut grown = Vec::new();
    let mib = |bytes: u64| bytes >> 20;
    if after.resident > before.resident + RESIDENT {
        grown.push(format!("funcd's memory: {} MiB instead of {}", mib(after.resident), mib(before.resident)));
    }
    if after.peak > before.resident + PEAK {
        grown.push(format!("funcd's memory at its peak: {} MiB instead of {}", mib(after.peak), mib(before.resident)));
    }
    if after.descriptors > before.descriptors + DESCRIPTORS {
        grown.push(format!("funcd's descriptors: {} instead of {}", after.descriptors, before.descriptors));
    }
    grown
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn host() -> Host {
        Host {
            processes: BTreeMap::from([(1, "funcd up".to_owned()), (2, "init".to_owned())]),
            mounts: BTreeSet::from(["/ /".to_owned()]),
            rules: BTreeSet::from(["drop".to_owned()]),
            fixed: BTreeMap::from([("/etc/passwd".to_owned(), "1".to_owned())]),
            resident: 50 << 20,
            descriptors: 20,
            ..Host::default()
        }
    }

    #[track_caller]
    fn check(change: impl Fn(&mut Host), expect: &[&str]) {
        let (before, mut after) = (host(), host());
        change(&mut after);
        assert_eq!(left_behind(&before, &after), expect);
    }

    #[test]
    fn nothing_changed_is_nothing_left() {
        check(|_| {}, &[]);
    }

    #[test]
    fn another_blank_in_the_place_of_one_is_nothing_left() {
        check(|host| drop((host.processes.remove(&2), host.processes.insert(7, "init".to_owned()))), &[]);
    }

    #[test]
    fn a_process_more_is_named() {
        check(|host| drop(host.processes.insert(9, "sleep".to_owned())), &["processes: 3 instead of 2; new: 9 sleep"]);
        check(
            |host| drop(host.marked.insert(9, "sleep".to_owned())),
            &["a process of the function's outside of funcd: 9 sleep"],
        );
    }

    #[test]
    fn mounts_rules_and_files_are_compared_one_by_one() {
        check(|host| assert!(host.mounts.insert("/ /tmp".to_owned())), &["a new mount: / /tmp"]);
        check(|host| assert!(host.files.insert("/tmp/x".to_owned())), &["a file outside of the data folder: /tmp/x"]);
        check(|host| assert!(host.rules.remove("drop")), &["a rule of the network policy is gone: drop"]);
        check(|host| drop(host.fixed.insert("/etc/passwd".to_owned(), "2".to_owned())), &["/etc/passwd was changed"]);
    }

    #[test]
    fn links_of_sandboxes_are_counted_and_others_are_named() {
        let sandboxes = |count: usize| (0..count).map(|slot| format!("fcd6be10f8{slot:04x}"));
        check(|host| host.links.extend(sandboxes(STOCK)), &[]);
        let names = sandboxes(STOCK + 1).collect::<Vec<_>>().join(", ");
        let said = format!("links of sandboxes: {} instead of {STOCK}; new: {names}", STOCK + 1);
        check(|host| host.links.extend(sandboxes(STOCK + 1)), &[&said]);
        check(|host| assert!(host.links.insert("fcd6be10f8gz".to_owned())), &["a new link: fcd6be10f8gz"]);
    }

    #[test]
    fn the_daemon_grows_within_bounds() {
        check(|host| host.resident += RESIDENT, &[]);
        check(|host| host.resident += RESIDENT + (1 << 20), &["funcd's memory: 83 MiB instead of 50"]);
        check(|host| host.peak = 200 << 20, &["funcd's memory at its peak: 200 MiB instead of 50"]);
        check(|host| host.descriptors += 18, &["funcd's descriptors: 38 instead of 20"]);
    }
}
