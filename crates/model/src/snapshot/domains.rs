//! Custom domains: which name a group answers at, and with which certificate.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use zeroize::Zeroizing;

/// A certificate with its key. Another certificate has another id, also for the same domain.
#[derive(Clone, PartialEq, Eq)]
pub struct Certificate {
    /// 32 hexadecimal digits.
    pub id: String,
    /// DER, the domain's own first, each signed by the next.
    pub chain: Vec<Vec<u8>>,
    /// DER: PKCS #8, PKCS #1 or SEC 1.
    pub key: Zeroizing<Vec<u8>>,
}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Certificate").field("id", &self.id).field("chain", &self.chain.len()).finish_non_exhaustive()
    }
}

/// A name of its own for a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Domain {
    /// Lower case, no dot at the end; `*.` at the start stands for exactly one label.
    pub name: String,
    /// Project of its group.
    pub project: String,
    /// The group that answers there.
    pub group_id: String,
    /// The group's own host; the default group has none.
    pub host: Option<String>,
    /// Whether plain HTTP is answered with the address for https.
    pub redirect: bool,
    /// Without one there is no TLS for the name.
    pub certificate: Option<Arc<Certificate>>,
}

/// All custom domains by name.
#[derive(Clone, Debug, Default)]
pub struct Domains {
    exact: HashMap<String, Arc<Domain>>,
    /// By what follows `*.`.
    wildcard: HashMap<String, Arc<Domain>>,
    /// Hosts of groups that only their custom domains answer for.
    closed: Vec<String>,
}

impl FromIterator<Arc<Domain>> for Domains {
    fn from_iter<I: IntoIterator<Item = Arc<Domain>>>(domains: I) -> Self {
        let mut all = Self::default();
        for domain in domains {
            match domain.name.strip_prefix("*.") {
                Some(parent) => all.wildcard.insert(parent.to_owned(), domain),
                None => all.exact.insert(domain.name.clone(), domain),
            };
        }
        all
    }
}

impl Domains {
    /// The domain that answers for `name` (lower case, no port): itself before a wildcard.
    pub fn find(&self, name: &str) -> Option<&Arc<Domain>> {
        self.exact.get(name).or_else(|| self.wildcard.get(name.split_once('.')?.1))
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.exact.is_empty() && self.wildcard.is_empty()
    }

    /// With the own hosts of groups that do not answer there.
    pub fn with_closed(self, closed: Vec<String>) -> Self {
        Self { closed, ..self }
    }

    /// Own hosts of groups that do not answer there.
    pub fn closed(&self) -> &[String] {
        &self.closed
    }

    /// All of them, in no order.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Domain>> {
        self.exact.values().chain(self.wildcard.values())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn domains(names: &[&str]) -> Domains {
        let domain = |name: &&str| {
            Arc::new(Domain {
                name: (*name).to_owned(),
                project: "p".into(),
                group_id: "g".into(),
                host: None,
                redirect: false,
                certificate: None,
            })
        };
        names.iter().map(domain).collect()
    }

    #[track_caller]
    fn check(names: &[&str], host: &str, expect: Option<&str>) {
        let all = domains(names);
        assert_eq!(all.find(host).map(|domain| domain.name.as_str()), expect, "{host} of {names:?}");
    }

    #[test]
    fn a_name_is_found_before_a_wildcard() {
        let names = ["a.example.com", "*.example.com"];
        check(&names, "a.example.com", Some("a.example.com"));
        check(&names, "b.example.com", Some("*.example.com"));
    }

    #[test]
    fn a_wildcard_stands_for_one_label() {
        let names = ["*.example.com"];
        check(&names, "example.com", None);
        check(&names, "a.b.example.com", None);
        check(&names, "a.example.org", None);
        check(&names, "com", None);
        check(&names, "", None);
    }

    #[test]
    fn debug_never_shows_a_key() {
        let key = Zeroizing::new(b"hunter2".to_vec());
        let shown = format!("{:?}", Certificate { id: "i".into(), chain: vec![vec![1]], key });
        assert_eq!(shown, "Certificate { id: \"i\", chain: 1, .. }");
    }
}
