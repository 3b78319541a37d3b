use super::{assembler::assemble, policy};
use libc::{c_long, sock_filter};

const ALLOW: u32 = libc::SECCOMP_RET_ALLOW;
const KILL: u32 = libc::SECCOMP_RET_KILL_PROCESS;
const NOTIFY: u32 = libc::SECCOMP_RET_USER_NOTIF;

fn errno(errno: i32) -> u32 {
    libc::SECCOMP_RET_ERRNO | errno as u32
}

/// What the kernel would do: a plain interpreter of the instructions the assembler uses.
fn run(program: &[sock_filter], architecture: u32, number: u32, arguments: [u64; 6]) -> (u32, usize) {
    let mut data = Vec::new();
    data.extend(number.to_le_bytes());
    data.extend(architecture.to_le_bytes());
    data.extend(0_u64.to_le_bytes());
    arguments.iter().for_each(|argument| data.extend(argument.to_le_bytes()));
    let (mut pc, mut a, mut steps) = (0, 0_u32, 0);
    loop {
        let op = program[pc];
        steps += 1;
        pc += 1;
        let mut jump = |holds: bool| pc += usize::from(if holds { op.jt } else { op.jf });
        match u32::from(op.code) {
            0x20 => a = u32::from_le_bytes(data[op.k as usize..op.k as usize + 4].try_into().unwrap()),
            0x54 => a &= op.k,
            0x05 => pc += op.k as usize,
            0x15 => jump(a == op.k),
            0x35 => jump(a >= op.k),
            0x06 => return (op.k, steps),
            code => panic!("unknown instruction {code:#x}"),
        }
    }
}

fn check(number: c_long, arguments: &[u64], expect: u32) {
    let mut all = [0; 6];
    all[..arguments.len()].copy_from_slice(arguments);
    let got = run(&assemble(NOTIFY), policy::ARCHITECTURE, number as u32, all).0;
    assert_eq!(got, expect, "call {number} with {arguments:?}: {got:#x}, not {expect:#x}");
}

#[test]
fn every_listed_number_gets_its_verdict_and_no_number_is_listed_twice() {
    let mut seen = std::collections::BTreeSet::new();
    for (_, calls) in policy::ALLOWED {
        calls.iter().for_each(|call| check(*call, &[], ALLOW));
        calls.iter().for_each(|call| assert!(seen.insert(*call), "{call} is listed twice"));
    }
    for (_, calls) in policy::REFUSED {
        calls.iter().for_each(|call| check(*call, &[], errno(libc::EPERM)));
        calls.iter().for_each(|call| assert!(seen.insert(*call), "{call} is listed twice"));
    }
}

#[test]
fn an_unknown_number_answers_enosys_so_that_libraries_fall_back() {
    for number in [337, 400, 470, 600, 0x3fff_ffff, -1] {
        check(number, &[], errno(libc::ENOSYS));
    }
    check(libc::SYS_clone3, &[], errno(libc::ENOSYS));
}

#[test]
fn another_architecture_kills() {
    check(0x4000_0000, &[], KILL);
    check(0x4000_0208, &[], KILL);
    assert_eq!(run(&assemble(NOTIFY), 0x4000_0003, 1, [0; 6]).0, KILL);
}

#[test]
fn listen_is_handed_to_the_daemon() {
    check(libc::SYS_listen, &[3, 128], NOTIFY);
}

#[test]
fn threads_are_fine_and_namespaces_are_not() {
    check(libc::SYS_clone, &[0x3d_0f00], ALLOW);
    for flag in [0x2_0000, 0x0200_0000, 0x0400_0000, 0x0800_0000, 0x1000_0000, 0x2000_0000, 0x4000_0000_u64] {
        check(libc::SYS_clone, &[flag | 17], errno(libc::EPERM));
    }
}

#[test]
fn sockets_are_local_or_internet_or_routes() {
    let [unix, inet, inet6, netlink, packet, alg, vsock, xdp] = [1, 2, 10, 16, 17, 38, 40, 44];
    for family in [unix, inet, inet6] {
        check(libc::SYS_socket, &[family, 1, 0], ALLOW);
        check(libc::SYS_socket, &[family | 0xffff_ffff_0000_0000, 1, 0], ALLOW);
    }
    check(libc::SYS_socket, &[netlink, 3, 0], ALLOW);
    for protocol in [2, 4, 6, 7, 9, 10, 11, 12, 15, 16] {
        check(libc::SYS_socket, &[netlink, 3, protocol], errno(libc::EPROTONOSUPPORT));
    }
    for family in [packet, alg, vsock, xdp, 0, 3, 45] {
        check(libc::SYS_socket, &[family, 3, 0], errno(libc::EAFNOSUPPORT));
    }
    check(libc::SYS_socketpair, &[unix, 1], ALLOW);
    check(libc::SYS_socketpair, &[30, 1], errno(libc::EPERM));
}

#[test]
fn single_arguments_are_refused() {
    check(libc::SYS_ioctl, &[0, libc::TIOCSTI], errno(libc::EPERM));
    check(libc::SYS_ioctl, &[0, libc::TIOCSTI | 0xdead_0000_0000_0000], errno(libc::EPERM));
    check(libc::SYS_ioctl, &[0, 0x541c], errno(libc::EPERM));
    check(libc::SYS_ioctl, &[0, libc::FIONREAD], ALLOW);
    check(libc::SYS_prctl, &[libc::PR_SET_MM as u64], errno(libc::EPERM));
    check(libc::SYS_prctl, &[libc::PR_SET_PTRACER as u64], errno(libc::EPERM));
    check(libc::SYS_prctl, &[libc::PR_SET_NAME as u64], ALLOW);
    check(libc::SYS_personality, &[0xffff_ffff], ALLOW);
    check(libc::SYS_personality, &[0x40000], errno(libc::EPERM));
    check(libc::SYS_mknodat, &[0, 0, u64::from(libc::S_IFCHR | 0o666)], errno(libc::EPERM));
    check(libc::SYS_mknodat, &[0, 0, u64::from(libc::S_IFIFO | 0o666)], ALLOW);
}

/// The calls of x86_64 by name.
#[cfg(target_arch = "x86_64")]
fn numbers() -> std::collections::BTreeMap<&'static str, u32> {
    let rows = include_str!("../../tests/data/calls-x86_64.txt").lines().filter(|line| !line.starts_with('#'));
    rows.map(|row| row.split_once(' ').unwrap()).map(|(number, name)| (name, number.parse().unwrap())).collect()
}

/// What strace saw of rich servers in Node, Python, Java and Go and of headless Chromium. A runtime that starts to use a
/// call we refuse is named here before its users find out: add what strace says of it to the list.
#[test]
#[cfg(target_arch = "x86_64")]
fn everything_the_runtimes_were_seen_to_use_is_allowed() {
    // ENOSYS by design, for which the C library falls back; and handed to the daemon.
    const NOT_PLAIN: [&str; 2] = ["clone3", "listen"];
    // Arguments that programs use, where the policy looks at one.
    const ARGUMENTS: [(&str, [u64; 3]); 2] = [("socket", [2, 1, 0]), ("socketpair", [1, 1, 0])];
    let (program, numbers) = (assemble(NOTIFY), numbers());
    let (mut refused, mut seen) = (Vec::new(), 0);
    for row in include_str!("../../tests/data/calls-by-runtime.txt").lines().filter(|line| !line.starts_with('#')) {
        let (runtime, calls) = row.split_once(": ").unwrap();
        for call in calls.split(' ').filter(|call| !NOT_PLAIN.contains(call)) {
            seen += 1;
            let mut arguments = [0; 6];
            if let Some((_, usual)) = ARGUMENTS.iter().find(|(name, _)| *name == call) {
                arguments[..3].copy_from_slice(usual);
            }
            if run(&program, policy::ARCHITECTURE, numbers[call], arguments).0 != ALLOW {
                refused.push(format!("{runtime} uses {call}"));
            }
        }
    }
    assert!(refused.is_empty(), "{refused:#?}");
    assert!(seen > 400, "the list was not read: {seen}");
}

/// A call that Linux has and we forgot would get ENOSYS: safe, but nobody would have decided it.
#[test]
#[cfg(target_arch = "x86_64")]
fn every_call_that_linux_has_was_decided() {
    let table: std::collections::BTreeSet<_> = policy::table(NOTIFY).into_iter().map(|(number, _)| number).collect();
    let forgotten: Vec<_> = numbers().into_iter().filter(|(_, number)| !table.contains(number)).collect();
    assert!(forgotten.is_empty(), "{forgotten:?}");
}

#[test]
fn writing_out_the_hosts_files_is_pretended() {
    check(libc::SYS_sync, &[], errno(0));
    check(libc::SYS_syncfs, &[3], errno(0));
}

#[test]
fn the_filter_is_small_and_a_call_costs_few_instructions() {
    let program = assemble(NOTIFY);
    assert!(program.len() < 450, "{} instructions", program.len());
    let most = (0..500).map(|number| run(&program, policy::ARCHITECTURE, number, [0; 6]).1).max().unwrap();
    println!("{} instructions, at most {most} for one call", program.len());
    assert!(most <= 24, "{most} instructions for one call");
}

/// The real thing, in a thread of its own (a filter is a thread's).
#[test]
fn the_kernel_agrees_about_every_refused_and_unknown_call() {
    let check = || {
        rustix::thread::set_no_new_privs(true).unwrap();
        let _listener = super::install().unwrap();
        let call = |number: c_long| {
            // SAFETY: refused before it does anything; should it not be, all arguments are null.
            let result = unsafe { libc::syscall(number, 0, 0, 0, 0, 0, 0) };
            (result < 0).then(|| std::io::Error::last_os_error().raw_os_error()).flatten()
        };
        let refused = policy::REFUSED.iter().flat_map(|(_, calls)| calls.iter());
        refused.for_each(|number| assert_eq!(call(*number), Some(libc::EPERM), "call {number}"));
        [337, 423, 470, 511, 1000]
            .into_iter()
            .for_each(|number| assert_eq!(call(number), Some(libc::ENOSYS), "{number}"));
    };
    std::thread::spawn(check).join().unwrap();
}
