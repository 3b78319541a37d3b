use std::collections::BTreeMap;

use super::versions::with_versions;
use super::*;

const RULE: [&str; 4] = ["header", "X-Beta", "=", "yes"];

fn strategy(version: &str, [rule_type, param, op, value]: [&str; 4]) -> Value {
    let rule = json!({"rule_type": rule_type, "param": param, "op": op, "value": value});
    json!({version: {"combine_type": "and", "rules": [rule]}})
}

async fn alias(api: &Api, body: &Value) -> Answer {
    api.post(&api.fgs("/functions/web/aliases"), body).await
}

#[tokio::test]
async fn an_alias_is_made_shown_listed_changed_and_deleted() {
    let api = with_versions(&["v1", "v2"]).await;
    let body = json!({"name": "prod", "version": "v1", "description": "d", "additional_version_weights": {"v2": 20}});
    let mut made = alias(&api, &body).await.fine(200);
    assert_eq!(made["alias_urn"], format!("{}:!prod", api.urn("web")));
    let one = api.fgs("/functions/web/aliases/prod");
    assert_eq!(api.get(&one).await.fine(200), made);
    assert_eq!(api.get(&api.fgs(&format!("/functions/{}/aliases/!prod", api.urn("web")))).await.fine(200), made);
    assert_eq!(api.get(&api.fgs("/functions/web/aliases")).await.fine(200), json!([made]));
    made.as_object_mut().unwrap().retain(|field, _| !["alias_urn", "last_modified"].contains(&field.as_str()));
    assert_eq!(made, body);

    let body = json!({"version": "v2", "additional_version_strategy": strategy("v1", RULE)});
    let changed = api.put(&one, &body).await.fine(200);
    assert_eq!(changed["additional_version_strategy"], body["additional_version_strategy"]);
    assert_eq!((&changed["version"], &changed["description"]), (&json!("v2"), &json!("d")));
    assert!(changed.get("additional_version_weights").is_none(), "what is not given is gone");
    let plain = api.put(&one, &json!({"version": "v2", "additional_version_weights": {}})).await.fine(200);
    assert!(plain.get("additional_version_strategy").is_none());

    api.delete(&one).await.fine(204);
    api.get(&one).await.refused(404, "FSS.1053", &[":!prod"]);
    api.put(&one, &json!({"version": "v1"})).await.refused(404, "FSS.1053", &[":!prod"]);
    api.delete(&one).await.refused(404, "FSS.1053", &[":!prod"]);
}

#[tokio::test]
async fn conflicts_have_their_codes() {
    let api = with_versions(&["v1", "v2"]).await;
    alias(&api, &json!({"name": "prod", "version": "v1"})).await.fine(200);
    alias(&api, &json!({"name": "prod", "version": "v2"})).await.refused(409, "FSS.1063", &[":!prod exists"]);
    alias(&api, &json!({"name": "beta", "version": "v1"})).await.refused(409, "FSS.1066", &["has an alias: prod"]);
    alias(&api, &json!({"name": "beta", "version": "v9"})).await.refused(404, "FSS.1052", &[":v9"]);
    alias(&api, &json!({"name": "dev", "version": "latest"})).await.fine(200);
}

#[tokio::test]
async fn what_is_wrong_with_an_alias_is_said_with_its_code() {
    let api = with_versions(&["v1", "v2"]).await;
    let weights = |weights: Value| json!({"name": "a", "version": "v1", "additional_version_weights": weights});
    let rules = |rule| json!({"name": "a", "version": "v1", "additional_version_strategy": strategy("v2", rule)});
    let both = json!({"name": "a", "version": "v1", "additional_version_weights": {"v2": 1}, "additional_version_strategy": strategy("v2", RULE)});
    let none = json!({"name": "a", "version": "v1", "additional_version_strategy": {"v2": {"rules": [], "combine_type": "xor"}}});
    for (body, code, part) in [
        (json!({"version": "v1"}), "FSS.1014", "name of the alias is missing"),
        (json!({"name": "1a", "version": "v1"}), "FSS.1014", "begin with a letter"),
        (json!({"name": "a".repeat(64), "version": "v1"}), "FSS.1014", "1 to 63"),
        (json!({"name": "a"}), "FSS.1015", "version is missing"),
        (json!({"name": "a", "version": "v1", "description": "d".repeat(513)}), "FSS.1019", "512"),
        (weights(json!({"v2": 101})), "FSS.1092", "0 to 100, not 101"),
        (weights(json!({"v2": -1})), "FSS.1092", "0 to 100, not -1"),
        (weights(json!({"v2": "1"})), "FSS.1092", "additional_version_weights"),
        (weights(json!({"v1": 1})), "FSS.1093", "must not be the main one"),
        (weights(json!({"latest": 1})), "FSS.1091", "publish it first"),
        (weights(json!({"v9": 1})), "FSS.1091", "'v9' is not a published version"),
        (weights(json!({"v2": 1, "v1": 1})), "FSS.1091", "one additional version"),
        (both, "FSS.1091", "one additional version"),
        (none.clone(), "FSS.1091", "must be 1 to 20 rules, not 0"),
        (none, "FSS.1091", "and or or, not 'xor'"),
        (rules(["body", "a", "=", "b"]), "FSS.1091", "header or cookie, not 'body'"),
        (rules(["header", "a b", "=", "b"]), "FSS.1091", "param must be"),
        (rules(["header", "a", "~", "b"]), "FSS.1091", "op must be"),
        (rules(["header", "a", "=", " "]), "FSS.1091", "value must be"),
        (json!({"name": "a", "version": "v1", "weight": 1}), "FSS.0400", "'weight'"),
    ] {
        alias(&api, &body).await.refused(400, code, &[part]);
    }
    assert_eq!(api.get(&api.fgs("/functions/web/aliases")).await.fine(200), json!([]));
}

/// How many of `count` invocations of a qualifier reach each version.
async fn reached(api: &Api, qualifier: &str, event: &Value, count: usize) -> BTreeMap<String, usize> {
    api.reply(|invocation| async move { Ok(http::Response::new(full(invocation.version.qualifier.to_string()))) });
    let path = api.fgs(&format!("/functions/{}:{qualifier}/invocations", api.urn("web")));
    let mut reached = BTreeMap::new();
    for _ in 0..count {
        let answer = api.post(&path, event).await.fine(200);
        let body = STANDARD.decode(answer["body"].as_str().unwrap()).unwrap();
        *reached.entry(String::from_utf8(body).unwrap()).or_default() += 1;
    }
    reached
}

#[tokio::test]
async fn invocations_go_to_the_version_they_name_or_to_one_of_an_aliass_two() {
    let api = with_versions(&["v1", "v2"]).await;
    alias(&api, &json!({"name": "prod", "version": "v1", "additional_version_weights": {"v2": 50}})).await.fine(200);
    let event = json!({"httpMethod": "GET", "path": "/"});
    for (qualifier, expect) in [("latest", "latest"), ("v1", "v1"), ("v2", "v2")] {
        assert_eq!(reached(&api, qualifier, &event, 1).await, [(expect.to_owned(), 1)].into());
    }
    // Of 200 tosses fewer than 50 or more than 150 have never been seen: 7 standard deviations.
    let both = reached(&api, "!prod", &event, 200).await;
    assert_eq!(both.keys().collect::<Vec<_>>(), ["v1", "v2"]);
    assert!((50..=150).contains(&both["v2"]), "{both:?}");
    let missing = api.post(&api.fgs(&format!("/functions/{}:!beta/invocations", api.urn("web"))), &event).await;
    missing.refused(404, "FSS.1053", &[":!beta"]);
}

#[tokio::test]
async fn rules_look_at_the_headers_of_the_event() {
    let api = with_versions(&["v1", "v2"]).await;
    let body = json!({"name": "prod", "version": "v1", "additional_version_strategy": strategy("v2", RULE)});
    alias(&api, &body).await.fine(200);
    for (headers, expect) in [(json!({"x-beta": "yes"}), "v2"), (json!({"x-beta": "no"}), "v1"), (json!({}), "v1")] {
        let event = json!({"httpMethod": "GET", "path": "/", "headers": headers});
        assert_eq!(reached(&api, "!prod", &event, 3).await, [(expect.to_owned(), 3)].into());
    }
}
