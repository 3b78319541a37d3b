use super::*;

const KEY: &str = "/v3.0/OS-CREDENTIAL/credentials/AKOLD";

/// A service with the users `admin` and `ann`, the group `admin` and two policies.
fn service() -> Server {
    Server::start(|request| {
        let user = |name: &str, enabled: bool| json!({ "id": format!("u-{name}"), "name": name, "enabled": enabled });
        let key = |status: &str| json!({ "credential": { "user_id": "u-ann", "access": "AKOLD", "status": status } });
        match format!("{} {}", request.method, request.path).as_str() {
            "GET /v3/users" => ok(&json!({ "users": [user("admin", true), user("ann", true)] })),
            "PATCH /v3/users/u-ann" => ok(&json!({ "user": user("ann", request.json()["user"]["enabled"] == true) })),
            "DELETE /v3/users/u-ann" => Reply { status: 204, ..Reply::default() },
            "GET /v3/groups" => ok(&json!({ "groups": [{ "id": "g1", "name": "admin", "domain_id": "d1" }] })),
            "POST /v3/groups" => {
                ok(&json!({ "group": { "id": "g2", "name": request.json()["group"]["name"], "domain_id": "d1" } }))
            }
            "GET /v3/roles" => ok(&json!({ "roles": [{ "id": "r1", "display_name": "ReadOnlyAccess" }] })),
            "GET /v3.0/OS-ROLE/roles" => ok(&json!({ "roles": [{ "id": "r2", "display_name": "own" }] })),
            "GET /v3/projects" => ok(&json!({ "projects": [{ "id": "p1", "name": "local-1_shop", "enabled": true }] })),
            path if path.starts_with("GET ") && path.ends_with("/groups/g2/roles") => ok(&json!({ "roles": [] })),
            path if path.starts_with("PUT ") && path.contains("/groups/g") => Reply { status: 204, ..Reply::default() },
            "POST /v3.0/OS-USER/users" => ok(&json!({ "user": user("ci", true) })),
            "POST /v3.0/OS-CREDENTIAL/credentials" => {
                let user = request.json()["credential"]["user_id"].clone();
                ok(
                    &json!({ "credential": { "user_id": user, "access": "AKNEW", "secret": "once", "status": "active" } }),
                )
            }
            "GET /v3.0/OS-CREDENTIAL/credentials" => ok(&json!({ "credentials": [key("active")["credential"]] })),
            path if path == format!("GET {KEY}") => ok(&key("active")),
            path if path == format!("PUT {KEY}") => ok(&key(request.json()["credential"]["status"].as_str().unwrap())),
            "GET /v3.0/OS-CREDENTIAL/credentials/AK" => {
                ok(&json!({ "credential": { "user_id": "u-admin", "access": "AK" } }))
            }
            path if path == format!("DELETE {KEY}") => Reply { status: 204, ..Reply::default() },
            "GET /v2/p0/funcd/info" => ok(&info_of("http://127.0.0.1:8080")),
            "POST /v3/projects" => ok(&json!({ "project": { "id": "p2", "name": request.json()["project"]["name"] } })),
            "PUT /v3-ext/projects/p1" => Reply { status: 204, ..Reply::default() },
            "GET /v3-ext/projects/p1" => {
                ok(&json!({ "project": { "id": "p1", "name": "local-1_shop", "enabled": false } }))
            }
            other => panic!("unexpected {other}"),
        }
    })
}

/// What is asked that changes something, with its body.
fn changes(server: &Server) -> Vec<String> {
    asked(server);
    let changing = server.received().into_iter().filter(|request| request.method != "GET");
    changing.map(|one| format!("{} {} {}", one.method, one.path, String::from_utf8(one.body).unwrap())).collect()
}

#[test]
fn a_user_gets_groups_and_policies_and_what_is_misspelt_makes_nobody() {
    let server = service();
    let line = ["user", "create", "ci", "--policy", "ReadOnlyAccess", "--in", "shop", "--group", "admin", "--json"];
    let made = funcd(&server, &line).json();
    assert_eq!(made["groups"], json!(["admin", "ReadOnlyAccess in local-1_shop"]));
    let asked = changes(&server);
    let asked: Vec<&str> = asked.iter().map(|line| line.split(" {").next().unwrap()).collect();
    let expect = [
        "POST /v3/groups",
        "PUT /v3/projects/p1/groups/g2/roles/r1 ",
        "POST /v3.0/OS-USER/users",
        "PUT /v3/groups/g1/users/u-ci ",
        "PUT /v3/groups/g2/users/u-ci ",
    ];
    assert_eq!(asked, expect);

    for (option, value, part) in [
        ("--policy", "ReadOnly", "there is no policy 'ReadOnly'; there are: ReadOnlyAccess, own"),
        ("--group", "nobody", "there is no group 'nobody'; there are: admin"),
    ] {
        let server = service();
        funcd(&server, &["user", "create", "ci", option, value]).failed(part);
        assert_eq!(changes(&server), [""; 0]);
    }
}

#[test]
fn a_user_is_named_or_identified_switched_and_deleted_with_a_yes() {
    let server = service();
    assert_eq!(funcd(&server, &["user", "disable", "ann"]).out, "user ann is disabled\n");
    assert_eq!(funcd(&server, &["user", "enable", "u-ann"]).out, "user ann is enabled\n");
    funcd(&server, &["user", "delete", "ann"]).failed("add --yes");
    funcd(&server, &["user", "disable", "bob"]).failed("there is no user 'bob': `funcd user list`");
    assert_eq!(funcd(&server, &["user", "delete", "ann", "--yes", "--json"]).json()["deleted"], true);
    let expect = [
        r#"PATCH /v3/users/u-ann {"user":{"enabled":false}}"#,
        r#"PATCH /v3/users/u-ann {"user":{"enabled":true}}"#,
        "DELETE /v3/users/u-ann ",
    ];
    assert_eq!(changes(&server), expect);
    let listed = funcd(&server, &["user", "list"]).out;
    assert!(listed.contains("NAME") && listed.contains("u-admin"), "{listed}");
}

#[test]
fn a_secret_key_is_shown_by_what_makes_it_and_by_nothing_else() {
    let server = service();
    let made = funcd(&server, &["key", "create", "ann"]);
    assert_eq!(made.out, "access key  AKNEW\nsecret key  once\n");
    assert!(made.messages.contains("not shown again"), "{}", made.messages);
    assert_eq!(funcd(&server, &["key", "create", "ann", "--json"]).json()["secret"], "once");
    let listed = funcd(&server, &["key", "list", "ann"]).out;
    assert!(listed.contains("AKOLD") && listed.contains("never") && !listed.contains("once"), "{listed}");
    assert!(funcd(&server, &["key", "disable", "AKOLD"]).out.contains("is disabled"));
    funcd(&server, &["key", "delete", "AKOLD"]).failed("add --yes");
    assert_eq!(funcd(&server, &["key", "delete", "AKOLD", "--yes"]).out, "deleted access key AKOLD\n");
}

#[test]
fn a_rotation_makes_the_new_key_before_it_disables_the_old_one() {
    let server = service();
    let made = funcd(&server, &["key", "rotate", "AKOLD", "--json"]).json();
    assert_eq!(
        (&made["access"], &made["replaces"], &made["old_disabled"]),
        (&json!("AKNEW"), &json!("AKOLD"), &json!(true))
    );
    let expect = [
        r#"POST /v3.0/OS-CREDENTIAL/credentials {"credential":{"user_id":"u-ann","description":""}}"#,
        r#"PUT /v3.0/OS-CREDENTIAL/credentials/AKOLD {"credential":{"status":"inactive"}}"#,
    ];
    assert_eq!(changes(&server), expect);
    for line in [["key", "rotate", "AKOLD", "--keep"].as_slice(), &["key", "rotate", "AK"]] {
        let server = service();
        let rotated = funcd(&server, line);
        assert!(rotated.messages.contains("is still enabled"), "{}", rotated.messages);
        assert_eq!(changes(&server).len(), 1);
    }
}

#[test]
fn a_project_gets_the_region_in_front_and_is_suspended_by_its_short_name() {
    let server = service();
    assert_eq!(funcd(&server, &["project", "create", "new"]).out, "project local-1_new (p2)\n");
    assert_eq!(funcd(&server, &["project", "create", "local-1_new"]).out, "project local-1_new (p2)\n");
    assert_eq!(funcd(&server, &["project", "disable", "shop"]).out, "project local-1_shop is disabled\n");
    funcd(&server, &["project", "enable", "nowhere"]).failed("`funcd project list`");
    let suspended = r#"PUT /v3-ext/projects/p1 {"project":{"status":"suspended"}}"#;
    assert!(changes(&server).contains(&suspended.to_owned()), "{:?}", changes(&server));
}
