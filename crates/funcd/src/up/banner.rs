//! What a person who starts funcd needs to know next.

use std::io::Write as _;
use std::path::Path;

use crate::config::Config;
use crate::up::wiring::Service;
use crate::up::{api_url, gateway_url};

/// Prints addresses, places and the next step; never a secret. Nobody has to read it: a closed output changes nothing.
pub(crate) fn print(config: &Config, data_dir: &Path, service: &Service) {
    let text = format!(
        "funcd {version} is ready\n  \
         gateway   {gateway}   (functions: http://NAME.localhost:{port}/)\n  \
         API       {api}\n  \
         data      {data}\n  \
         keys      `funcd credentials` prints access key, secret key and project (sealed with {key})\n\
         Next: funcd deploy DIR    Stop: Ctrl-C\n",
        version = env!("CARGO_PKG_VERSION"),
        gateway = gateway_url(config, service.gateway_address),
        port = service.gateway_address.port(),
        api = api_url(service.api_address),
        data = data_dir.display(),
        key = config.key_file.display(),
    );
    std::io::stdout().lock().write_all(text.as_bytes()).unwrap_or_default();
}
