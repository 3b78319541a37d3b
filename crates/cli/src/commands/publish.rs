//! `funcd publish`.

use anyhow::Result;
use wire::fgs::versions::{self, PublishRequest, Version};

use super::{Context, function, info};
use crate::client::Call;
use crate::output::escape;

/// Options of `funcd publish`.
#[derive(Clone, Debug, clap::Args)]
#[command(
    after_help = "A version is a copy of code and configuration that never changes; deploys change `latest` only.
It gets requests from triggers and aliases that name it: see `funcd alias set --help`.

Examples:
  funcd publish web                       a version named after the time, such as v20260102-030405
  funcd publish web --version v2 --description 'new search'
  funcd delete web --version v2 --yes     delete one version again"
)]
pub struct Arguments {
    /// Name of the function, `package:name`, or its URN.
    #[arg(value_name = "NAME")]
    function: String,
    /// Name of the version: 1 to 42 letters, digits, '_', '-' and '.'; made of the time if not given.
    #[arg(long, value_name = "VERSION")]
    version: Option<String>,
    /// What to remember about it, at most 512 characters.
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,
}

pub(super) fn run(context: &Context<'_>, arguments: &Arguments) -> Result<()> {
    let client = context.client()?;
    let urn = function::urn(&client, &info(&client)?.region, &arguments.function);
    let Arguments { version, description, .. } = arguments.clone();
    let place = [urn.as_str()];
    let call = Call::of(&place).body(&PublishRequest { digest: None, version, description })?;
    let version: Version = client.call(versions::CREATE, call)?;
    context
        .output
        .data(&version, || format!("published {} of {}", escape(&version.version), escape(&arguments.function)))
}
