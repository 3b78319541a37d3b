//! What memory the host has left.

use std::fs;
use std::io;

/// The host's memory at one moment, in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Memory {
    /// All there is.
    pub total: u64,
    /// What programs could have without anything being moved to swap (`MemAvailable` of proc_meminfo(5)).
    pub available: u64,
    /// Free swap; 0 without swap.
    pub swap_free: u64,
    /// Percent of the last ten seconds in which something waited for memory: `some avg10` of the kernel's PSI; 0 where it is
    /// not measured.
    pub stalled_percent: f64,
}

impl Memory {
    /// Reads `/proc/meminfo` and `/proc/pressure/memory`.
    ///
    /// # Errors
    /// The first cannot be read.
    pub fn read() -> io::Result<Self> {
        let pressure = fs::read_to_string("/proc/pressure/memory").unwrap_or_default();
        Ok(Self::parse(&fs::read_to_string("/proc/meminfo")?, &pressure))
    }

    fn parse(meminfo: &str, pressure: &str) -> Self {
        let kilobytes = |key: &str| -> u64 {
            let value =
                meminfo.lines().find_map(|line| line.strip_prefix(key)?.strip_suffix("kB")?.trim().parse().ok());
            value.unwrap_or(0)
        };
        let some =
            pressure.lines().find_map(|line| line.strip_prefix("some ")?.split(' ').next()?.strip_prefix("avg10="));
        Self {
            total: kilobytes("MemTotal:") << 10,
            available: kilobytes("MemAvailable:") << 10,
            swap_free: kilobytes("SwapFree:") << 10,
            stalled_percent: some.and_then(|percent| percent.parse().ok()).unwrap_or(0.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kernels_words_are_understood() {
        let meminfo = "MemTotal:       24683968 kB\nMemFree:        1 kB\nMemAvailable:   23000000 kB\nSwapFree:              2048 kB\n";
        let pressure =
            "some avg10=12.50 avg60=0.00 avg300=0.00 total=1114119\nfull avg10=1.00 avg60=0.00 avg300=0.00 total=2\n";
        let expect =
            Memory { total: 24_683_968 << 10, available: 23_000_000 << 10, swap_free: 2 << 20, stalled_percent: 12.5 };
        assert_eq!(Memory::parse(meminfo, pressure), expect);
        assert_eq!(Memory::parse("", ""), Memory::default());
    }

    #[test]
    fn this_host_has_memory() {
        let memory = Memory::read().unwrap();
        assert!(memory.total > 0 && memory.available <= memory.total, "{memory:?}");
    }
}
