use super::*;

#[test]
fn a_container_has_its_own_namespaces_and_only_read_only_folders_of_the_host() {
    let config = config(&[Mount { source: "/host/code".into(), target: CODE.into() }]);
    let kinds: Vec<&str> =
        config["linux"]["namespaces"].as_array().unwrap().iter().map(|one| one["type"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["pid", "network", "ipc", "uts", "mount", "cgroup"]);
    let code = config["mounts"].as_array().unwrap().iter().find(|mount| mount["destination"] == CODE).unwrap();
    assert_eq!(code["source"], "/host/code");
    assert!(code["options"].as_array().unwrap().contains(&json!("ro")));
    assert_eq!((&config["process"]["user"]["uid"], &config["process"]["capabilities"]), (&json!(1003), &json!({})));
}
