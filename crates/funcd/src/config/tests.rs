use super::*;

#[track_caller]
fn check(file: &str, expect: &str) {
    let file = match toml::from_str::<File>(file) {
        Ok(file) => file,
        Err(error) => return assert_eq!(error.message(), expect),
    };
    let got = match resolve(file, Flags { data_dir: "/data".into(), ..Flags::default() }, 2) {
        Ok(config) => format!(
            "{} {} {} {} {:?} {:?}",
            config.api,
            config.gateway.listen,
            config.gateway.public_host,
            config.gateway.body_bytes,
            config.instances.idle,
            config.instances.freeze_after
        ),
        Err(problems) => problems.join("\n"),
    };
    assert_eq!(got, expect);
}

#[test]
fn an_empty_file_means_the_documented_defaults() {
    check("", "127.0.0.1:8081 127.0.0.1:8080 127.0.0.1 67108864 60s Some(10s)");
}

#[test]
fn sizes_may_have_units() {
    check("gateway.body_bytes = \"12MB\"", "127.0.0.1:8081 127.0.0.1:8080 127.0.0.1 12000000 60s Some(10s)");
    check("gateway.body_bytes = \"12 bananas\"", "'bananas' is no unit; use B, KB, MB, GB, KiB, MiB or GiB");
}

#[test]
fn the_rate_of_reading_is_bounded() {
    check("instances.read_rate = '2000GB'", "instances.read_rate: 2000000000000 is not between 0 and 1099511627776");
}

#[test]
fn the_patience_with_clients_is_bounded() {
    check(
        "gateway.head_seconds = 0\ngateway.body_rate = '2GiB'\ngateway.connections_per_client = 0",
        "gateway.head_seconds: 0 is not between 1 and 86400\n\
         gateway.body_rate: 2147483648 is not between 0 and 1073741824\n\
         gateway.connections_per_client: 0 is not between 1 and 1000000",
    );
}

#[test]
fn a_wildcard_address_is_shown_as_loopback() {
    check("gateway.listen = \"0.0.0.0:80\"", "127.0.0.1:8081 0.0.0.0:80 127.0.0.1 67108864 60s Some(10s)");
}

#[test]
fn a_public_host_is_a_host_and_not_a_url() {
    check(
        "gateway.public_host = 'http://x'",
        "gateway.public_host: 'http://x' must be a host name or address, without scheme or path",
    );
}

#[test]
fn every_problem_is_reported_at_once() {
    check(
        "region = 'Nowhere!'\napi.listen = 'x'\ninstances.idle_seconds = 0",
        "api.listen (--api): 'x' is not an address and port such as 127.0.0.1:8081 or [::1]:8081\n\
         region: 'Nowhere!' must be 1 to 64 lower-case letters, digits and '-'\n\
         instances.idle_seconds: 0 is not between 1 and 86400",
    );
}

#[test]
fn freezing_has_a_time_or_is_off() {
    let with = |after: &str| format!("127.0.0.1:8081 127.0.0.1:8080 127.0.0.1 67108864 60s {after}");
    check("instances.freeze_after = '1500ms'", &with("Some(1.5s)"));
    check("instances.freeze_after = '2m'", &with("Some(120s)"));
    check("instances.freeze_after = 7", &with("Some(7s)"));
    check("instances.freeze_after = 'off'", &with("None"));
    check("instances.freeze_after = 0", &with("None"));
    check("instances.freeze_after = '0s'", &with("None"));
}

#[test]
fn a_freezing_time_that_cannot_be_meant_is_refused() {
    check("instances.freeze_after = '10 bananas'", "'bananas' is no unit of time; use ms, s, m or h, or \"off\"");
    check("instances.freeze_after = 's'", "'s' is no time such as 10, \"10s\", \"500ms\" or \"off\"");
    check("instances.freeze_after = -1", "a time cannot be negative");
    check(
        "instances.freeze_after = '1ms'\ninstances.memory_low_percent = 101",
        "instances.freeze_after: 1ms is not between 100ms and 24h (\"off\": never)\n\
         instances.memory_low_percent: 101 is not between 0 and 100",
    );
}

#[test]
fn trusted_proxies_are_named() {
    let fine = "127.0.0.1:8081 127.0.0.1:8080 127.0.0.1 67108864 60s Some(10s)";
    check("gateway.trusted_proxies = ['10.0.0.0/8', '::1', '192.0.2.1-192.0.2.9']", fine);
    check(
        "gateway.trusted_proxies = ['proxy.example', '10.0.0.0/33', '10.0.0.0/x']",
        "gateway.trusted_proxies: 'proxy.example' is not an IP address\n\
         gateway.trusted_proxies: '10.0.0.0/33' has more bits behind the slash than an address has\n\
         gateway.trusted_proxies: '10.0.0.0/x' has no number of bits behind the slash",
    );
    check(
        "gateway.trusted_proxies = ['0.0.0.0/1', '128.0.0.0/1']",
        "gateway.trusted_proxies: is every address there is, so that each client could choose for whom it is taken; \
         name the addresses of your proxies",
    );
}

#[test]
fn https_needs_tls() {
    check(
        "[gateway]\nhttps_redirect = true\nhsts = '1h'",
        "gateway.https_redirect: there is no https without [gateway.tls]\n\
         gateway.hsts: there is no https without [gateway.tls]",
    );
    check(
        "[gateway]\nhsts = '500ms'\n[gateway.tls]\nmin_version = '1.1'\nlisten = 'here'\nhandshakes = 0",
        "gateway.hsts: browsers count whole seconds; \"off\" or at least \"1s\"\n\
         gateway.tls.min_version: '1.1' must be \"1.2\" or \"1.3\"; what is older is broken\n\
         gateway.tls.listen: 'here' is not an address and port such as 127.0.0.1:8443 or [::1]:8443\n\
         gateway.tls.handshakes: 0 is not between 1 and 100000",
    );
    check(
        "[gateway]\nhttps_redirect = true\nhsts = '1h'\n[gateway.tls]\nmin_version = '1.3'",
        "127.0.0.1:8081 127.0.0.1:8080 127.0.0.1 67108864 60s Some(10s)",
    );
}
