use super::*;

#[tokio::test]
async fn every_template_becomes_a_function() {
    let api = Api::new().await;
    let list = api.get(&api.fgs("/templates")).await.fine(200);
    let templates = list["func_templates"].as_array().unwrap().clone();
    assert!(templates.len() >= 8 && list["next_marker"] == 0, "{list}");
    for listed in templates {
        let id = listed["id"].as_str().unwrap();
        let mut shown = api.get(&api.fgs(&format!("/templates/{id}"))).await.fine(200);
        let code = shown["code"].as_str().unwrap().to_owned();
        // Kept by the store, which checks packages; nothing is installed here.
        let zip = STANDARD.decode(&code).unwrap();
        let kept = api.store.put_code(zip.into(), "zip", "index.zip").await.unwrap();
        let bootstrap = std::fs::read_to_string(kept.root.join("bootstrap")).unwrap();
        assert!(Runtimes::named_in(bootstrap.as_bytes()).len() == usize::from(id != "go-http"), "{id}: {bootstrap}");
        shown.as_object_mut().unwrap().remove("code");
        assert_eq!(shown, listed);
        for text in ["title", "description", "scene", "service"] {
            assert!(!listed[text].as_str().unwrap().is_empty(), "{id} has no {text}");
        }
        for variables in ["user_data", "encrypted_user_data"] {
            let text = listed[variables].as_str().unwrap();
            assert!(text.is_empty() || serde_json::from_str::<Value>(text).unwrap().is_object(), "{id}");
        }
    }
}

#[tokio::test]
async fn templates_are_filtered_and_paged() {
    let api = Api::new().await;
    for (query, expect) in [
        ("?scene=timer", vec!["timer"]),
        ("?service=TIMER", vec!["timer"]),
        ("?scene=file&runtime=http", vec!["upload"]),
        ("?runtime=Python3.9", vec![]),
        ("?ispublic=false", vec![]),
        ("?maxitems=2&ispublic=true", vec!["nodejs-http", "python-http"]),
        ("?maxitems=2&marker=7", vec!["webhook"]),
    ] {
        let list = api.get(&api.fgs(&format!("/templates{query}"))).await.fine(200);
        let ids: Vec<_> =
            list["func_templates"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap()).collect();
        assert_eq!(ids, expect, "{query}");
    }
    assert_eq!(api.get(&api.fgs("/templates?maxitems=2")).await.fine(200)["next_marker"], 2);
    api.get(&api.fgs("/templates?maxitems=-1")).await.refused(400, "FSS.1001", &["maxitems"]);
    api.get(&api.fgs("/templates/none")).await.refused(404, "FSS.1059", &["'none'", "nodejs-http"]);
}
