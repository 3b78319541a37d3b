//! `funcd version`.

use anyhow::Result;
use serde_json::json;

use super::Context;

/// Options of `funcd version`.
#[derive(Clone, Debug, clap::Args)]
pub struct Arguments {}

pub(super) fn run(context: &Context<'_>, _: &Arguments) -> Result<()> {
    let version = env!("CARGO_PKG_VERSION");
    let (system, machine) = (std::env::consts::OS, std::env::consts::ARCH);
    let value = json!({ "version": version, "os": system, "arch": machine });
    context.output.data(&value, || format!("funcd {version} ({system} {machine})"))
}
