use super::*;

fn hops() -> Vec<Hop> {
    let at = |port| SocketAddr::from(([127, 0, 0, 1], port));
    vec![Hop { listen: at(1001), server: at(2001) }, Hop { listen: at(1002), server: at(2002) }]
}

#[test]
fn nginx_keeps_its_connections_to_each_server() {
    let text = nginx_config(Path::new("/x"), &hops(), 2, false);
    for line in [
        "worker_processes 2;",
        "access_log off;",
        "upstream s1 { server 127.0.0.1:2002; keepalive 256;",
        "listen 127.0.0.1:1001; location / { proxy_pass http://s0; proxy_http_version 1.1; proxy_set_header Connection \"\"; }",
    ] {
        assert!(text.contains(line), "{line} is not in:\n{text}");
    }
}

#[test]
fn nginx_logs_into_a_buffer_when_asked_to() {
    assert!(nginx_config(Path::new("/x"), &hops(), 1, true).contains("access_log /x/access.log combined buffer=64k"));
}

#[test]
fn haproxy_has_a_front_and_a_back_for_each_server() {
    let text = haproxy_config(&hops(), 1);
    assert!(text.contains("nbthread 1\n") && text.contains("http-reuse always\n"), "{text}");
    assert!(text.contains("frontend f1\n  bind 127.0.0.1:1002\n  default_backend b1\n"), "{text}");
    assert!(text.contains("backend b0\n  server s 127.0.0.1:2001\n"), "{text}");
}
