//! `flush_interval -1` (pass pieces on at once), h2c allowed; gRPC by an `h2c` upstream.

use super::{Kind, Setting};

pub(super) const KIND: Kind =
    Kind { name: "Caddy", program: "caddy", version: &["version"], install: "e2e/semantics/build.sh", set_up };

fn set_up(setting: &Setting<'_>) -> Vec<String> {
    let Setting { certificate, server, calls, ports, .. } = setting;
    let port = |address: std::net::SocketAddr| address.port();
    let tls = format!("tls {} {}", certificate.chain().display(), certificate.key().display());
    let function = format!(
        "bind 127.0.0.1\n reverse_proxy {server} {{\n flush_interval -1\n header_up X-CFF-Request-Id {{http.request.uuid}}\n }}\n"
    );
    let grpc = format!("bind 127.0.0.1\n reverse_proxy h2c://{calls} {{\n flush_interval -1\n }}\n");
    let text = format!(
        "{{\n admin off\n auto_https off\n persist_config off\n servers {{\n protocols h1 h2 h2c\n }}\n}}\n\
         http://:{} {{\n {function}}}\nhttps://:{} {{\n {tls}\n {function}}}\n\
         http://:{} {{\n {grpc}}}\nhttps://:{} {{\n {tls}\n {grpc}}}\n",
        port(ports.plain),
        port(ports.tls),
        port(ports.calls),
        port(ports.calls_tls),
    );
    let file = setting.write("Caddyfile", &text);
    ["run", "--adapter", "caddyfile", "--config", &file].map(str::to_owned).into()
}
