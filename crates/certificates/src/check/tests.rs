use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair, PKCS_ED25519,
    date_time_ymd,
};

use super::*;

const NOW: &str = "2026-06-01T00:00:00Z";

struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    fn new(name: &str) -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, name);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    fn below(&self, name: &str) -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, name);
        Self(CertifiedIssuer::signed_by(params, KeyPair::generate().unwrap(), &self.0).unwrap())
    }

    fn pem(&self) -> String {
        self.0.pem()
    }

    /// A certificate and its key.
    fn sign(&self, names: &[&str], change: impl FnOnce(&mut CertificateParams)) -> (String, String) {
        self.sign_with(names, KeyPair::generate().unwrap(), change)
    }

    fn sign_with(&self, names: &[&str], key: KeyPair, change: impl FnOnce(&mut CertificateParams)) -> (String, String) {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let mut params = CertificateParams::new(names).unwrap();
        params.not_before = date_time_ymd(2026, 1, 1);
        params.not_after = date_time_ymd(2027, 1, 1);
        change(&mut params);
        (params.signed_by(&key, &self.0).unwrap().pem(), key.serialize_pem())
    }
}

fn leaf(names: &[&str]) -> (String, String) {
    Authority::new("root").sign(names, |_| {})
}

/// What is wrong, each beginning as expected.
#[track_caller]
fn wrong(chain: &str, key: &str, domain: &str, expect: &[(Field, &str)]) {
    let problems = check(chain, key, domain, NOW.parse().unwrap()).unwrap_err();
    let fits = |(problem, (field, text)): (&Problem, &(Field, &str))| {
        problem.field == *field && problem.text.starts_with(text)
    };
    assert!(problems.len() == expect.len() && problems.iter().zip(expect).all(fits), "{problems:#?}");
}

#[track_caller]
fn fine(chain: &str, key: &str, domain: &str) -> Checked {
    check(chain, key, domain, NOW.parse().unwrap()).unwrap()
}

#[test]
fn a_chain_that_holds_is_taken_with_every_kind_of_key() {
    let root = Authority::new("root");
    let middle = root.below("middle");
    let (own, key) = middle.sign(&["a.example.com"], |params| {
        params.distinguished_name.push(DnType::CommonName, "a.example.com");
        params.distinguished_name.push(DnType::OrganizationName, "Example");
    });
    let checked = fine(&format!("{own}{}", middle.pem()), &key, "a.example.com");
    assert_eq!(checked.chain.len(), 2);
    assert_eq!(checked.facts.common_name, "a.example.com");
    assert_eq!(
        (checked.facts.names, checked.facts.organization),
        (vec!["a.example.com".into()], vec!["Example".into()])
    );
    assert_eq!((checked.facts.issuer, checked.facts.version), (vec!["middle".to_owned()], 3));
    assert_eq!(checked.facts.signature_algorithm, "ECDSA-SHA256");
    assert_eq!(checked.facts.not_after.to_string(), "2027-01-01T00:00:00Z");
    let (own, key) = root.sign_with(&["b"], KeyPair::generate_for(&PKCS_ED25519).unwrap(), |_| {});
    fine(&own, &key, "b");
}

#[test]
fn a_certificate_is_for_its_names_only() {
    for (names, domain, fits) in [
        (&["a.example.com"] as &[_], "a.example.com", true),
        (&["A.Example.com"], "a.example.com", true),
        (&["*.example.com"], "a.example.com", true),
        (&["*.example.com"], "*.example.com", true),
        (&["b.example.com", "a.example.com"], "a.example.com", true),
        (&["*.example.com"], "example.com", false),
        (&["*.example.com"], "a.b.example.com", false),
        (&["a.example.com"], "*.example.com", false),
        (&["*.com"], "*.example.com", false),
        (&[], "a.example.com", false),
    ] {
        let (own, key) = leaf(names);
        let got = check(&own, &key, domain, NOW.parse().unwrap());
        assert_eq!(got.is_ok(), fits, "{names:?} for {domain}: {got:?}");
    }
}

#[test]
fn what_is_not_valid_now_is_refused() {
    let root = Authority::new("root");
    let (own, key) = root.sign(&["a"], |params| params.not_after = date_time_ymd(2026, 5, 1));
    wrong(&own, &key, "a", &[(Field::Chain, "has expired: certificate 1 was valid until 2026-05-01")]);
    let (own, key) = root.sign(&["a"], |params| params.not_before = date_time_ymd(2026, 7, 1));
    wrong(&own, &key, "a", &[(Field::Chain, "is not valid yet")]);
}

#[test]
fn a_chain_out_of_order_or_not_signed_is_refused() {
    let root = Authority::new("root");
    let (middle, other) = (root.below("middle"), root.below("middle"));
    let (own, key) = middle.sign(&["a"], |_| {});
    wrong(&format!("{own}{}", root.pem()), &key, "a", &[(Field::Chain, "is not in order")]);
    wrong(&format!("{own}{}", other.pem()), &key, "a", &[(Field::Chain, "does not hold")]);
    let many = own.repeat(11);
    assert!(check(&many, &key, "a", NOW.parse().unwrap()).unwrap_err()[0].text.contains("10 is the limit"));
}

#[test]
fn the_key_must_be_the_certificates() {
    let (own, _) = leaf(&["a"]);
    let (_, other) = leaf(&["a"]);
    wrong(&own, &other, "a", &[(Field::Key, "is that of another certificate")]);
}

#[test]
fn a_certificate_for_clients_is_refused() {
    let root = Authority::new("root");
    let (own, key) = root.sign(&["a"], |params| params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth]);
    wrong(&own, &key, "a", &[(Field::Chain, "is for no server")]);
}

#[test]
fn everything_is_said_at_once() {
    let root = Authority::new("root");
    let (own, _) = root.sign(&["b"], |params| params.not_after = date_time_ymd(2026, 5, 1));
    wrong(
        &own,
        "nothing",
        "a",
        &[(Field::Key, "has no key"), (Field::Chain, "has expired"), (Field::Chain, "is not for a: it is for b")],
    );
    wrong("", "", "a", &[(Field::Chain, "has no certificate"), (Field::Key, "has no key")]);
}

#[test]
fn what_is_no_pem_is_said_without_showing_it() {
    let (own, key) = leaf(&["a"]);
    let secret = key.lines().nth(1).unwrap();
    for (chain, key) in [
        (format!("{own}{key}"), key.clone()),
        (own.clone(), key.replace("-----END PRIVATE KEY-----", "")),
        (own.clone(), key.replacen(secret, &format!("!{secret}"), 1)),
        (own.clone(), key.replace("PRIVATE", "ENCRYPTED PRIVATE")),
        (own.clone(), format!("{key}{key}")),
        (own.replace("MII", "AAA"), key.clone()),
        (own.replace("-----END CERTIFICATE-----", ""), key.clone()),
    ] {
        let problems = check(&chain, &key, "a", NOW.parse().unwrap()).unwrap_err();
        assert!(!format!("{problems:?}").contains(secret), "{problems:?}");
    }
    let problems = check(&own, &key.replace("MI", "AA"), "a", NOW.parse().unwrap()).unwrap_err();
    assert!(problems[0].text.starts_with("is not a key that can be used"), "{problems:?}");
}
