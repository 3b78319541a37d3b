//! Apps: who may call APIs with app authentication, and what proves that a request is theirs (`behaviour.md` 7.2.3).

use std::collections::BTreeMap;
use std::net::IpAddr;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::secret::Secret;

/// Apps of a project.
pub const APPS: usize = 500;
/// AppCodes of an app (`behaviour.md` 7.2.3).
pub const CODES: usize = 5;
/// Addresses in the access list of an app.
pub const ACL_VALUES: usize = 100;

/// An app, called a credential in newer manuals.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct App {
    /// 32 hexadecimal digits.
    pub id: String,
    /// Project it belongs to.
    pub project: String,
    /// Unlike that of any other app of the project.
    pub name: String,
    /// For people.
    pub remark: String,
    /// The AppKey: unlike that of any other app here.
    pub key: String,
    /// The AppSecret.
    pub secret: Secret,
    /// From where it may call; none is from anywhere.
    pub acl: Option<Acl>,
    /// When it was made.
    pub created: Timestamp,
    /// When it was last changed.
    pub modified: Timestamp,
}

/// A text that proves an app by being sent: `X-Apig-AppCode`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Code {
    /// 32 hexadecimal digits.
    pub id: String,
    /// 64 to 180 characters.
    pub text: Secret,
    /// When it was made.
    pub created: Timestamp,
}

/// That an app may call an API in an environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// 32 hexadecimal digits.
    pub id: String,
    /// When it was given.
    pub created: Timestamp,
}

/// An app with what belongs to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Client {
    /// The app.
    pub app: App,
    /// Its AppCodes, oldest first.
    pub codes: Vec<Code>,
    /// What it may call: by the ids of API and environment.
    pub grants: BTreeMap<(String, String), Grant>,
}

impl Client {
    /// Whether it may call this API in this environment.
    pub fn may_call(&self, api: &str, env: &str) -> bool {
        // Few APIs an app: cheaper than two owned texts for a look-up.
        self.grants.keys().any(|(own_api, own_env)| own_api == api && own_env == env)
    }
}

/// From where an app may call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Acl {
    /// Whether the addresses are let in or kept out.
    pub kind: AclKind,
    /// As the client wrote them.
    pub values: Vec<String>,
}

/// What the addresses of an [`Acl`] mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum AclKind {
    /// Only these.
    Permit,
    /// All but these.
    Deny,
}

impl Acl {
    /// Whether a client with this address may call.
    pub fn admits(&self, address: IpAddr) -> bool {
        let named = self.values.iter().filter_map(|value| Addresses::read(value)).any(|all| all.contain(address));
        named == (self.kind == AclKind::Permit)
    }
}

/// One address, a range `a-b`, or a network `a/bits`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Addresses {
    first: IpAddr,
    last: IpAddr,
}

impl Addresses {
    /// Reads one of the three forms; `None` for anything else.
    pub fn read(text: &str) -> Option<Self> {
        if let Some((first, last)) = text.split_once('-') {
            let (first, last) = (first.trim().parse::<IpAddr>().ok()?, last.trim().parse::<IpAddr>().ok()?);
            return (first.is_ipv4() == last.is_ipv4() && first <= last).then_some(Self { first, last });
        }
        let Some((address, bits)) = text.split_once('/') else {
            let address = text.trim().parse().ok()?;
            return Some(Self { first: address, last: address });
        };
        let bits: u32 = bits.parse().ok()?;
        match address.parse().ok()? {
            IpAddr::V4(address) => {
                let host = 32_u32.checked_sub(bits)?;
                let mask = u32::MAX.checked_shl(host).unwrap_or(0);
                let first = address.to_bits() & mask;
                Some(Self { first: IpAddr::V4(first.into()), last: IpAddr::V4((first | !mask).into()) })
            }
            IpAddr::V6(address) => {
                let host = 128_u32.checked_sub(bits)?;
                let mask = u128::MAX.checked_shl(host).unwrap_or(0);
                let first = address.to_bits() & mask;
                Some(Self { first: IpAddr::V6(first.into()), last: IpAddr::V6((first | !mask).into()) })
            }
        }
    }

    /// Whether this is one of them; an IPv4 address in its IPv6 form is the IPv4 address.
    pub fn contain(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        // Addresses of the two families are ordered, too, but none lies between two of the other.
        address.is_ipv4() == self.first.is_ipv4() && self.first <= address && address <= self.last
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, inside: &[&str], outside: &[&str]) {
        let all = Addresses::read(text).unwrap();
        for address in inside {
            assert!(all.contain(address.parse().unwrap()), "{address} is in {text}");
        }
        for address in outside {
            assert!(!all.contain(address.parse().unwrap()), "{address} is not in {text}");
        }
    }

    #[test]
    fn addresses_have_three_forms() {
        check("192.0.2.7", &["192.0.2.7", "::ffff:192.0.2.7"], &["192.0.2.8", "::"]);
        check("192.0.2.7-192.0.2.9", &["192.0.2.7", "192.0.2.9"], &["192.0.2.6", "192.0.2.10"]);
        check("192.0.2.129/25", &["192.0.2.128", "192.0.2.255"], &["192.0.2.127", "192.0.3.128"]);
        check("0.0.0.0/0", &["255.255.255.255"], &["::1"]);
        check("2001:db8::/32", &["2001:db8:ffff::1"], &["2001:db9::", "192.0.2.1"]);
        check("::/0", &["ffff::"], &["192.0.2.1"]);
        for wrong in ["", "x", "192.0.2.1/33", "::/129", "192.0.2.9-192.0.2.7", "192.0.2.1-::1", "1.2.3", "1.2.3.4/-1"]
        {
            assert_eq!(Addresses::read(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_list_lets_in_or_keeps_out() {
        let acl = |kind| Acl { kind, values: vec!["192.0.2.0/24".to_owned()] };
        let (inside, outside): (IpAddr, IpAddr) = ("192.0.2.1".parse().unwrap(), "198.51.100.1".parse().unwrap());
        assert!(acl(AclKind::Permit).admits(inside) && !acl(AclKind::Permit).admits(outside));
        assert!(!acl(AclKind::Deny).admits(inside) && acl(AclKind::Deny).admits(outside));
    }
}
