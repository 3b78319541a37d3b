//! TLS: which certificate is shown, what is spoken, and what is told about https.

use std::io::{Read as _, Write as _};
use std::sync::Arc;
use std::time::Duration;

use gateway::{Https, Limits, MinVersion};
use model::snapshot::{Certificate, Domain};
use rustls::version::{TLS12, TLS13};

use crate::client::Client;
use crate::secure::{Authority, Secure, listen, server, server_with};
use crate::support::wait_until;

const GET: &str = "GET /x?y HTTP/1.1\r\nHost: a.example.com\r\n\r\n";

fn shown(client: &Secure) -> Vec<u8> {
    client.stream.conn.peer_certificates().unwrap()[0].to_vec()
}

#[test]
fn the_function_learns_that_it_was_https() {
    let authority = Authority::new();
    let server = server(vec![authority.domain("a.example.com")], Https::default());
    let mut client = Secure::connect(&server, &authority.any_client(), "a.example.com").unwrap();
    for _ in 0..3 {
        let seen = client.ask(GET).seen();
        assert_eq!((seen.uri.as_str(), seen.header("x-forwarded-proto")), ("/x?y", vec!["https"]));
        let port = server.gateway.tls_addr().unwrap().port().to_string();
        assert_eq!(seen.header("x-forwarded-port"), [port]);
    }
}

#[test]
fn each_name_is_shown_its_certificate() {
    let authority = Authority::new();
    let domains =
        vec![authority.domain("a.example.com"), authority.domain("*.example.com"), authority.domain("b.example.org")];
    let server = server(domains.clone(), Https::default());
    let config = authority.any_client();
    for (name, own) in [("a.example.com", 0), ("z.example.com", 1), ("b.example.org", 2), ("B.Example.ORG", 2)] {
        let client = Secure::connect(&server, &config, name).unwrap();
        assert_eq!(shown(&client), domains[own].certificate.as_ref().unwrap().chain[0], "{name}");
    }
}

#[test]
fn a_name_without_a_certificate_is_refused() {
    let authority = Authority::new();
    let bare = Domain { certificate: None, ..(*authority.domain("bare.example.com")).clone() };
    let server = server(vec![authority.domain("a.example.com"), Arc::new(bare)], Https::default());
    let config = authority.any_client();
    for name in ["b.example.com", "a.a.example.com", "bare.example.com", "127.0.0.1"] {
        assert!(Secure::connect(&server, &config, name).is_err(), "{name}");
    }
    wait_until("four are counted", || server.gateway.counts().handshakes_failed == 4);
    assert!(Secure::connect(&server, &config, "a.example.com").is_ok());
}

#[test]
fn another_certificate_is_in_force_at_once() {
    let authority = Authority::new();
    let (first, second) = (authority.domain("a.example.com"), authority.domain("a.example.com"));
    let server = server(vec![Arc::clone(&first)], Https::default());
    let config = authority.any_client();
    let mut before = Secure::connect(&server, &config, "a.example.com").unwrap();
    assert_eq!(before.ask(GET).status, 200);
    server.publish(vec![Arc::clone(&second)]);
    let mut after = Secure::connect(&server, &authority.any_client(), "a.example.com").unwrap();
    assert_eq!(shown(&after), second.certificate.as_ref().unwrap().chain[0]);
    assert_eq!((before.ask(GET).status, after.ask(GET).status), (200, 200));
    server.publish(Vec::new());
    assert!(Secure::connect(&server, &authority.any_client(), "a.example.com").is_err());
}

#[test]
fn another_default_certificate_is_shown_from_the_next_handshake_on_and_a_broken_one_never() {
    let authority = Authority::new();
    let certificate = || Certificate::clone(authority.domain("bare.example.com").certificate.as_ref().unwrap());
    let (first, second) = (certificate(), certificate());
    let shows = first.clone();
    let server = server_with(Vec::new(), |config| config.tls.as_mut().unwrap().default = Some(shows));
    let config = authority.client(rustls::ALL_VERSIONS, &[]);
    let connect = || Secure::connect(&server, &authority.any_client(), "bare.example.com").unwrap();
    let mut before = Secure::connect(&server, &config, "bare.example.com").unwrap();
    assert_eq!(shown(&before), first.chain[0]);
    server.gateway.show_certificate(&second).unwrap();
    assert_eq!(shown(&connect()), second.chain[0]);
    let broken = Certificate { key: vec![1, 2, 3].into(), ..first };
    assert!(server.gateway.show_certificate(&broken).is_err());
    assert_eq!(shown(&connect()), second.chain[0]);
    let get = "GET /x HTTP/1.1\r\nHost: bare.example.com\r\n\r\n";
    assert_eq!(before.ask(get).status, 200, "who shook hands before goes on");
}

#[test]
fn a_client_that_comes_again_resumes() {
    let authority = Authority::new();
    let server = server(vec![authority.domain("a.example.com")], Https::default());
    for version in [&TLS12, &TLS13] {
        let config = authority.client(&[version], &[]);
        let mut kinds = Vec::new();
        for _ in 0..2 {
            let mut client = Secure::connect(&server, &config, "a.example.com").unwrap();
            client.ask(GET); // the ticket comes with it
            kinds.push(client.stream.conn.handshake_kind().unwrap());
        }
        assert_eq!(kinds[1], rustls::HandshakeKind::Resumed, "{version:?}");
    }
}

#[test]
fn the_oldest_version_is_what_was_configured() {
    let authority = Authority::new();
    let domains = vec![authority.domain("a.example.com")];
    for (oldest, old_is_fine) in [(MinVersion::Tls12, true), (MinVersion::Tls13, false)] {
        let server = server_with(domains.clone(), |config| listen(config, oldest));
        let connect = |version| Secure::connect(&server, &authority.client(&[version], &[]), "a.example.com");
        assert_eq!(connect(&TLS12).is_ok(), old_is_fine, "{oldest:?}");
        assert!(connect(&TLS13).is_ok());
    }
}

#[test]
fn the_protocol_is_agreed_on() {
    let authority = Authority::new();
    let server = server(vec![authority.domain("a.example.com")], Https::default());
    for (offered, expect) in [("h2 http/1.1", "h2"), ("http/1.1 h2", "h2"), ("http/1.1", "http/1.1"), ("", "")] {
        let offered: Vec<&[u8]> = offered.split_terminator(' ').map(str::as_bytes).collect();
        let config = authority.client(rustls::ALL_VERSIONS, &offered);
        let client = Secure::connect(&server, &config, "a.example.com").unwrap();
        assert_eq!(client.stream.conn.alpn_protocol().unwrap_or_default(), expect.as_bytes());
    }
    let strange = authority.client(rustls::ALL_VERSIONS, &[b"smtp"]);
    assert!(Secure::connect(&server, &strange, "a.example.com").is_err());
}

#[test]
fn who_agreed_on_one_protocol_cannot_speak_the_other() {
    let authority = Authority::new();
    let server = server(vec![authority.domain("a.example.com")], Https::default());
    let config = authority.client(rustls::ALL_VERSIONS, &[b"h2"]);
    let mut client = Secure::connect(&server, &config, "a.example.com").unwrap();
    client.stream.write_all(GET.as_bytes()).unwrap();
    assert_eq!(client.stream.read(&mut [0; 100]).unwrap(), 0);

    let config = authority.client(rustls::ALL_VERSIONS, &[b"http/1.1"]);
    let mut client = Secure::connect(&server, &config, "a.example.com").unwrap();
    assert_eq!(client.ask("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").status, 505);
}

#[test]
fn an_ambiguous_request_is_refused_through_tls_too() {
    let authority = Authority::new();
    let server = server(vec![authority.domain("a.example.com")], Https::default());
    let mut client = Secure::connect(&server, &authority.any_client(), "a.example.com").unwrap();
    let reply =
        client.ask("POST / HTTP/1.1\r\nHost: a.example.com\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab");
    assert_eq!((reply.status, reply.header("connection")), (400, Some("close")));
    assert_eq!(client.stream.read(&mut [0; 100]).unwrap(), 0, "closed in order");
}

#[test]
fn large_bodies_go_both_ways() {
    let authority = Authority::new();
    let server = server(vec![authority.domain("a.example.com")], Https::default());
    let mut client = Secure::connect(&server, &authority.any_client(), "a.example.com").unwrap();
    let body = "0123456789abcdef".repeat(200_000);
    let head = format!("POST / HTTP/1.1\r\nHost: a.example.com\r\nContent-Length: {}\r\n\r\n", body.len());
    assert_eq!(client.ask(&(head + &body)).seen().body, body);
}

#[test]
fn who_does_not_shake_hands_is_let_go() {
    let authority = Authority::new();
    let server = server_with(vec![authority.domain("a.example.com")], |config| {
        config.limits = Limits { handshake_timeout: Duration::from_millis(100), ..Limits::default() };
    });
    let mut silent = Client::connect(server.gateway.tls_addr().unwrap());
    let mut begun = Client::connect(server.gateway.tls_addr().unwrap());
    begun.send([0x16, 3, 1, 2, 0]);
    silent.assert_closed();
    begun.assert_closed();
    wait_until("both are counted", || server.gateway.counts().handshakes_failed == 2);
}

#[test]
fn handshakes_wait_for_a_place() {
    let authority = Authority::new();
    let server = server_with(vec![authority.domain("a.example.com")], |config| {
        config.limits = Limits { handshakes: 1, handshake_timeout: Duration::from_millis(200), ..Limits::default() };
    });
    let mut begun = Client::connect(server.gateway.tls_addr().unwrap());
    begun.send([0x16, 3, 1, 2, 0]);
    // One that says nothing takes no place; one that began gives its place back.
    let _silent = Client::connect(server.gateway.tls_addr().unwrap());
    begun.assert_closed();
    let mut client = Secure::connect(&server, &authority.any_client(), "a.example.com").unwrap();
    assert_eq!(client.ask(GET).status, 200);
}

#[test]
fn plain_http_is_sent_to_https_where_that_is_asked_for() {
    let authority = Authority::new();
    let asks = Domain { redirect: true, ..(*authority.domain("a.example.com")).clone() };
    let domains = vec![Arc::new(asks), authority.domain("b.example.com")];
    let one = server(domains.clone(), Https { port: Some(443), ..Https::default() });
    let all = server(domains, Https { redirect: true, port: Some(8443), ..Https::default() });
    let plain =
        |host: &str, method: &str| format!("{method} /x?y HTTP/1.1\r\nHost: {host}\r\nContent-Length: 0\r\n\r\n");
    for (server, host, method, status, location) in [
        (&one, "a.example.com", "GET", 301, Some("https://a.example.com/x?y")),
        (&one, "A.Example.com:80", "POST", 308, Some("https://A.Example.com/x?y")),
        (&one, "b.example.com", "GET", 200, None),
        (&all, "b.example.com", "GET", 301, Some("https://b.example.com:8443/x?y")),
        (&all, "127.0.0.1", "GET", 301, Some("https://127.0.0.1:8443/x?y")),
    ] {
        let reply = server.request(&plain(host, method));
        assert_eq!((reply.status, reply.header("location")), (status, location), "{host}");
    }
    let mut client = Secure::connect(&all, &authority.any_client(), "a.example.com").unwrap();
    assert_eq!(client.ask(GET).status, 200);
}

#[test]
fn strict_transport_is_said_by_https_only() {
    let authority = Authority::new();
    let https = Https { hsts: Some(Duration::from_secs(86_400)), ..Https::default() };
    let server = server(vec![authority.domain("a.example.com")], https);
    let mut client = Secure::connect(&server, &authority.any_client(), "a.example.com").unwrap();
    for request in [GET, "GET /x HTTP/1.1\r\nHost: nobody.localhost\r\n\r\n"] {
        assert_eq!(client.ask(request).header("strict-transport-security"), Some("max-age=86400"));
    }
    assert_eq!(server.request(GET).header("strict-transport-security"), None);
}
