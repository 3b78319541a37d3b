use std::io::{Read as _, Seek as _};
use std::net::TcpListener;

use super::*;

fn hosts(entries: &[&str]) -> Hosts {
    Hosts::parse(&entries.iter().map(ToString::to_string).collect::<Vec<_>>()).unwrap()
}

#[track_caller]
fn judge(entries: &[&str], url: &str, expect: Result<&str, &str>) {
    match (hosts(entries).judge(url), expect) {
        (Ok(origin), Ok(expect)) => assert_eq!(origin.join(""), expect),
        (Err(error), Err(part)) => {
            assert_eq!(error.code(), codes::CODE_URL);
            assert!(error.message().contains(part), "{}", error.message());
        }
        (got, _) => panic!("{url}: {got:?}"),
    }
}

#[test]
fn only_hosts_of_the_list_are_allowed_at_their_ports() {
    const NOT: Result<&str, &str> = Err("the operator does not allow: [code] hosts in funcd.toml");
    judge(&[], "https://obs.example.com/x.zip", NOT);
    judge(&["obs.example.com"], "https://OBS.example.com/x.zip?a=b", Ok("https://obs.example.com:443"));
    judge(&["obs.example.com"], "http://obs.example.com/x.zip", Ok("http://obs.example.com:80"));
    judge(&["obs.example.com"], "https://obs.example.com:8443/x.zip", NOT);
    judge(&["obs.example.com:8443"], "https://obs.example.com:8443/x.zip", Ok("https://obs.example.com:8443"));
    judge(&["obs.example.com:8443"], "https://obs.example.com/x.zip", NOT);
    judge(&["obs.example.com"], "https://bucket.obs.example.com/x.zip", NOT);
    judge(&["*.obs.example.com"], "https://bucket.obs.example.com/x.zip", Ok("https://bucket.obs.example.com:443"));
    judge(&["*.obs.example.com"], "https://obs.example.com/x.zip", NOT);
    judge(&["*.obs.example.com"], "https://evil-obs.example.com/x.zip", NOT);
    judge(&["10.0.0.5", "[fd00::5]:81"], "http://[fd00:0::5]:81/x.zip", Ok("http://[fd00::5]:81"));
    judge(&["10.0.0.5"], "http://[::ffff:10.0.0.5]/x.zip", Ok("http://10.0.0.5:80"));
}

#[test]
fn what_is_no_address_of_a_package_is_refused() {
    judge(&["h"], "file:///etc/passwd", Err("is not an address"));
    judge(&["h"], "ftp://h/x", Err("must begin with https:// or http://"));
    judge(&["h"], "http://user@h/x", Err("user name"));
    judge(&["h"], "x.zip", Err("must begin with https:// or http://"));
    judge(&["h"], "http:///x.zip", Err("is not an address"));
    let wrong = ["", "*.10.0.0.1", "http://h", "h:99999", "a b", "*.", ".h"].map(str::to_owned);
    assert_eq!(Hosts::parse(&wrong).unwrap_err(), wrong);
}

#[test]
fn a_name_may_lead_to_public_or_listed_addresses_only() {
    let hosts = hosts(&["obs.example.com", "10.0.0.5"]);
    let check = |address: &str| hosts.may_connect(address.parse().unwrap());
    assert!(check("1.1.1.1") && check("10.0.0.5") && check("::ffff:10.0.0.5"));
    assert!(!check("10.0.0.6") && !check("169.254.169.254") && !check("::ffff:127.0.0.1") && !check("::1"));
}

/// A server that answers each connection with the next of `answers`; its port.
fn serve(answers: Vec<String>) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for answer in answers {
            let Ok((mut stream, _)) = listener.accept() else { return };
            let mut head = Vec::new();
            let mut byte = [0];
            while !head.ends_with(b"\r\n\r\n") && matches!(stream.read(&mut byte), Ok(1)) {
                head.push(byte[0]);
            }
            // The client may have seen enough before the end.
            let _ = stream.write_all(answer.replace("PORT", &port.to_string()).as_bytes());
        }
    });
    port
}

fn answer(status: &str, more: &str, body: &str) -> String {
    format!("HTTP/1.1 {status}\r\nconnection: close\r\n{more}content-length: {}\r\n\r\n{body}", body.len())
}

async fn fetched(entries: &[&str], host: &str, answers: &[String]) -> Result<String, Error> {
    let port = serve(answers.to_vec());
    let entries: Vec<String> = entries.iter().map(|entry| entry.replace("PORT", &port.to_string())).collect();
    let hosts = Hosts::parse(&entries).unwrap();
    let mut file = fetch(&hosts, &format!("http://{host}:{port}/a/x.zip"), tempfile::tempfile().unwrap()).await?;
    let mut text = String::new();
    file.rewind().unwrap();
    file.read_to_string(&mut text).unwrap();
    Ok(text)
}

#[track_caller]
fn refused(result: Result<String, Error>, status: u16, part: &str) {
    let error = result.unwrap_err();
    assert_eq!(error.code().status, status, "{error}");
    assert!(error.message().contains(part), "{error}");
}

#[tokio::test]
async fn a_package_is_fetched_also_over_redirects_that_stay() {
    let local = ["127.0.0.1:PORT"];
    assert_eq!(fetched(&local, "127.0.0.1", &[answer("200 OK", "", "zip")]).await.unwrap(), "zip");
    let there = answer("302 Found", "location: /b\r\n", "");
    let whole = answer("301 Moved", "location: http://127.0.0.1:PORT/c\r\n", "");
    assert_eq!(fetched(&local, "127.0.0.1", &[there.clone(), whole, answer("200 OK", "", "z")]).await.unwrap(), "z");
    refused(fetched(&local, "127.0.0.1", &vec![there; 4]).await, 400, "more than 3 times");
}

#[tokio::test]
async fn redirects_elsewhere_and_other_answers_are_refused() {
    let local = ["127.0.0.1:PORT", "127.0.0.1"];
    let away = answer("302 Found", "location: http://127.0.0.1/x\r\n", "");
    refused(fetched(&local, "127.0.0.1", &[away]).await, 400, "another host, which is not followed");
    let metadata = answer("302 Found", "location: http://169.254.169.254/latest\r\n", "");
    refused(fetched(&local, "127.0.0.1", &[metadata]).await, 400, "does not allow");
    refused(fetched(&local, "127.0.0.1", &[answer("302 Found", "location: //[::1]/x\r\n", "")]).await, 400, "");
    refused(fetched(&local, "127.0.0.1", &[answer("404 Not Found", "", "")]).await, 404, "answered 404");
    let short = "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 9\r\n\r\nzip".to_owned();
    refused(fetched(&local, "127.0.0.1", &[short]).await, 424, "broke off");
    let large = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", FETCHED_PACKAGE_BYTES + 1);
    refused(fetched(&local, "127.0.0.1", &[large]).await, 413, "more than 314572800 bytes");
}

#[tokio::test]
async fn a_listed_name_does_not_lead_to_an_address_that_is_not() {
    let text = "localhost is at";
    refused(fetched(&["localhost:PORT"], "localhost", &[]).await, 400, text);
    let both = ["localhost:PORT", "127.0.0.1"];
    assert_eq!(fetched(&both, "localhost", &[answer("200 OK", "", "zip")]).await.unwrap(), "zip");
}
