use super::*;
use crate::secret::Secret;

/// A version of this name, `latest` too.
pub(crate) fn version(function: &str, name: &str, revision: u64) -> Arc<Version> {
    let code = Code {
        code_type: "zip".into(),
        filename: "index.zip".into(),
        sha256: String::new(),
        sha512: String::new(),
        url: String::new(),
        size: 0,
        root: PathBuf::new(),
        entry: Entry::Shell,
    };
    let function =
        FunctionId { region: "r".into(), project: "p".into(), package: "default".into(), name: function.into() };
    let config = Config::new(HTTP_RUNTIME, BOOTSTRAP);
    Arc::new(Version { function, qualifier: name.into(), revision, config, code })
}

/// Adds a published version.
pub(crate) fn publish(function: &mut Function, version: Arc<Version>) {
    let published = Published { description: String::new(), at: function.created, version };
    function.versions.insert(published.version.qualifier.to_string(), published);
}

#[test]
fn versions_are_listed_the_newest_first_after_latest() {
    let mut web = Function::new("f", crate::time::now(), version("web", "latest", 9));
    for (name, revision) in [("b", 2), ("c", 1), ("a", 3)] {
        publish(&mut web, version("web", name, revision));
    }
    let names: Vec<_> = web.all_versions().map(|version| version.qualifier.to_string()).collect();
    assert_eq!(names, ["latest", "a", "b", "c"]);
    assert_eq!(web.newest().map(|newest| newest.version.revision), Some(3));
}

#[test]
fn only_code_and_settings_make_a_version_another_one() {
    let (one, mut two) = (version("web", "v1", 1), Version::clone(&version("web", "latest", 7)));
    assert!(one.same_as(&two, |_, _| false));
    two.config.encrypted_user_data.insert("K".into(), Secret::new("v").into());
    assert!(!one.same_as(&two, |_, _| true));
    let mut three = two.clone();
    assert!(two.same_as(&three, |_, _| false));
    three.config.encrypted_user_data.insert("K".into(), Secret::new("w").into());
    assert!(!two.same_as(&three, |_, _| false), "another value");
    assert!(two.same_as(&three, |_, _| true), "the same value sealed once more");
    two.config = one.config.clone();
    two.code.sha256 = "other".into();
    assert!(!one.same_as(&two, |_, _| true));
}
