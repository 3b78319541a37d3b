//! What a person who starts funcd needs to know next.

use std::io::Write as _;
use std::path::Path;

use crate::config::Config;
use crate::console;
use crate::up::wiring::Service;
use crate::up::{api_url, gateway_url};

/// Prints addresses, places and the next step. The one secret is the link of a first start, which is good once and for 15 minutes.
/// Nobody has to read it: a closed output changes nothing.
pub(crate) fn print(config: &Config, data_dir: &Path, service: &Service) {
    let text = format!(
        "funcd {version} is ready\n  \
         gateway   {gateway}   (functions: http://NAME.localhost:{port}/)\n  \
         API       {api}\n  \
         console   {console}\n  \
         data      {data}\n  \
         keys      `funcd credentials` prints access key, secret key and project (sealed with {key})\n\
         Next: funcd deploy DIR    Stop: Ctrl-C\n",
        version = env!("CARGO_PKG_VERSION"),
        gateway = gateway_url(config, service.gateway_address),
        port = service.gateway_address.port(),
        api = api_url(service.api_address),
        console = console(service),
        data = data_dir.display(),
        key = config.key_file.display(),
    );
    std::io::stdout().lock().write_all(text.as_bytes()).unwrap_or_default();
}

/// Where the console is, if it is anywhere.
fn console(service: &Service) -> String {
    match console::is_there() {
        true => format!("{}   (`funcd console` prints a link that signs you in)", service.console()),
        false => "not in this binary: run console/build.sh and build funcd again".to_owned(),
    }
}
