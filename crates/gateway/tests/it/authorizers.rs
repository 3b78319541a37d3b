//! Custom authentication: what the deciding function is asked, how its answer counts, and for how long.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::Response;
use model::apig::authorizer::{Authorizer, Identity, Location, Settings};
use model::invoke::{self, Invocation};
use model::secret::Secret;
use serde_json::{Value, json};

use crate::client::Reply;
use crate::support::{Server, echo, read};

/// `kept` keeps decisions by the header `x-word` and the parameter `who`; `fresh` asks each time, with the body.
pub(crate) fn authorizers() -> Vec<Authorizer> {
    let at = model::time::now();
    let identity = |name: &str, location| Identity { name: name.into(), location };
    let authorizer = |id: &str, ttl, identities, need_body| Authorizer {
        id: id.into(),
        project: "p".into(),
        name: id.into(),
        settings: Settings {
            package: "default".into(),
            function: "decide".into(),
            qualifier: "latest".into(),
            identities,
            ttl,
            need_body,
        },
        user_data: Secret::new("the-password"),
        created: at,
        modified: at,
    };
    let by = vec![identity("x-word", Location::Header), identity("who", Location::Query)];
    vec![authorizer("kept", 60, by, false), authorizer("fresh", 0, Vec::new(), true)]
}

/// A server whose authorizer answers `decision`, and how often it was asked.
fn server(decision: impl Fn(Value) -> Value + Send + Sync + 'static) -> (Server, Arc<AtomicUsize>) {
    let asked = Arc::new(AtomicUsize::new(0));
    let (count, decision) = (Arc::clone(&asked), Arc::new(decision));
    let server = Server::new(move |invocation: Invocation| {
        let (count, decision) = (Arc::clone(&count), Arc::clone(&decision));
        async move {
            if invocation.version.function.name != "decide" {
                return echo(invocation).await;
            }
            count.fetch_add(1, Ordering::Relaxed);
            assert_eq!((invocation.request.method().as_str(), invocation.request.uri().path()), ("POST", "/"));
            let event = serde_json::from_slice(&read(invocation.request.into_body()).await?).unwrap();
            Ok(Response::new(invoke::full(decision(event).to_string())))
        }
    });
    (server, asked)
}

fn get(server: &Server, target: &str, headers: &str) -> Reply {
    server.request(&format!("GET {target} HTTP/1.1\r\nHost: closed.localhost\r\n{headers}\r\n"))
}

#[track_caller]
fn refused(reply: &Reply, status: u16, code: &str) {
    assert_eq!((reply.status, reply.error().error_code.as_str()), (status, code), "{reply:?}");
}

#[test]
fn the_function_is_asked_with_the_whole_request_and_its_context_goes_on() {
    let (server, _) = server(|event| {
        let (id, port) = (&event["requestContext"]["requestId"], &event["headers"]["x-forwarded-port"]);
        assert!(id.as_str().is_some_and(|id| !id.is_empty()) && port.is_string(), "{event}");
        let context = json!({"apiId": "app", "requestId": id, "stage": "RELEASE", "sourceIp": "127.0.0.1"});
        let expect = json!({
            "body": "", "isBase64Encoded": true, "httpMethod": "GET", "path": "/kept/x", "pathParameters": {"": "x"},
            "queryStringParameters": {"who": "ann b", "many": ["1", "2"]}, "requestContext": context,
            "headers": {
                "host": "closed.localhost", "x-word": "w", "x-two": "a, b", "cookie": "a=1; b=2", "x-real-ip": "127.0.0.1",
                "x-forwarded-for": "127.0.0.1", "x-forwarded-host": "closed.localhost", "x-forwarded-port": port,
                "x-forwarded-proto": "http", "x-request-id": id, "x-apig-hops": "1",
            },
            "user_data": "the-password",
        });
        assert_eq!(event, expect, "the event of behaviour.md 7.2.1, and nothing else");
        json!({"status": "allow", "context": {"user": "ann", "name": "é"}})
    });
    let forged = "X-Word: w\r\nX-Two: a\r\nX-Two: b\r\nCookie: a=1\r\nCookie: b=2\r\nX-Forwarded-For: 192.0.2.9\r\nConnection: close\r\nX-Apig-Authorizer-Context: {\"user\":\"admin\"}\r\n";
    let seen = get(&server, "/kept/x?who=ann+b&many=1&many=2", forged).seen();
    assert_eq!(seen.header("x-apig-authorizer-context"), ["{\"name\":\"\\u00e9\",\"user\":\"ann\"}"]);
    assert_eq!(seen.header("x-word"), ["w"], "what is the owner's own proof is not the gateway's to take");
}

#[test]
fn the_function_learns_the_parameters_of_the_path() {
    let (server, _) = server(|event| {
        let allowed = event["pathParameters"] == json!({"tenant": "a b", "": "orders/7"});
        json!({"status": if allowed { "allow" } else { "deny" }})
    });
    assert_eq!(get(&server, "/of/a%20b/orders/7", "").status, 200);
    refused(&get(&server, "/of/c/orders/7", ""), 401, "APIG.0305");
}

#[test]
fn a_decision_is_kept_by_the_identities() {
    let (server, asked) = server(|event| {
        let status = if event["headers"]["x-word"] == "good" { "allow" } else { "deny" };
        json!({"status": status})
    });
    for (word, who, status, calls) in [
        ("good", "a", 200, 1),
        ("good", "a", 200, 1),
        ("good", "b", 200, 2),
        ("bad", "a", 401, 3),
        ("bad", "a", 401, 3),
    ] {
        let reply = get(&server, &format!("/kept?who={who}"), &format!("X-Word: {word}\r\n"));
        assert_eq!((reply.status, asked.load(Ordering::Relaxed)), (status, calls), "{word} {who}");
    }
    let twice = get(&server, "/kept?who=a", "X-Word: good\r\nX-Word: other\r\n");
    refused(&twice, 401, "APIG.0305");
    assert_eq!(asked.swap(3, Ordering::Relaxed), 4, "a second value is another identity");
    refused(&get(&server, "/kept?who=a", ""), 401, "APIG.0305");
    refused(&get(&server, "/kept", "X-Word: good\r\n"), 401, "APIG.0305");
    refused(&get(&server, "/kept?who=", "X-Word: good\r\n"), 401, "APIG.0305");
    assert_eq!(asked.load(Ordering::Relaxed), 3, "who says nothing of themselves costs no call");
}

#[test]
fn an_authorizer_that_keeps_nothing_is_asked_each_time_and_sees_the_body() {
    let (server, asked) = server(|event| {
        let body = STANDARD.decode(event["body"].as_str().unwrap()).unwrap();
        let status = if body == b"open" { "allow" } else { "deny" };
        json!({"statusCode": 200, "body": json!({"status": status}).to_string()})
    });
    let post = |body: &str| {
        let length = body.len();
        server.request(&format!(
            "POST /fresh HTTP/1.1\r\nHost: closed.localhost\r\nContent-Length: {length}\r\n\r\n{body}"
        ))
    };
    assert_eq!(post("open").seen().body, "open");
    refused(&post("shut"), 401, "APIG.0305");
    assert_eq!(post("open").status, 200);
    assert_eq!(asked.load(Ordering::Relaxed), 3);
}

#[test]
fn an_authorizer_that_fails_lets_nobody_in_and_is_asked_again() {
    let (server, asked) = server(|_| json!({"status": "perhaps"}));
    for calls in 1..3 {
        refused(&get(&server, "/kept?who=a", "X-Word: w\r\n"), 500, "APIG.0601");
        assert_eq!(asked.load(Ordering::Relaxed), calls);
    }
    refused(&get(&server, "/lost", ""), 500, "APIG.0601");
}
