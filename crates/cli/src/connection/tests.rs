use super::*;

fn local() -> Credentials {
    Credentials {
        access_key: "LOCAL-AK".into(),
        secret_key: "local-sk".parse().unwrap(),
        project_id: "local-project".into(),
        region: "local-1".into(),
        api: "http://127.0.0.1:8081".into(),
        gateway: "http://127.0.0.1:8080".into(),
        login: None,
    }
}

fn keys(of: &str) -> Keys {
    Keys {
        access_key: Some(format!("{of}-AK")),
        secret_key: Some(format!("{of}-sk").parse().unwrap()),
        project_id: Some(format!("{of}-project")),
    }
}

fn named(endpoint: &str) -> Options {
    Options { endpoint: Some(endpoint.into()), ..Options::default() }
}

fn profile(endpoint: &str) -> Profile {
    Profile {
        endpoint: Some(endpoint.into()),
        access_key: Some("PROFILE-AK".into()),
        secret_key: Some("profile-sk".parse().unwrap()),
        project_id: Some("profile-project".into()),
        ..Profile::default()
    }
}

/// `expect` is `endpoint access-key project`, or part of the error.
#[track_caller]
fn check(options: Options, sdk: Keys, profile: Profile, local: Option<Credentials>, expect: &str) {
    let options = without_empty(options);
    let sources = Sources { options: &options, sdk, profile, local, data_dir: Path::new("/data") };
    let got = match choose(sources) {
        Ok(found) => {
            let pair = found.access_key.replace("-AK", "-sk").to_lowercase();
            assert_eq!(found.secret_key.expose().to_lowercase(), pair, "keys of one source");
            format!("{} {} {}", found.endpoint, found.access_key, found.project_id)
        }
        Err(error) => format!("{error:#}"),
    };
    assert!(got.contains(expect), "{got:?}, not {expect:?}");
}

#[test]
fn the_data_folder_says_everything() {
    let expect = "http://127.0.0.1:8081 LOCAL-AK local-project";
    check(Options::default(), Keys::default(), Profile::default(), Some(local()), expect);
}

#[test]
fn cloud_keys_in_the_environment_do_not_disturb_the_local_service() {
    let expect = "http://127.0.0.1:8081 LOCAL-AK local-project";
    check(Options::default(), keys("CLOUD"), Profile::default(), Some(local()), expect);
    check(named("127.0.0.1:8081"), keys("CLOUD"), Profile::default(), Some(local()), expect);
}

#[test]
fn cloud_keys_serve_an_address_that_was_named() {
    let expect = "http://build:8081 CLOUD-AK CLOUD-project";
    check(named("http://build:8081"), keys("CLOUD"), Profile::default(), Some(local()), expect);
    check(named("http://build:8081"), keys("CLOUD"), Profile::default(), None, expect);
}

#[test]
fn a_profile_says_everything_and_options_say_it_louder() {
    check(Options::default(), keys("CLOUD"), profile("http://p"), Some(local()), "http://p PROFILE-AK profile-project");
    let options = Options {
        endpoint: Some("http://e".into()),
        access_key: Some("GIVEN-AK".into()),
        secret_key: Some("given-sk".parse().unwrap()),
        ..Options::default()
    };
    check(options, keys("CLOUD"), profile("http://p"), Some(local()), "http://e GIVEN-AK profile-project");
}

#[test]
fn local_keys_serve_a_local_service_on_another_port() {
    check(named("127.0.0.1:9"), Keys::default(), Profile::default(), Some(local()), "http://127.0.0.1:9 LOCAL-AK");
}

#[test]
fn an_empty_variable_says_nothing() {
    let options = Options { endpoint: Some(String::new()), access_key: Some(String::new()), ..Options::default() };
    check(options, Keys::default(), Profile::default(), Some(local()), "http://127.0.0.1:8081 LOCAL-AK");
}

#[test]
fn what_is_missing_is_said_with_every_way_to_give_it() {
    let nothing = || (Keys::default(), Profile::default(), None);
    let (sdk, profile, local) = nothing();
    check(Options::default(), sdk, profile, local, "/data/credentials.json does not exist. Start one with `funcd up`");
    let (sdk, profile, local) = nothing();
    check(named("http://e"), sdk, profile, local, "the access key is missing: give FUNCD_ACCESS_KEY");
    let (sdk, profile, local) = nothing();
    let half = Options { access_key: Some("AK".into()), ..named("http://e") };
    check(half, sdk, profile, local, "the secret key of access key AK is missing");
    let (sdk, profile, local) = nothing();
    check(named("ftp://e"), sdk, profile, local, "the endpoint 'ftp://e' is no address: its scheme must be http");
    let no_project = Keys { project_id: None, ..keys("CLOUD") };
    check(named("http://e"), no_project, Profile::default(), None, "the project id is missing");
}
