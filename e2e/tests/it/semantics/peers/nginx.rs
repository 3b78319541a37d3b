//! `proxy_buffering` and `proxy_request_buffering` off, HTTP/1.1 and keep-alive to the server, `Upgrade` passed on, no limit of the body;
//! gRPC by `grpc_pass`. It tells HTTP/2 from HTTP/1.1 by ALPN only.

use super::{Kind, Setting};

pub(super) const KIND: Kind =
    Kind { name: "nginx", program: "nginx", version: &["-v"], install: "the package nginx-light", set_up };

fn set_up(setting: &Setting<'_>) -> Vec<String> {
    let Setting { folder, certificate, server, calls, ports } = setting;
    let text = format!(
        "pid {dir}/pid; user root; worker_processes 1; error_log {dir}/error.log;
         events {{ worker_connections 1024; }}
         http {{
           access_log off;
           client_body_temp_path {dir}/body; proxy_temp_path {dir}/proxy; fastcgi_temp_path {dir}/fastcgi;
           uwsgi_temp_path {dir}/uwsgi; scgi_temp_path {dir}/scgi;
           ssl_certificate {chain}; ssl_certificate_key {key};
           upstream function {{ server {server}; keepalive 16; }}
           map $http_upgrade $connection_wanted {{ default upgrade; '' ''; }}
           server {{ listen {defaults}; location / {{ proxy_pass http://{server}; }} }}
           server {{
             listen {plain}; listen {http2} http2; listen {tls} ssl http2;
             client_max_body_size 0;
             location / {{
               proxy_pass http://function; proxy_http_version 1.1;
               proxy_buffering off; proxy_request_buffering off;
               proxy_set_header Host $http_host; proxy_set_header X-CFF-Request-Id $request_id;
               proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection $connection_wanted;
             }}
           }}
           server {{
             listen {grpc} http2; listen {grpc_tls} ssl http2;
             client_max_body_size 0;
             location / {{ grpc_pass grpc://{calls}; }}
           }}
         }}",
        dir = folder.display(),
        chain = certificate.chain().display(),
        key = certificate.key().display(),
        defaults = ports.defaults,
        plain = ports.plain,
        http2 = ports.http2,
        tls = ports.tls,
        grpc = ports.calls,
        grpc_tls = ports.calls_tls,
    );
    let file = setting.write("nginx.conf", &text);
    let folder = folder.to_str().unwrap().to_owned();
    ["-g", "daemon off;", "-p", &folder, "-c", &file].map(str::to_owned).into()
}
