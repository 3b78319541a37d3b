//! One row of the API: a name, a method and a path.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// What every signer leaves as it is in a path (RFC 3986 section 2.3).
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// An operation of the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Operation {
    /// The SDK's name of it, such as `CreateFunction`.
    pub id: &'static str,
    /// Upper case.
    pub method: &'static str,
    /// The path with its parameters in braces: `/v2/{project_id}/fgs/functions`.
    pub path: &'static str,
}

impl Operation {
    /// A `GET`.
    pub const fn get(id: &'static str, path: &'static str) -> Self {
        Self { id, method: "GET", path }
    }

    /// A `POST`.
    pub const fn post(id: &'static str, path: &'static str) -> Self {
        Self { id, method: "POST", path }
    }

    /// A `PUT`.
    pub const fn put(id: &'static str, path: &'static str) -> Self {
        Self { id, method: "PUT", path }
    }

    /// A `DELETE`.
    pub const fn delete(id: &'static str, path: &'static str) -> Self {
        Self { id, method: "DELETE", path }
    }

    /// The path with its parameters filled in, in the order in which they stand there, percent-encoded.
    /// A parameter without an argument stays empty, an argument without a parameter is left out.
    pub fn uri(&self, arguments: &[&str]) -> String {
        let mut arguments = arguments.iter();
        let segment = |segment: &str| match segment.starts_with('{') {
            true => utf8_percent_encode(arguments.next().copied().unwrap_or_default(), RESERVED).to_string(),
            false => segment.to_owned(),
        };
        self.path.split('/').map(segment).collect::<Vec<_>>().join("/")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_are_filled_in_order_and_encoded() {
        let operation = Operation::get("X", "/v2/{project_id}/fgs/functions/{function_urn}/config");
        assert_eq!(operation.uri(&["p0", "urn:a:!b/c"]), "/v2/p0/fgs/functions/urn%3Aa%3A%21b%2Fc/config");
    }
}
