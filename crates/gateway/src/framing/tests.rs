use proptest::prelude::*;

use super::*;

#[derive(serde::Deserialize)]
struct Case {
    name: String,
    raw_latin1: Option<String>,
}

/// The collected ambiguous requests.
fn cases() -> Vec<(String, Vec<u8>)> {
    let text = include_str!("../../../../spec/ambiguous-requests.json");
    let cases: Vec<Case> = serde_json::from_str(text).unwrap();
    let latin1 = |text: String| text.chars().map(|char| u8::try_from(u32::from(char)).unwrap()).collect();
    cases.into_iter().filter_map(|case| Some((case.name, latin1(case.raw_latin1?)))).collect()
}

/// What goes through when `bytes` come in these pieces and every request is answered at once: the bytes that passed, how many
/// requests they were, and the status of the refusal.
fn run(bytes: &[u8], pieces: &[usize]) -> (Vec<u8>, usize, Option<u16>) {
    let limits = Limits::default();
    let (mut framing, mut buffer, mut passed, mut requests) = (Framing::default(), Vec::new(), Vec::new(), 0);
    let mut rest = bytes;
    let mut sizes = pieces.iter().copied().chain(std::iter::repeat(usize::MAX));
    loop {
        let at_head = framing.expects() == Expects::Head;
        match framing.pass(&buffer, &limits) {
            Err(failure) => return (passed, requests, Some(failure.status.as_u16())),
            Ok(0) if framing.expects() == Expects::Nothing => framing.answered(),
            Ok(0) if rest.is_empty() => return (passed, requests, None),
            Ok(0) => {
                let (now, after) = rest.split_at(sizes.next().unwrap().clamp(1, rest.len()));
                buffer.extend_from_slice(now);
                rest = after;
            }
            Ok(some) => {
                requests += usize::from(at_head);
                passed.extend(buffer.drain(..some));
            }
        }
    }
}

/// Of a body that is refused in its middle, more may have passed when it came in pieces.
#[track_caller]
fn same(name: &str, whole: (Vec<u8>, usize, Option<u16>), pieces: (Vec<u8>, usize, Option<u16>)) {
    assert_eq!((whole.1, whole.2), (pieces.1, pieces.2), "{name}");
    let refused = whole.2.is_some() && pieces.0.starts_with(&whole.0);
    assert!(refused || whole.0 == pieces.0, "{name}: {:?} and {:?}", whole.0, pieces.0);
}

/// `expect` is the number of requests that pass, and the status of the refusal behind them.
#[track_caller]
fn check(bytes: &str, expect: (usize, Option<u16>)) {
    let (_, requests, refused) = run(bytes.as_bytes(), &[]);
    assert_eq!((requests, refused), expect, "{bytes:?}");
}

const GET: &str = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

#[test]
fn pipelined_requests_pass_one_by_one() {
    check(&GET.repeat(3), (3, None));
    check(&format!("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc{GET}"), (2, None));
    check(
        &format!("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n{GET}"),
        (2, None),
    );
}

#[test]
fn what_is_in_a_body_is_not_a_head() {
    let body = "GET / HTTP/1.1\nHost: a\n\n";
    check(&format!("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: {}\r\n\r\n{body}{GET}", body.len()), (2, None));
}

#[test]
fn what_is_behind_a_body_is_a_head() {
    check("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nabcd\r\n\r\n", (1, Some(400)));
    check(&format!("{GET}\nGET"), (1, Some(400)));
}

#[test]
fn a_head_waits_for_the_answer_before_it() {
    let limits = Limits::default();
    let mut framing = Framing::default();
    assert_eq!(framing.pass(GET.as_bytes(), &limits), Ok(GET.len()));
    assert_eq!(framing.pass(b"\n not even a head", &limits), Ok(0));
    framing.answered();
    assert!(framing.pass(b"\n not even a head", &limits).is_err());
}

#[test]
fn nothing_passes_between_an_upgrade_and_its_answer() {
    let upgrade = b"GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n";
    let limits = Limits::default();
    for accepted in [true, false] {
        let mut framing = Framing::default();
        assert_eq!(framing.pass(upgrade, &limits), Ok(upgrade.len()));
        assert_eq!(framing.pass(b"\x81\n", &limits), Ok(0));
        assert!(!accepted || framing.tunnel());
        framing.answered();
        assert_eq!(framing.pass(b"\x81\n", &limits).ok(), accepted.then_some(2), "accepted: {accepted}");
    }
}

#[test]
fn a_tunnel_needs_a_request_for_it() {
    let mut framing = Framing::default();
    assert_eq!(framing.pass(GET.as_bytes(), &Limits::default()), Ok(GET.len()));
    assert!(!framing.tunnel());
}

#[test]
fn every_collected_case_ends_the_same_in_one_piece_and_in_single_bytes() {
    for (name, bytes) in cases() {
        same(&name, run(&bytes, &[]), run(&bytes, &vec![1; bytes.len()]));
    }
}

proptest! {
    #[test]
    fn pieces_do_not_matter(case in 0..49usize, pieces in proptest::collection::vec(1..20usize, 0..60)) {
        let (name, bytes) = cases().swap_remove(case);
        let bytes = [bytes, GET.into()].concat();
        same(&name, run(&bytes, &[]), run(&bytes, &pieces));
    }

    #[test]
    fn no_bytes_panic_and_what_passes_is_what_came(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let (passed, ..) = run(&bytes, &[]);
        prop_assert!(bytes.starts_with(&passed));
    }

    #[test]
    fn no_mutation_of_a_request_panics(at in 0..90usize, byte in any::<u8>()) {
        let mut bytes =
            b"POST /a?b HTTP/1.1\r\nHost: a:80\r\nTransfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\n3;x\r\nabc\r\n0\r\n\r\n".to_vec();
        bytes[at] = byte;
        let (passed, ..) = run(&bytes, &[]);
        prop_assert!(bytes.starts_with(&passed));
    }
}
