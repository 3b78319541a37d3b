use super::*;
use model::invoke::Source;
use model::record::{Record, Timings};
use model::statistics::Gauges;

impl Api {
    fn served(&self, name: &str, total_us: u64, boot_us: u64) {
        self.telemetry.record(Record {
            request_id: "r".into(),
            function: self.urn(name).into(),
            version: "latest".into(),
            revision: 1,
            instance: Some("i".into()),
            source: Source::Gateway,
            method: "GET".into(),
            path: "/".into(),
            status: 200,
            error: None,
            started: model::time::now(),
            timings: Timings { total_us, boot_us, ..Timings::default() },
            request_bytes: 0,
            response_bytes: 0,
            memory_bytes: 1 << 20,
            memory_mb: 1024,
        });
    }

    /// Calls of two functions, one of which was cold, and what was seen of an instance.
    async fn busy() -> Self {
        let api = Self::new().await;
        for name in ["web", "shop"] {
            api.create(name, json!({})).await.fine(200);
        }
        (1..=98).for_each(|_| api.served("web", 1_000, 0));
        api.served("web", 80_000, 0);
        api.served("web", 500_000, 400_000);
        api.served("shop", 1_000, 0);
        api.telemetry.gauge(api.urn("web").into(), Gauges { concurrency: 3, instances: 2, reserved: 1 });
        api
    }

    fn history(&self, query: &str) -> String {
        format!("/v2/{}/funcd/history{query}", self.credential.project)
    }

    async fn points(&self, query: &str) -> Vec<Value> {
        self.get(&self.history(query)).await.fine(200)["points"].as_array().unwrap().clone()
    }
}

/// A number of all points together; a minute may end under a test.
fn all(points: &[Value], name: &str) -> u64 {
    points.iter().map(|point| point[name].as_u64().unwrap()).sum()
}

#[tokio::test]
async fn what_the_gateway_refused_is_counted_and_is_no_call() {
    let api = Api::new().await;
    api.create("web", json!({})).await.fine(200);
    api.telemetry.refused(api.urn("web").into(), 41);
    api.telemetry.refused(api.urn("web").into(), 1);
    for query in ["?function=web", ""] {
        let points = api.points(query).await;
        assert_eq!((all(&points, "refused"), all(&points, "calls")), (42, 0));
    }
    let usage = api.get(&format!("/v2/{}/funcd/usage", api.credential.project)).await.fine(200);
    let functions = usage["functions"].as_array().unwrap();
    assert_eq!((functions.len(), &functions[0]["refused"], &functions[0]["calls"]), (1, &json!(42), &json!(0)));
}

#[tokio::test]
async fn a_history_has_what_was_called_how_slow_it_was_and_nothing_where_nothing_happened() {
    let api = Api::busy().await;
    // Points of a day: nearly always one, whenever the test runs.
    let points = api.points("?function=web&step=1440").await;
    assert!((1..=2).contains(&points.len()), "{points:?}");
    assert_eq!([all(&points, "calls"), all(&points, "cold_starts"), all(&points, "throttles")], [100, 1, 0]);
    let slowest = points.iter().filter_map(|point| point["latency"]["p99_us"].as_u64()).max().unwrap();
    assert!((75_000..=85_000).contains(&slowest) || points.len() > 1, "{points:?}");
    let seen = points.iter().find(|point| !point["instances"].is_null()).unwrap();
    assert_eq!(seen["instances"], json!({"on_demand": 2, "reserved": 1, "concurrency": 3}));
    assert_eq!(points[0]["memory"], json!({"mean": 1 << 20, "most": 1 << 20}));
    let project = api.points("").await;
    assert_eq!(all(&project, "calls"), 101);
    let long_ago = api.points("?function=web&since=2020-01-01T00:00:00Z&until=2020-01-02T00:00:00Z").await;
    assert!(long_ago.is_empty(), "{long_ago:?}");
}

#[tokio::test]
async fn a_history_of_nonsense_is_refused_in_words() {
    let api = Api::busy().await;
    let wrong = api.get(&api.history("?since=yesterday&step=0")).await;
    wrong.refused(400, "FSS.1001", &["since", "'yesterday'", "step must be 1 to 1440, not 0"]);
    let since = model::time::now().checked_sub(Duration::from_hours(30 * 24)).unwrap();
    let long = api.get(&api.history(&format!("?since={since}&step=1"))).await;
    long.refused(400, "FSS.1001", &["step must be at least 29", "1500 points"]);
    let backwards = api.get(&api.history("?since=2026-01-02T00:00:00Z&until=2026-01-01T00:00:00Z")).await;
    backwards.refused(400, "FSS.1001", &["since must not be after until"]);
    api.get(&api.history("?function=none")).await.refused(404, "FSS.1051", &["none"]);
}

#[tokio::test]
async fn usage_is_by_function_and_the_most_called_comes_first() {
    let api = Api::busy().await;
    let usage = format!("/v2/{}/funcd/usage", api.credential.project);
    let answer = api.get(&usage).await.fine(200);
    let functions = answer["functions"].as_array().unwrap();
    let calls: Vec<_> =
        functions.iter().map(|one| (one["function"].as_str().unwrap(), one["calls"].as_u64())).collect();
    assert_eq!(calls, [(&*api.urn("web"), Some(100)), (&*api.urn("shop"), Some(1))]);
    // 98 of a millisecond, one of 80, one of 500, each of 1 GB.
    assert!((functions[0]["gb_seconds"].as_f64().unwrap() - 0.678).abs() < 1e-9, "{answer}");
    api.get(&format!("{usage}?since=x")).await.refused(400, "FSS.1001", &["since"]);
}
