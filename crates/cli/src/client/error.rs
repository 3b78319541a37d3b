//! Why a request did not succeed.

use std::io;

use jiff::{SignedDuration, Timestamp};
use ureq::Body;
use ureq::http::Response;
use wire::{ErrorBody, Operation};

use crate::connection::{Connection, Endpoint};
use crate::output::escape;

/// How far clocks may be apart for signatures (`api.md` b.1).
const WINDOW: SignedDuration = SignedDuration::from_mins(15);
/// Bytes of a refusal that are read.
const LARGEST_REFUSAL: u64 = 64 * 1024;

/// A failed request.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// Nobody answered.
    #[error("cannot reach funcd at {endpoint}: {reason}")]
    Unreachable { endpoint: String, reason: String },
    /// The service said no.
    #[error("{0}")]
    Refused(Box<Refused>),
    /// Something answered that is not funcd.
    #[error("what answers at {endpoint} is not funcd: {found}. Check --endpoint (the API's port is 8081 unless set)")]
    Foreign { endpoint: String, found: String },
    /// The request cannot be written as JSON.
    #[error("the request cannot be written")]
    Unwritable(#[source] serde_json::Error),
    /// An address or key has characters that no request can hold.
    #[error("the request cannot be sent: {0}")]
    Unsendable(String),
}

/// An answer that is a refusal.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Refused {
    /// HTTP status.
    pub(crate) status: u16,
    /// As the service sent it.
    pub(crate) body: ErrorBody,
    /// What the client knows beyond that.
    hint: Option<String>,
}

impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let ErrorBody { error_code, error_msg, request_id } = &self.body;
        write!(f, "{} ({}", escape(error_msg), escape(error_code))?;
        if !request_id.is_empty() {
            write!(f, ", request {}", escape(request_id))?;
        }
        f.write_str(")")?;
        match &self.hint {
            Some(hint) => write!(f, ". {hint}"),
            None => Ok(()),
        }
    }
}

impl Error {
    pub(super) fn unreachable(endpoint: &Endpoint, error: ureq::Error) -> Self {
        let reason = match error {
            ureq::Error::Io(error) if error.kind() == io::ErrorKind::ConnectionRefused => {
                format!("nothing listens there. {}", start_it(endpoint))
            }
            ureq::Error::HostNotFound => format!("there is no host {}. Check --endpoint", endpoint.host),
            ureq::Error::ConnectionFailed => format!("the connection failed. {}", start_it(endpoint)),
            ureq::Error::Timeout(what) => format!("no answer in time ({what})"),
            other => other.to_string(),
        };
        Self::Unreachable { endpoint: endpoint.to_string(), reason }
    }

    pub(super) fn unreadable(operation: Operation, connection: &Connection, error: &serde_json::Error) -> Self {
        Self::Foreign {
            endpoint: connection.endpoint.to_string(),
            found: format!("its answer to {} cannot be read ({error})", operation.id),
        }
    }

    /// `clocks` are the service's and ours.
    pub(super) fn refused(
        name: &str,
        connection: &Connection,
        answer: Response<Body>,
        clocks: Option<(Timestamp, Timestamp)>,
    ) -> Self {
        let status = answer.status().as_u16();
        let text = answer.into_body().into_with_config().limit(LARGEST_REFUSAL).read_to_vec().unwrap_or_default();
        match serde_json::from_slice::<ErrorBody>(&text) {
            Ok(body) if !body.error_code.is_empty() => {
                let hint = hint(status, connection, clocks);
                Self::Refused(Box::new(Refused { status, body, hint }))
            }
            _ => Self::Foreign {
                endpoint: connection.endpoint.to_string(),
                found: format!("it answers {name} with status {status}"),
            },
        }
    }

    /// The HTTP status, when the service refused.
    pub(crate) fn status(&self) -> Option<u16> {
        match self {
            Self::Refused(refused) => Some(refused.status),
            _ => None,
        }
    }
}

fn start_it(endpoint: &Endpoint) -> &'static str {
    if endpoint.is_loopback() {
        "Start it with `funcd up`, or name its address with --endpoint"
    } else {
        "Check the address, that funcd runs there and listens on more than loopback (`funcd up --api ADDR`), and the \
         proxy variables (HTTP_PROXY, NO_PROXY)"
    }
}

fn hint(status: u16, connection: &Connection, clocks: Option<(Timestamp, Timestamp)>) -> Option<String> {
    let apart = clocks.map(|(theirs, ours)| ours.duration_since(theirs));
    match (status, apart) {
        (401, Some(apart)) if apart.abs() > WINDOW - SignedDuration::from_secs(5) => {
            let side = if apart.is_negative() { "behind" } else { "ahead of" };
            let minutes = apart.abs().as_mins();
            Some(format!("This machine's clock is {minutes} minutes {side} the service's: set it"))
        }
        (401, _) => Some(format!(
            "Check access key {} and its secret: `funcd credentials` prints both where funcd runs",
            escape(&connection.access_key)
        )),
        (403, _) => Some(format!("The project used is {}", escape(&connection.project_id))),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn connection() -> Connection {
        Connection {
            endpoint: Endpoint::parse("http://127.0.0.1:8081").unwrap(),
            access_key: "AK".into(),
            secret_key: "sk".parse().unwrap(),
            project_id: "p0".into(),
            region: None,
            gateway: None,
            ca_file: None,
        }
    }

    #[track_caller]
    fn check(status: u16, seconds_ahead: i64, expect: Option<&str>) {
        let theirs = Timestamp::UNIX_EPOCH;
        let ours = theirs + SignedDuration::from_secs(seconds_ahead);
        let got = hint(status, &connection(), Some((theirs, ours)));
        match expect {
            Some(part) => assert!(got.as_deref().is_some_and(|got| got.contains(part)), "{got:?}"),
            None => assert_eq!(got, None),
        }
    }

    #[test]
    fn a_refused_signature_is_blamed_on_the_clock_only_when_it_is_wrong() {
        check(401, 1020, Some("17 minutes ahead of the service's"));
        check(401, -1020, Some("17 minutes behind the service's"));
        check(401, 60, Some("Check access key AK"));
        check(400, 1020, None);
    }

    #[test]
    fn a_refusal_says_code_and_request_and_cannot_drive_the_terminal() {
        let body = ErrorBody { error_code: "FSS.1".into(), error_msg: "no\x1b[2J".into(), request_id: "r1".into() };
        let refused = Refused { status: 400, body, hint: Some("Do this".into()) };
        assert_eq!(refused.to_string(), "no\\u{1b}[2J (FSS.1, request r1). Do this");
    }
}
