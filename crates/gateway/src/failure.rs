//! An answer that the gateway makes itself, in the vendor's shape: `{"error_code", "error_msg", "request_id"}`.
//!
//! Codes are those of `behaviour.md` 7.2.4. Where the vendor's own status is not an HTTP status (494 for a large head) the one of
//! RFC 6585 is used (431), so that ordinary clients understand it.

use std::borrow::Cow;
use std::net::IpAddr;
use std::time::Duration;

use http::header::{ALLOW, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderName, HeaderValue, StatusCode};

/// No API at this host, method and path.
const NOT_PUBLISHED: &str = "APIG.0101";
/// The API calls what is not there.
const NO_BACK_END: &str = "APIG.0103";
/// Whatever is wrong with the message itself, or with the way to the back end.
const TRANSPORT: &str = "APIG.0201";
/// No IAM credentials, or wrong ones.
const IAM: &str = "APIG.0301";
/// No app credentials, or wrong ones.
const APP: &str = "APIG.0303";
/// An account that an access list does not let pass.
const DENIED: &str = "APIG.0306";
/// An address that an access list does not let pass.
const ADDRESS_DENIED: &str = "APIG.0402";
/// Called more often than a policy allows.
const THROTTLED: &str = "APIG.0308";
/// A custom authorizer that denies.
const CUSTOM: &str = "APIG.0305";
/// An API that calls itself.
const RECURSION: &str = "APIG.0612";
/// What is broken on this side.
const INTERNAL: &str = "APIG.0601";
/// An IAM user who may not.
const IAM_NOT_ALLOWED: &str = "APIG.0302";
/// A token that has ended.
const EXPIRED: &str = "APIG.0307";
/// An app that may not.
const APP_NOT_AUTHORIZED: &str = "APIG.0304";
/// A protocol that the gateway does not speak.
const PROTOCOL: &str = "APIG.0607";

/// What the gateway answers instead of a function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Failure {
    /// HTTP status.
    pub(crate) status: StatusCode,
    /// `error_code`, and `X-Funcd-Error`.
    pub(crate) code: &'static str,
    /// `error_msg`.
    pub(crate) message: Cow<'static, str>,
    /// `X-Func-Err-Code`, when an invocation failed.
    pub(crate) inner_code: Option<u32>,
    /// The one header that belongs to the status: `Allow`, `Retry-After`, `WWW-Authenticate`.
    pub(crate) header: Option<Box<(HeaderName, HeaderValue)>>,
    /// Its type for responses of groups, where the code says less.
    pub(crate) kind: Option<&'static str>,
}

impl Failure {
    fn new(status: StatusCode, code: &'static str, message: impl Into<Cow<'static, str>>) -> Self {
        Self { status, code, message: message.into(), inner_code: None, header: None, kind: None }
    }

    /// Whether the client's message itself is at fault.
    pub(crate) fn is_refusal(&self) -> bool {
        (self.code == TRANSPORT && self.status != StatusCode::GATEWAY_TIMEOUT) || self.code == PROTOCOL
    }

    /// 400: the message is not one that every server on the way would read alike.
    pub(crate) fn malformed(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, TRANSPORT, message)
    }

    /// 405: a method that makes no sense at a gateway.
    pub(crate) fn method(name: &str) -> Self {
        let message = format!("method {name} is not allowed here");
        let allowed = HeaderValue::from_static("GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS");
        Self {
            header: Some(Box::new((ALLOW, allowed))),
            ..Self::new(StatusCode::METHOD_NOT_ALLOWED, TRANSPORT, message)
        }
    }

    /// 501: a method or a transfer coding that nobody here knows.
    pub(crate) fn unknown(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::NOT_IMPLEMENTED, PROTOCOL, message)
    }

    /// 400: not by the protocol that the API speaks.
    pub(crate) fn protocol(message: &'static str) -> Self {
        Self::new(StatusCode::BAD_REQUEST, PROTOCOL, message)
    }

    /// 505: another version of HTTP.
    pub(crate) fn version() -> Self {
        Self::new(StatusCode::HTTP_VERSION_NOT_SUPPORTED, PROTOCOL, "only HTTP/1.1 and HTTP/1.0 are spoken here")
    }

    /// 408: the client stopped sending.
    pub(crate) fn slow(what: &str, limit: Duration) -> Self {
        let message = format!("the client sent {what} too slowly: nothing complete within {} ms", limit.as_millis());
        Self::new(StatusCode::REQUEST_TIMEOUT, TRANSPORT, message)
    }

    /// 413: the body is larger than the limit.
    pub(crate) fn body_too_large(limit: u64) -> Self {
        let message = format!("the request body is larger than the limit of {limit} bytes");
        let inner_code = Some(model::Kind::RequestTooLarge.inner_code());
        Self { inner_code, ..Self::new(StatusCode::PAYLOAD_TOO_LARGE, TRANSPORT, message) }
    }

    /// 414: the request target is longer than the limit.
    pub(crate) fn uri_too_long(limit: usize) -> Self {
        let message = format!("the request target is longer than the limit of {limit} bytes");
        Self::new(StatusCode::URI_TOO_LONG, TRANSPORT, message)
    }

    /// 417: something else than `100-continue` is expected.
    pub(crate) fn expectation() -> Self {
        Self::new(StatusCode::EXPECTATION_FAILED, TRANSPORT, "the only expectation that can be met is 100-continue")
    }

    /// 431: the head is larger than the limit (the vendor's 494).
    pub(crate) fn head_too_large(limit: usize) -> Self {
        let message = format!("the request head is larger than the limit of {limit} bytes");
        Self::new(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, TRANSPORT, message)
    }

    /// 431: the head has more fields than the limit.
    pub(crate) fn too_many_fields(limit: usize) -> Self {
        let message = format!("the request head has more than {limit} header fields");
        Self::new(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, TRANSPORT, message)
    }

    /// 404: nothing is published there, or not in the environment that `X-Stage` names. Also for a wrong method, as the vendor does
    /// (`behaviour.md` 7.2.4).
    pub(crate) fn not_published(method: &http::Method, host: &str, path: &str, stage: Option<&str>) -> Self {
        let stage = stage.map(|stage| format!(" in the environment {} that X-Stage names", stage.escape_debug()));
        let message = format!(
            "no API is published at {method} {host}{path}{}; `funcd list` shows the functions and their URLs, \
             and a trigger decides host, path and method",
            stage.unwrap_or_default()
        );
        Self::new(StatusCode::NOT_FOUND, NOT_PUBLISHED, message)
    }

    /// The type of error that responses of groups are written for; empty where only the class of its status counts.
    pub(crate) fn kind(&self) -> &'static str {
        match (self.kind, self.code, self.status.as_u16()) {
            (Some(kind), ..) => kind,
            (_, NOT_PUBLISHED, _) => "NOT_FOUND",
            (_, DENIED | ADDRESS_DENIED, _) => "ACCESS_DENIED",
            (_, IAM_NOT_ALLOWED | APP_NOT_AUTHORIZED, _) => "UNAUTHORIZED",
            (_, IAM | APP | EXPIRED, _) => "AUTH_FAILURE",
            (_, CUSTOM, _) => "AUTHORIZER_FAILURE",
            (_, _, 429) => "THROTTLED",
            (_, _, 504) => "BACKEND_TIMEOUT",
            (_, _, 502 | 503) => "BACKEND_UNAVAILABLE",
            _ => "",
        }
    }

    /// Of a request that brings no credentials at all.
    pub(crate) fn missing(self) -> Self {
        Self { kind: Some("AUTH_HEADER_MISSING"), ..self }
    }

    /// 400: a parameter of the API is missing or is not what the API takes.
    pub(crate) fn parameters(message: String) -> Self {
        Self { kind: Some("REQUEST_PARAMETERS_FAILURE"), ..Self::malformed(message) }
    }

    /// 403: an access list does not let this address pass.
    pub(crate) fn address_denied(address: IpAddr) -> Self {
        let message = format!("The IP address {address} is not authorized to access the API");
        Self::new(StatusCode::FORBIDDEN, ADDRESS_DENIED, message)
    }

    /// 403: an access list does not let this account pass, or wants to know one.
    pub(crate) fn account_denied() -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            DENIED,
            "API access denied: an access control policy does not let this account pass",
        )
    }

    /// 429: over a limit of so many calls in such a period, counted by `by`. The text is the vendor's.
    pub(crate) fn throttled(by: &str, limit: u32, (interval, unit): (u32, &str), wait: Duration) -> Self {
        let (limit, interval) = (limit.to_string(), interval.to_string());
        // There may be a flood of these, and a formatter takes three times as long.
        let message = [
            "The throttling threshold has been reached: policy ",
            by,
            " over ratelimit,limit:",
            &limit,
            ",time:",
            &interval,
            " ",
            unit,
        ]
        .concat();
        Self {
            header: Some(Box::new((RETRY_AFTER, HeaderValue::from(whole_seconds(wait))))),
            ..Self::new(StatusCode::TOO_MANY_REQUESTS, THROTTLED, message)
        }
    }

    /// 500: the request has come through the gateway as often as it may.
    pub(crate) fn recursion() -> Self {
        let message = "the API calls itself in more than ten levels: a function hands the request back to the gateway";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, RECURSION, message)
    }

    /// 500: the API is there, but what it calls is not.
    pub(crate) fn no_back_end() -> Self {
        let message = "the function, version or alias that this API calls does not exist; deploy it, or change the API's back end \
                       and publish it again";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, NO_BACK_END, message)
    }

    /// 504: the API's own time for its back end is over, before the function's was.
    pub(crate) fn back_end_timeout(limit: Duration) -> Self {
        let message = format!("Backend timeout: no answer within the {} ms of the API's back end", limit.as_millis());
        let inner_code = Some(model::Kind::TimedOut.inner_code());
        Self { inner_code, ..Self::new(StatusCode::GATEWAY_TIMEOUT, TRANSPORT, message) }
    }

    /// 401: the API wants an app's signature.
    pub(crate) fn app_credentials(why: &str) -> Self {
        Self::credentials(APP, "app", why)
    }

    /// 401: the API wants an IAM user's signature or token.
    pub(crate) fn iam_credentials(why: &str) -> Self {
        Self::credentials(IAM, "IAM", why)
    }

    /// 401: a token that was good once.
    pub(crate) fn iam_expired(why: &str) -> Self {
        Self::credentials(EXPIRED, "IAM", why)
    }

    /// 403: the IAM user is known, but no policy lets them.
    pub(crate) fn iam_not_allowed() -> Self {
        Self::new(StatusCode::FORBIDDEN, IAM_NOT_ALLOWED, "the IAM user is not allowed to call this API")
    }

    /// 401: the API's authorizer does not let the request in.
    pub(crate) fn denied(why: &str) -> Self {
        Self::credentials(CUSTOM, "custom", why)
    }

    /// 401: the request lacks what the API's authorizer decides by.
    pub(crate) fn unidentified(why: &str) -> Self {
        Self { kind: Some("AUTHORIZER_IDENTITIES_FAILURE"), ..Self::denied(why) }
    }

    /// 500: the API's authorizer did not decide.
    pub(crate) fn undecided() -> Self {
        let message = "the authorizer of the API did not decide; its owner finds the reason in the function's log";
        Self { kind: Some("AUTHORIZER_FAILURE"), ..Self::new(StatusCode::INTERNAL_SERVER_ERROR, INTERNAL, message) }
    }

    /// 500: the API's authorizer cannot be asked: it, or its function, is gone.
    pub(crate) fn no_authorizer() -> Self {
        Self { kind: Some("AUTHORIZER_CONF_FAILURE"), ..Self::undecided() }
    }

    /// 403: the app is known, but not to this API.
    pub(crate) fn app_not_authorized(why: &'static str) -> Self {
        Self::new(StatusCode::FORBIDDEN, APP_NOT_AUTHORIZED, why)
    }

    /// 503: too many large signed bodies at the same time.
    pub(crate) fn no_room() -> Self {
        let message = "too many large signed requests at the same time, please retry later";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, TRANSPORT, message).after(Duration::from_secs(1))
    }

    /// With the time after which to try again, in place of another header.
    pub(crate) fn after(self, after: Duration) -> Self {
        Self { header: Some(Box::new((RETRY_AFTER, HeaderValue::from(whole_seconds(after))))), ..self }
    }

    fn credentials(code: &'static str, who: &str, why: &str) -> Self {
        let message = format!("incorrect {who} authentication information: {why}");
        let challenge = HeaderValue::from_static("SDK-HMAC-SHA256");
        Self {
            header: Some(Box::new((WWW_AUTHENTICATE, challenge))),
            ..Self::new(StatusCode::UNAUTHORIZED, code, message)
        }
    }
}

impl From<http1::Malformed> for Failure {
    fn from(http1::Malformed(rule): http1::Malformed) -> Self {
        Self::malformed(rule)
    }
}

impl From<&model::Error> for Failure {
    /// What the caller may know of a failed invocation; the detail stays with the owner.
    fn from(error: &model::Error) -> Self {
        let status = StatusCode::from_u16(error.kind.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let header = error.retry_after.map(|after| Box::new((RETRY_AFTER, HeaderValue::from(whole_seconds(after)))));
        Self {
            inner_code: Some(error.kind.inner_code()),
            header,
            ..Self::new(status, error.kind.code(), error.message.clone())
        }
    }
}

/// `Retry-After` knows only whole seconds, and 0 would invite a busy loop.
fn whole_seconds(after: Duration) -> u64 {
    let partial = u64::from(after.subsec_nanos() > 0);
    after.as_secs().saturating_add(partial).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_after_is_rounded_up_and_never_zero() {
        let seconds = |ms| whole_seconds(Duration::from_millis(ms));
        assert_eq!((seconds(0), seconds(1), seconds(1000), seconds(1001)), (1, 1, 1, 2));
    }

    #[test]
    fn each_failure_has_the_type_that_responses_of_groups_are_written_for() {
        let invocation = |kind| Failure::from(&model::Error::new(kind));
        let second = Duration::from_secs(1);
        let cases = [
            (Failure::not_published(&http::Method::GET, "h", "/", None), "NOT_FOUND"),
            (Failure::address_denied(IpAddr::from([192, 0, 2, 1])), "ACCESS_DENIED"),
            (Failure::account_denied(), "ACCESS_DENIED"),
            (Failure::iam_not_allowed(), "UNAUTHORIZED"),
            (Failure::app_not_authorized("why"), "UNAUTHORIZED"),
            (Failure::app_credentials("wrong"), "AUTH_FAILURE"),
            (Failure::iam_credentials("wrong").after(second), "AUTH_FAILURE"),
            (Failure::iam_expired("over"), "AUTH_FAILURE"),
            (Failure::app_credentials("none").missing(), "AUTH_HEADER_MISSING"),
            (Failure::denied("no"), "AUTHORIZER_FAILURE"),
            (Failure::undecided(), "AUTHORIZER_FAILURE"),
            (Failure::no_authorizer(), "AUTHORIZER_CONF_FAILURE"),
            (Failure::unidentified("lacks"), "AUTHORIZER_IDENTITIES_FAILURE"),
            (Failure::parameters("lacks".to_owned()), "REQUEST_PARAMETERS_FAILURE"),
            (Failure::throttled("api", 1, (1, "second"), second), "THROTTLED"),
            (invocation(model::Kind::TimedOut), "BACKEND_TIMEOUT"),
            (Failure::back_end_timeout(second), "BACKEND_TIMEOUT"),
            (invocation(model::Kind::Exited), "BACKEND_UNAVAILABLE"),
            (Failure::malformed("what"), ""),
        ];
        for (failure, kind) in cases {
            assert_eq!(failure.kind(), kind, "{failure:?}");
            assert!(kind.is_empty() || model::apig::responses::kind(kind) == Some(kind), "{kind}");
        }
    }

    #[test]
    fn the_owners_detail_is_not_in_the_failure() {
        let error = model::Error::new(model::Kind::ExitedAtStart).detail("secret path");
        let failure = Failure::from(&error);
        assert_eq!((failure.status.as_u16(), failure.code, failure.inner_code), (502, "FSS.0502", Some(4201)));
        assert!(!failure.message.contains("secret"));
    }
}
