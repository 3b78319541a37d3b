//! What is measured, a module each.

use anyhow::Result;

use crate::Setup;
use crate::machine::{QUIET, Watch};

pub(crate) mod api;
pub(crate) mod cold;
pub(crate) mod console;
pub(crate) mod deploy;
pub(crate) mod h2;
pub(crate) mod heads;
pub(crate) mod latency;
pub(crate) mod memory;
pub(crate) mod policies;
pub(crate) mod profile;
pub(crate) mod scale;
pub(crate) mod wake;
pub(crate) mod warm;

/// Times a noisy sample is taken.
const TRIES: usize = 3;

/// Takes a sample, again while others use the machine; answers it with the cores that they used.
pub(crate) fn quiet<T>(setup: &Setup, mut take: impl FnMut() -> Result<T>) -> Result<(T, f64)> {
    let mut tries = 1;
    loop {
        let watch = Watch::start()?;
        let sample = take()?;
        let foreign = watch.foreign()?;
        if foreign <= QUIET || setup.keep_noise || tries == TRIES {
            return Ok((sample, foreign));
        }
        tries += 1;
    }
}
