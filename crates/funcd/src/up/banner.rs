//! What a person who starts funcd needs to know next.

use std::path::Path;

use crate::config::Config;
use crate::up::wiring::Service;
use crate::up::{api_url, gateway_url};

/// Prints addresses, places and the next step; never a secret.
#[expect(clippy::print_stdout, reason = "the answer to `funcd up`")]
pub(crate) fn print(config: &Config, data_dir: &Path, service: &Service) {
    println!("funcd {} is ready", env!("CARGO_PKG_VERSION"));
    println!(
        "  gateway   {}   (functions: http://NAME.localhost:{}/)",
        gateway_url(config, service.gateway_address),
        service.gateway_address.port()
    );
    println!("  API       {}", api_url(service.api_address));
    println!("  data      {}", data_dir.display());
    println!(
        "  keys      `funcd credentials` prints access key, secret key and project (secrets are sealed with {})",
        config.key_file.display()
    );
    println!("Next: funcd deploy DIR    Stop: Ctrl-C");
}
