//! `funcd import`.

use std::path::PathBuf;

use anyhow::{Context as _, Result};
use wire::Base64;
use wire::fgs::config::Function;
use wire::fgs::transfer::{self, ImportRequest};

use super::Context;
use crate::client::{Call, LONG_PATIENCE};
use crate::output::escape;

/// Options of `funcd import`.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = "Examples:
  funcd import web.zip               what `funcd export web` wrote
  funcd import web.zip --name copy

Triggers are not exported: `funcd deploy` gives the function a URL.")]
pub struct Arguments {
    /// A zip that `funcd export` wrote.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Name of the new function [default: the exported one].
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// Its app [default: the exported one].
    #[arg(long, value_name = "APP")]
    package: Option<String>,
}

pub(super) fn run(context: &Context<'_>, arguments: &Arguments) -> Result<()> {
    let bytes = std::fs::read(&arguments.file).with_context(|| format!("cannot read {}", arguments.file.display()))?;
    let request = ImportRequest {
        func_name: arguments.name.clone(),
        file_name: arguments.file.file_name().map(|name| name.to_string_lossy().into_owned()),
        file_type: Some("zip".to_owned()),
        file_code: Some(Base64(bytes)),
        package: arguments.package.clone(),
    };
    let call = Call { patience: LONG_PATIENCE, ..Call::of(&[]).body(&request)? };
    let made: Function = context.client()?.call(transfer::IMPORT, call)?;
    context.output.data(&made, || format!("imported {}", escape(&made.func_urn)))
}
