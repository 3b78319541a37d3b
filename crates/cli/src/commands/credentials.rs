//! `funcd credentials`.

use anyhow::Result;

use super::{Context, info};
use crate::credentials::{Credentials, Login};

/// Options of `funcd credentials`.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = "Examples:
  funcd credentials                   keys and addresses, for people
  funcd credentials --json            the same for programs: access_key, secret_key, project_id, region, api, gateway

The secret key is printed in the clear: keep the output to yourself.")]
pub struct Arguments {}

pub(super) fn run(context: &Context<'_>, _: &Arguments) -> Result<()> {
    let credentials = match context.local_credentials()? {
        Some(credentials) => credentials,
        None => of_service(context)?,
    };
    context.output.data(&credentials, || text(&credentials))
}

/// What a service elsewhere is reached by from here.
fn of_service(context: &Context<'_>) -> Result<Credentials> {
    let client = context.client()?;
    let info = info(&client)?;
    let connection = client.connection();
    Ok(Credentials {
        access_key: connection.access_key.clone(),
        secret_key: connection.secret_key.clone(),
        project_id: connection.project_id.clone(),
        region: info.region,
        api: connection.endpoint.to_string(),
        gateway: connection.gateway.clone().unwrap_or(info.gateway_url),
        login: None,
    })
}

fn text(credentials: &Credentials) -> String {
    let Credentials { access_key, secret_key, project_id, region, api, gateway, login } = credentials;
    let login = login.as_ref().map(|Login { domain, user, password }| {
        format!("\ndomain      {domain}\nuser        {user}\npassword    {}", password.expose())
    });
    let login = login.unwrap_or_default();
    format!(
        "access key  {access_key}\nsecret key  {}\nproject id  {project_id}\nregion      {region}\nAPI         {api}\n\
         gateway     {gateway}{login}",
        secret_key.expose()
    )
}
