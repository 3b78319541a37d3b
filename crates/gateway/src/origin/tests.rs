use model::apig::acls::Range;

use super::*;

/// What a proxy at 10.0.0.1 says, with 10.0.0.0/8 and fd00::/8 trusted; `given` are the lines of a head, `expect` is address, scheme
/// and port.
#[track_caller]
fn check(given: &str, expect: (&str, &str, &str)) {
    let trusted = Addresses::new(vec![Range::read("10.0.0.0/8").unwrap(), Range::read("fd00::/8").unwrap()]);
    let value = HeaderValue::from_static;
    let proxy = Client {
        address: "10.0.0.1".parse().unwrap(),
        ip: value("10.0.0.1"),
        port: value("8080"),
        host: value("10.0.0.9:8080"),
        secure: false,
        proxy: true,
    };
    let mut headers = HeaderMap::new();
    for line in given.lines() {
        let (name, value) = line.split_once(": ").unwrap();
        headers.append(HeaderName::try_from(name).unwrap(), HeaderValue::from_bytes(value.as_bytes()).unwrap());
    }
    let client = behind(&proxy, &trusted, &headers);
    assert_eq!(client.ip.to_str().unwrap(), client.address.to_string());
    let scheme = if client.secure { "https" } else { "http" };
    assert_eq!((client.ip.to_str().unwrap(), scheme, client.port.to_str().unwrap()), expect, "{given:?}");
}

#[test]
fn the_last_address_that_is_no_proxys_is_the_clients() {
    for (chain, client) in [
        ("192.0.2.7", "192.0.2.7"),
        ("192.0.2.7, 10.0.0.2", "192.0.2.7"),
        ("198.51.100.1, 192.0.2.7,10.0.0.2 ,  fd00::2", "192.0.2.7"),
        ("10.0.0.3, 192.0.2.7", "192.0.2.7"),
        ("192.0.2.7\r\nx-forwarded-for: 10.0.0.2", "192.0.2.7"),
        ("2001:db8::1", "2001:db8::1"),
        ("[2001:db8::1]:4711", "2001:db8::1"),
        ("[2001:db8::1]", "2001:db8::1"),
        ("192.0.2.7:4711", "192.0.2.7"),
        ("::ffff:192.0.2.7, ::ffff:10.0.0.2", "192.0.2.7"),
    ] {
        check(&format!("x-forwarded-for: {chain}"), (client, "http", "8080"));
    }
}

#[test]
fn a_chain_of_proxies_only_begins_at_one() {
    check("x-forwarded-for: 10.0.0.4, 10.0.0.2", ("10.0.0.4", "http", "8080"));
}

#[test]
fn what_cannot_be_read_ends_the_chain() {
    for (chain, client) in [
        ("192.0.2.7, unknown, 10.0.0.2", "10.0.0.2"),
        ("192.0.2.7, unknown", "10.0.0.1"),
        ("192.0.2.7, ", "10.0.0.1"),
        ("192.0.2.300", "10.0.0.1"),
        ("\u{e4}, 10.0.0.2", "10.0.0.2"),
        ("_hidden", "10.0.0.1"),
    ] {
        check(&format!("x-forwarded-for: {chain}"), (client, "http", "8080"));
    }
}

#[test]
fn a_single_address_is_believed_where_there_is_no_chain() {
    check("x-real-ip: 192.0.2.7", ("192.0.2.7", "http", "8080"));
    check("x-real-ip: 192.0.2.7\nx-forwarded-for: 192.0.2.8", ("192.0.2.8", "http", "8080"));
    check("x-real-ip: 192.0.2.7\nx-real-ip: 192.0.2.8", ("10.0.0.1", "http", "8080"));
    check("x-real-ip: nobody", ("10.0.0.1", "http", "8080"));
    check("host: a", ("10.0.0.1", "http", "8080"));
}

#[test]
fn the_scheme_is_the_clients() {
    check("x-forwarded-for: 192.0.2.7\nx-forwarded-proto: HTTPS", ("192.0.2.7", "https", "443"));
    check("x-forwarded-proto: https\nx-forwarded-port: 8443", ("10.0.0.1", "https", "8443"));
    check("x-forwarded-proto: http\nx-forwarded-port: 70000", ("10.0.0.1", "http", "8080"));
    check("x-forwarded-proto: gopher", ("10.0.0.1", "http", "8080"));
    let chain = "x-forwarded-for: 198.51.100.1, 192.0.2.7, 10.0.0.2";
    check(&format!("{chain}\nx-forwarded-proto: http, https, http"), ("192.0.2.7", "https", "443"));
    check(&format!("{chain}\nx-forwarded-proto: https, http"), ("192.0.2.7", "http", "8080"));
}
