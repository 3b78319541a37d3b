//! From the policy to a classic-BPF program: a binary search over ranges of numbers, so that a call costs about nine
//! instructions and the kernel's evaluation of every number at installation stays short.

use super::policy::{self, Verdict};
use libc::sock_filter;

// Offsets in struct seccomp_data (linux/seccomp.h).
const NUMBER: u32 = 0;
const ARCHITECTURE: u32 = 4;
const ARGUMENTS: u32 = 16;

const LOAD: u32 = libc::BPF_LD | libc::BPF_W | libc::BPF_ABS;
const AND: u32 = libc::BPF_ALU | libc::BPF_AND | libc::BPF_K;
const RETURN: u32 = libc::BPF_RET | libc::BPF_K;
const JUMP: u32 = libc::BPF_JMP | libc::BPF_JA;
const IF_EQUAL: u32 = libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K;
const IF_AT_LEAST: u32 = libc::BPF_JMP | libc::BPF_JGE | libc::BPF_K;

/// Numbers with this bit are x32 calls on x86_64 (asm/unistd.h: __X32_SYSCALL_BIT), and nothing anywhere else.
const X32: u32 = 0x4000_0000;

/// The whole filter; `listen` says what becomes of `listen(2)`.
pub(super) fn assemble(listen: u32) -> Vec<sock_filter> {
    let mut program = vec![
        plain(LOAD, ARCHITECTURE),
        branch(IF_EQUAL, policy::ARCHITECTURE, 1, 0),
        plain(RETURN, libc::SECCOMP_RET_KILL_PROCESS),
        plain(LOAD, NUMBER),
    ];
    program.extend(search(&ranges(listen)));
    program
}

/// From which number on which verdict holds, ascending, from 0, without two equal neighbours.
fn ranges(listen: u32) -> Vec<(u32, Verdict)> {
    let mut known: Vec<(u32, Verdict)> = policy::table(listen);
    known.sort_by_key(|(number, _)| *number);
    let mut ranges: Vec<(u32, Verdict)> = Vec::new();
    let mut push = |number: u32, verdict: Verdict| {
        if ranges.last().is_none_or(|(_, last)| *last != verdict) {
            ranges.push((number, verdict));
        }
    };
    let mut next = 0;
    for (number, verdict) in known {
        if number > next {
            push(next, policy::UNKNOWN);
        }
        push(number, verdict);
        next = number + 1;
    }
    push(next, policy::UNKNOWN);
    push(X32, Verdict::Return(libc::SECCOMP_RET_KILL_PROCESS));
    // -1: what a tracer leaves behind that cancelled a call.
    push(u32::MAX, policy::UNKNOWN);
    ranges
}

fn search(ranges: &[(u32, Verdict)]) -> Vec<sock_filter> {
    let (left, right) = ranges.split_at(ranges.len() / 2);
    let (Some((start, _)), false) = (right.first(), left.is_empty()) else {
        return ranges.first().map_or_else(Vec::new, |(_, verdict)| leaf(*verdict));
    };
    let left = search(left);
    let mut program = match u8::try_from(left.len()) {
        Ok(length) => vec![branch(IF_AT_LEAST, *start, length, 0)],
        // A conditional jump reaches 255 instructions, an unconditional one everything.
        Err(_) => vec![branch(IF_AT_LEAST, *start, 0, 1), plain(JUMP, u32::try_from(left.len()).unwrap_or(u32::MAX))],
    };
    program.extend(left);
    program.extend(search(right));
    program
}

/// What happens once the number is known. Every sequence ends in a return.
fn leaf(verdict: Verdict) -> Vec<sock_filter> {
    match verdict {
        Verdict::Return(action) => vec![plain(RETURN, action)],
        Verdict::OneOf { argument, mask, values, otherwise } => {
            one_of(argument, mask, values, libc::SECCOMP_RET_ALLOW, otherwise)
        }
        Verdict::NoneOf { argument, mask, values, otherwise } => {
            one_of(argument, mask, values, otherwise, libc::SECCOMP_RET_ALLOW)
        }
        Verdict::Socket => socket(),
    }
}

/// `hit` when the masked low half of the argument is one of `values`, else `miss`. Only calls whose kernel side takes 32
/// bits of the argument are filtered so.
fn one_of(argument: u32, mask: u32, values: &[u32], hit: u32, miss: u32) -> Vec<sock_filter> {
    let mut program = vec![plain(LOAD, ARGUMENTS + 8 * argument), plain(AND, mask)];
    for (index, value) in values.iter().enumerate() {
        let to_hit = u8::try_from(values.len() - index).unwrap_or(u8::MAX);
        program.push(branch(IF_EQUAL, *value, to_hit, 0));
    }
    program.extend([plain(RETURN, miss), plain(RETURN, hit)]);
    program
}

/// `socket(family, type, protocol)`: netlink only for routes (what `getaddrinfo` and interface lists use), else the
/// three families of ordinary programs.
fn socket() -> Vec<sock_filter> {
    let routes = one_of(2, u32::MAX, policy::NETLINK_PROTOCOLS, libc::SECCOMP_RET_ALLOW, policy::NO_PROTOCOL);
    let skip = u8::try_from(routes.len()).unwrap_or(u8::MAX);
    let mut program = vec![plain(LOAD, ARGUMENTS), branch(IF_EQUAL, libc::AF_NETLINK as u32, 0, skip)];
    program.extend(routes);
    program.extend(one_of(0, u32::MAX, policy::FAMILIES, libc::SECCOMP_RET_ALLOW, policy::NO_FAMILY));
    program
}

fn plain(code: u32, value: u32) -> sock_filter {
    branch(code, value, 0, 0)
}

fn branch(code: u32, value: u32, yes: u8, no: u8) -> sock_filter {
    sock_filter { code: code as u16, jt: yes, jf: no, k: value }
}
