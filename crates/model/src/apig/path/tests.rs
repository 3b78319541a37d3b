use super::*;

#[test]
fn a_shape_forgets_names_and_trailing_slashes() {
    for (path, expect) in [("/", "/"), ("/a", "/a"), ("/a/", "/a"), ("/a/{id}", "/a/{}"), ("/{x}/b/{y}/", "/{}/b/{}")] {
        assert_eq!(shape(path), expect, "{path}");
    }
}

#[test]
fn parameters_stand_for_whole_parts() {
    let found: Vec<_> = values("/users/{id}/photos/{n}", "/users/7/photos/a%20b").collect();
    assert_eq!(found, [("id", "7"), ("n", "a%20b")]);
    assert_eq!(values("/a", "/a/b").count(), 0);
}

#[test]
fn a_path_is_refused_when_two_readers_could_differ_about_it() {
    for path in ["/", "/a", "/a/", "/a/b.c/~x", "/%20/%aF", "/a:b@c", "/{id}", "/a/{id}/b/{id-2}", "/(x)"] {
        assert!(is_valid(path), "{path}");
    }
    for path in [
        "",
        "a",
        "//",
        "/a//b",
        "/../x",
        "/a/./b",
        "/a b",
        "/é",
        "/a?b",
        "/a#b",
        "/%4",
        "/%zz",
        "/a\\b",
        "/{}",
        "/{1}",
        "/x{id}",
        "/{id}.json",
        "/{a}/{a}",
        "/{a b}",
        "/{a",
        "/a}",
        "/{proxy+}",
    ] {
        assert!(!is_valid(path), "{path}");
    }
    assert!(!is_valid(&format!("/{}", "a".repeat(512))));
}

#[test]
fn variables_are_filled_in_and_the_one_that_is_missing_is_named() {
    let value_of = |name: &str| (name == "base").then_some("v1/x");
    assert_eq!(expand("/#base#/users/{id}", value_of), Ok("/v1/x/users/{id}".to_owned()));
    assert_eq!(expand("/#nobody#", value_of), Err("nobody"));
    for path in ["/#base#", "/a/#base#b/{id}", "/a"] {
        assert!(is_valid_template(path), "{path}");
    }
    for path in ["/#base", "/#a#", "/#1ab#", "/##", "/a#base#b#"] {
        assert!(!is_valid_template(path), "{path}");
    }
}
