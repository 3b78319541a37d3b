use super::*;

fn machine(processors: usize) -> Machine {
    let cpuinfo = "processor\t: 3\nvendor_id\t: Acme\nmicrocode\t: 0x1\ncpu MHz\t\t: 2000.0\nphysical id\t: 1\nsiblings\t: 64\n\
                   core id\t\t: 7\ncpu cores\t: 64\nbugs\t\t: some\npower management:\n\nprocessor\t: 4\n";
    Machine { allowed: (0..processors).map(|number| number * 2).collect(), description: describe(cpuinfo) }
}

fn check_share(processors: usize, millicores: u32, expect: usize) {
    assert_eq!(machine(processors).share(millicores), expect, "{millicores} of {processors}");
}

#[test]
fn a_share_is_rounded_up_and_no_more_than_there_is() {
    check_share(8, 10, 1);
    check_share(8, 300, 1);
    check_share(8, 1000, 1);
    check_share(8, 1001, 2);
    check_share(8, 3400, 4);
    check_share(2, 8200, 2);
    check_share(0, 8200, 1);
}

fn check_places(home: usize, count: usize, expect: Option<&[usize]>) {
    let places = machine(4).places(home, count);
    let places = places.map(|set| (0..CpuSet::MAX_CPU).filter(|cpu| set.is_set(*cpu)).collect::<Vec<_>>());
    assert_eq!(places.as_deref(), expect, "{count} from {home}");
}

#[test]
fn places_are_neighbours_of_the_home_among_those_we_may_use() {
    check_places(0, 1, Some(&[0]));
    check_places(5, 1, Some(&[2]));
    check_places(3, 2, Some(&[0, 6]));
    check_places(0, 4, None);
    check_places(0, 9, None);
}

#[test]
fn places_are_anywhere_where_the_processors_are_unknown() {
    assert!(machine(0).places(7, 1).is_none());
}

#[test]
fn processors_are_counted_from_0_in_one_package_and_say_nothing_of_the_host() {
    let text = machine(4).cpuinfo(2);
    let block = |n: u32| {
        format!(
            "processor\t: {n}\nvendor_id\t: Acme\ncpu MHz\t\t: 2000.0\nphysical id\t: 0\nsiblings\t: 2\ncore id\t\t: {n}\ncpu cores\t: 2\npower management:\n\n"
        )
    };
    assert_eq!(text, block(0) + &block(1));
}

#[test]
fn a_host_without_cpuinfo_still_has_processors() {
    let machine = Machine { allowed: vec![0], description: describe("") };
    assert_eq!(machine.cpuinfo(1), "processor\t: 0\n\n");
}

#[test]
fn stat_has_a_line_for_each_processor_in_the_form_of_proc_stat_5() {
    let text = stat(2, 1_700_000_000);
    assert!(text.starts_with("cpu  0 0 0 0 0 0 0 0 0 0\ncpu0 0 0 0 0 0 0 0 0 0 0\ncpu1 0 "), "{text}");
    assert!(text.contains("\nbtime 1700000000\n"), "{text}");
}

#[test]
fn the_memory_limit_is_shown_as_the_machine_in_the_form_of_proc_5() {
    let text = meminfo(128 << 20);
    assert!(text.starts_with("MemTotal:         131072 kB\n"), "{text}");
    assert!(text.contains("\nMemAvailable:     131072 kB\n"), "{text}");
}
