//! No time limit of a route, `websocket` among the upgrades, trailers of HTTP/1.1 on both sides, names with underscores dropped; gRPC by a
//! cluster that speaks HTTP/2.

use std::net::SocketAddr;

use serde_json::{Value, json};

use super::{Kind, Setting};

pub(super) const KIND: Kind =
    Kind { name: "Envoy", program: "envoy", version: &["--version"], install: "e2e/semantics/build.sh", set_up };

const MANAGER: &str =
    "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager";
const ROUTER: &str = "type.googleapis.com/envoy.extensions.filters.http.router.v3.Router";
const TLS: &str = "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext";
const OPTIONS: &str = "type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions";

fn set_up(setting: &Setting<'_>) -> Vec<String> {
    let Setting { server, calls, ports, .. } = setting;
    let config = json!({"static_resources": {
        "listeners": [
            listener("plain", ports.plain, "function", None),
            listener("tls", ports.tls, "function", Some(setting)),
            listener("calls", ports.calls, "calls", None),
            listener("calls_tls", ports.calls_tls, "calls", Some(setting)),
        ],
        "clusters": [
            cluster("function", *server, &json!({"http_protocol_options": {"enable_trailers": true}})),
            cluster("calls", *calls, &json!({"http2_protocol_options": {}})),
        ],
    }});
    let file = setting.write("envoy.json", &config.to_string());
    ["-c", &file, "--concurrency", "1", "--disable-hot-restart", "--log-level", "error"].map(str::to_owned).into()
}

fn address(address: SocketAddr) -> Value {
    json!({"socket_address": {"address": address.ip().to_string(), "port_value": address.port()}})
}

fn listener(name: &str, at: SocketAddr, cluster: &str, tls: Option<&Setting<'_>>) -> Value {
    let route = json!({"match": {"prefix": "/"}, "route": {"cluster": cluster, "timeout": "0s"}});
    let identity = json!({
        "append_action": "OVERWRITE_IF_EXISTS_OR_ADD",
        "header": {"key": "X-CFF-Request-Id", "value": "%REQ(X-REQUEST-ID)%"},
    });
    let manager = json!({
        "@type": MANAGER,
        "stat_prefix": name,
        "codec_type": "AUTO",
        "http_protocol_options": {"enable_trailers": true},
        "common_http_protocol_options": {"headers_with_underscores_action": "DROP_HEADER"},
        "upgrade_configs": [{"upgrade_type": "websocket"}],
        "route_config": {"virtual_hosts": [{
            "name": "all", "domains": ["*"], "routes": [route], "request_headers_to_add": [identity],
        }]},
        "http_filters": [{"name": "envoy.filters.http.router", "typed_config": {"@type": ROUTER}}],
    });
    let mut chain = json!({"filters": [{
        "name": "envoy.filters.network.http_connection_manager", "typed_config": manager,
    }]});
    if let Some(setting) = tls {
        let file = |path: std::path::PathBuf| json!({"filename": path.to_str().unwrap()});
        let own = &setting.certificate;
        chain["transport_socket"] = json!({"name": "envoy.transport_sockets.tls", "typed_config": {
            "@type": TLS,
            "common_tls_context": {
                "alpn_protocols": ["h2", "http/1.1"],
                "tls_certificates": [{"certificate_chain": file(own.chain()), "private_key": file(own.key())}],
            },
        }});
    }
    json!({"name": name, "address": address(at), "filter_chains": [chain]})
}

fn cluster(name: &str, server: SocketAddr, speaks: &Value) -> Value {
    json!({
        "name": name,
        "type": "STATIC",
        "connect_timeout": "5s",
        "load_assignment": {"cluster_name": name, "endpoints": [
            {"lb_endpoints": [{"endpoint": {"address": address(server)}}]},
        ]},
        "typed_extension_protocol_options": {
            "envoy.extensions.upstreams.http.v3.HttpProtocolOptions":
                {"@type": OPTIONS, "explicit_http_config": speaks},
        },
    })
}
