//! What the strict check of a head costs, of a request from a client and of a response from a function, with the message that it
//! makes: one line for each, its name and nanoseconds.
//!
//! `heads COUNT NAME` reads so many of those whose names begin so, for a profiler.
#![forbid(unsafe_code)]

use std::hint::black_box;
use std::time::Instant;

use anyhow::{Result, anyhow, bail};
use bytes::BytesMut;

// The files themselves: the check is no public interface, and it needs nothing else of its crate.
#[allow(dead_code, unreachable_pub)]
#[path = "../../../crates/gateway/src"]
mod gateway {
    pub(crate) mod config;
    pub(crate) mod failure;
    pub(crate) mod head;
}
#[allow(unused_imports)] // `crate::failure` is what the head check calls it
use gateway::{config, failure, head};

/// Heads in a row of which the time is taken, if nobody says how many.
const HEADS: u32 = 100_000;

/// What clients send: the least, a tool's, a browser's with a session, an SDK's with a signature.
const REQUESTS: [(&str, &str); 4] = [
    ("request: 1 field", "GET / HTTP/1.1\r\nHost: 127.0.0.1:8080\r\n\r\n"),
    (
        "request: curl, 5 fields",
        "POST /orders/17?full=true HTTP/1.1\r\nHost: shop.localhost:8080\r\nUser-Agent: curl/8.9.1\r\nAccept: */*\r\n\
         Content-Type: application/json\r\nContent-Length: 27\r\n\r\n",
    ),
    (
        "request: browser, 16 fields, 1 KB",
        "GET /shop/cart?item=42&view=all HTTP/1.1\r\nHost: shop.example.com\r\nConnection: keep-alive\r\n\
         sec-ch-ua: \"Chromium\";v=\"140\", \"Not=A?Brand\";v=\"24\"\r\nsec-ch-ua-mobile: ?0\r\nsec-ch-ua-platform: \"Linux\"\r\n\
         Upgrade-Insecure-Requests: 1\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) \
         Chrome/140.0.0.0 Safari/537.36\r\nAccept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,\
         */*;q=0.8\r\nSec-Fetch-Site: same-origin\r\nSec-Fetch-Mode: navigate\r\nSec-Fetch-User: ?1\r\nSec-Fetch-Dest: document\r\n\
         Referer: https://shop.example.com/shop/\r\nAccept-Encoding: gzip, deflate, br, zstd\r\nAccept-Language: en-GB,en;q=0.9,zh;\
         q=0.8\r\nCookie: session=0123456789abcdef0123456789abcdef0123456789abcdef; theme=dark; \
         visited=1763856000; cart=0123456789abcdef0123456789abcdef\r\n\r\n",
    ),
    (
        "request: signed, 7 fields",
        "PUT /v1/things/17 HTTP/1.1\r\nHost: api.example.com\r\nContent-Type: application/json\r\nContent-Length: 512\r\n\
         User-Agent: sdk/3.1\r\nX-Sdk-Date: 20261123T091500Z\r\nAccept: */*\r\nAuthorization: SDK-HMAC-SHA256 \
         Access=0123456789ABCDEF0123, SignedHeaders=content-type;host;x-sdk-date, \
         Signature=0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\r\n\r\n",
    ),
];

/// What functions answer: the least, and what a web framework adds.
const RESPONSES: [(&str, &str); 2] = [
    ("response: 1 field", "HTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\n"),
    (
        "response: framework, 8 fields",
        "HTTP/1.1 200 OK\r\nX-Powered-By: Express\r\nContent-Type: application/json; charset=utf-8\r\nContent-Length: 27\r\n\
         ETag: W/\"1b-0123456789abcdef0123456789a\"\r\nVary: Accept-Encoding\r\nDate: Mon, 23 Nov 2026 09:15:00 GMT\r\n\
         Connection: keep-alive\r\nKeep-Alive: timeout=5\r\n\r\n",
    ),
];

fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let heads = arguments.next().map_or(Ok(HEADS), |count| count.parse())?;
    let wanted = arguments.next().unwrap_or_default();
    let limits = config::Limits::default();
    for &(name, text) in REQUESTS.iter().filter(|(name, _)| name.starts_with(&wanted)) {
        let read = |bytes: &mut BytesMut| {
            let head = head::Reader::default().read(bytes, &limits).map_err(|refused| anyhow!("{refused:?}"))?;
            let Some(head) = head else { bail!("the head is not complete") };
            http1::spare::keep(black_box(head).parts.headers);
            Ok(())
        };
        say(name, nanoseconds((text, heads), read)?)?;
    }
    let bounds = http1::response::Limits { bytes: limits.head_bytes, fields: limits.head_fields };
    for &(name, text) in RESPONSES.iter().filter(|(name, _)| name.starts_with(&wanted)) {
        let read = |bytes: &mut BytesMut| {
            let Some(head) = http1::response::Reader::default().read(bytes, bounds)? else {
                bail!("the head is not complete")
            };
            http1::spare::keep(black_box(head).headers);
            Ok(())
        };
        say(name, nanoseconds((text, heads), read)?)?;
    }
    Ok(())
}

/// Of one head: its bytes are put where a connection keeps them, and read.
fn nanoseconds((text, heads): (&str, u32), read: impl Fn(&mut BytesMut) -> Result<()>) -> Result<f64> {
    let mut bytes = BytesMut::with_capacity(text.len() * 16);
    let mut began = Instant::now();
    for number in 0..heads + heads / 10 {
        if number == heads / 10 {
            began = Instant::now(); // the caches are as they are in a row of requests
        }
        bytes.extend_from_slice(black_box(text.as_bytes()));
        read(&mut bytes)?;
    }
    Ok(began.elapsed().as_secs_f64() * 1e9 / f64::from(heads))
}

#[expect(clippy::print_stdout, reason = "the figures are what the program is for")]
fn say(name: &str, nanoseconds: f64) -> Result<()> {
    println!("{name}\t{nanoseconds:.0}");
    Ok(())
}
