//! Documents of policies: plug-ins, address ranges and templates of responses. Whatever the text, it is refused with a reason or read;
//! what was read can be applied, and leaves the headers that frame a message alone.
#![no_main]

use http::{HeaderMap, HeaderValue};
use libfuzzer_sys::fuzz_target;
use model::apig::acls::{Addresses, Range};
use model::apig::plugins::{Content, Kind};
use model::apig::responses::{fill, parts};

fuzz_target!(|input: (u8, &str)| {
    let (kind, text) = input;
    match kind % 5 {
        0 => document(Kind::Cors, text),
        1 => document(Kind::SetRespHeaders, text),
        2 => document(Kind::RateLimit, text),
        3 => range(text),
        _ => template(text),
    }
});

fn document(kind: Kind, text: &str) {
    let mut headers = HeaderMap::new();
    headers.insert("content-length", HeaderValue::from_static("5"));
    headers.insert("x-request-id", HeaderValue::from_static("id"));
    match Content::read(kind, text) {
        Ok(Content::Cors(cors)) => cors.preflight(&HeaderValue::from_static("https://a.example"), &mut headers),
        Ok(Content::SetRespHeaders(changes)) => changes.apply(&mut headers),
        Ok(Content::RateLimit(limit)) => {
            let throttle = limit.throttle("p", "a", "e");
            assert!(throttle.period.length().as_secs() > 0 && throttle.limits.api > Some(0));
        }
        Err(problems) => assert!(!problems.is_empty() && problems.iter().all(|problem| !problem.is_empty())),
    }
    assert_eq!(headers.get("content-length").map(HeaderValue::as_bytes), Some(&b"5"[..]));
    assert_eq!(headers.get("x-request-id").map(HeaderValue::as_bytes), Some(&b"id"[..]));
}

fn range(text: &str) {
    match Range::read(text) {
        Ok(range) => {
            let addresses = Addresses::new(vec![range, range]);
            if let Ok(address) = text.parse() {
                assert!(addresses.contains(address), "an address is not in its own range");
            }
        }
        Err(why) => assert!(!why.is_empty()),
    }
}

/// Values stay inside the JSON text that the template puts them in.
fn template(text: &str) {
    let parts = parts(text);
    assert_eq!(fill(&parts, true, |name| Some(format!("$context.{name}"))).len(), text.len());
    let template = model::apig::responses::parts(r#"{"a":"$context.x"}"#);
    let filled = fill(&template, true, |_| Some(text.to_owned()));
    let read: serde_json::Value = serde_json::from_str(&filled).expect("a value broke out of its string");
    assert_eq!(read["a"], text);
}
