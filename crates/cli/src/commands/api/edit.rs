//! `funcd api create` and `funcd api edit`.

use anyhow::Result;
use clap::ValueEnum;
use wire::apig::apis::{self as shape, Api, ApiRequest, AuthOpt, FuncInfo};

use super::release;
use crate::client::Call;
use crate::commands::gateway::Gateway;
use crate::commands::{Context, function, info};
use crate::output::escape;

pub(super) const CREATE_HELP: &str =
    "An API answers nobody before it is published. Parameters of a path stand in braces.

Examples:
  funcd api create orders --function web --path /orders --publish
  funcd api create order --function web --group shop --path '/orders/{id}' --method GET --match exact
  funcd api create orders --function web --path /orders --auth app --simple-auth
  funcd api create orders --function web --path /orders --alias prod --timeout 30000";

pub(super) const EDIT_HELP: &str = "What is not given stays. Nothing changes for callers before `funcd api publish`.

Examples:
  funcd api edit API_web --path /user/get && funcd api publish API_web
  funcd api edit orders --auth iam
  funcd api edit orders --version v2";

/// Options of `funcd api create`.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct Create {
    /// Name of the API: 3 to 255 characters, the first a letter or a digit; unique in its group.
    #[arg(value_name = "NAME")]
    name: String,
    /// Name of the function that it calls, `package:name`, or its URN.
    #[arg(long, value_name = "FUNCTION")]
    function: String,
    /// Name or id of the group that it belongs to.
    #[arg(long, value_name = "GROUP", default_value = "DEFAULT")]
    group: String,
    /// Path of its requests, such as /orders or '/orders/{id}'.
    #[arg(long, value_name = "PATH")]
    path: String,
    #[command(flatten)]
    settings: Settings,
    /// Publish it in RELEASE, too.
    #[arg(long)]
    publish: bool,
}

/// Options of `funcd api edit`.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct Edit {
    #[command(flatten)]
    api: super::Named,
    /// Another name.
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// Another function to call, by its name, `package:name`, or its URN.
    #[arg(long, value_name = "FUNCTION")]
    function: Option<String>,
    /// Another group, by its name or id.
    #[arg(long, value_name = "GROUP")]
    group: Option<String>,
    /// Another path, such as /orders or '/orders/{id}'.
    #[arg(long, value_name = "PATH")]
    path: Option<String>,
    #[command(flatten)]
    settings: Settings,
}

/// What both may say.
#[derive(Clone, Debug, clap::Args)]
struct Settings {
    /// Method of its requests: ANY, GET, POST, PUT, DELETE, HEAD, PATCH or OPTIONS.
    #[arg(long, value_name = "METHOD")]
    method: Option<String>,
    /// Whether the path is all of it, or what follows it is the API's, too.
    #[arg(long = "match", value_name = "MODE")]
    mode: Option<Match>,
    /// Who may call it.
    #[arg(long, value_name = "WHO")]
    auth: Option<Auth>,
    /// With --auth authorizer: id of the custom authorizer.
    #[arg(long, value_name = "ID")]
    authorizer: Option<String>,
    /// With --auth app: an AppCode is enough (X-Apig-AppCode).
    #[arg(long)]
    simple_auth: bool,
    /// Milliseconds that the function may take, 1 to 60000.
    #[arg(long, value_name = "MS")]
    timeout: Option<i64>,
    /// The published version of the function that it calls.
    #[arg(long, value_name = "VERSION", conflicts_with = "alias")]
    version: Option<String>,
    /// The alias of the function that it calls.
    #[arg(long, value_name = "ALIAS")]
    alias: Option<String>,
    /// What to remember about it, at most 255 characters.
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Match {
    /// The path as it is.
    Exact,
    /// The path and everything below it.
    Prefix,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Auth {
    /// Anyone.
    None,
    /// Apps that it was opened to (`funcd app authorize`).
    App,
    /// Users whose policies allow it.
    Iam,
    /// Whom a function lets in.
    Authorizer,
}

impl Settings {
    /// Puts what was given over what is there.
    fn overlay(&self, request: &mut ApiRequest) {
        let over = |field: &mut Option<String>, given: Option<String>| {
            if given.is_some() {
                *field = given;
            }
        };
        over(&mut request.req_method, self.method.as_ref().map(|method| method.to_ascii_uppercase()));
        let mode = self.mode.map(|mode| match mode {
            Match::Exact => "NORMAL",
            Match::Prefix => "SWA",
        });
        over(&mut request.match_mode, mode.map(str::to_owned));
        let auth = self.auth.map(|auth| match auth {
            Auth::None => "NONE",
            Auth::App => "APP",
            Auth::Iam => "IAM",
            Auth::Authorizer => "AUTHORIZER",
        });
        over(&mut request.auth_type, auth.map(str::to_owned));
        over(&mut request.authorizer_id, self.authorizer.clone());
        over(&mut request.remark, self.description.clone());
        if self.simple_auth {
            request.auth_opt = Some(AuthOpt { app_code_auth_type: Some("HEADER".to_owned()) });
        }
        let back_end = request.func_info.get_or_insert_default();
        back_end.timeout = self.timeout.or(back_end.timeout);
        if let Some(version) = &self.version {
            (back_end.version, back_end.alias_urn) = (Some(version.clone()), None);
        }
        if let Some(alias) = &self.alias {
            let urn = back_end.function_urn.as_deref().unwrap_or_default();
            (back_end.version, back_end.alias_urn) = (None, Some(format!("{urn}:!{alias}")));
        }
    }
}

pub(super) fn create(context: &Context<'_>, gateway: &Gateway, wanted: &Create) -> Result<()> {
    let mut request = ApiRequest {
        name: Some(wanted.name.clone()),
        r#type: Some(1),
        req_protocol: Some("BOTH".to_owned()),
        req_method: Some("ANY".to_owned()),
        match_mode: Some("SWA".to_owned()),
        auth_type: Some("NONE".to_owned()),
        backend_type: Some("FUNCTION".to_owned()),
        req_uri: Some(wanted.path.clone()),
        group_id: Some(gateway.group(&wanted.group)?.id),
        func_info: Some(FuncInfo {
            function_urn: Some(urn(gateway, &wanted.function)?),
            invocation_type: Some("sync".to_owned()),
            network_type: Some("V2".to_owned()),
            timeout: Some(60_000),
            ..FuncInfo::default()
        }),
        ..ApiRequest::default()
    };
    wanted.settings.overlay(&mut request);
    let made: Api = gateway.client.call(shape::CREATE, Call::of(&[&gateway.id]).body(&request)?)?;
    if wanted.publish {
        return release::online(context, gateway, &made, &release::Place::default());
    }
    let name = made.name.as_deref().unwrap_or_default();
    context.output.data(&made, || {
        let name = escape(name);
        format!("made API {name}; `funcd api publish {name}` lets it answer")
    })
}

pub(super) fn edit(context: &Context<'_>, gateway: &Gateway, wanted: &Edit) -> Result<()> {
    let api = gateway.api(&wanted.api.api)?;
    let id = api.id.clone();
    let mut request = as_request(api)?;
    if let Some(group) = &wanted.group {
        request.group_id = Some(gateway.group(group)?.id);
    }
    if let Some(function) = &wanted.function {
        let back_end = request.func_info.get_or_insert_default();
        back_end.function_urn = Some(urn(gateway, function)?);
        (back_end.version, back_end.alias_urn) = (None, None);
    }
    request.name = wanted.name.clone().or(request.name);
    request.req_uri = wanted.path.clone().or(request.req_uri);
    wanted.settings.overlay(&mut request);
    let changed: Api = gateway.client.call(shape::UPDATE, Call::of(&[&gateway.id, &id]).body(&request)?)?;
    let name = changed.name.as_deref().unwrap_or_default();
    context.output.data(&changed, || {
        let name = escape(name);
        format!("edited API {name}; `funcd api publish {name}` lets it answer like that")
    })
}

fn urn(gateway: &Gateway, typed: &str) -> Result<String> {
    Ok(function::urn(&gateway.client, &info(&gateway.client)?.region, typed))
}

/// What is edited, as a request for the same.
fn as_request(api: Api) -> Result<ApiRequest> {
    let mut request: ApiRequest = serde_json::from_value(serde_json::to_value(api)?)?;
    if let Some(back_end) = &mut request.func_info {
        (back_end.id, back_end.register_time, back_end.status, back_end.update_time) = (None, None, None, None);
    }
    for parameter in request.req_params.iter_mut().flatten() {
        parameter.id = None;
    }
    for parameter in request.backend_params.iter_mut().flatten() {
        (parameter.id, parameter.req_param_id) = (None, None);
    }
    Ok(request)
}
