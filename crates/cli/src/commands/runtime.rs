//! `funcd runtime`.

use anyhow::{Context as _, Result};
use wire::funcd::runtimes::{self, InstallRequest, ListRuntimesResponse, Runtime};

use super::Context;
use crate::client::{Call, LONG_PATIENCE};
use crate::output::{Table, escape};

/// Options of `funcd runtime`.
#[derive(Clone, Debug, clap::Args)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Clone, Debug, clap::Subcommand)]
enum Command {
    /// List the language runtimes: installed, or how they can be.
    #[command(
        after_help = "Examples:\n  funcd runtime list\n  funcd runtime list --json | jq -r '.[] | select(.installed) | .id'"
    )]
    List,
    /// Install a language runtime, so that bootstrap files can start it.
    #[command(after_help = "Examples:
  funcd runtime install nodejs18.15
  funcd runtime install python3.9 --from /opt/python-3.9      a folder on funcd's machine")]
    Install {
        /// Id of the runtime, as `funcd runtime list` shows it.
        #[arg(value_name = "ID")]
        id: String,
        /// Folder or archive on funcd's machine to take it from.
        #[arg(long, value_name = "PATH")]
        from: Option<std::path::PathBuf>,
    },
}

pub(super) fn run(context: &Context<'_>, arguments: &Arguments) -> Result<()> {
    match &arguments.command {
        Command::List => list(context),
        Command::Install { id, from } => install(context, id, from.as_deref()),
    }
}

fn list(context: &Context<'_>) -> Result<()> {
    let response: ListRuntimesResponse = context.client()?.call(runtimes::LIST, Call::of(&[]))?;
    context.output.data(&response.runtimes, || table(&response.runtimes).text())
}

fn install(context: &Context<'_>, id: &str, from: Option<&std::path::Path>) -> Result<()> {
    let client = context.client()?;
    let from = from.map(|path| absolute(path, client.connection().endpoint.is_loopback())).transpose()?;
    let place = [id];
    let call = Call::of(&place).body(&InstallRequest { from })?;
    let spinner = context.output.spinner("installing");
    let installed = client.call(runtimes::INSTALL, Call { patience: LONG_PATIENCE, ..call });
    spinner.finish_and_clear();
    let installed: Runtime = installed?;
    context.output.data(&installed, || {
        let version = installed.version.as_deref().unwrap_or("version unknown");
        format!("installed {} ({}) at {}", escape(&installed.id), escape(version), escape(&installed.executable))
    })
}

/// The service has another working folder: on this machine a relative path is made absolute; elsewhere it is the user's.
fn absolute(path: &std::path::Path, here: bool) -> Result<String> {
    let path = if here { std::path::absolute(path)? } else { path.to_owned() };
    path.into_os_string().into_string().ok().context("the path given by --from is not UTF-8")
}

fn table(runtimes: &[Runtime]) -> Table {
    let mut table = Table::new(&["RUNTIME", "STATE", "VERSION", "SOURCE", "EXECUTABLE"]);
    for runtime in runtimes {
        let state = match (runtime.installed, &runtime.installable) {
            (true, _) => "installed",
            (false, Some(_)) => "installable",
            (false, None) => "missing",
        };
        let source = runtime.source.as_deref().or(runtime.installable.as_deref()).unwrap_or("-");
        table.row([&runtime.id, state, runtime.version.as_deref().unwrap_or("-"), source, &runtime.executable]);
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_runtime_says_whether_it_is_there_or_how_it_could_be() {
        let of = |id: &str, installed, installable: Option<&str>| Runtime {
            id: id.into(),
            executable: format!("/opt/function/runtime/{id}/bin"),
            installed,
            version: installed.then(|| "18.15.0".into()),
            source: installed.then(|| "npm".into()),
            installable: installable.map(Into::into),
            ..Runtime::default()
        };
        let runtimes = [of("nodejs18.15", true, None), of("nodejs20.15", false, Some("npm")), of("java8", false, None)];
        insta::assert_snapshot!(table(&runtimes).text());
    }
}
