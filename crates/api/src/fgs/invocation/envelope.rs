//! The response of the user's server becomes the envelope (`behaviour.md` 1.4).

use std::collections::BTreeMap;

use bytes::BytesMut;
use http::{HeaderMap, HeaderName, Response};
use http_body_util::BodyExt as _;
use model::invoke::{Body, Outcome};
use model::{Error, Kind, limits};
use wire::Base64;
use wire::fgs::invocation::Envelope;

/// Headers of one connection, which are not the function's answer (RFC 9110 section 7.6.1).
const DROPPED: [&str; 7] =
    ["connection", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade"];

/// A response that is all there.
#[derive(Debug)]
pub(super) struct Collected {
    pub(super) status: u16,
    pub(super) outcome: Outcome,
    headers: HeaderMap,
    body: Vec<u8>,
}

/// Reads the whole body, up to the limit of a synchronous answer.
pub(super) async fn collect(response: Response<Body>) -> Result<Collected, Error> {
    let (mut parts, mut stream) = response.into_parts();
    let mut body = BytesMut::new();
    while let Some(frame) = stream.frame().await {
        let frame = frame.map_err(|error| Error::new(Kind::BadResponse).detail(error.to_string()))?;
        let Ok(part) = frame.into_data() else { continue };
        if body.len() + part.len() > limits::INVOKE_RESPONSE_BYTES {
            let text = format!("the function's response body is larger than {} bytes", limits::INVOKE_RESPONSE_BYTES);
            return Err(Error::new(Kind::ResponseTooLarge).message(text));
        }
        body.extend_from_slice(&part);
    }
    let outcome = parts.extensions.remove::<Outcome>().unwrap_or_default();
    Ok(Collected { status: parts.status.as_u16(), outcome, headers: parts.headers, body: body.into() })
}

impl Collected {
    /// Bytes of the body.
    pub(super) fn size(&self) -> usize {
        self.body.len()
    }

    pub(super) fn into_envelope(self) -> Envelope {
        let mut headers: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (name, value) in &self.headers {
            if !DROPPED.contains(&name.as_str()) {
                let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
                headers.entry(canonical(name)).or_default().push(value);
            }
        }
        Envelope { status_code: self.status, headers, body: Base64(self.body), is_base64_encoded: true }
    }
}

/// `content-type` as `Content-Type`: a capital at the start and after each `-`.
fn canonical(name: &HeaderName) -> String {
    let word = |word: &str| {
        let mut letters = word.chars();
        letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect::<String>()
    };
    name.as_str().split('-').map(word).collect::<Vec<_>>().join("-")
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::invoke::full;

    #[tokio::test]
    async fn every_value_of_a_header_is_kept_under_its_canonical_name() {
        let response = Response::builder()
            .status(404)
            .header("set-cookie", "a=1")
            .header("set-cookie", "b=2")
            .header("x-request-id", "r")
            .header("connection", "close")
            .body(full("no"))
            .unwrap();
        let envelope = collect(response).await.unwrap().into_envelope();
        insta::assert_json_snapshot!(envelope, @r#"
        {
          "statusCode": 404,
          "headers": {
            "Set-Cookie": [
              "a=1",
              "b=2"
            ],
            "X-Request-Id": [
              "r"
            ]
          },
          "body": "bm8=",
          "isBase64Encoded": true
        }
        "#);
    }

    #[tokio::test]
    async fn a_response_that_became_an_envelope_is_the_same_response_again() {
        let response = Response::builder().status(404).header("set-cookie", "a=1").header("set-cookie", "b=2");
        let envelope = collect(response.body(full(b"\xff".to_vec())).unwrap()).await.unwrap().into_envelope();
        let again = model::apig::event::into_response(&serde_json::to_vec(&envelope).unwrap()).unwrap();
        assert_eq!((again.status().as_u16(), again.body().as_ref()), (404, b"\xff".as_slice()));
        let cookies: Vec<_> = again.headers().get_all("set-cookie").iter().collect();
        assert_eq!(cookies, ["a=1", "b=2"]);
    }

    #[tokio::test]
    async fn a_body_over_the_limit_is_the_functions_fault() {
        let fits = Response::new(full(vec![0; limits::INVOKE_RESPONSE_BYTES]));
        assert!(collect(fits).await.is_ok());
        let over = Response::new(full(vec![0; limits::INVOKE_RESPONSE_BYTES + 1]));
        assert_eq!(collect(over).await.unwrap_err().kind, Kind::ResponseTooLarge);
    }
}
