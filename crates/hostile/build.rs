//! The cases are embedded: a change in their folder is a change of this crate.

fn main() {
    println!("cargo::rerun-if-changed=../../e2e/hostile");
}
