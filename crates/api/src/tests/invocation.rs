use super::*;
use http::Response;
use model::Kind;
use model::invoke::Outcome;
use telemetry::{Line, Stream};

const EVENT: &str = r#"{"httpMethod":"post","path":"/user/a b","queryStringParameters":{"q":"é&","n":["1","2"]},
    "headers":{"Content-Type":"text/plain","X-CFF-Request-Id":"forged","X_Cff_Memory":"1","Connection":"close"},
    "body":"aGk=","isBase64Encoded":true,"pathParameters":{"":"x"},"user_data":null,
    "requestContext":{"requestId":"apig-1","stage":"RELEASE"}}"#;

async fn with_function() -> Api {
    let api = Api::new().await;
    api.create("web", json!({})).await.fine(200);
    api
}

async fn invoke(api: &Api, headers: &[(&str, &str)], event: &str) -> Answer {
    let path = api.fgs(&format!("/functions/{}:latest/invocations", api.urn("web")));
    api.send(api.signed("POST", &path, headers, event.as_bytes())).await
}

#[tokio::test]
async fn the_event_becomes_the_request_and_the_response_the_envelope() {
    let api = with_function().await;
    api.reply(|invocation| async move {
        let (parts, body) = invocation.request.into_parts();
        let seen = json!({
            "line": format!("{} {}", parts.method, parts.uri),
            "headers": parts.headers.iter().map(|(name, value)| format!("{name}: {}", value.to_str().unwrap())).collect::<Vec<_>>(),
            "body": String::from_utf8(body.collect().await.unwrap().to_bytes().to_vec()).unwrap(),
            "timeout": invocation.timeout.as_secs(),
        });
        Ok(Response::builder().header("x-seen", "1").body(full(seen.to_string())).unwrap())
    });
    let answer = invoke(&api, &[], EVENT).await;
    let envelope = answer.fine(200);
    assert_eq!(answer.header("content-type"), "application/json");
    assert_eq!((&envelope["statusCode"], &envelope["isBase64Encoded"]), (&json!(200), &json!(true)));
    assert_eq!(envelope["headers"], json!({"X-Seen": ["1"]}));
    let body = STANDARD.decode(envelope["body"].as_str().unwrap()).unwrap();
    let seen: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(
        seen,
        json!({
            "line": "POST /user/a%20b?n=1&n=2&q=%C3%A9%26",
            "headers": ["content-type: text/plain", "x-apig-request-id: apig-1", "x-apig-source-stage: RELEASE", "host: 127.0.0.1:8000"],
            "body": "hi", "timeout": 90,
        })
    );
}

#[tokio::test]
async fn the_answers_headers_tell_what_it_cost() {
    let api = with_function().await;
    api.reply(|invocation| async move {
        let mut response = Response::new(full("x"));
        let memory_bytes = 41 * 1024 * 1024 + 512 * 1024;
        response.extensions_mut().insert(Outcome { instance: "i1".into(), memory_bytes, ..Outcome::default() });
        assert_eq!(invocation.source, model::invoke::Source::Api);
        Ok(response)
    });
    let answer = invoke(&api, &[], r#"{"httpMethod":"GET","path":"/"}"#).await;
    answer.fine(200);
    assert_eq!(answer.header("x-cff-request-id"), answer.header("x-request-id"));
    assert_eq!(answer.header("x-cff-response-version"), "v0");
    assert_eq!((answer.header("x-func-err-code"), answer.header("x-is-func-err")), ("0", "false"));
    let summary: Value = serde_json::from_str(answer.header("x-cff-invoke-summary")).unwrap();
    assert_eq!((&summary["memorySize"], &summary["memoryUsed"]), (&json!(256), &json!(41.5)));
    assert_eq!(answer.header("x-cff-billing-duration"), summary["billingDuration"].to_string());
    assert!(answer.headers.get("x-cff-function-log").is_none());
}

#[tokio::test]
async fn v1_wraps_the_result_and_tail_brings_the_log() {
    let api = with_function().await;
    let telemetry = api.telemetry.clone();
    let function = api.urn("web");
    api.reply(move |invocation| {
        let line = |request_id: &str, text: &str| Line {
            at: model::time::now(),
            function: function.clone(),
            version: "latest".into(),
            instance: "i1".into(),
            stream: Stream::Stdout,
            request_id: Some(request_id.to_owned()),
            tags: None,
            text: text.to_owned(),
        };
        telemetry.log(line("other", "not mine"));
        telemetry.log(line(&invocation.request_id, "it works"));
        async { Ok(Response::builder().status(404).body(full("no")).unwrap()) }
    });
    let headers = [("x-cff-request-version", "v1"), ("x-cff-log-type", "tail")];
    let answer = invoke(&api, &headers, r#"{"httpMethod":"GET","path":"/"}"#).await;
    let wrapper = answer.fine(200);
    let id = answer.header("x-cff-request-id");
    assert_eq!((&wrapper["request_id"], &wrapper["status"]), (&json!(id), &json!(200)));
    let result: Value = serde_json::from_str(wrapper["result"].as_str().unwrap()).unwrap();
    assert_eq!((&result["statusCode"], &result["body"]), (&json!(404), &json!("bm8=")));
    let log = wrapper["log"].as_str().unwrap();
    assert!(
        log.starts_with(&format!("Start invoke request '{id}', version: latest\nit works\nFinish invoke")),
        "{log}"
    );
    assert_eq!(STANDARD.decode(answer.header("x-cff-function-log")).unwrap(), log.as_bytes());
    assert_eq!(answer.header("x-cff-response-version"), "v1");
    // An answer that is not a success counts as the function's error, though the call succeeded.
    assert_eq!((answer.header("x-func-err-code"), answer.header("x-is-func-err")), ("4002", "true"));
}

#[tokio::test]
async fn a_failed_invocation_says_whose_fault_it_is() {
    let api = with_function().await;
    for (kind, status, code, inner, is_function) in [
        (Kind::ExitedAtStart, 502, "FSS.0502", "4201", "true"),
        (Kind::Throttled, 429, "FSS.0429", "150429", "false"),
        (Kind::Disabled, 403, "FSS.0403", "150434", "true"),
        (Kind::TimedOut, 504, "FSS.0504", "4010", "true"),
    ] {
        api.reply(move |_| async move {
            let after = Duration::from_millis(1500);
            Err(model::Error::new(kind).detail("last lines").retry_after(after))
        });
        let answer = invoke(&api, &[("x-cff-log-type", "tail")], r#"{"httpMethod":"GET","path":"/"}"#).await;
        answer.refused(status, code, &["last lines"]);
        assert_eq!((answer.header("x-func-err-code"), answer.header("x-is-func-err")), (inner, is_function));
        assert_eq!(answer.header("retry-after"), "2");
        assert_eq!(answer.header("x-cff-request-id"), answer.header("x-request-id"));
    }
}

/// What the instances log during a failed invocation, as instance, whose request (`mine`, `other` or none) and text; and what the
/// caller is shown between the start and the finish line.
async fn check_failed_log(logged: &'static [(&str, &str, &str)], expect: &str) {
    let api = with_function().await;
    let (telemetry, function) = (api.telemetry.clone(), api.urn("web"));
    api.reply(move |invocation| {
        for (instance, owner, text) in logged {
            telemetry.log(Line {
                at: model::time::now(),
                function: function.clone(),
                version: "latest".into(),
                instance: (*instance).into(),
                stream: Stream::Stderr,
                tags: None,
                request_id: match *owner {
                    "mine" => Some(invocation.request_id.to_string()),
                    "" => None,
                    other => Some(other.to_owned()),
                },
                text: (*text).into(),
            });
        }
        async { Err(model::Error::new(Kind::ExitedAtStart)) }
    });
    let answer = invoke(&api, &[("x-cff-log-type", "tail")], r#"{"httpMethod":"GET","path":"/"}"#).await;
    let log = String::from_utf8(STANDARD.decode(answer.header("x-cff-function-log")).unwrap()).unwrap();
    let id = answer.header("x-cff-request-id");
    let start = format!("Start invoke request '{id}', version: latest\n");
    let finish = format!("Finish invoke request '{id}', duration: ");
    let (lines, last) = log.split_at(log.find("Finish").unwrap());
    assert!(last.starts_with(&finish) && last.ends_with("billing memory: 256MB\n"), "{log}");
    assert!(log.len() <= 2000);
    match lines.strip_prefix(&start) {
        Some(lines) => assert_eq!(lines, expect),
        None => assert!(!expect.is_empty() && lines.ends_with(expect), "{log}"),
    }
}

#[tokio::test]
async fn a_failed_invocation_shows_the_end_of_its_log_too() {
    check_failed_log(&[], "").await;
    check_failed_log(&[("i1", "", "starting"), ("i1", "other", "not mine"), ("i1", "", "died")], "starting\ndied\n")
        .await;
    check_failed_log(
        &[("i1", "mine", "called"), ("i2", "", "elsewhere"), ("i1", "", "died"), ("i2", "other", "x")],
        "called\ndied\n",
    )
    .await;
    const LONG: &str = include_str!("invocation.rs");
    check_failed_log(
        &[
            ("i1", "", LONG),
            ("i1", "", LONG),
            ("i1", "", LONG),
            ("i1", "", LONG),
            ("i1", "", LONG),
            ("i1", "", LONG),
            ("i1", "", LONG),
            ("i1", "", "the last words"),
        ],
        "the last words\n",
    )
    .await;
}

#[tokio::test]
async fn a_call_without_an_answer_is_cut_after_90_seconds() {
    let api = with_function().await;
    api.reply(|_| std::future::pending());
    tokio::time::pause();
    let started = tokio::time::Instant::now();
    let answer = invoke(&api, &[], r#"{"httpMethod":"GET","path":"/"}"#).await;
    answer.refused(504, "FSS.0504", &["90 s"]);
    assert_eq!(started.elapsed().as_secs(), 90);
}

#[tokio::test]
async fn what_is_no_gateway_event_is_explained() {
    let api = with_function().await;
    for (event, parts) in [
        ("", vec!["not a JSON object", "httpMethod"]),
        ("[]", vec!["not a JSON object"]),
        (r#"{"key":"value"}"#, vec!["neither httpMethod nor path", "API gateway event"]),
        (r#"{"path":"/"}"#, vec!["httpMethod is missing"]),
        (
            r#"{"httpMethod":"G T","path":"x","headers":{"a b":"1","c":"\n"},"body":"*","isBase64Encoded":true}"#,
            vec![
                "httpMethod must be",
                "path must begin with '/'",
                "'a b' is no name",
                "header c",
                "body is not base64",
            ],
        ),
        (r#"{"httpMethod":"GET","path":"/","headers":[1]}"#, vec!["headers: invalid type"]),
    ] {
        invoke(&api, &[], event).await.refused(400, "FSS.0400", &parts);
    }
}

#[tokio::test]
async fn wrong_options_are_refused() {
    let api = with_function().await;
    let event = r#"{"httpMethod":"GET","path":"/"}"#;
    invoke(&api, &[("x-cff-request-version", "v2")], event).await.refused(400, "FSS.0400", &["'v2'"]);
    invoke(&api, &[("x-cff-log-type", "all")], event).await.refused(400, "FSS.0400", &["'all'"]);
    invoke(&api, &[("x-cff-instance-memory", "512")], event).await.refused(406, "FSS.0406", &["enable_dynamic_memory"]);
    invoke(&api, &[("x-cff-instance-memory", "500")], event).await.refused(406, "FSS.0406", &["128, 256", "'500'"]);
    let large = format!(r#"{{"httpMethod":"GET","path":"/","body":"{}"}}"#, "x".repeat(6 * 1024 * 1024));
    invoke(&api, &[], &large).await.refused(413, "FSS.0413", &["6291456"]);
    api.post(&api.fgs("/functions/none/invocations"), &json!({})).await.refused(404, "FSS.1051", &["none"]);
}

#[tokio::test]
async fn a_call_may_ask_for_another_memory_size_where_the_function_lets_it() {
    let api = Api::new().await;
    api.create("web", json!({"enable_dynamic_memory": true})).await.fine(200);
    api.reply(|invocation| async move { Ok(Response::new(full(invocation.version.config.memory_mb.to_string()))) });
    for (asked, expect) in [("", "256"), ("512", "512"), ("256", "256"), ("10240", "10240")] {
        let answer = invoke(&api, &[("x-cff-instance-memory", asked)], r#"{"httpMethod":"GET","path":"/"}"#).await;
        let body = answer.fine(200)["body"].as_str().unwrap().to_owned();
        assert_eq!(STANDARD.decode(body).unwrap(), expect.as_bytes(), "{asked}");
        let summary: Value = serde_json::from_str(answer.header("x-cff-invoke-summary")).unwrap();
        assert_eq!(summary["memorySize"].to_string(), expect);
    }
    let wrong = invoke(&api, &[("x-cff-instance-memory", "513")], r#"{"httpMethod":"GET","path":"/"}"#).await;
    wrong.refused(406, "FSS.0406", &["'513'"]);
}
