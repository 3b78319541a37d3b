use super::*;

#[track_caller]
fn check(name: &str, arguments: &[&str]) {
    let line = ["funcd"].iter().chain(arguments);
    let error = Binary::command().term_width(100).try_get_matches_from(line).unwrap_err();
    insta::assert_snapshot!(name, error.render().to_string());
}

#[test]
fn help_says_what_each_command_does_with_examples() {
    for command in [
        "deploy",
        "list",
        "show",
        "invoke",
        "logs",
        "delete",
        "disable",
        "enable",
        "pin",
        "export",
        "import",
        "credentials",
        "completions",
        "publish",
        "versions",
        "stats",
        "request",
        "reserve",
    ] {
        check(&format!("help-{command}"), &[command, "--help"]);
    }
    check("help-alias-set", &["alias", "set", "--help"]);
    check("help-dependency-add", &["dependency", "add", "--help"]);
    check("help-dependency-delete", &["dependency", "delete", "--help"]);
    for (noun, verb) in
        [("user", "create"), ("user", "delete"), ("key", "create"), ("key", "rotate"), ("project", "create")]
    {
        check(&format!("help-{noun}-{verb}"), &[noun, verb, "--help"]);
    }
    for verb in ["create", "edit", "publish", "switch", "debug"] {
        check(&format!("help-api-{verb}"), &["api", verb, "--help"]);
    }
    for verb in ["start", "show"] {
        check(&format!("help-headers-{verb}"), &["headers", verb, "--help"]);
    }
    check("help-group-create", &["group", "create", "--help"]);
    check("help-template-new", &["template", "new", "--help"]);
    check("help-runtime-install", &["runtime", "install", "--help"]);
    check("help", &["--help"]);
}

#[test]
fn wrong_usage_is_named() {
    check("usage-env", &["deploy", ".", "--env", "A"]);
    check("usage-path", &["deploy", ".", "--path", "user"]);
    check("usage-auth", &["deploy", ".", "--auth", "basic"]);
    check("usage-start-timeout", &["deploy", ".", "--start-timeout", "0"]);
    check("usage-since", &["logs", "web", "--since", "5 weeks"]);
    check("usage-for", &["headers", "start", "web", "--for", "2h"]);
    check("usage-limit", &["logs", "web", "-n", "0"]);
}

#[test]
fn the_command_line_is_well_formed() {
    Binary::command().debug_assert();
}
