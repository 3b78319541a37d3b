use super::*;

const MB: u64 = 1 << 20;

/// Of `frozen` instances of 50 MB each, how many go when so many of 1,000 MB are available?
#[track_caller]
fn check(available: u64, low: u8, frozen: usize, expect: usize) {
    let memory = Memory { total: 1000 * MB, available: available * MB, swap_free: 500 * MB, stalled_percent: 0.0 };
    assert_eq!(
        plan(&memory, low, &vec![50 * MB; frozen]),
        expect,
        "{available} MB left, low is {low} %, {frozen} frozen"
    );
}

#[test]
fn with_memory_enough_nothing_is_moved() {
    check(100, 10, 5, 0);
    check(900, 10, 5, 0);
}

#[test]
fn as_many_go_as_it_takes_and_no_more_than_there_are() {
    check(99, 10, 5, 1);
    check(50, 10, 5, 1);
    check(49, 10, 5, 2);
    check(1, 10, 5, 2);
    check(0, 50, 5, 5);
    check(0, 10, 1, 1);
    check(0, 10, 0, 0);
}

#[test]
fn a_look_moves_a_few() {
    check(0, 100, 1000, AT_ONCE);
}

#[test]
fn it_can_be_switched_off() {
    check(0, 0, 5, 0);
}

#[test]
fn without_room_in_swap_nothing_is_moved() {
    let memory = Memory { total: 1000 * MB, available: 0, swap_free: SWAP_LEFT - 1, stalled_percent: 90.0 };
    assert_eq!(plan(&memory, 10, &[50 * MB]), 0);
}

#[test]
fn a_host_that_waits_for_memory_is_short_of_it_whatever_is_available() {
    let memory = Memory { total: 1000 * MB, available: 900 * MB, swap_free: 500 * MB, stalled_percent: STALLED };
    assert_eq!(plan(&memory, 10, &[50 * MB; 5]), 1);
    assert_eq!(plan(&Memory { stalled_percent: 9.9, ..memory }, 10, &[50 * MB; 5]), 0);
}
