use super::*;

fn lines(lines: impl Iterator<Item = Line>) -> String {
    lines.map(|(file, line)| format!("{file}: {line}\n")).collect()
}

fn reads(rate: u64, disks: &[&str]) -> Reads {
    Reads { rate, disks: disks.iter().map(|&disk| disk.to_owned()).collect() }
}

#[test]
fn each_disk_has_a_limit_of_bytes_and_of_reads() {
    let reads = reads(64 << 20, &["8:0", "254:0"]);
    assert_eq!(
        lines(reads.v1()),
        "blkio.throttle.read_bps_device: 8:0 67108864\nblkio.throttle.read_iops_device: 8:0 2048\n\
         blkio.throttle.read_bps_device: 254:0 67108864\nblkio.throttle.read_iops_device: 254:0 2048\n"
    );
    assert_eq!(lines(reads.v2()), "io.max: 8:0 rbps=67108864 riops=2048\nio.max: 254:0 rbps=67108864 riops=2048\n");
}

#[test]
fn the_least_rate_still_reads() {
    assert_eq!(lines(reads(1, &["8:0"]).v2()), "io.max: 8:0 rbps=1 riops=1\n");
}

#[test]
fn a_disk_that_cannot_be_limited_is_left_out() {
    let limited = reads(1 << 20, &["8:0", "8:16"]).without(|one| one.disks == ["8:0"]);
    assert_eq!(limited, reads(1 << 20, &["8:16"]));
}

#[test]
fn disks_are_what_is_hardware_and_has_a_size() {
    let block = tempfile::tempdir().unwrap();
    let device = |name: &str, is_hardware: bool, size: &str, number: &str| {
        let dir = block.path().join(name);
        fs::create_dir(&dir).unwrap();
        if is_hardware {
            fs::create_dir(dir.join("device")).unwrap();
        }
        fs::write(dir.join("size"), size.to_owned() + "\n").unwrap();
        fs::write(dir.join("dev"), number.to_owned() + "\n").unwrap();
    };
    device("vda", true, "536870912", "254:0");
    device("sda", true, "1000", "8:0");
    device("sr0", true, "0", "11:0");
    device("loop0", false, "4096", "7:0");
    device("dm-0", false, "1000", "253:0");
    assert_eq!(disks(block.path()), ["254:0", "8:0"]);
    assert!(disks(&block.path().join("nothing")).is_empty());
}
