//! `http-no-delay`, as its documentation asks for where pieces are to be passed on at once; gRPC by `proto h2` to the server.

use super::{Kind, Setting};

pub(super) const KIND: Kind =
    Kind { name: "HAProxy", program: "haproxy", version: &["-v"], install: "the package haproxy", set_up };

fn set_up(setting: &Setting<'_>) -> Vec<String> {
    let Setting { certificate, server, calls, ports, .. } = setting;
    let text = format!(
        "global\n  nbthread 1\n\
         defaults\n  mode http\n  option http-no-delay\n  timeout connect 5s\n  timeout client 60s\n  timeout server 60s\n  \
         timeout tunnel 60s\n\
         frontend http\n  bind {plain}\n  bind {tls} ssl crt {both} alpn h2,http/1.1\n  \
         http-request set-header X-CFF-Request-Id %[uuid()]\n  default_backend function\n\
         backend function\n  server one {server}\n\
         frontend calls\n  bind {grpc} proto h2\n  bind {grpc_tls} ssl crt {both} alpn h2\n  default_backend calls\n\
         backend calls\n  server one {calls} proto h2\n",
        both = certificate.both().display(),
        plain = ports.plain,
        tls = ports.tls,
        grpc = ports.calls,
        grpc_tls = ports.calls_tls,
    );
    vec!["-db".to_owned(), "-f".to_owned(), setting.write("haproxy.cfg", &text)]
}
