use super::*;

#[tokio::test]
async fn who_comes_in_is_in_the_trail_and_who_does_not_once_a_minute() {
    let api = Api::new().await;
    let user = api.user("worker", "FullAccess", None).await;
    let key = api.key(&user).await;
    let wrong = (key.0.clone(), "guess".to_owned());
    let attempts = async || {
        let all = {
            let path = format!("/v3/{}/traces?limit=200", api.store.project());
            api.get(&path).await.fine(200)["traces"].as_array().unwrap().clone()
        };
        let of = |name: &str| all.iter().filter(|one| one["trace_name"] == name).cloned().collect::<Vec<_>>();
        (of("login"), of("loginFailed"), of("authenticationFailed"))
    };
    api.token("worker").await;
    let (came, failed, refused) = attempts().await;
    assert_eq!((came.len(), failed.len(), refused.len()), (1, 0, 0));
    assert_eq!((&came[0]["resource_name"], &came[0]["user"]["id"]), (&json!("worker"), &json!(user)));
    assert_eq!((&came[0]["trace_rating"], &came[0]["service_type"]), (&json!("normal"), &json!("IAM")));

    // Seven wrong ones are the first, the one that locks, and nothing more; so it is with passwords.
    for _ in 0..7 {
        api.with(&wrong, "GET", &api.fgs("/functions"), &Value::Null).await.refused(401, "APIG.0301", &[]);
        api.log_in("worker", "Wrong-Horse-1", Value::Null).await.iam_refused(401, &[]);
    }
    let (came, failed, refused) = attempts().await;
    assert_eq!((came.len(), failed.len(), refused.len()), (1, 2, 2));
    assert!(refused[0]["message"].as_str().unwrap().contains("locked for five minutes (3 more"), "{}", refused[0]);
    assert_eq!((&refused[0]["resource_id"], &refused[0]["code"]), (&json!(key.0), &json!("401")));
    assert!(failed[0]["message"].as_str().unwrap().contains("the name is locked"), "{}", failed[0]);
    assert_eq!((&failed[0]["resource_id"], &failed[0]["user"]["name"]), (&json!(user), &json!("")));

    // What nobody has is one event, however many names are tried.
    for number in 0..20 {
        let nobody = (format!("AK{number}"), "guess".to_owned());
        api.with(&nobody, "GET", &api.fgs("/functions"), &Value::Null).await.refused(401, "APIG.0301", &[]);
        api.bearing("no token", "GET", &api.fgs("/functions"), &Value::Null).await.refused(401, "APIG.0301", &[]);
    }
    assert_eq!(attempts().await.2.len(), 3);
}
