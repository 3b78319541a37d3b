mod made;

mod mutated;

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;

use bytes::Bytes;
use model::function::Entry;

use super::*;
use made::{Descriptor, Made, Zip, file, folder, link, program, put32, put64, zip};

const START: &str = "/opt/function/runtime/nodejs12.13/rtsp/nodejs/bin/node $RUNTIME_CODE_ROOT/index.js";

fn bootstrap() -> Made {
    file("bootstrap", START)
}

/// A bootstrap and these.
fn package(members: impl IntoIterator<Item = Made>) -> Zip {
    let all: Vec<Made> = [bootstrap()].into_iter().chain(members).collect();
    zip(&all)
}

fn small() -> Limits {
    Limits { entries: 50, unpacked_bytes: 1 << 20, ratio: 100, ratio_from_bytes: 64 << 10, depth: 8, path_bytes: 600 }
}

/// Unpacks into a folder of a folder and proves that nothing appeared beside it.
fn run(bytes: &[u8], limits: &Limits) -> (Result<Unpacked, Error>, tempfile::TempDir) {
    let outer = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap(); // unpack waits for the disk
    let into = outer.path().join("code");
    fs::create_dir(&into).unwrap();
    let result = unpack(&Bytes::copy_from_slice(bytes), &into, limits);
    let beside: Vec<_> = fs::read_dir(outer.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(beside, ["code"], "written outside of the folder");
    (result, outer)
}

/// One line a node, sorted: mode, path, and the size or the target.
fn list(root: &Path, at: &Path, lines: &mut Vec<String>) {
    for entry in fs::read_dir(at).unwrap() {
        let path = entry.unwrap().path();
        let metadata = fs::symlink_metadata(&path).unwrap();
        let name = path.strip_prefix(root).unwrap().display();
        let mode = metadata.permissions().mode() & 0o7777;
        if metadata.is_symlink() {
            lines.push(format!("{name} -> {}", fs::read_link(&path).unwrap().display()));
        } else if metadata.is_dir() {
            lines.push(format!("{name}/ {mode:o}"));
            list(root, &path, lines);
        } else {
            lines.push(format!("{name} {mode:o} {}", metadata.len()));
        }
    }
    lines.sort();
}

/// What becomes of a package: its files, or every problem.
#[track_caller]
fn check(zip: &Zip, expect: &[&str]) {
    let (result, outer) = run(&zip.bytes, &small());
    let found = match result {
        Ok(_) => {
            let root = outer.path().join("code");
            let mut lines = Vec::new();
            list(&root, &root, &mut lines);
            lines
        }
        Err(Error::Refused(problems)) => problems,
        Err(error) => panic!("{error}"),
    };
    let fits = found.len() == expect.len() && found.iter().zip(expect).all(|(found, expect)| found.contains(expect));
    assert!(fits, "found {found:#?}\nexpected {expect:#?}");
}

fn entry(bootstrap: Made) -> Entry {
    run(&zip(&[bootstrap]).bytes, &small()).0.unwrap().entry
}

// What is accepted.

#[test]
fn an_honest_package_becomes_a_folder() {
    let made = package([
        folder("bin/"),
        program("bin/tool", "#!/bin/sh\n"),
        link("bin/alias", "tool"),
        link("up", "./bin/../bootstrap"),
        file("deep/er/file.txt", "x".repeat(70_000)).stored(),
        file("empty", ""),
        file("./dotted", "d"),
        folder("./"),
    ]);
    check(
        &made,
        &[
            "bin/ 755",
            "bin/alias -> tool",
            "bin/tool 755 10",
            "bootstrap 644 82",
            "deep/ 755",
            "deep/er/ 755",
            "deep/er/file.txt 644 70000",
            "dotted 644 1",
            "empty 644 0",
            "up -> ./bin/../bootstrap",
        ],
    );
}

#[test]
fn what_was_unpacked_is_counted_and_readable_by_others() {
    let (result, outer) = run(&package([file("a", "12345"), link("b", "a"), folder("c/")]).bytes, &small());
    let unpacked = result.unwrap();
    assert_eq!((unpacked.files, unpacked.bytes), (2, 82 + 5)); // a symlink is no file
    assert_eq!(fs::read(outer.path().join("code/bootstrap")).unwrap(), START.as_bytes());
    assert_eq!(fs::metadata(outer.path().join("code")).unwrap().permissions().mode() & 0o777, 0o755);
}

#[test]
fn times_come_from_the_archive() {
    let mut times = vec![1];
    put32(&mut times, 1_700_000_001);
    let (result, outer) = run(&package([file("a", "").extra(0x5455, &times)]).bytes, &small());
    result.unwrap();
    let modified = |name: &str| fs::metadata(outer.path().join("code").join(name)).unwrap().mtime();
    assert_eq!(modified("a"), 1_700_000_001);
    assert_eq!(modified("bootstrap"), 1_795_350_896); // 2026-11-22 12:34:56, read as UTC
}

#[test]
fn bootstrap_starts_itself_when_it_can() {
    for (made, expect) in [
        (file("bootstrap", "node index.js"), Entry::Shell),
        (program("bootstrap", "node index.js"), Entry::Shell),
        (file("bootstrap", "#!/bin/sh\n"), Entry::Shell),
        (program("bootstrap", "#!/bin/sh\n"), Entry::Direct),
        (file("bootstrap", "#!/bin/sh\n").windows(), Entry::Direct),
        (file("bootstrap", "node index.js").windows(), Entry::Shell),
        (program("bootstrap", "\x7fELF..."), Entry::Direct),
        (file("bootstrap", "\x7fELF..."), Entry::Direct), // no shell can start a binary
    ] {
        assert_eq!(entry(made.clone()), expect, "{made:?}");
    }
}

#[test]
fn without_unix_modes_programs_are_told_by_their_content() {
    let made = zip(&[
        bootstrap().windows(),
        file("script", "#!/bin/sh\n").windows(),
        file("binary", "\x7fELF").windows(),
        file("text", "hello").windows(),
    ]);
    check(&made, &["binary 755 4", "bootstrap 755 82", "script 755 10", "text 644 5"]);
}

#[test]
fn an_archive_written_to_a_stream_is_accepted() {
    for descriptor in [Descriptor::Bare, Descriptor::Signed, Descriptor::SignedWide] {
        let made = package([
            file("a", "aaaa").described(descriptor),
            file("empty", "").described(descriptor),
            file("stored", "ss").stored().described(descriptor),
        ]);
        check(&made, &["a 644 4", "bootstrap 644 82", "empty 644 0", "stored 644 2"]);
    }
}

#[test]
fn zip64_numbers_that_agree_are_accepted() {
    let made = package([]);
    let (size, start) = ((made.end - made.directory) as u64, made.directory as u64);
    let end = made.end;
    check(&made.clone().wide(1, size, start), &["bootstrap 644 82"]);
    check(&made.poke(end + 8, &[0xff; 12]).wide(1, size, start), &["bootstrap 644 82"]);

    let mut sizes = Vec::new();
    put64(&mut sizes, 3);
    put64(&mut sizes, 3);
    let made = package([file("a", "abc").stored().extra(1, &sizes).local_extra(1, &sizes)]);
    let made = made.poke_central(1, 20, &[0xff; 8]).poke_local(1, 18, &[0xff; 8]);
    check(&made, &["a 644 3", "bootstrap 644 82"]);
}

#[test]
fn names_outside_of_ascii_are_kept() {
    let mut field = vec![1];
    put32(&mut field, made::crc(b"\xc4\xe3"));
    field.extend("你".as_bytes());
    let made = package([
        file("数据.txt", "").flags(1 << 11),
        file("naïve.txt", ""), // macOS does not set the flag
        file("", "").named(b"\xc4\xe3").extra(0x7075, &field),
    ]);
    check(&made, &["bootstrap", "naïve.txt", "你 ", "数据.txt"]);
}

#[test]
fn an_archive_within_the_package_is_left_alone() {
    let inner = zip(&[file("../evil", "x")]).bytes;
    check(&package([file("inner.zip", &inner).stored()]), &["bootstrap", &format!("inner.zip 644 {}", inner.len())]);
}

#[test]
fn sparse_content_below_the_threshold_may_compress_as_well_as_it_can() {
    check(&package([file("db", vec![0; 60_000])]), &["bootstrap", "db 644 60000"]);
}

// Names (`reliability.md` B.7).

#[test]
fn z_absolute_path() {
    check(&package([file("/etc/cron.d/evil", "x")]), &[r#""/etc/cron.d/evil" is an absolute path"#]);
}

#[test]
fn z_parent_path() {
    for name in ["../evil", "a/../../evil", "a/..", "..", "../"] {
        check(&package([file(name, "x").stored()]), &["goes up with `..`"]);
    }
}

#[test]
fn z_nul_in_name() {
    check(&package([file("a\0b", "x")]), &[r#""a\0b" has a NUL"#]);
}

#[test]
fn z_drive_letter() {
    check(&package([file("C:/evil", "x"), file("c:evil", "x")]), &["drive letter", "drive letter"]);
}

#[test]
fn z_backslash() {
    let made = zip(&[file("app\\bootstrap", START), file("app\\index.js", ""), file("..\\evil", "")]);
    check(
        &made,
        &[r#""app\\bootstrap" and 2 more paths have a backslash: the archive was made on Windows"#, "no `bootstrap`"],
    );
}

#[test]
fn z_long_name() {
    check(&package([file(&format!("d/{}", "n".repeat(256)), "")]), &["a part longer than 255 bytes"]);
    check(&package([file(&"n/".repeat(400), "").stored()]), &["is longer than 600 bytes"]);
    check(&package([file("1/2/3/4/5/6/7/8/9", "")]), &["is more than 8 folders deep"]);
    check(&package([file(&"n".repeat(255), "")]), &["bootstrap", "nnn"]);
}

#[test]
fn z_name_not_utf8() {
    check(&package([file("", "").named(b"\xc4\xe3.txt")]), &["is not UTF-8"]);
    check(&package([file("", "").named(b"\xc4\xe3.txt").flags(1 << 11)]), &["is not UTF-8"]);
}

#[test]
fn z_two_names_for_one_member() {
    let mut field = vec![1];
    put32(&mut field, made::crc(b"good"));
    field.extend(b"../evil");
    check(&package([file("good", "").extra(0x7075, &field)]), &["is named \"../evil\" in its Unicode field"]);
}

#[test]
fn z_empty_name() {
    check(&package([file("", ""), file("a//b", ""), file("/", "").stored()]), &["empty name", "`//`", "absolute"]);
}

#[test]
fn z_duplicate_name() {
    check(&package([file("a", "1"), file("a", "2")]), &["\"a\" is there twice"]);
    check(&package([file("a", "1"), file("./a", "2")]), &["\"./a\" is there twice"]);
    check(&package([file("a", "1"), folder("a/")]), &["\"a/\" is there twice"]);
    check(&package([folder("a/"), link("a", "bootstrap")]), &["\"a\" is there twice"]);
    check(&package([folder("a/"), folder("a/")]), &["a/ 755", "bootstrap"]); // harmless, and some tools do it
}

#[test]
fn z_case_collision() {
    check(
        &package([file("README", ""), file("readme", "")]),
        &["\"readme\" and \"README\" differ only in upper and lower"],
    );
    check(&package([file("Lib/a", ""), file("lib/b", "")]), &["\"lib/b\" and \"Lib\" differ"]);
    check(&package([file("straße", ""), file("STRASSE", "")]), &["differ only"]);
}

#[test]
fn z_file_used_as_folder() {
    check(&package([file("a", ""), file("a/b", "")]), &["\"a/b\" lies in \"a\", which is a file"]);
    check(&package([file("a/b", ""), file("a", "")]), &["\"a\" is there twice"]);
}

// What a member is.

#[test]
fn z_symlink_out() {
    for target in ["../evil", "/etc/passwd", "a/../../evil", "nowhere/../../evil"] {
        check(&package([folder("a/"), link("l", target)]), &["is a symlink to"]);
    }
}

#[test]
fn z_symlink_by_an_unusual_host() {
    // What other readers make a symlink is no file here: the mode counts whatever the host, but for DOS.
    for (host, expect) in [(7, "is a symlink to"), (19, "is a symlink to"), (255, "is a symlink to"), (0, "l 644 6")] {
        let made = package([link("l", "../out")]).poke_central(1, 5, &[host]);
        let files: &[&str] = if host == 0 { &["bootstrap 644 82", expect] } else { &[expect] };
        check(&made, files);
    }
}

#[test]
fn z_symlink_through_symlink_out() {
    let made = package([
        folder("a/"),
        folder("a/b/"),
        link("deep", "a/b"),
        link("a/out", "../deep/../../.."),
        link("x/y", "../.."),
    ]);
    check(&made, &["which leaves the package", "which leaves the package"]);
}

#[test]
fn z_symlink_then_write() {
    // CVE-2025-29787: the link first, then a file "inside" of it; and the other way round.
    check(&package([link("a", "/etc"), file("a/evil", "x")]), &["lies behind the symlink \"a\"", "an absolute path"]);
    check(&package([link("a", "."), file("a/evil", "x")]), &["lies behind the symlink \"a\""]);
    check(&package([file("a/evil", "x"), link("a", ".")]), &["\"a\" is there twice"]);
}

#[test]
fn z_symlink_circle() {
    check(&package([link("a", "b"), link("b", "a")]), &["in a circle", "in a circle"]);
}

#[test]
fn z_symlink_maze_costs_no_time() {
    let far = "x/../".repeat(700);
    let mut members: Vec<Made> = (0..40).map(|n| link(&format!("l{n}"), &format!("{far}l{}", n + 1))).collect();
    members.push(folder("x/"));
    let started = std::time::Instant::now();
    check(&package(members), &["too long a way", "too often"]);
    assert!(started.elapsed().as_secs() < 5);
}

#[test]
fn z_symlink_to_nothing_sensible() {
    let members = [link("a", ""), link("b", "x\0y"), link("c", "x\\y"), file("d", b"\xff").mode(0o120_777)];
    check(&package(members), &["to nowhere", "NUL", "backslash", "not UTF-8"]);
    check(&package([link("long", &"x".repeat(4096))]), &["longer than 4095 bytes"]);
}

#[test]
fn z_hard_link() {
    let mut pkware = vec![0; 12];
    pkware.extend(b"/etc/passwd");
    let mut asi = vec![0; 4];
    asi.extend([0o100_644_u16.to_le_bytes(), [4, 0]].concat());
    asi.extend([0; 6]);
    check(
        &package([file("a", "").extra(0x000d, &pkware), file("b", "").extra(0x756e, &asi)]),
        &["a hard link", "a link"],
    );
}

#[test]
fn z_device_pipe_socket() {
    let modes = [0o020_666, 0o060_660, 0o010_644, 0o140_755, 0o150_000];
    let members = modes.into_iter().enumerate().map(|(n, mode)| file(&format!("n{n}"), "").mode(mode));
    check(&package(members), &["is a device", "is a device", "is a named pipe", "is a socket", "unknown file type"]);
}

#[test]
fn z_setuid() {
    let members = [file("a", "").mode(0o104_755), file("b", "").mode(0o102_755), folder("shared/").mode(0o042_775)];
    check(&package(members), &["\"a\" has the setuid or setgid bit", "\"b\" has the setuid"]);
    check(
        &package([folder("shared/").mode(0o043_777), file("t", "").mode(0o101_777)]),
        &["bootstrap", "shared/ 755", "t 755"],
    );
}

#[test]
fn z_folder_that_is_a_file() {
    check(&package([file("a/", "content")]), &["is a folder with content"]);
    let lying = package([folder("a/")]).poke_local(1, 14, &[1]).poke_central(1, 16, &[1]);
    check(&lying, &["\"a/\" does not match its checksum"]);
    check(&package([file("b", "").mode(0o040_755)]), &["a folder by its mode and a file by its name"]);
    check(&package([link("c/", "bootstrap")]), &["a symlink and a folder at once"]);
    check(&package([file("d/", "").mode(0o020_666)]), &["is a device"]);
}

// The two headers of a member, and its place.

#[test]
fn z_local_header_differs() {
    let made = || package([file("good", "content")]);
    check(&made().poke_local(1, 30, b"evil"), &["\"good\" has another name in its local header"]);
    check(&made().poke_local(1, 14, &[1, 2, 3, 4]), &["another size or checksum in its local header"]);
    check(&made().poke_local(1, 22, &[9, 0, 0, 0]), &["another size or checksum in its local header"]);
    check(&made().poke_local(1, 8, &[0, 0]), &["other flags or another method"]);
    check(&made().poke_local(1, 6, &[1, 0]), &["other flags or another method"]);
    check(&made().poke_local(1, 0, b"XX"), &["has no local header where"]);
}

#[test]
fn z_content_reaches_into_the_directory() {
    let size = 11_u32.to_le_bytes();
    let mut made = package([file("a", "x").stored()]);
    for field in [18, 22] {
        made = made.poke_local(1, field, &size).poke_central(1, field + 2, &size);
    }
    check(&made, &["\"a\" reaches into the central directory"]);
}

#[test]
fn z_descriptor_differs() {
    check(&package([file("a", "x").described(Descriptor::Missing)]), &["another size or checksum behind its content"]);
    check(&package([file("a", "x").described(Descriptor::Lying)]), &["another size or checksum behind its content"]);
    let announced = package([file("a", "x").described(Descriptor::Signed)]).poke_local(1, 22, &[9, 0, 0, 0]);
    check(&announced, &["another size or checksum in its local header"]);
}

#[test]
fn z_overlap() {
    let made = package([file("a", "x").stored(), file("b", "x").stored()]);
    let first = (made.locals[1] as u32).to_le_bytes();
    check(&made.clone().poke_central(2, 42, &first), &["\"b\" has another name in its local header"]);

    // Two members over the same bytes: the second's header lies in the content of the first.
    let inner = zip(&[file("b", "y").stored()]).bytes;
    let made = package([file("a", &inner[..32]).stored(), file("b", "y").stored()]);
    let within = (made.locals[1] + 31) as u32;
    check(&made.poke_central(2, 42, &within.to_le_bytes()), &["\"a\" and \"b\" overlap in the archive"]);
}

#[test]
fn z_same_bytes_twice() {
    let made = package([file("a", "x"), file("a", "x")]);
    let first = (made.locals[1] as u32).to_le_bytes();
    check(&made.poke_central(2, 42, &first), &["\"a\" and \"a\" overlap", "\"a\" is there twice"]);
}

#[test]
fn z_declared_size_differs() {
    for (size, expect) in [(4_u32, "unpacks to more than the size it declares"), (9, "unpacks to less")] {
        let size = size.to_le_bytes();
        check(&package([file("a", "seven77")]).poke_central(1, 24, &size).poke_local(1, 22, &size), &[expect]);
    }
    let stored = package([file("a", "seven77").stored()]);
    check(
        &stored.poke_central(1, 24, &[9, 0, 0, 0]).poke_local(1, 22, &[9, 0, 0, 0]),
        &["is stored, but its sizes differ"],
    );
}

#[test]
fn z_crc_error() {
    let made = package([file("a", "content").stored(), file("b", "content").stored()]);
    let (a, b) = (made.locals[1] + 31, made.locals[2] + 31);
    check(
        &made.poke(a, b"C").poke(b, b"C"),
        &["\"a\" does not match its checksum", "\"b\" does not match its checksum"],
    );
}

#[test]
fn z_damaged_content() {
    let made = package([file("a", "content content content")]);
    let at = made.locals[1] + 31;
    check(&made.poke(at, &[0xff; 4]), &["has damaged compressed content"]);

    let made = package([file("a", "x"), file("b", [7; 40]).stored()]);
    let more = (made.locals[2] - made.locals[1] - 31 + 5) as u32;
    let made = made.poke_central(1, 20, &more.to_le_bytes()).poke_local(1, 18, &more.to_le_bytes());
    check(&made, &["\"a\" and \"b\" overlap"]);
}

#[test]
fn z_bytes_behind_compressed_content() {
    let mut made = file("a", "");
    made.content = b"\x03\0hidden".to_vec(); // an empty Deflate stream and more, stored as it is
    let made = package([made.stored()]);
    let empty = [0; 4];
    let made = made.poke_central(1, 10, &[8, 0]).poke_local(1, 8, &[8, 0]);
    let made = made
        .poke_central(1, 16, &empty)
        .poke_local(1, 14, &empty)
        .poke_central(1, 24, &empty)
        .poke_local(1, 22, &empty);
    check(&made, &["has bytes behind its compressed content"]);
}

#[test]
fn z_encrypted() {
    check(&package([file("a", "").flags(1)]), &["\"a\" is encrypted: make the archive without a password"]);
    check(&package([file("a", "").flags(1 << 13)]), &["is encrypted"]);
    check(&package([file("a", "")]).poke_central(1, 10, &[99, 0]).poke_local(1, 8, &[99, 0]), &["is encrypted"]);
}

#[test]
fn z_unsupported_method() {
    for (method, name) in [(9, "Deflate64"), (14, "LZMA"), (93, "Zstandard"), (77, "an unknown method (method 77)")] {
        let made = package([file("a", "").stored()]).poke_central(1, 10, &[method, 0]).poke_local(1, 8, &[method, 0]);
        check(&made, &[name]);
    }
}

// Limits.

#[test]
fn z_too_many_entries() {
    check(&package((0..50).map(|n| folder(&format!("{n}/")))), &["the package has 51 entries, more than 50"]);
    check(&package((0..20).map(|n| file(&format!("{n}/a/b"), ""))), &["more than 50 files and folders"]);
}

#[test]
fn z_count_lies() {
    let made = package([file("a", "")]);
    let end = made.end;
    check(&made.clone().poke(end + 8, &[1, 0, 1, 0]), &["more members than the 1 it says"]);
    check(&made.clone().poke(end + 8, &[3, 0, 3, 0]), &["says 3 members and has 2"]);
    check(&made.poke(end + 8, &[1, 0, 2, 0]), &["the end record is damaged"]);
}

#[test]
fn z_too_large() {
    check(&package([file("a", vec![7; 1 << 20]).stored()]), &["unpacked it is 1048658 bytes, more than 1048576"]);
    let huge = package([file("a", "")]).poke_central(1, 24, &[0xfe, 0xff, 0xff, 0xff]);
    check(&huge, &["bytes, more than", "another size or checksum"]);
}

#[test]
fn z_ratio() {
    check(&package([file("bomb", vec![0; 900_000])]), &["times larger than the zip, more than 100"]);
}

#[test]
fn z_default_limits_stop_what_fills_the_disk() {
    let limits = Limits::default();
    let sparse = package([file("sparse", vec![0; 4 << 20])]);
    run(&sparse.bytes, &limits).0.unwrap();
    for (declared, expect) in
        [(200_u32 << 20, "times larger than the zip"), (1537 << 20, "bytes, more than 1610612736")]
    {
        let size = declared.to_le_bytes();
        let bomb = sparse.clone().poke_central(1, 24, &size).poke_local(1, 22, &size);
        let Err(Error::Refused(problems)) = run(&bomb.bytes, &limits).0 else { panic!("accepted") };
        assert!(problems[0].contains(expect), "{problems:?}");
    }
}

// The archive as a whole.

#[test]
fn z_zip64_lies() {
    let made = package([]);
    let (size, start) = ((made.end - made.directory) as u64, made.directory as u64);
    check(&made.clone().wide(2, size, start), &["the zip64 end record contradicts the end record"]);
    check(&made.clone().wide(u64::MAX, size, start), &["contradicts"]);
    let end = made.end;
    let unsaid = made.poke(end + 8, &[0xff; 12]);
    check(&unsaid.clone().wide(1, u64::MAX, 5), &["outside of the archive"]);
    check(&unsaid.clone().wide(u64::MAX, size, start), &["18446744073709551615 entries, more than 50"]);
    check(&unsaid.clone().wide(1, size, start).poke(end + 4, &[45]), &["the zip64 end record is damaged"]);

    let mut sizes = Vec::new();
    put64(&mut sizes, 1 << 40);
    put64(&mut sizes, 3);
    check(&package([file("a", "abc").stored().extra(1, &sizes)]), &["zip64 sizes that contradict its header"]);
    check(&package([file("a", "abc")]).poke_central(1, 24, &[0xff; 4]), &["zip64 sizes that contradict"]);
}

#[test]
fn z_trailing_bytes() {
    let mut made = package([]);
    made.bytes.extend(b"#!/bin/sh");
    check(&made, &["9 bytes follow the end of the archive"]);
}

#[test]
fn z_bytes_in_front() {
    let mut made = package([]);
    made.bytes.splice(0..0, *b"#!/bin/sh\n");
    check(&made, &["10 bytes that are no part of the archive"]);

    let mut padded = package([file("a", "")]);
    padded.bytes = zip(&[file("hidden", ""), bootstrap()]).bytes; // a member the directory does not know
    let gone = zip(&[file("hidden", ""), bootstrap()]);
    let mut bytes = gone.bytes[..gone.centrals[0]].to_vec();
    bytes.extend(&gone.bytes[gone.centrals[1]..]);
    let end = bytes.len() - 22;
    let size = ((end - gone.directory) as u32).to_le_bytes();
    padded.bytes = bytes;
    check(&padded.poke(end + 8, &[1, 0, 1, 0]).poke(end + 12, &size), &["bytes stand before the archive"]);
}

#[test]
fn z_two_end_records() {
    let made = package([]);
    let end = made.end;
    let inner = made.bytes[end..].to_vec();
    let mut made = made.poke(end + 20, &22_u16.to_le_bytes());
    made.bytes.extend(inner);
    check(&made, &["two end records"]);
}

#[test]
fn z_several_disks() {
    let made = package([]);
    let end = made.end;
    check(&made.clone().poke(end + 4, &[1]), &["the end record is damaged"]);
    // "See the zip64 record" where there is none.
    check(&made.clone().poke(end + 4, &[0xff; 4]), &["the end record is damaged"]);
    check(&made.poke_central(0, 34, &[1]), &["zip64 sizes that contradict"]);
}

#[test]
fn z_not_a_zip() {
    for (bytes, expect) in [
        (&b""[..], "the package is empty"),
        (b"PK\x03\x04 and no end", "the upload is incomplete"),
        (b"\x1f\x8b\x08", "a gzip file"),
        (b"console.log(1)", "not a zip file"),
    ] {
        check(&Zip { bytes: bytes.to_vec(), ..package([]) }, &[expect]);
    }
}

#[test]
fn z_truncated() {
    let made = package([file("a", "content".repeat(100))]);
    for length in 0..made.bytes.len() {
        assert!(matches!(run(&made.bytes[..length], &small()).0, Err(Error::Refused(_))), "{length} bytes");
    }
}

// Everything at once.

#[test]
fn all_problems_are_reported_at_once() {
    let made = zip(&[
        file("/a", ""),
        file("b\\c", ""),
        file("d", "").mode(0o020_666),
        link("e", "/x"),
        file("f", "").flags(1),
    ]);
    check(&made, &["backslash", "absolute path", "is a device", "is encrypted", "symlink to \"/x\"", "no `bootstrap`"]);
}

#[test]
fn a_page_of_problems_is_cut() {
    let (result, _outer) = run(&package((0..40).map(|n| file(&format!("/{n}"), ""))).bytes, &small());
    let Err(Error::Refused(problems)) = result else { panic!("accepted") };
    assert_eq!((problems.len(), problems.last().unwrap().as_str()), (21, "and 20 more"));
}

#[test]
fn long_and_wild_names_are_shown_safely() {
    let made = package([file(&format!("/\x1b[31m{}", "é".repeat(280)), "")]);
    check(&made, &[r#""/\u{1b}[31mé"#]);
}

// `bootstrap` (`behaviour.md` 1.1): what people send instead.

#[test]
fn bootstrap_one_folder_too_deep() {
    let made = zip(&[folder("myapp/"), file("myapp/bootstrap", START), file("__MACOSX/._x", "")]);
    check(&made, &["but \"myapp/bootstrap\": zip the contents of the folder, not the folder"]);
    check(&zip(&[file("a/b/bootstrap", START)]), &["but \"a/b/bootstrap\": move it to the root"]);
}

#[test]
fn bootstrap_by_another_name() {
    for name in ["bootstrap.sh", "Bootstrap", "bootstrap.txt", "BOOTSTRAP", "bootstrap "] {
        check(
            &zip(&[file(name, START)]),
            &[&format!("but {name:?}: the start file must be named exactly `bootstrap`")],
        );
    }
}

#[test]
fn bootstrap_that_is_no_file() {
    check(&zip(&[file("bootstrap/x", "")]), &["`bootstrap` is a folder; it must be a file with the start command"]);
    check(&zip(&[file("bootstrap/bootstrap", "")]), &["zip the contents of the folder"]);
    check(&zip(&[link("bootstrap", "x"), file("x", START)]), &["`bootstrap` is a symlink to \"x\""]);
}

#[test]
fn bootstrap_that_cannot_start() {
    let utf16 = [0xff_u8, 0xfe, b'n', 0, b'o', 0];
    let foreign = if std::env::consts::ARCH == "x86_64" { [183, 0] } else { [62, 0] };
    let elf = [&b"\x7fELF"[..], &[0; 14], &foreign].concat();
    for (content, expect) in [
        (&b""[..], "is empty"),
        (b" \n\t\n", "is empty"),
        (b"\xef\xbb\xbfnode index.js", "byte order mark"),
        (&utf16, "is UTF-16"),
        (b"#!/bin/sh\r\nnode index.js\r\n", "Windows line ends (CRLF)"),
        (b"node index.js\r", "Windows line ends (CRLF)"),
        (b"MZ\x90\0", "is a Windows program"),
        (b"\xcf\xfa\xed\xfe\x07", "is a macOS program"),
        (&elf, "and this host is"),
    ] {
        check(&zip(&[file("bootstrap", content)]), &[expect]);
    }
}

#[test]
fn bootstrap_missing() {
    check(&zip(&[]), &["found: nothing"]);
    check(&zip(&[file("index.js", ""), file("lib/a.js", "")]), &["at the root; found: \"index.js\", \"lib/\""]);
    let many: Vec<Made> = (0..13).map(|n| file(&format!("f{n:02}"), "")).collect();
    check(&zip(&many), &["\"f09\", and 3 more"]);
}
