//! Which addresses an installation's instances have: a block of 2^15 in the shared address space (RFC 6598), one for each
//! slot, so that several installations on one host do not meet.

use crate::ids;
use std::net::Ipv4Addr;

/// Length of a block's prefix.
pub(super) const PREFIX: u8 = 17;
/// 100.64.0.0
const FIRST: u32 = 0x6440_0000;
const BLOCKS: u32 = 1 << (PREFIX - 10);
/// Second octets that others use for services a host may need: 100.100 (our gateway; Alibaba Cloud's and Tailscale's
/// services), 100.115 (ChromeOS), 100.125 (Huawei Cloud's name servers and object storage).
const TAKEN: [u8; 3] = [100, 115, 125];

/// One block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Block(Ipv4Addr);

impl Block {
    pub(super) fn first(self) -> Ipv4Addr {
        self.0
    }

    pub(super) fn address(self, slot: u32) -> Ipv4Addr {
        Ipv4Addr::from_bits(self.0.to_bits() + slot % ids::SLOTS)
    }

    /// Every block there is, in an order of the installation's own.
    pub(super) fn candidates(hash: u32) -> impl Iterator<Item = Self> {
        (0..BLOCKS)
            .map(move |step| Self(Ipv4Addr::from_bits(FIRST + ((hash.wrapping_add(step) % BLOCKS) << (32 - PREFIX)))))
            .filter(|block| {
                let [_, second, ..] = block.0.octets();
                !TAKEN.contains(&second)
            })
    }

    /// Whether a route of the host leads to some of it.
    pub(super) fn is_routed(self, routes: &[Route]) -> bool {
        routes.iter().any(|route| {
            let mask = route.mask & (u32::MAX << (32 - PREFIX));
            // A default route leads everywhere.
            route.mask != 0 && route.to.to_bits() & mask == self.0.to_bits() & mask
        })
    }
}

/// A line of the host's routing table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Route {
    pub(super) to: Ipv4Addr,
    mask: u32,
    /// Set where the route leads nowhere.
    pub(super) mark: Option<u32>,
}

/// `/proc/net/route`: interface, destination, gateway, flags, references, uses, metric, mask, …; addresses in hexadecimal as
/// the processor reads their four bytes.
pub(super) fn parse(table: &str) -> Vec<Route> {
    let line = |line: &str| {
        let mut words = line.split_whitespace();
        let interface = words.next()?;
        let to = address(words.next()?)?;
        let metric: u32 = words.nth(4)?.parse().ok()?;
        let mask = address(words.next()?)?.to_bits();
        Some(Route { to, mask, mark: (interface == "*").then_some(metric) })
    };
    table.lines().skip(1).filter_map(line).collect()
}

fn address(hex: &str) -> Option<Ipv4Addr> {
    Some(Ipv4Addr::from(u32::from_str_radix(hex, 16).ok()?.to_ne_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = "\
Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\tWindow\tIRTT
eth0\t00000000\t010200C0\t0003\t0\t0\t0\t00000000\t0\t0\t0
eth0\t000200C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0
*\t00004064\t00000000\t0201\t0\t0\t7\t0080FFFF\t0\t0\t0
";

    fn block(a: u8, b: u8, c: u8) -> Block {
        Block(Ipv4Addr::new(a, b, c, 0))
    }

    #[test]
    fn the_routing_table_is_read_as_the_kernel_writes_it() {
        let found: Vec<_> = parse(TABLE).iter().map(|route| (route.to.to_string(), route.mark)).collect();
        let expect = [("0.0.0.0", None), ("192.0.2.0", None), ("100.64.0.0", Some(7))];
        assert_eq!(found, expect.map(|(to, mark)| (to.to_owned(), mark)));
        assert_eq!(parse("").len(), 0);
        assert_eq!(parse("x\n\nzz zz\n* 1 2 3 4 5 -1 7").len(), 0);
    }

    #[test]
    fn a_block_is_taken_by_any_route_into_it_or_around_it_but_not_by_the_default_route() {
        let routes = parse(TABLE);
        assert!(block(100, 64, 0).is_routed(&routes));
        assert!(!block(100, 64, 128).is_routed(&routes));
        let around = Route { to: Ipv4Addr::new(100, 64, 0, 0), mask: 0xffc0_0000, mark: None };
        assert!(block(100, 70, 0).is_routed(&[around]));
        let within = Route { to: Ipv4Addr::new(100, 70, 3, 9), mask: u32::MAX, mark: None };
        assert!(block(100, 70, 0).is_routed(&[within]) && !block(100, 70, 128).is_routed(&[within]));
    }

    #[test]
    fn every_address_is_within_the_shared_space_and_none_is_of_a_known_service() {
        let all: Vec<_> = Block::candidates(12345).collect();
        assert_eq!(all.len(), 128 - 6);
        for block in all {
            for address in [block.address(0), block.address(ids::SLOTS - 1)] {
                let [first, second, ..] = address.octets();
                assert!(first == 100 && (64..128).contains(&second) && !TAKEN.contains(&second), "{address}");
                assert_eq!(address.to_bits() >> 15, block.first().to_bits() >> 15);
            }
        }
    }

    #[test]
    fn installations_begin_at_blocks_of_their_own() {
        assert_ne!(Block::candidates(1).next(), Block::candidates(2).next());
        assert_eq!(Block::candidates(130).next(), Block::candidates(2).next());
    }
}
