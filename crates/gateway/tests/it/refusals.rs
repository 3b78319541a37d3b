//! What a function's owner hears of requests that were refused before they came to it.

use model::apig::acls::Effect;
use model::apig::policies::Book;
use model::apig::throttles::{Limits, Unit};

use crate::policies::{acl, throttle};
use crate::support::{Server, get, wait_until};

/// Of every line, how many refusals it stands for.
fn told(server: &Server, function: &str) -> Vec<(String, u64)> {
    let more = |text: &str| text.split_once(" more calls").and_then(|(head, _)| head.rsplit(' ').next()?.parse().ok());
    let lines = server.telemetry.tail(&urn(function), 1000);
    lines.into_iter().map(|line| (line.text.clone(), more(&line.text).unwrap_or(1))).collect()
}

fn urn(function: &str) -> String {
    format!("urn:fss:r:p:function:default:{function}")
}

fn counted(server: &Server, function: &str) -> u64 {
    let minutes = server.telemetry.minutes(&urn(function), jiff::Timestamp::UNIX_EPOCH).unwrap();
    minutes.iter().map(|minute| minute.counts.refused).sum()
}

#[test]
fn a_flood_of_refusals_is_a_few_lines_that_say_how_many_there_were() {
    let server = Server::echo();
    let mut book = Book::default();
    throttle(&mut book, Limits { api: Some(1), ..Limits::default() }, Unit::Day);
    server.apply(book);
    let began = std::time::Instant::now();
    let mut client = server.connect();
    let statuses: Vec<u16> = (0..400)
        .map(|_| {
            client.send(get("/"));
            client.reply().status
        })
        .collect();
    assert_eq!((statuses[0], &statuses[1..]), (200, &[429; 399][..]));
    wait_until("every refusal is in the log", || told(&server, "api").iter().map(|(_, of)| of).sum::<u64>() == 399);
    let lines = told(&server, "api");
    // Two for each second that it took, however slow the machine is; seconds are not aligned to those of the test.
    let most = 2 * usize::try_from(began.elapsed().as_secs()).unwrap() + 4;
    assert!(lines.len() <= most, "{} lines, at most {most}: {lines:?}", lines.len());
    let first = "refused with APIG.0308: The throttling threshold has been reached: policy api over \
                 ratelimit,limit:1,time:1 day (API api in RELEASE)";
    assert_eq!(lines[0].0, first);
    assert!(
        lines
            .iter()
            .all(|(text, _)| text == first || text.ends_with(" more calls (API api in RELEASE) within a second"))
    );
    wait_until("every refusal is counted", || counted(&server, "api") == 399);
    let minutes = server.telemetry.minutes("p", jiff::Timestamp::UNIX_EPOCH).unwrap();
    assert!(minutes.iter().all(|minute| minute.counts.invocations == 0), "the scripted function records nothing");
}

#[test]
fn each_refusal_has_its_reason_and_its_request_in_the_owners_log() {
    let server = Server::echo();
    let ask = |function: &str, head: &str, expect: (u16, &str), why: &str| {
        let reply = server.request(&format!("{head}\r\n\r\n"));
        assert_eq!((reply.status, reply.error().error_code.as_str()), expect, "{head}");
        let id = reply.error().request_id;
        let tail = || server.telemetry.tail(&urn(function), 1000);
        wait_until("the line is in the log", || tail().iter().any(|line| line.request_id.as_deref() == Some(&*id)));
        let line = tail().into_iter().find(|line| line.request_id.as_deref() == Some(&*id)).unwrap();
        let begin = format!("refused with {}: ", expect.1);
        assert!(line.text.starts_with(&begin) && line.text.contains(why), "{}", line.text);
    };
    let web = "HTTP/1.1\r\nHost: web.localhost";
    ask("get", &format!("GET /users/x {web}"), (400, "APIG.0201"), "id");
    ask("get", &format!("GET /users/1 {web}\r\nX-Apig-Hops: 10"), (500, "APIG.0612"), "calls itself");
    ask("get", &format!("GET /lost {web}"), (500, "APIG.0103"), "does not exist");
    ask("get", &format!("GET /grpc {web}"), (400, "APIG.0607"), "speaks gRPC");
    let large = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999";
    ask("api", large, (413, "APIG.0201"), "larger than the limit");
    let mut book = Book::default();
    acl(&mut book, Effect::Deny, "127.0.0.1");
    server.apply(book);
    ask("api", "GET / HTTP/1.1\r\nHost: a", (403, "APIG.0402"), "127.0.0.1 is not authorized");
    assert_eq!(server.request("GET /gone HTTP/1.1\r\nHost: web.localhost\r\n\r\n").status, 500);
    server.gateway.stop_now();
    assert_eq!((counted(&server, "get"), counted(&server, "api")), (4, 2), "what is left is told when it stops");
    assert!(server.telemetry.tail(&urn("gone"), 10).is_empty(), "no log is made for a function that is not there");
}
