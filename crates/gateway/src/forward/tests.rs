use super::*;

fn client() -> Client {
    let value = HeaderValue::from_static;
    let address = "192.0.2.1".parse().unwrap();
    Client {
        address,
        ip: value("192.0.2.1"),
        port: value("8080"),
        host: value("10.0.0.1:8080"),
        secure: false,
        proxy: false,
    }
}

/// `given` and `expect` are `name: value` lines of heads.
#[track_caller]
fn check(given: &str, expect: &[(&str, Option<&str>)]) {
    let mut request = http::Request::get("/");
    for line in given.lines() {
        let (name, value) = line.split_once(": ").unwrap();
        request = request.header(name, value);
    }
    let parts =
        super::request(request.body(()).unwrap().into_parts().0, &client(), &HeaderValue::from_static("id"), false);
    for (name, value) in expect {
        let got: Vec<_> = parts.headers.get_all(*name).iter().map(|value| value.to_str().unwrap()).collect();
        assert_eq!(got, Vec::from_iter(*value), "{name} of {given:?}");
    }
}

#[test]
fn the_function_learns_who_asked_and_how() {
    check(
        "host: web.localhost:80",
        &[
            ("host", Some("web.localhost:80")),
            ("x-real-ip", Some("192.0.2.1")),
            ("x-forwarded-for", Some("192.0.2.1")),
            ("x-forwarded-host", Some("web.localhost:80")),
            ("x-forwarded-port", Some("80")),
            ("x-forwarded-proto", Some("http")),
            ("x-request-id", Some("id")),
        ],
    );
}

#[test]
fn a_chain_of_proxies_that_the_client_tells_is_not_believed() {
    check("x-forwarded-for: a, b\nx-forwarded-for: c", &[("x-forwarded-for", Some("192.0.2.1"))]);
    check("x-forwarded-for: a\nconnection: x-forwarded-for", &[("x-forwarded-for", Some("192.0.2.1"))]);
    check("x_forwarded_for: a", &[("x-forwarded-for", Some("192.0.2.1")), ("x_forwarded_for", None)]);
}

#[test]
fn what_the_client_says_about_itself_is_replaced() {
    check(
        "host: a:81\nx-real-ip: 1\nx-forwarded-proto: https\nx-forwarded-host: b\nx-forwarded-port: 1\nx_real_ip: 1",
        &[
            ("x-real-ip", Some("192.0.2.1")),
            ("x-forwarded-proto", Some("http")),
            ("x-forwarded-host", Some("a:81")),
            ("x-forwarded-port", Some("81")),
            ("x_real_ip", None),
        ],
    );
}

#[test]
fn a_request_without_host_gets_ours() {
    check("", &[("host", Some("10.0.0.1:8080")), ("x-forwarded-port", Some("8080"))]);
}

#[test]
fn trailers_are_asked_for_when_the_client_can_take_them() {
    check("te: gzip, Trailers", &[("te", Some("trailers"))]);
    check("te: gzip", &[("te", None)]);
}

#[test]
fn an_absolute_target_is_forwarded_as_path_and_query() {
    for (given, expect) in [("http://a/b%20c?d=%E4", "/b%20c?d=%E4"), ("http://a", "/"), ("/x?y", "/x?y")] {
        let parts = http::Request::get(given).body(()).unwrap().into_parts().0;
        assert_eq!(request(parts, &client(), &HeaderValue::from_static("id"), false).uri.to_string(), expect);
    }
}

#[test]
fn the_port_is_no_part_of_the_host() {
    for (given, expect) in [("a:80", "a"), ("a", "a"), ("a.:80", "a"), ("[::1]:80", "::1"), ("[::1]", "::1"), ("", "")]
    {
        assert_eq!(without_port(given), expect);
    }
}
