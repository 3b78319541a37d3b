use super::*;
use model::invoke::Source;
use model::record::{Record, Timings};
use telemetry::{Line, Stream};

impl Api {
    fn own(&self, rest: &str) -> String {
        format!("/v2/{}/funcd{rest}", self.credential.project)
    }

    fn asked(&self, name: &str, id: &str, (status, whole_us, boot_us): (u16, u64, u64)) {
        self.telemetry.record(Record {
            request_id: id.into(),
            function: self.urn(name).into(),
            version: "latest".into(),
            revision: 1,
            instance: Some("i1".into()),
            source: Source::Gateway,
            method: "GET".into(),
            path: "/Basket".into(),
            status,
            error: (status == 504).then(|| "timed_out".into()),
            started: model::time::now(),
            // How long a request took begins with the gateway.
            timings: Timings { gateway_us: whole_us / 2, total_us: whole_us / 2, boot_us, ..Timings::default() },
            request_bytes: 0,
            response_bytes: 0,
            memory_bytes: 0,
            memory_mb: 128,
        });
    }

    fn said(&self, name: &str, stream: Stream, text: &str) {
        self.telemetry.log(Line {
            at: model::time::now(),
            function: self.urn(name),
            version: "latest".into(),
            instance: "i1".into(),
            stream,
            request_id: None,
            tags: None,
            text: text.to_owned(),
        });
    }

    /// The values of one field of the objects that come back, in order.
    async fn field(&self, rest: &str, name: &str) -> Vec<String> {
        let answer = self.get(&self.own(rest)).await;
        assert_eq!((answer.status, answer.header("content-type")), (200, "application/x-ndjson"), "{answer:?}");
        let text = String::from_utf8(answer.body.to_vec()).unwrap();
        let value = |line: &str| serde_json::from_str::<Value>(line).unwrap()[name].as_str().unwrap_or("").to_owned();
        text.lines().map(value).collect()
    }

    async fn two() -> Self {
        let api = Self::new().await;
        for name in ["web", "shop"] {
            api.create(name, json!({})).await.fine(200);
        }
        api
    }
}

#[tokio::test]
async fn requests_of_a_project_are_found_by_how_they_went() {
    let api = Api::two().await;
    api.asked("web", "fine", (200, 900, 0));
    api.asked("shop", "missing", (404, 900, 0));
    api.asked("web", "cold", (200, 700_000, 600_000));
    api.asked("shop", "late", (504, 3_000_000, 0));
    let urn = api.urn("shop");
    let table: [(&str, &[&str]); 11] = [
        ("", &["fine", "missing", "cold", "late"]),
        ("?limit=2", &["cold", "late"]),
        ("?function=shop", &["missing", "late"]),
        (&format!("?function={urn}&limit=1"), &["late"]),
        ("?status=4xx,504", &["missing", "late"]),
        ("?slow_ms=700", &["cold", "late"]),
        ("?cold=true", &["cold"]),
        ("?failed=true", &["missing", "late"]),
        ("?text=TIMED", &["late"]),
        ("?text=/basket&function=web", &["fine", "cold"]),
        ("?since=2999-01-01T00:00:00Z", &[]),
    ];
    for (query, expect) in table {
        assert_eq!(api.field(&format!("/requests{query}"), "request_id").await, expect, "{query}");
    }
    let wrong = api.get(&api.own("/requests?status=teapot&slow_ms=x&cold=yes&limit=0")).await;
    wrong.refused(400, "FSS.1001", &["status must be like 404 or 5xx", "'teapot'", "slow_ms", "cold", "limit"]);
    api.get(&api.own("/requests?function=none")).await.refused(404, "FSS.1051", &["none"]);
}

#[tokio::test]
async fn lines_of_a_project_are_found_by_what_they_say() {
    let api = Api::two().await;
    api.said("web", Stream::Stdout, "INFO up");
    api.said("shop", Stream::Stderr, r#"{"level":"error","user":{"id":42},"msg":"Basket gone"}"#);
    api.said("web", Stream::Stderr, "ERROR basket");
    let json = r#"{"level":"error","user":{"id":42},"msg":"Basket gone"}"#;
    let table: [(&str, &[&str]); 9] = [
        ("", &["INFO up", json, "ERROR basket"]),
        ("?function=web", &["INFO up", "ERROR basket"]),
        ("?level=error", &[json, "ERROR basket"]),
        ("?stream=stdout", &["INFO up"]),
        ("?text=bASKET", &[json, "ERROR basket"]),
        ("?text=basket&limit=1", &["ERROR basket"]),
        ("?field=user.id%3D42", &[json]),
        ("?version=v1", &[]),
        ("?until=2020-01-01T00:00:00Z", &[]),
    ];
    for (query, expect) in table {
        assert_eq!(api.field(&format!("/logs{query}"), "text").await, expect, "{query}");
    }
    assert_eq!(api.field("/functions/web/logs?level=error", "level").await, ["error"]);
    let wrong = api.get(&api.own("/logs?level=bad&stream=x&field=y")).await;
    wrong.refused(400, "FSS.1001", &["level must be one of trace", "stream must be", "field must be like name=value"]);
}
