//! An empty report for tests.

use super::Report;
use crate::machine::Machine;

pub(crate) fn report() -> Report {
    let machine = Machine {
        cores: 2,
        cpu: "a processor".to_owned(),
        memory_gb: 24.0,
        kernel: "6.1".to_owned(),
        system: "Debian".to_owned(),
        cgroup: "v2".to_owned(),
        swap_gb: 0.0,
    };
    Report {
        date: "2026-01-02 03:04 UTC".to_owned(),
        commit: "abc".to_owned(),
        command: "script/bench".to_owned(),
        machine,
        versions: Vec::new(),
        figures: Vec::new(),
        verdicts: Vec::new(),
        notes: Vec::new(),
    }
}
