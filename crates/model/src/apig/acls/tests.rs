use std::net::{Ipv4Addr, Ipv6Addr};

use proptest::prelude::*;

use super::*;

fn list(effect: Effect, entity: Entity, value: &str) -> AccessList {
    AccessList::new(&Policy {
        id: String::new(),
        project: String::new(),
        name: String::new(),
        effect,
        entity,
        value: value.into(),
        modified: crate::time::now(),
    })
}

#[track_caller]
fn check(value: &str, address: &str, listed: bool) {
    let address: IpAddr = address.parse().unwrap();
    assert_eq!(list(Effect::Permit, Entity::Ip, value).admits_address(address), listed, "{value} {address}");
    assert_eq!(list(Effect::Deny, Entity::Ip, value).admits_address(address), !listed, "{value} {address}");
}

#[test]
fn everybody_is_everybody_in_whatever_pieces() {
    let check = |texts: &[&str], expect| {
        let ranges = texts.iter().map(|text| Range::read(text).unwrap()).collect();
        assert_eq!(Addresses::new(ranges).are_everybody(), expect, "{texts:?}");
    };
    // All of IPv4 is in the lower half of IPv6.
    for texts in [&["0.0.0.0/0"][..], &["::/1"], &["128.0.0.0/1", "0.0.0.0/1"], &["0.0.0.0-255.255.255.255"]] {
        check(texts, true);
    }
    for texts in [&[][..], &["0.0.0.0/1"], &["8000::/1"], &["10.0.0.0/8", "fd00::/8"], &["0.0.0.1-255.255.255.255"]] {
        check(texts, false);
    }
}

#[test]
fn an_address_is_listed_by_itself_its_network_or_a_range() {
    check("192.0.2.1", "192.0.2.1", true);
    check("192.0.2.1", "192.0.2.2", false);
    check("192.0.2.77/24", "192.0.2.255", true);
    check("192.0.2.0/24", "192.0.3.0", false);
    check("192.0.2.3 - 192.0.2.5, 10.0.0.1", "192.0.2.5", true);
    check("192.0.2.3-192.0.2.5,10.0.0.1", "192.0.2.6", false);
    check("0.0.0.0/0", "203.0.113.9", true);
    check("0.0.0.0/0", "2001:db8::1", false);
    check("2001:db8::/32", "2001:db8:ffff::1", true);
    check("2001:db8::/32", "2001:db9::", false);
    check("::/0", "2001:db8::1", true);
    check("192.0.2.1", "::ffff:192.0.2.1", true);
}

#[test]
fn an_account_is_listed_by_name_or_id_and_who_is_unknown_is_on_no_list() {
    let account = Some(("id1", "acme"));
    assert!(list(Effect::Permit, Entity::Domain, "acme, other").admits_account(account));
    assert!(!list(Effect::Permit, Entity::DomainId, "acme").admits_account(account));
    assert!(!list(Effect::Deny, Entity::DomainId, "id1").admits_account(account));
    assert!(!list(Effect::Permit, Entity::Domain, "acme").admits_account(None));
    assert!(list(Effect::Deny, Entity::Domain, "acme").admits_account(None));
    assert!(list(Effect::Permit, Entity::Ip, "192.0.2.1").admits_account(None));
}

#[test]
fn what_is_no_address_says_why() {
    for (text, why) in [
        ("", "not an IP address"),
        ("example.com", "not an IP address"),
        ("192.0.2.1/33", "more bits"),
        ("::/129", "more bits"),
        ("192.0.2.1/x", "no number"),
        ("192.0.2.9-192.0.2.1", "ends before"),
        ("192.0.2.9-::1", "one family"),
    ] {
        assert!(Range::read(text).unwrap_err().contains(why), "{text}");
    }
}

/// An address near others, so that ranges meet.
fn near() -> impl Strategy<Value = IpAddr> {
    prop_oneof![
        (0..64u8).prop_map(|last| IpAddr::from(Ipv4Addr::new(192, 0, 2, last))),
        (0..64u16).prop_map(|last| IpAddr::from(Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, last))),
    ]
}

fn bits(address: IpAddr) -> Vec<bool> {
    let octets = match address {
        IpAddr::V4(address) => address.octets().to_vec(),
        IpAddr::V6(address) => address.octets().to_vec(),
    };
    octets.iter().flat_map(|octet| (0..8).rev().map(move |bit| octet >> bit & 1 == 1)).collect()
}

proptest! {
    /// The oracle compares bit by bit.
    #[test]
    fn networks_are_matched_as_their_bits_say(
        networks in proptest::collection::vec((near(), 20..=32u32, 115..=128u32), 1..12),
        address in near(),
    ) {
        let networks: Vec<(IpAddr, u32)> =
            networks.into_iter().map(|(base, v4, v6)| (base, if base.is_ipv4() { v4 } else { v6 })).collect();
        let value: Vec<String> = networks.iter().map(|(base, length)| format!("{base}/{length}")).collect();
        let listed = networks.iter().any(|(base, length)| {
            base.is_ipv4() == address.is_ipv4()
                && bits(*base).iter().zip(bits(address)).take(*length as usize).all(|(a, b)| *a == b)
        });
        prop_assert_eq!(list(Effect::Permit, Entity::Ip, &value.join(",")).admits_address(address), listed);
    }

    #[test]
    fn ranges_are_matched_whatever_touches(
        ranges in proptest::collection::vec((0..64u8, 0..8u8), 1..12),
        last in 0..80u8,
    ) {
        let text = |(first, more): &(u8, u8)| format!("192.0.2.{first}-192.0.2.{}", first + more);
        let value: Vec<String> = ranges.iter().map(text).collect();
        let listed = ranges.iter().any(|(first, more)| (*first..=first + more).contains(&last));
        let address = IpAddr::from(Ipv4Addr::new(192, 0, 2, last));
        prop_assert_eq!(list(Effect::Permit, Entity::Ip, &value.join(",")).admits_address(address), listed);
    }

    #[test]
    fn any_text_is_a_range_or_none(text in ".{0,40}") {
        let _ = Range::read(&text);
    }
}
