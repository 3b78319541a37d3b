//! Rules about the tree that no compiler holds; they run as ordinary tests (`cargo test -p xtask`).
#![forbid(unsafe_code)]

#[cfg(test)]
mod tidy;
