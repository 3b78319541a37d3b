//! `funcd app`: who may call APIs that ask for an app.

use anyhow::{Result, bail};
use serde_json::json;
use wire::apig::app_auths::{self, Grant, GrantRequest, GrantResponse, ListGrantsResponse, ListOpenApisResponse};
use wire::apig::app_codes::{self, AppCode, AppCodeRequest};
use wire::apig::apps::{self, App, AppRequest, ListAppsResponse};

use super::Context;
use super::gateway::Gateway;
use crate::client::Call;
use crate::output::{Table, escape};

/// The environment that everything is published in unless said otherwise.
const RELEASE: &str = "DEFAULT_ENVIRONMENT_RELEASE_ID";
/// Items of a page: as many as one may have.
const PAGE: usize = 500;

/// Options of `funcd app`.
#[derive(Clone, Debug, clap::Args)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Clone, Debug, clap::Subcommand)]
enum Command {
    /// Make an app: a key and a secret that sign requests.
    #[command(after_help = "Requests are signed as SDKs do it (SDK-HMAC-SHA256), with the app's key and secret.

Examples:
  funcd app create shop
  funcd app create shop --json | jq -r .app_secret")]
    Create {
        /// Name of the app: 3 to 64 letters, digits and '_'.
        #[arg(value_name = "APP")]
        name: String,
        /// A key of your own, 8 to 200 characters; its secret is asked for with --secret-file.
        #[arg(long, value_name = "KEY")]
        key: Option<String>,
        /// A file with a secret of your own, 8 to 128 characters.
        #[arg(long, value_name = "FILE")]
        secret_file: Option<std::path::PathBuf>,
        /// What to remember about it, at most 255 characters.
        #[arg(long, value_name = "TEXT")]
        description: Option<String>,
    },
    /// List the apps and the APIs they may call.
    #[command(after_help = "Examples:\n  funcd app list\n  funcd app list --json | jq -r '.[].app_key'")]
    List,
    /// Let an app call an API that asks for one (a trigger or API with auth APP).
    #[command(after_help = "Examples:\n  funcd app authorize shop orders\n  funcd app authorize shop orders --cancel")]
    Authorize {
        /// Name or id of the app.
        #[arg(value_name = "APP")]
        app: String,
        /// Name or id of the API.
        #[arg(value_name = "API")]
        api: String,
        /// Id of the environment.
        #[arg(long, value_name = "ENV", default_value = RELEASE)]
        env: String,
        /// Take it back.
        #[arg(long)]
        cancel: bool,
    },
    /// Give an app a code, which it may send as X-Apig-AppCode where the API takes that.
    #[command(
        after_help = "Examples:\n  curl -H \"X-Apig-AppCode: $(funcd app code shop)\" http://127.0.0.1:8080/orders"
    )]
    Code {
        /// Name or id of the app.
        #[arg(value_name = "APP")]
        app: String,
        /// A file with a code of your own, 64 to 180 characters.
        #[arg(long, value_name = "FILE")]
        code_file: Option<std::path::PathBuf>,
    },
    /// Delete an app with its codes and authorizations.
    #[command(after_help = "Examples:\n  funcd app delete shop")]
    Delete {
        /// Name or id of the app.
        #[arg(value_name = "APP")]
        app: String,
    },
}

pub(super) fn run(context: &Context<'_>, arguments: &Arguments) -> Result<()> {
    let gateway = Gateway::ask(context)?;
    let client = &gateway.client;
    match &arguments.command {
        Command::Create { name, key, secret_file, description } => {
            let request = AppRequest {
                name: Some(name.clone()),
                remark: description.clone(),
                app_key: key.clone(),
                app_secret: secret_file.as_deref().map(text_of).transpose()?,
                ..AppRequest::default()
            };
            let app: App = client.call(apps::CREATE, Call::of(&[&gateway.id]).body(&request)?)?;
            context.output.data(&app, || shown(&app))
        }
        Command::List => list(context, &gateway),
        Command::Authorize { app, api, env, cancel } => {
            let app = gateway.app(app)?;
            match cancel {
                true => gateway.revoke(context, &app, api, env),
                false => gateway.authorize(context, &app, api, env),
            }
        }
        Command::Code { app, code_file } => {
            let app = gateway.app(app)?;
            let place = [gateway.id.as_str(), &app.id];
            let code: AppCode = match code_file.as_deref().map(text_of).transpose()? {
                None => client.call(app_codes::CREATE_AUTO, Call::of(&place))?,
                Some(own) => {
                    let request = AppCodeRequest { app_code: Some(own) };
                    client.call(app_codes::CREATE, Call::of(&place).body(&request)?)?
                }
            };
            context.output.data(&code, || escape(&code.app_code).to_string())
        }
        Command::Delete { app } => {
            let app = gateway.app(app)?;
            client.perform(apps::DELETE, Call::of(&[&gateway.id, &app.id]))?;
            let deleted = json!({ "id": app.id, "name": app.name, "deleted": true });
            context.output.data(&deleted, || format!("deleted app {}", escape(&app.name)))
        }
    }
}

/// A secret from a file, so that it is in no list of processes.
fn text_of(path: &std::path::Path) -> Result<String> {
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(text.trim_end_matches(['\r', '\n']).to_owned()),
        Err(error) => bail!("cannot read {}: {error}", path.display()),
    }
}

fn shown(app: &App) -> String {
    let [name, id, key, secret] = [&app.name, &app.id, &app.app_key, &app.app_secret].map(|text| escape(text));
    format!("app     {name}\nid      {id}\nkey     {key}\nsecret  {secret}")
}

fn list(context: &Context<'_>, gateway: &Gateway) -> Result<()> {
    let apps = gateway.apps()?;
    if apps.is_empty() && !context.output.json {
        context.output.note("no apps yet: `funcd app create APP` makes one");
        return Ok(());
    }
    context.output.data(&apps, || {
        let mut table = Table::new(&["APP", "ID", "KEY", "APIS", "DESCRIPTION"]);
        for app in &apps {
            let apis = app.bind_num.unwrap_or_default().to_string();
            table.row([app.name.as_str(), &app.id, &app.app_key, &apis, &app.remark]);
        }
        table.text()
    })
}

impl Gateway {
    fn apps(&self) -> Result<Vec<App>> {
        self.all(apps::LIST, &[], |page: ListAppsResponse| page.apps)
    }

    /// By id or by name, which are never the same.
    fn app(&self, named: &str) -> Result<App> {
        let found = self.apps()?.into_iter().find(|app| app.id == named || app.name == named);
        match found {
            Some(app) => Ok(app),
            None => bail!("there is no app {}: `funcd app list` shows them", escape(named)),
        }
    }

    fn granted(&self, app: &App, env: &str) -> Result<Vec<Grant>> {
        let query = [("app_id", app.id.clone()), ("env_id", env.to_owned()), ("limit", PAGE.to_string())];
        let place = [self.id.as_str()];
        let call = Call { query: &query, ..Call::of(&place) };
        Ok(self.client.call::<ListGrantsResponse>(app_auths::LIST_APIS, call)?.auths)
    }

    fn authorize(&self, context: &Context<'_>, app: &App, api: &str, env: &str) -> Result<()> {
        let there = self.granted(app, env)?.into_iter().find(|grant| grant.api_id == api || grant.api_name == api);
        let id = match there {
            Some(grant) => grant.api_id,
            None => self.open_api(app, api, env)?,
        };
        let request =
            GrantRequest { env_id: Some(env.to_owned()), app_ids: Some(vec![app.id.clone()]), api_ids: Some(vec![id]) };
        let answer: GrantResponse = self.client.call(app_auths::CREATE, Call::of(&[&self.id]).body(&request)?)?;
        if let Some(failed) = answer.auths.iter().find(|auth| auth.auth_result.status == "FAILED") {
            bail!("{}: {}", failed.auth_result.error_code, failed.auth_result.error_msg);
        }
        context.output.data(&answer.auths, || format!("app {} may call API {}", escape(&app.name), escape(api)))
    }

    /// The id of an API that the app may not call yet.
    fn open_api(&self, app: &App, api: &str, env: &str) -> Result<String> {
        let query = [("app_id", app.id.clone()), ("env_id", env.to_owned()), ("limit", PAGE.to_string())];
        let place = [self.id.as_str()];
        let call = Call { query: &query, ..Call::of(&place) };
        let listed: ListOpenApisResponse = self.client.call(app_auths::LIST_OTHERS, call)?;
        let found = listed.apis.into_iter().find(|open| open.id == api || open.name == api);
        match found {
            Some(open) => Ok(open.id),
            None => bail!(
                "no API {} with auth APP is published in that environment: a trigger with auth APP makes one",
                escape(api)
            ),
        }
    }

    fn revoke(&self, context: &Context<'_>, app: &App, api: &str, env: &str) -> Result<()> {
        let found = self.granted(app, env)?.into_iter().find(|grant| grant.api_id == api || grant.api_name == api);
        let Some(grant) = found else {
            bail!("app {} is not authorized for API {} there", escape(&app.name), escape(api))
        };
        self.client.perform(app_auths::DELETE, Call::of(&[&self.id, &grant.id]))?;
        let cancelled = json!({ "id": grant.id, "app_id": app.id, "api_id": grant.api_id, "cancelled": true });
        context
            .output
            .data(&cancelled, || format!("app {} may not call API {} any more", escape(&app.name), escape(api)))
    }
}
