//! What every command understands: where the service is, who is asking, and how to print.

use std::convert::Infallible;
use std::path::PathBuf;
use std::str::FromStr;

/// Options of every command. Each address and key can also come from the environment, a profile, or the data folder.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct Options {
    /// Print data as JSON on standard output; messages stay on standard error.
    #[arg(long, global = true, help_heading = "Global options")]
    pub json: bool,
    /// Address of the REST API, such as http://127.0.0.1:8081.
    #[arg(
        long,
        global = true,
        value_name = "URL",
        env = "FUNCD_ENDPOINT",
        hide_env_values = true,
        help_heading = "Global options"
    )]
    pub endpoint: Option<String>,
    /// Profile of ~/.config/funcd/config.toml to take address and keys from.
    #[arg(
        long,
        global = true,
        value_name = "NAME",
        env = "FUNCD_PROFILE",
        hide_env_values = true,
        help_heading = "Global options"
    )]
    pub profile: Option<String>,
    /// Data folder of the funcd on this machine; address and keys are found there.
    #[arg(
        long,
        global = true,
        value_name = "DIR",
        env = "FUNCD_DATA_DIR",
        hide_env_values = true,
        help_heading = "Global options"
    )]
    pub data_dir: Option<PathBuf>,
    /// Access key to sign requests with.
    #[arg(
        long,
        global = true,
        value_name = "AK",
        env = "FUNCD_ACCESS_KEY",
        hide_env_values = true,
        help_heading = "Global options"
    )]
    pub access_key: Option<String>,
    /// Secret key to sign requests with; better given in the environment, where other users do not see it.
    #[arg(
        long,
        global = true,
        value_name = "SK",
        env = "FUNCD_SECRET_KEY",
        hide_env_values = true,
        help_heading = "Global options"
    )]
    pub secret_key: Option<SecretKey>,
    /// Project id.
    #[arg(
        long,
        global = true,
        value_name = "ID",
        env = "FUNCD_PROJECT_ID",
        hide_env_values = true,
        help_heading = "Global options"
    )]
    pub project: Option<String>,
    /// Region name.
    #[arg(
        long,
        global = true,
        value_name = "NAME",
        env = "FUNCD_REGION",
        hide_env_values = true,
        help_heading = "Global options"
    )]
    pub region: Option<String>,
}

/// A secret key; its `Debug` is a row of stars.
#[derive(Clone, Default, PartialEq, Eq, serde::Deserialize, serde::Serialize)]
#[serde(transparent)]
pub struct SecretKey(String);

impl SecretKey {
    /// The key itself; the name makes each use easy to find.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl FromStr for SecretKey {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(Self(text.to_owned()))
    }
}

impl std::fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SecretKey(***)")
    }
}
