use super::*;
use model::Kind;
use model::invoke::Source;
use model::record::{Record, Timings};
use model::statistics::Gauges;

impl Api {
    fn invoked(&self, name: &str, status: u16, error: Option<Kind>) {
        self.telemetry.record(Record {
            request_id: "r".into(),
            function: self.urn(name).into(),
            version: "latest".into(),
            revision: 1,
            instance: error.is_none().then(|| "i".into()),
            source: Source::Gateway,
            method: "GET".into(),
            path: "/".into(),
            status,
            error: error.map(|kind| kind.name().into()),
            started: model::time::now(),
            timings: Timings { total_us: if status == 200 { 1_500 } else { 2_500 }, ..Timings::default() },
            request_bytes: 0,
            response_bytes: 0,
            memory_bytes: 1 << 20,
            memory_mb: 1024,
        });
    }

    /// Two functions, four invocations and what was seen of an instance.
    async fn used() -> Self {
        let api = Self::new().await;
        for name in ["web", "shop"] {
            api.create(name, json!({})).await.fine(200);
        }
        api.invoked("web", 200, None);
        api.invoked("web", 500, None);
        api.invoked("web", 429, Some(Kind::Throttled));
        api.invoked("shop", 500, Some(Kind::Internal));
        let seen = Gauges { concurrency: 3, instances: 2, reserved: 1 };
        api.telemetry.gauge(api.urn("web").into(), seen);
        api
    }
}

/// The values of a series that are there, as they may fall into two points.
fn values(series: &Value) -> Vec<f64> {
    let values = series.as_array().unwrap().iter().map(|point| point["value"].as_f64().unwrap());
    values.filter(|value| *value >= 0.0).collect()
}

fn sum(series: &Value) -> f64 {
    values(series).iter().sum()
}

#[tokio::test]
async fn a_function_has_exactly_what_was_invoked() {
    let api = Api::used().await;
    for path in ["/functions/web/statistics/60", "/functions/web/statistics/44640", "/functions/web/slareports/5"] {
        let answer = api.get(&api.fgs(path)).await.fine(200);
        let sums = ["count", "fail_count", "function_error_count", "system_error_count", "reject_count"];
        assert_eq!(sums.map(|name| sum(&answer[name])), [3.0, 1.0, 1.0, 0.0, 1.0], "{path}");
        let most = |name: &str| values(&answer[name]).into_iter().fold(0.0, f64::max);
        assert_eq!((most("max_duration"), most("concurrency_num"), most("reserved_instance_num")), (2.5, 3.0, 1.0));
    }
    let instances = api.get(&api.fgs("/functions/web/instancereports?limit=500")).await.fine(200);
    assert_eq!((values(&instances["instanceNum"]), values(&instances["reservedInstanceNum"])), (vec![2.0], vec![1.0]));
}

#[tokio::test]
async fn points_are_whole_minutes_and_say_where_nothing_happened() {
    let api = Api::used().await;
    let answer = api.get(&api.fgs("/functions/shop/statistics/5")).await.fine(200);
    let points = answer["count"].as_array().unwrap();
    assert_eq!(points.len(), 6);
    for pair in points.windows(2) {
        assert_eq!(pair[1]["timestamp"].as_i64().unwrap() - pair[0]["timestamp"].as_i64().unwrap(), 60_000);
    }
    assert_eq!((&points[0]["value"], &answer["duration"][5]["value"]), (&json!(-1), &json!(-1)));
    let hours = api.get(&api.fgs("/functions/shop/statistics/2880")).await.fine(200);
    assert_eq!(hours["count"].as_array().unwrap().len(), 49);
}

#[tokio::test]
async fn a_project_is_all_its_functions_page_by_page_back_in_time() {
    let api = Api::used().await;
    let tenant = |query: &str| {
        let path = api.fgs(&format!("/functions/statistics?{query}"));
        let api = &api;
        async move { api.get(&path).await }
    };
    let day = tenant("filter=monitor_data&period=60").await.fine(200);
    assert_eq!((sum(&day["statistics"]["count"]), sum(&day["statistics"]["system_error_count"])), (4.0, 1.0));
    assert_eq!((day["statistics"]["count"].as_array().unwrap().len(), &day["count"]), (100, &Value::Null));
    let older = tenant("filter=monitor_data&period=60&limit=10&marker=10").await.fine(200);
    assert_eq!((older["statistics"]["count"].as_array().unwrap().len(), sum(&older["statistics"]["count"])), (10, 0.0));
    let end = tenant("filter=monitor_data&period=60&marker=744").await.fine(200);
    assert_eq!(end["statistics"]["count"], json!([]));
    api.delete(&api.fgs("/functions/shop")).await.fine(204);
    let month = tenant("filter=monthly_report&option=2").await.fine(200);
    let used: f64 = month["count"].as_array().unwrap().iter().map(|month| month["value"].as_f64().unwrap()).sum();
    assert_eq!((used, month["count"].as_array().unwrap().len()), (4.0, 3));
    let gbs = month["gbs"].as_array().unwrap().iter().map(|month| month["value"].as_f64().unwrap()).sum::<f64>();
    assert!((gbs - 0.005).abs() < 1e-9, "{gbs}");
}

#[tokio::test]
async fn a_report_has_the_functions_with_the_most_first() {
    let api = Api::used().await;
    let report = |query: &str| {
        let path = api.fgs(&format!("/function/report{query}"));
        let api = &api;
        async move { api.get(&path).await }
    };
    let (web, shop) = (format!("{}:latest", api.urn("web")), format!("{}:latest", api.urn("shop")));
    let failed = report("").await.fine(200);
    let row = |key: &str, value: i32| json!({"key": key, "value": value});
    assert_eq!(failed, json!({"values": [row(&shop, 1), row(&web, 1)], "next_marker": 0, "count": 2}));
    let counts = report("?type=count&limit=1").await.fine(200);
    assert_eq!(counts["values"], json!([row(&web, 3)]));
    let before = report("?type=count&end_time=2026-01-02%2003:04:05").await.fine(200);
    assert_eq!(before["values"], json!([]));
    report("?type=fame&limit=0&start_time=later").await.refused(
        400,
        "FSS.1001",
        &["'fame'", "limit must be 1 to 400, not 0", "'later'"],
    );
    report("?start_time=2000&end_time=1000").await.refused(400, "FSS.1001", &["start_time must not be after"]);
}

#[tokio::test]
async fn wrong_spans_of_time_are_refused() {
    let api = Api::used().await;
    for period in ["0", "44641", "x", "-1"] {
        let path = api.fgs(&format!("/functions/web/statistics/{period}"));
        api.get(&path).await.refused(400, "FSS.1001", &["period", "1 to 44640"]);
    }
    api.get(&api.fgs("/functions/web/slareports/1441")).await.refused(400, "FSS.1001", &["1 to 1440"]);
    api.get(&api.fgs("/functions/none/statistics/5")).await.refused(404, "FSS.1051", &["none"]);
    api.get(&api.fgs("/functions/statistics")).await.refused(400, "FSS.1001", &["filter"]);
    let wrong = api.fgs("/functions/statistics?filter=monitor_data&period=0&limit=501");
    api.get(&wrong).await.refused(400, "FSS.1001", &["period must be 1 to 1440, not 0", "limit must be 1 to 500"]);
}
