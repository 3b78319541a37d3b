//! What a user can do: one file a command.

use std::process::ExitCode;

use anyhow::Result;
use wire::funcd::info::{self, Info};

use crate::client::{Call, Client};
use crate::connection;
use crate::credentials::Credentials;
use crate::options::Options;
use crate::output::{Closed, Output};

mod alias;
mod api;
mod app;
mod audit;
mod completions;
mod credentials;
mod delete;
mod dependency;
mod deploy;
mod domain;
mod export;
mod function;
mod gateway;
mod group;
mod headers;
mod identity;
mod import;
mod invoke;
mod key;
mod list;
mod logs;
mod pin;
mod project;
mod publish;
mod request;
mod reserve;
mod runtime;
mod show;
mod stats;
mod switch;
mod template;
mod user;
mod version;
mod versions;

/// A command of the user. To be flattened into the binary's own.
#[derive(Clone, Debug, clap::Subcommand)]
pub enum Command {
    /// Turn a folder or a zip into a function with a URL, or update the one it has.
    Deploy(deploy::Arguments),
    /// List the functions and their URLs.
    List(list::Arguments),
    /// Show a function: configuration, triggers, URLs, last requests.
    Show(show::Arguments),
    /// Call a function for a test, whether it has a URL or not, and print its answer.
    Invoke(invoke::Arguments),
    /// Print what a function wrote, and go on as it writes with -f.
    Logs(logs::Arguments),
    /// Keep headers of a function's requests for a while, and show them.
    Headers(headers::Arguments),
    /// Switch a function off: it gets no request and has no instance.
    Disable(switch::Disable),
    /// Switch a function on again.
    Enable(switch::Enable),
    /// Put a function first in lists.
    Pin(pin::Arguments),
    /// Write a function, settings and code, into a zip.
    Export(export::Arguments),
    /// Make a function from a zip that `export` wrote.
    Import(import::Arguments),
    /// Print what the invocations of a function came to.
    Stats(stats::Arguments),
    /// Keep instances of a function, whether somebody asks for them or not.
    Reserve(reserve::Arguments),
    /// Delete a function with its triggers, or one version of it.
    Delete(delete::Arguments),
    /// Give code and configuration of now a name that never changes.
    Publish(publish::Arguments),
    /// List the versions of a function and their aliases.
    Versions(versions::Arguments),
    /// Let a name stand for a version, or for two with weights or rules.
    Alias(alias::Arguments),
    /// Make APIs, edit, publish, try and delete them.
    Api(api::Arguments),
    /// Make groups of APIs, each with a host of its own.
    Group(group::Arguments),
    /// Make apps, which call APIs with a key of their own, and let them call.
    App(app::Arguments),
    /// Show who changed what, from where and with which result, and verify that nothing of it was altered.
    Audit(audit::Arguments),
    /// Print the addresses and keys that SDKs, Terraform and other machines need.
    Credentials(credentials::Arguments),
    /// Make users, give them rights, switch them off, delete them.
    User(user::Arguments),
    /// Make access keys, replace them, switch them off, delete them.
    Key(key::Arguments),
    /// Make projects, which see nothing of each other, and suspend them.
    Project(project::Arguments),
    /// Let API groups answer at domains of yours, with certificates.
    Domain(domain::Arguments),
    /// Keep packages that several functions share, list and delete them.
    Dependency(dependency::Arguments),
    /// List the templates, or make a folder of one to begin a function with.
    Template(template::Arguments),
    /// List or install language runtimes.
    Runtime(runtime::Arguments),
    /// Send any request of the REST API, signed, and print its answer.
    Request(request::Arguments),
    /// Print the version.
    Version(version::Arguments),
    /// Print a completion script for a shell.
    Completions(completions::Arguments),
}

/// Runs a command; `binary` is the whole command line, for completions.
///
/// # Errors
/// What failed, whose fault it is and what to do; to be told by [`report`](crate::report).
pub fn run(options: &Options, command: Command, binary: clap::Command) -> Result<ExitCode> {
    run_to(Output::standard(options.json), options, command, binary)
}

fn run_to(output: Output, options: &Options, command: Command, binary: clap::Command) -> Result<ExitCode> {
    let context = Context { options, output };
    let mut code = ExitCode::SUCCESS;
    let result = match command {
        Command::Deploy(arguments) => deploy::run(&context, &arguments),
        Command::List(arguments) => list::run(&context, &arguments),
        Command::Show(arguments) => show::run(&context, &arguments),
        Command::Invoke(arguments) => invoke::run(&context, &arguments).map(|ended| code = ended),
        Command::Logs(arguments) => logs::run(&context, &arguments),
        Command::Headers(arguments) => headers::run(&context, &arguments),
        Command::Disable(arguments) => switch::disable(&context, &arguments),
        Command::Enable(arguments) => switch::enable(&context, &arguments),
        Command::Pin(arguments) => pin::run(&context, &arguments),
        Command::Export(arguments) => export::run(&context, &arguments),
        Command::Import(arguments) => import::run(&context, &arguments),
        Command::Stats(arguments) => stats::run(&context, &arguments),
        Command::Reserve(arguments) => reserve::run(&context, &arguments),
        Command::Delete(arguments) => delete::run(&context, &arguments),
        Command::Publish(arguments) => publish::run(&context, &arguments),
        Command::Versions(arguments) => versions::run(&context, &arguments),
        Command::Alias(arguments) => alias::run(&context, &arguments),
        Command::Api(arguments) => api::run(&context, &arguments),
        Command::Group(arguments) => group::run(&context, &arguments),
        Command::App(arguments) => app::run(&context, &arguments),
        Command::Audit(arguments) => audit::run(&context, &arguments),
        Command::Credentials(arguments) => credentials::run(&context, &arguments),
        Command::User(arguments) => user::run(&context, &arguments),
        Command::Key(arguments) => key::run(&context, &arguments),
        Command::Project(arguments) => project::run(&context, &arguments),
        Command::Domain(arguments) => domain::run(&context, &arguments),
        Command::Dependency(arguments) => dependency::run(&context, &arguments),
        Command::Template(arguments) => template::run(&context, &arguments),
        Command::Runtime(arguments) => runtime::run(&context, &arguments),
        Command::Request(arguments) => request::run(&context, &arguments),
        Command::Version(arguments) => version::run(&context, &arguments),
        Command::Completions(arguments) => completions::run(&context, &arguments, binary),
    };
    match result {
        Err(error) if error.is::<Closed>() => Ok(ExitCode::SUCCESS),
        Err(error) => Err(error),
        Ok(()) => Ok(code),
    }
}

/// What every command has at hand.
#[derive(Clone, Debug)]
struct Context<'a> {
    options: &'a Options,
    output: Output,
}

impl Context<'_> {
    /// A client for the service that the options lead to.
    fn client(&self) -> Result<Client> {
        Client::new(connection::find(self.options)?)
    }

    /// What the data folder says, if the options lead there and nowhere else.
    fn local_credentials(&self) -> Result<Option<Credentials>> {
        connection::local(self.options)
    }
}

/// What the service says about itself; also tells early that it is there and accepts the keys.
fn info(client: &Client) -> Result<Info> {
    Ok(client.call(info::SHOW, Call::of(&[]))?)
}

#[cfg(test)]
mod tests;
