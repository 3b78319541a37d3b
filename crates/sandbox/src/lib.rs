//! The Linux jail: runs one program that nobody trusts, in namespaces, a file tree, a network and limits of its own, and
//! hands out what is needed to talk to it. It knows a [`Spec`], not a function; it is synchronous and owns no thread.
//!
//! The life of an instance:
//!
//! 1. The daemon starts the *launcher* ([`Launcher::start`]), a small process of one thread that first kills and removes
//!    what an earlier daemon left.
//! 2. The launcher forks *blanks* ahead of need: each enters its cgroups and namespaces, builds its root, and makes the
//!    user's process, which gives up all rights and waits.
//! 3. [`Launcher::launch`] hands a blank its [`Spec`]: limits are written, folders bound, the root becomes read-only, init
//!    gives up root, the user's process execs the program; the answer is a [`Jail`].
//! 4. The program calls `listen`; the daemon carries the call out ([`Jail::next_listen`]) and so knows at once that the
//!    server is ready, or where else it listens.
//! 5. The daemon makes sockets inside ([`Jail::socket`]) and talks to the server.
//! 6. While nobody needs it, it can be frozen, and its memory moved to swap ([`Jail::freeze`], [`Jail::page_out`]).
//! 7. The program ends, or the [`Jail`] is dropped: every process inside is killed by the kernel with its init; the
//!    launcher reaps it, removes its cgroups, and only then uses its user ids again.
//!
//! What never is:
//!
//! - no process of the user has a capability, a descriptor beside 0, 1 and 2, a terminal, or a way to gain rights;
//! - no namespace of an instance but the user namespace is owned by the instance: even a capability won there rules
//!   nothing;
//! - no user's file is in the tree while the tree is built;
//! - no instance outlives its launcher, no launcher its daemon;
//! - nothing of one instance's specification is in another's memory, and no variable of it stays in the daemon's.
//!
//! Limits of this wall: it shares the host's kernel. A hole in the kernel behind an allowed system call, and what
//! processors leak between neighbours, are not stopped here.

#![allow(unsafe_code)]
#![deny(missing_docs)]

mod error;
pub mod message;
mod spec;
mod variables;

pub mod launcher;

mod blank;
mod user;

mod cgroup;
mod ids;
mod netlink;
mod netns;

mod devices;
mod etc;
mod machine;
mod mounts;
mod procfs;

mod landlock;
mod privilege;
mod seccomp;

pub mod inherit;
mod init;
mod jail;
mod listen;
mod page_out;

pub mod egress;
mod memory;
pub mod probe;

mod sys;

pub use cgroup::Usage;
pub use error::{Error, Failure};
pub use jail::{Event, Jail};
pub use launcher::{Config, Launcher, Starting};
pub use listen::Listen;
pub use memory::Memory;
pub use spec::{Bind, Egress, Limits, MAX_BINDS, Spec};
pub use variables::Variables;
