use super::*;
use serde::Deserialize;

#[derive(Debug, Default, Deserialize, PartialEq)]
#[serde(default)]
struct Sample {
    name: Option<String>,
    size: Option<i64>,
    file: Option<wire::Base64>,
    vpc: Option<Value>,
}

const RULES: Rules = Rules { inside: "", code_of, not_there: &["vpc"] };

fn code_of(field: &str) -> Code {
    match field {
        "size" => codes::MEMORY,
        _ => codes::INVALID,
    }
}

#[track_caller]
fn check(json: &str, expect_name: Option<&str>, expect: &[&str]) {
    let mut problems = Problems::default();
    let sample: Sample = read(json.as_bytes(), RULES, &mut problems);
    assert_eq!(sample.name.as_deref(), expect_name);
    match (problems.finish(), expect) {
        (Ok(()), []) => {}
        (Ok(()), _) => panic!("nothing wrong"),
        (Err(error), []) => panic!("{error}"),
        (Err(error), _) => {
            for part in expect {
                assert!(error.message().contains(part), "{error}");
            }
            assert_eq!(error.message().matches("; ").count() + 1, expect.len(), "{error}");
        }
    }
}

#[test]
fn a_right_object_is_read() {
    check(r#"{"name":"a","size":1,"file":"UEs="}"#, Some("a"), &[]);
    check(r#"{"name":null}"#, None, &[]);
}

#[test]
fn every_wrong_field_is_named_and_the_rest_is_read() {
    check(
        r#"{"size":"big","name":"a","file":"*"}"#,
        Some("a"),
        &["file: not base64", "FSS.1007 size: invalid type: string \"big\", expected a whole number"],
    );
}

#[test]
fn unknown_fields_are_refused_unless_blank() {
    check(r#"{"name":"a","sise":5}"#, Some("a"), &["'sise' is not a field"]);
    check(r#"{"name":"a","vpc":{"id":"v"}}"#, Some("a"), &["vpc is not supported yet"]);
    check(r#"{"name":"a","vpc":{"id":""},"gpu":0,"tags":[],"on":false,"x":null}"#, Some("a"), &[]);
}

#[test]
fn what_is_no_object_or_repeats_a_field_is_refused() {
    check("[1]", None, &["not a JSON object"]);
    check("", None, &["not a JSON object"]);
    check(r#"{"name":"a","name":"b"}"#, None, &["duplicate field"]);
}

#[tokio::test]
async fn a_body_larger_than_its_limit_is_refused_whether_announced_or_not() {
    let policy = Policy { bytes: 4, too_large: codes::PACKAGE_TOO_LARGE, completes: true };
    let budget = Arc::new(Semaphore::new(1));
    let headers = HeaderMap::new();
    let error = receive(Body::from("12345"), &headers, policy, &budget).await.unwrap_err();
    assert_eq!(error.code(), codes::PACKAGE_TOO_LARGE);
    let announced = HeaderMap::from_iter([(CONTENT_LENGTH, "5".parse().unwrap())]);
    let error = receive(Body::empty(), &announced, policy, &budget).await.unwrap_err();
    assert_eq!(error.code(), codes::PACKAGE_TOO_LARGE);
    let received = receive(Body::from("1234"), &headers, policy, &budget).await.unwrap();
    assert_eq!(received.payload.0, "1234");
}

#[tokio::test(start_paused = true)]
async fn a_large_body_waits_for_room_and_then_gives_up() {
    let policy = Policy { bytes: 2 * LARGE, too_large: codes::BODY_TOO_LARGE, completes: true };
    let budget = Arc::new(Semaphore::new(2 * LARGE / 1024));
    let headers = HeaderMap::new();
    let first = receive(Body::from(vec![0; 2 * LARGE]), &headers, policy, &budget).await.unwrap();
    let error = receive(Body::from(vec![0; 2 * LARGE]), &headers, policy, &budget).await.unwrap_err();
    assert_eq!(error.code(), codes::UNAVAILABLE);
    drop(first);
    assert!(receive(Body::from(vec![0; 2 * LARGE]), &headers, policy, &budget).await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn a_body_that_stalls_is_given_up() {
    let policy = Policy { bytes: 4, too_large: codes::BODY_TOO_LARGE, completes: true };
    let stalled = futures_util::stream::pending::<Result<Bytes, std::io::Error>>();
    let error = receive(Body::from_stream(stalled), &HeaderMap::new(), policy, &Arc::new(Semaphore::new(1))).await;
    assert_eq!(error.unwrap_err().code(), codes::BODY_TIMED_OUT);
}

/// Receives so many KiB, of which so many come in a second.
async fn slowly((kib, a_second): (usize, usize), announced: bool) -> Result<usize, Error> {
    let policy = Policy { bytes: kib * 1024, too_large: codes::PACKAGE_TOO_LARGE, completes: true };
    let part = move |left: usize| async move {
        tokio::time::sleep(Duration::from_secs(1)).await;
        let next = left.min(a_second * 1024);
        (next > 0).then(|| (Ok::<_, std::io::Error>(Bytes::from(vec![0; next])), left - next))
    };
    let stream = Body::from_stream(futures_util::stream::unfold(kib * 1024, part));
    let length = (CONTENT_LENGTH, (kib * 1024).to_string().parse().unwrap());
    let headers = if announced { HeaderMap::from_iter([length]) } else { HeaderMap::new() };
    let received = receive(stream, &headers, policy, &Arc::new(Semaphore::new(kib))).await?;
    Ok(received.payload.0.len())
}

#[tokio::test(start_paused = true)]
async fn a_large_body_by_a_slow_link_has_time_for_what_it_announces() {
    assert_eq!(slowly((40_000, 100), true).await.unwrap(), 40_000 * 1024);
    for (body, announced, seconds) in [((40_000, 100), false, 300), ((8_000, 20), true, 362)] {
        let error = slowly(body, announced).await.unwrap_err();
        assert_eq!(error.code(), codes::BODY_TIMED_OUT);
        assert!(error.message().contains(&format!("within {seconds} s")), "{error}");
    }
}
