//! How many values were how large, so that percentiles of any span of time and of any functions together can be told afterwards.

use serde::{Deserialize, Serialize};

/// Bits of a value that tell its bucket, after the first.
const BITS: u32 = 3;

/// Counts of values by size: each power of two has eight buckets, so what a percentile says is within 6.25 % of the value that it
/// stands for; values below eight are exact. Only buckets with values are kept, by number and count.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Distribution(Vec<(u16, u64)>);

impl Distribution {
    /// Adds a value.
    pub fn add(&mut self, value: u64) {
        self.add_to(bucket(value), 1);
    }

    /// Adds the values of another one.
    pub fn merge(&mut self, other: &Self) {
        for (bucket, count) in &other.0 {
            self.add_to(*bucket, *count);
        }
    }

    /// How many values there are.
    pub fn count(&self) -> u64 {
        self.0.iter().fold(0, |all, (_, count)| all.saturating_add(*count))
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The value that so many of a hundred are not above (1 to 100); nothing where there is no value.
    pub fn percentile(&self, of_hundred: u64) -> Option<u64> {
        let rank = self.count().saturating_mul(of_hundred).div_ceil(100).max(1);
        let mut below = 0_u64;
        let found = self.0.iter().find(|(_, count)| {
            below = below.saturating_add(*count);
            below >= rank
        });
        found.map(|(bucket, _)| middle(*bucket))
    }

    fn add_to(&mut self, bucket: u16, count: u64) {
        match self.0.binary_search_by_key(&bucket, |(bucket, _)| *bucket) {
            Ok(at) => {
                if let Some((_, before)) = self.0.get_mut(at) {
                    *before = before.saturating_add(count);
                }
            }
            Err(at) => self.0.insert(at, (bucket, count)),
        }
    }
}

fn bucket(value: u64) -> u16 {
    let octave = value.checked_ilog2().unwrap_or(0);
    let Some(shift) = octave.checked_sub(BITS) else { return u16::try_from(value).unwrap_or(u16::MAX) };
    let number = (u64::from(shift) << BITS) + (value >> shift);
    u16::try_from(number).unwrap_or(u16::MAX)
}

/// What is between the least and the most of a bucket; also of one that a file made up.
fn middle(bucket: u16) -> u64 {
    let (shift, first) = (u32::from(bucket >> BITS).saturating_sub(1), 1 << BITS);
    if bucket < 2 * first {
        return u64::from(bucket);
    }
    let least = u64::from(bucket % first + first).checked_shl(shift).unwrap_or(u64::MAX);
    let width = 1_u64.checked_shl(shift).unwrap_or(0);
    least.saturating_add(width / 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(values: impl IntoIterator<Item = u64>) -> Distribution {
        let mut distribution = Distribution::default();
        values.into_iter().for_each(|value| distribution.add(value));
        distribution
    }

    #[track_caller]
    fn check(distribution: &Distribution, of_hundred: u64, expect: u64) {
        let got = distribution.percentile(of_hundred).unwrap();
        assert!(got.abs_diff(expect) * 16 <= expect, "p{of_hundred}: {got}, not {expect}");
    }

    #[test]
    fn percentiles_are_those_of_the_values_within_a_sixteenth() {
        let all = of(1..=100_000);
        for (of_hundred, expect) in [(1, 1_000), (50, 50_000), (95, 95_000), (99, 99_000), (100, 100_000)] {
            check(&all, of_hundred, expect);
        }
        let mostly_fast = of([900; 98].into_iter().chain([2_000_000, 3_000_000]));
        check(&mostly_fast, 50, 900);
        check(&mostly_fast, 95, 900);
        check(&mostly_fast, 99, 2_000_000);
    }

    #[test]
    fn without_a_value_there_is_no_percentile() {
        assert_eq!((Distribution::default().percentile(50), Distribution::default().count()), (None, 0));
    }

    #[test]
    fn what_is_added_up_is_as_if_it_had_been_counted_together() {
        let mut two = of(0..500);
        two.merge(&of(500..1_000));
        assert_eq!((two.count(), two), (1_000, of(0..1_000)));
    }

    #[test]
    fn a_made_up_file_has_some_percentile() {
        let read: Distribution = serde_json::from_str("[[65535,18446744073709551615],[3,1]]").unwrap();
        assert!(read.percentile(100).is_some());
    }

    proptest::proptest! {
        #[test]
        fn any_value_is_within_its_bucket(value: u64) {
            check(&of([value]), 50, value);
        }
    }
}
