//! The seccomp filter against its own table: every number with random arguments, made inside an instance.

use crate::policy::{self, Verdict};
use crate::world::*;
use sandbox::Bind;
use std::collections::BTreeMap;
use std::fmt::Write;

/// Numbers that Linux has or will have soon.
const NUMBERS: u32 = 600;
/// With the one bit that makes an x32 call of it.
const X32: u32 = 0x4000_0000;

/// What the policy says of one call.
fn expect(table: &BTreeMap<u32, Verdict>, number: u32, arguments: [u64; 6]) -> u32 {
    const ALLOW: u32 = libc::SECCOMP_RET_ALLOW;
    if number >= X32 && number != u32::MAX {
        return libc::SECCOMP_RET_KILL_PROCESS;
    }
    let masked = |argument: u32, mask: u32| arguments[argument as usize] as u32 & mask;
    match table.get(&number).copied().unwrap_or(policy::UNKNOWN) {
        Verdict::Return(action) => action,
        Verdict::OneOf { argument, mask, values, otherwise } => {
            if values.contains(&masked(argument, mask)) {
                ALLOW
            } else {
                otherwise
            }
        }
        Verdict::NoneOf { argument, mask, values, otherwise } => {
            if values.contains(&masked(argument, mask)) {
                otherwise
            } else {
                ALLOW
            }
        }
        Verdict::Socket => match (masked(0, u32::MAX), masked(2, u32::MAX)) {
            (family, protocol) if family == libc::AF_NETLINK as u32 => {
                if policy::NETLINK_PROTOCOLS.contains(&protocol) { ALLOW } else { policy::NO_PROTOCOL }
            }
            (family, _) if policy::FAMILIES.contains(&family) => ALLOW,
            _ => policy::NO_FAMILY,
        },
    }
}

/// splitmix64: repeatable from its seed.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Values that calls make something of, some that none does, and those the policy looks for or nearly so.
    fn argument(&mut self, verdict: Verdict, index: usize) -> u64 {
        let random = self.next();
        let bit = 1 << ((random >> 8) % 64);
        let pick = |values: &[u32]| u64::from(values[(random >> 16) as usize % values.len()]);
        let sought = match verdict {
            Verdict::OneOf { argument, values, .. } | Verdict::NoneOf { argument, values, .. }
                if argument as usize == index =>
            {
                Some(pick(values))
            }
            Verdict::Socket if index == 0 => Some(pick(&[policy::FAMILIES, &[libc::AF_NETLINK as u32]].concat())),
            _ => None,
        };
        match (random % 8, sought) {
            (0..2, Some(sought)) => sought,
            (2..4, Some(sought)) => sought ^ bit,
            (0..5, _) => pick(&[0, 1, 2, 3, 8, 10, 17, u32::MAX, 0x1000_0000, 0x6000, 0x1000, 35]),
            (5, _) => random >> 32,
            (6, _) => bit,
            _ => random,
        }
    }
}

/// Calls that could end the prober itself; their first argument names no process.
const OF_PROCESSES: [i64; 7] = [
    libc::SYS_kill,
    libc::SYS_tkill,
    libc::SYS_tgkill,
    libc::SYS_rt_sigqueueinfo,
    libc::SYS_rt_tgsigqueueinfo,
    libc::SYS_prlimit64,
    libc::SYS_sched_setscheduler,
];

/// One line for the prober.
fn line(table: &BTreeMap<u32, Verdict>, random: &mut Random, number: u32) -> String {
    let mut arguments = [0; 6];
    let mut words = Vec::new();
    let verdict = table.get(&number).copied().unwrap_or(policy::UNKNOWN);
    for (index, argument) in arguments.iter_mut().enumerate() {
        *argument = random.argument(verdict, index);
        if index == 0 && OF_PROCESSES.contains(&i64::from(number)) {
            *argument = 0x7fff_0000;
        }
        words.push((*argument as i64).to_string());
    }
    let action = expect(table, number, arguments);
    let expect = match action & libc::SECCOMP_RET_ACTION_FULL {
        libc::SECCOMP_RET_ERRNO => format!("errno {}", action & libc::SECCOMP_RET_DATA),
        libc::SECCOMP_RET_KILL_PROCESS => "killed".to_owned(),
        _ if is_known_to_every_kernel(number) => "passed, and known".to_owned(),
        _ => "passed".to_owned(),
    };
    // An allowed call may read and write where an argument points: half of the time at a page of the prober.
    if expect.starts_with("passed") && random.next().is_multiple_of(2) {
        words[1..].iter_mut().filter(|word| word.len() > 12).for_each(|word| *word = "P".to_owned());
    }
    format!("{expect}: {} {}\n", number as i32, words.join(" "))
}

/// Whether ENOSYS can only come from the filter. Not for the end of a process, whose status is the caller's to choose, for
/// what was never built, for futex(2), which answers so to an operation it does not know, and for what came after the oldest
/// kernel we run on.
fn is_known_to_every_kernel(number: u32) -> bool {
    const NEVER_BUILT: [i64; 4] = [214, 215, 205, 211];
    const OTHERWISE: [i64; 3] = [libc::SYS_exit, libc::SYS_exit_group, libc::SYS_futex];
    number < 335 && !NEVER_BUILT.contains(&i64::from(number)) && !OTHERWISE.contains(&i64::from(number))
}

fn plan(seed: u64) -> String {
    let listen = libc::SECCOMP_RET_USER_NOTIF;
    let table: BTreeMap<u32, Verdict> = policy::table(listen).into_iter().collect();
    let mut random = Random(seed);
    let mut plan = String::new();
    // What does not reach the kernel costs nothing; for the rest there is a process each.
    let (refusals, passes) = (48, 4);
    let mut add = |random: &mut Random, number: u32, times: usize| {
        let mut passed = 0;
        for _ in 0..times {
            let line = line(&table, random, number);
            passed += usize::from(!line.starts_with("errno"));
            if passed <= passes || line.starts_with("errno") {
                plan += &line;
            }
        }
    };
    for number in 0..NUMBERS {
        let by_argument = !matches!(table.get(&number), None | Some(Verdict::Return(_)));
        add(&mut random, number, if by_argument { 10 * refusals } else { refusals });
    }
    for _ in 0..500 {
        let number = NUMBERS + (random.next() as u32 % (X32 - NUMBERS));
        add(&mut random, number, 1);
    }
    for number in [0, 1, 59, 512, 520, 547, 0x3fff_ffff] {
        add(&mut random, X32 | number, 1);
    }
    add(&mut random, u32::MAX, 1);
    plan
}

#[test]
#[cfg(target_arch = "x86_64")]
fn every_number_with_random_arguments_gets_what_the_table_says() {
    let Some(world) = world(0) else { return };
    let now = rustix::time::clock_gettime(rustix::time::ClockId::Realtime);
    let seed = std::env::var("FUZZ_SEED").map_or((now.tv_sec ^ now.tv_nsec) as u64, |seed| seed.parse().unwrap());
    let dir = tempfile::tempdir().unwrap();
    let plan = plan(seed);
    std::fs::write(dir.path().join("calls"), &plan).unwrap();
    open_up(dir.path(), 0o755);
    open_up(&dir.path().join("calls"), 0o644);

    let mut spec = program(&["/usr/bin/python3", "-I", "-S", "-c", include_str!("fuzz.py")]);
    spec.binds.push(Bind { source: dir.path().into(), target: "/opt/plan".into() });
    spec.limits.memory_bytes = 512 << 20;
    spec.limits.cpu_millicores = 4000;
    let jail = world.launcher.launch(&spec).unwrap();
    let outcome = finish(&jail);
    let mut text = String::new();
    let _ = write!(text, "FUZZ_SEED={seed}\n{}\n{}", outcome.stdout, outcome.stderr);
    let expect = format!("done {} wrong 0\n", plan.lines().count());
    assert_eq!(outcome.stdout, expect, "{text}");
}

/// The 32-bit entry, by which another table of numbers is reached.
#[test]
#[cfg(target_arch = "x86_64")]
fn the_32_bit_entry_kills() {
    let Some(world) = world(0) else { return };
    let text = "import ctypes, mmap\n\
                page = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)\n\
                # mov eax, 20 (getpid); int 0x80; ret\n\
                page.write(b'\\xb8\\x14\\x00\\x00\\x00\\xcd\\x80\\xc3')\n\
                print(ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(page)))())\n";
    let outcome = run(&world, &python(text));
    // SIGSEGV: the kernel has no such entry.
    let signals =
        [libc::SIGSYS, libc::SIGSEGV].map(|signal| Some(sandbox::Event::Exited { code: None, signal: Some(signal) }));
    assert!(signals.contains(&outcome.event), "{outcome:?}");
}
