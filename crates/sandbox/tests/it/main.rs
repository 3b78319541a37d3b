//! The jail from outside: needs root, makes cgroups and namespaces of its own, talks to nobody but itself.

// All of this is test code, which clippy only sees inside functions marked as tests.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
#![allow(clippy::print_stdout, clippy::print_stderr)]

mod world;

mod launcher;
mod life;
mod limits;
mod walls;
