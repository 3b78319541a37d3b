use super::*;

#[test]
fn a_name_with_brackets_and_spaces_does_not_shift_the_fields() {
    let text = "77 (a) b (c) S 42 77 77 0 -1 4194560 100 0 0 0 11 22 33 44 20 0 1 0 5 0 0";
    assert_eq!(Stat::parse(text), Some(Stat { parent: 42, own: 33, children: 77 }));
}

#[test]
fn what_is_no_stat_line_is_none() {
    assert_eq!(Stat::parse(""), None);
    assert_eq!(Stat::parse("77 (a) S 42"), None);
}

#[test]
fn this_process_is_in_its_own_tree_and_has_memory() {
    let own = std::process::id();
    assert!(tree(own).unwrap().contains(&own));
    let (pss, rss) = memory(own).unwrap();
    assert!(0 < pss && pss <= rss);
}

#[test]
fn dropping_a_process_ends_it() {
    let mut command = Command::new("sleep");
    command.arg("60");
    let running = Running::start("sleep", command, None, Path::new("/dev/null")).unwrap();
    let pid = running.pid();
    drop(running);
    assert!(Stat::of(pid).is_none());
}
