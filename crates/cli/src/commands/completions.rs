//! `funcd completions`.

use anyhow::Result;
use clap_complete::Shell;

use super::Context;

/// Options of `funcd completions`.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = "Examples:
  funcd completions bash > /etc/bash_completion.d/funcd
  funcd completions zsh > ~/.zfunc/_funcd
  funcd completions fish > ~/.config/fish/completions/funcd.fish")]
pub struct Arguments {
    /// Which shell.
    shell: Shell,
}

pub(super) fn run(context: &Context<'_>, arguments: &Arguments, mut binary: clap::Command) -> Result<()> {
    let mut script = Vec::new();
    let name = binary.get_name().to_owned();
    clap_complete::generate(arguments.shell, &mut binary, name, &mut script);
    context.output.line(String::from_utf8_lossy(&script).trim_end())
}
