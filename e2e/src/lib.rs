//! The black box: one real funcd, real sandboxes, real applications; everything in `tests/it`, cases in `cases/`.
#![forbid(unsafe_code)]
