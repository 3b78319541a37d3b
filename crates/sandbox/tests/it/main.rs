//! The jail from outside: needs root, makes cgroups and namespaces of its own, talks to nobody but itself. Every test has a
//! network of its own: what it loads and opens there is nobody else's.

// All of this is test code, which clippy only sees inside functions marked as tests.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
#![allow(clippy::print_stdout, clippy::print_stderr)]
// Entering network namespaces.
#![allow(unsafe_code)]

// The crate's own, as nothing else on a fresh machine makes interfaces.
#[allow(dead_code)]
#[path = "../../src/egress/link.rs"]
mod link;
#[allow(dead_code)]
#[path = "../../src/netlink.rs"]
mod netlink;
// The table itself, to compare with what it was compiled to.
#[allow(dead_code)]
#[path = "../../src/seccomp/policy.rs"]
mod policy;

mod world;

mod egress;
mod freeze;
mod fuzz;
mod launcher;
mod life;
mod limits;
mod machine;
mod tree;
mod walls;
