use super::*;

#[test]
fn a_bootstrap_runs_outside_with_the_paths_of_the_host() {
    let mount = |source: &str, target: &str| Mount { source: source.into(), target: target.into() };
    let mounts = [mount("/host/lib", "/opt/rt"), mount("/host/bin", "/opt/rt/bin")];
    assert_eq!(outside("exec /opt/rt/bin/node /opt/rt/x", &mounts), "exec /host/bin/node /host/lib/x");
}
