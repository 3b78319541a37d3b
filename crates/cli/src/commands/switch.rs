//! `funcd disable` and `funcd enable`.

use anyhow::Result;
use serde_json::json;
use wire::fgs::concurrency::{self, MaxInstanceRequest};
use wire::fgs::config::Function;

use super::{Context, function, info};
use crate::client::Call;
use crate::output::escape;

/// Options of `funcd disable`.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = "Examples:
  funcd disable web    every request is answered with 403 until `funcd enable web`")]
pub struct Disable {
    /// Name of the function, `package:name`, or its URN.
    #[arg(value_name = "NAME")]
    function: String,
}

/// Options of `funcd enable`.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = "Examples:
  funcd enable web
  funcd enable web --max-instances 5")]
pub struct Enable {
    /// Name of the function, `package:name`, or its URN.
    #[arg(value_name = "NAME")]
    function: String,
    /// Instances at most; -1 for no limit.
    #[arg(long, value_name = "N", default_value_t = 400, allow_negative_numbers = true)]
    max_instances: i64,
}

pub(super) fn disable(context: &Context<'_>, arguments: &Disable) -> Result<()> {
    set(context, &arguments.function, 0)
}

pub(super) fn enable(context: &Context<'_>, arguments: &Enable) -> Result<()> {
    set(context, &arguments.function, arguments.max_instances)
}

fn set(context: &Context<'_>, typed: &str, instances: i64) -> Result<()> {
    let client = context.client()?;
    let urn = function::urn(&client, &info(&client)?.region, typed);
    let request = MaxInstanceRequest { max_instance_num: Some(instances) };
    let changed: Function = client
        .call(concurrency::UPDATE, Call::of(&[&urn]).body(&request)?)
        .map_err(|error| function::or_absent(error, typed))?;
    let instances = changed.strategy_config.concurrency.unwrap_or(instances);
    let name = escape(typed);
    let said = match instances {
        0 => format!("{name} is disabled"),
        -1 => format!("{name} may have any number of instances"),
        most => format!("{name} may have {most} instances"),
    };
    context.output.data(&json!({ "function_urn": urn, "max_instances": instances }), || said)
}
