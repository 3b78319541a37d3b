//! Which devices an instance's processes may open, whatever file leads to them: the five of its `/dev`. A wall behind
//! three others (no capability to make a device file, seccomp, `nodev` on every mount but `/dev`); it holds for every way
//! in, and for init too.
//!
//! A program of type `cgroup_device` at the installation's group of the version 2 hierarchy (bpf(2); the kernel's
//! Documentation/bpf/libbpf/program_types.rst), which all groups below inherit: nothing is to be done per instance.

use crate::error::Step;
use crate::{Error, devices, sys};
use rustix::fs::{Mode, OFlags};
use std::path::Path;

/// One eBPF instruction (linux/bpf.h): code, registers (source above destination), offset, immediate.
pub(crate) type Instruction = (u8, u8, i16, i32);

// linux/bpf_common.h and linux/bpf.h.
const LOAD: u8 = 0x61;
const AND: u8 = 0x57;
const SET: u8 = 0xb7;
const IF_EQUAL: u8 = 0x15;
const UNLESS_EQUAL: u8 = 0x55;
const EXIT: u8 = 0x95;
// struct bpf_cgroup_dev_ctx: access << 16 | type, major, minor; the context is in register 1.
const TYPE: i16 = 0;
const MAJOR: i16 = 4;
const MINOR: i16 = 8;
const CHARACTER: i32 = 2;

/// Lets `dir` and all below open the devices of our `/dev` and no other.
pub(super) fn fence(dir: &Path) -> Result<(), Error> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let group = rustix::fs::open(dir, flags, Mode::empty()).step(|| format!("open {}", dir.display()))?;
    let program =
        sys::load_device_program(&program(&devices::NODES)).step(|| "load the program that fences devices")?;
    sys::attach_device_program(&group, &program).step(|| format!("fence devices at {}", dir.display()))
}

/// 1 (yes) for the character devices with these names, majors and minors, else 0.
fn program(nodes: &[(&str, u32, u32)]) -> Vec<Instruction> {
    // Register 2 is compared, register 0 is the answer.
    let refuse = [(SET, 0, 0, 0), (EXIT, 0, 0, 0)];
    let mut program = vec![(LOAD, 0x12, TYPE, 0), (AND, 2, 0, 0xffff), (IF_EQUAL, 2, 2, CHARACTER)];
    program.extend(refuse);
    for (_, major, minor) in nodes {
        let [major, minor] = [major, minor].map(|number| i32::try_from(*number).unwrap_or(-1));
        // A jump counts from the instruction behind it: both lead to the next device.
        program.extend([(LOAD, 0x12, MAJOR, 0), (UNLESS_EQUAL, 2, 4, major)]);
        program.extend([(LOAD, 0x12, MINOR, 0), (UNLESS_EQUAL, 2, 2, minor)]);
        program.extend([(SET, 0, 0, 1), (EXIT, 0, 0, 0)]);
    }
    program.extend(refuse);
    program
}
