use super::*;

const QUIET: &str = "Running 3s test @ http://127.0.0.1:8080/
  1 threads and 64 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency     1.53ms  823.12us  23.45ms   88.99%
    Req/Sec    42.91k     1.23k   45.10k    50.50%
  Latency Distribution
     50%    1.41ms
     75%    1.60ms
     90%    1.99ms
     99%    4.05ms
  128765 requests in 3.01s, 15.47MB read
Requests/sec:  42779.07
Transfer/sec:      5.14MB
";

#[test]
fn requests_rate_and_quantiles_are_read() {
    let expect = Found { requests: 128_765, per_second: 42_779.07, p50: 1.41, p99: 4.05 };
    assert_eq!(parse(QUIET, Answers::Good).unwrap(), expect);
}

#[test]
fn times_come_in_every_unit() {
    let check = |text, expect: f64| assert!((milliseconds(text).unwrap() - expect).abs() < 1e-9, "{text}");
    check("812.00us", 0.812);
    check("1.41ms", 1.41);
    check("2.50s", 2500.0);
    check("1.00m", 60_000.0);
    assert!(milliseconds("3.1 parsecs").is_err());
}

#[test]
fn a_run_with_failed_requests_is_refused() {
    for line in ["  Socket errors: connect 0, read 3, write 0, timeout 0\n", "  Non-2xx or 3xx responses: 12\n"] {
        let error = parse(&QUIET.replace("Requests/sec", &format!("{line}Requests/sec")), Answers::Good).unwrap_err();
        assert!(error.to_string().contains("requests failed"), "{error}");
    }
}

#[test]
fn what_wrk_did_not_print_is_an_error() {
    assert!(parse("unable to connect to 127.0.0.1:8080 Connection refused", Answers::Any).is_err());
}

#[test]
fn a_run_that_shall_be_refused_is_refused_whole() {
    let with =
        |count: u64| QUIET.replace("Requests/sec", &format!("  Non-2xx or 3xx responses: {count}\nRequests/sec"));
    assert_eq!(parse(&with(128_765), Answers::Refused).unwrap().requests, 128_765);
    for text in [with(128_764), QUIET.to_owned()] {
        let error = parse(&text, Answers::Refused).unwrap_err();
        assert!(error.to_string().contains("of 128765 requests were refused"), "{error}");
    }
    assert!(parse(&with(7), Answers::Any).is_ok());
}
