//! Access control policies: from which addresses, or by which accounts, a published API may be called.

use std::collections::HashSet;
use std::net::IpAddr;

use jiff::Timestamp;

/// Addresses of a policy, at most (`acl_value`).
pub const ADDRESSES: usize = 100;

/// `acl_type`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Nobody else may.
    Permit,
    /// Everybody else may.
    Deny,
}

impl Effect {
    /// As the wire spells it.
    pub fn code(self) -> &'static str {
        match self {
            Self::Permit => "PERMIT",
            Self::Deny => "DENY",
        }
    }

    /// From the wire's spelling.
    pub fn of(code: &str) -> Option<Self> {
        [Self::Permit, Self::Deny].into_iter().find(|own| own.code() == code)
    }
}

/// `entity_type`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entity {
    /// Addresses of clients.
    Ip,
    /// Names of accounts.
    Domain,
    /// Ids of accounts.
    DomainId,
}

impl Entity {
    /// As the wire spells it.
    pub fn code(self) -> &'static str {
        match self {
            Self::Ip => "IP",
            Self::Domain => "DOMAIN",
            Self::DomainId => "DOMAIN_ID",
        }
    }

    /// From the wire's spelling.
    pub fn of(code: &str) -> Option<Self> {
        [Self::Ip, Self::Domain, Self::DomainId].into_iter().find(|own| own.code() == code)
    }
}

/// A policy as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// 32 hexadecimal digits.
    pub id: String,
    /// The project it belongs to.
    pub project: String,
    /// Unique in the project.
    pub name: String,
    /// What it does with those it names.
    pub effect: Effect,
    /// What its value names.
    pub entity: Entity,
    /// Names, ids or addresses, separated by commas.
    pub value: String,
    /// When it was last changed.
    pub modified: Timestamp,
}

/// A policy as the gateway asks it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessList {
    effect: Effect,
    entity: Entity,
    addresses: Addresses,
    accounts: HashSet<String>,
}

impl AccessList {
    /// A kept policy, which has passed the rules of its value.
    pub fn new(policy: &Policy) -> Self {
        let texts = || policy.value.split(',').map(str::trim);
        let (addresses, accounts) = match policy.entity {
            Entity::Ip => (Addresses::new(texts().filter_map(|text| Range::read(text).ok()).collect()), HashSet::new()),
            Entity::Domain | Entity::DomainId => (Addresses::default(), texts().map(str::to_owned).collect()),
        };
        Self { effect: policy.effect, entity: policy.entity, addresses, accounts }
    }

    /// Whether a client at this address may call; a list of accounts does not say no.
    pub fn admits_address(&self, address: IpAddr) -> bool {
        self.entity != Entity::Ip || self.admits(self.addresses.contains(address))
    }

    /// Whether this account may call, by id and name; a list of addresses does not say no. A caller of no known account is not on
    /// any list.
    pub fn admits_account(&self, account: Option<(&str, &str)>) -> bool {
        let named = match self.entity {
            Entity::Ip => return true,
            Entity::Domain => account.map(|(_, name)| name),
            Entity::DomainId => account.map(|(id, _)| id),
        };
        self.admits(named.is_some_and(|named| self.accounts.contains(named)))
    }

    fn admits(&self, listed: bool) -> bool {
        match self.effect {
            Effect::Permit => listed,
            Effect::Deny => !listed,
        }
    }
}

/// From one address to another, both among them; of one family. IPv4 is where it is mapped in IPv6 (RFC 4291 section 2.5.5.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Range {
    first: u128,
    last: u128,
}

impl Range {
    /// `192.0.2.1`, `192.0.2.0/24` or `192.0.2.1-192.0.2.9`; of IPv6 the same.
    ///
    /// # Errors
    /// What is wrong with it, for the one who wrote it.
    pub fn read(text: &str) -> Result<Self, &'static str> {
        let address = |text: &str| text.trim().parse::<IpAddr>().map_err(|_| "is not an IP address");
        if let Some((first, last)) = text.split_once('-') {
            let (first, last) = (address(first)?, address(last)?);
            if first.is_ipv4() != last.is_ipv4() {
                return Err("is a range from one family of addresses to the other");
            }
            let range = Self { first: number(first), last: number(last) };
            return if range.first <= range.last { Ok(range) } else { Err("is a range that ends before it begins") };
        }
        let Some((base, bits)) = text.split_once('/') else {
            let one = number(address(text)?);
            return Ok(Self { first: one, last: one });
        };
        let base = address(base)?;
        let most = if base.is_ipv4() { 32 } else { 128 };
        let bits: u32 = bits.trim().parse().map_err(|_| "has no number of bits behind the slash")?;
        if bits > most {
            return Err("has more bits behind the slash than an address has");
        }
        let rest = u128::MAX.checked_shr(128 - (most - bits)).unwrap_or(0);
        let first = number(base) & !rest;
        Ok(Self { first, last: first | rest })
    }
}

fn number(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => address.to_ipv6_mapped().to_bits(),
        IpAddr::V6(address) => address.to_bits(),
    }
}

/// Ranges, to be asked often: in order, and none touches another.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Addresses(Vec<Range>);

impl Addresses {
    /// Of any ranges.
    pub fn new(mut ranges: Vec<Range>) -> Self {
        ranges.sort_unstable();
        let mut merged: Vec<Range> = Vec::with_capacity(ranges.len());
        for range in ranges {
            match merged.last_mut() {
                Some(before) if range.first <= before.last.saturating_add(1) => {
                    before.last = before.last.max(range.last)
                }
                _ => merged.push(range),
            }
        }
        Self(merged)
    }

    /// Whether all addresses of a family are in them.
    pub fn are_everybody(&self) -> bool {
        let v4 = Range { first: number([0; 4].into()), last: number([255; 4].into()) };
        let v6 = Range { first: 0, last: u128::MAX };
        let all_of = |family: Range| self.0.iter().any(|own| own.first <= family.first && family.last <= own.last);
        all_of(v4) || all_of(v6)
    }

    /// Whether an address is in one of them.
    pub fn contains(&self, address: IpAddr) -> bool {
        let address = number(address.to_canonical());
        let behind = self.0.partition_point(|range| range.first <= address);
        behind.checked_sub(1).and_then(|at| self.0.get(at)).is_some_and(|range| address <= range.last)
    }
}

#[cfg(test)]
mod tests;
