use std::os::unix::fs::PermissionsExt as _;

use super::*;

/// An installation, and the folder of its certificate.
struct World {
    _home: tempfile::TempDir,
    store: Store,
    folder: PathBuf,
}

impl World {
    async fn new() -> Self {
        let home = tempfile::tempdir().unwrap();
        let config = store::Config {
            data_dir: home.path().to_owned(),
            key: auth::seal::Key::generate(),
            region: "local-1".into(),
            functions: 10,
            compile: store::Compile::default(),
        };
        let store = Store::open(config).await.unwrap();
        Self { folder: home.path().join("tls"), _home: home, store }
    }

    fn own_at(&self, names: &[&str], now: Timestamp) -> Checked {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        own(&self.folder, &names, now, &self.store).unwrap()
    }

    fn own(&self, names: &[&str]) -> Checked {
        self.own_at(names, Timestamp::now())
    }

    /// As earlier versions left it.
    fn leave_in_the_clear(&self) -> Checked {
        let (chain, key) = make(NAMES.map(str::to_owned).into(), Timestamp::now()).unwrap();
        fs::create_dir_all(&self.folder).unwrap();
        fs::write(self.folder.join("default.pem"), &chain).unwrap();
        fs::write(self.folder.join("default.key"), &*key).unwrap();
        check_for_any(&chain, &key, Timestamp::now()).unwrap()
    }

    /// No file of the folder says a word of a key.
    fn assert_sealed(&self) {
        for entry in fs::read_dir(&self.folder).unwrap() {
            let path = entry.unwrap().path();
            let bytes = fs::read(&path).unwrap();
            assert!(!bytes.windows(11).any(|word| word == b"PRIVATE KEY"), "{}", path.display());
        }
    }
}

#[tokio::test]
async fn one_is_made_once_and_again_before_it_ends() {
    let world = World::new().await;
    let (now, names) = (Timestamp::now(), ["10.0.0.1"]);
    let made = world.own_at(&names, now);
    assert!(["*.localhost", "127.0.0.1", "10.0.0.1"].iter().all(|name| made.facts.names.iter().any(|own| own == name)));
    let mode = world.folder.join("default.key.sealed").metadata().unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    world.assert_sealed();
    assert_eq!(world.own_at(&names, later(now, DAYS - EARLY - 3)).chain, made.chain);
    assert_ne!(world.own_at(&names, later(now, DAYS - EARLY)).chain, made.chain);
}

#[tokio::test]
async fn another_name_and_a_file_that_is_broken_make_another() {
    let world = World::new().await;
    let made = world.own(&[]);
    let other = world.own(&["a.example.com"]);
    assert_ne!(other.chain, made.chain);
    fs::write(world.folder.join("default.key.sealed"), "nothing").unwrap();
    assert_ne!(world.own(&[]).chain, other.chain);
}

#[tokio::test]
async fn a_key_in_the_clear_is_sealed_and_its_certificate_stays() {
    let world = World::new().await;
    for _ in 0..2 {
        // The second time, an earlier version has run since and made another pair.
        let chain = world.leave_in_the_clear().chain;
        assert_eq!(world.own(&[]).chain, chain);
        world.assert_sealed();
        assert_eq!(world.own(&[]).chain, chain);
    }
}

#[tokio::test]
async fn nobody_else_can_open_the_key() {
    let (world, other) = (World::new().await, World::new().await);
    let made = world.own(&[]);
    let stolen = own(&world.folder, &[], Timestamp::now(), &other.store).unwrap();
    assert_ne!(stolen.chain, made.chain);
}

#[test]
fn what_is_wrong_with_files_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let (one, two) = (folder.path().join("one"), folder.path().join("two"));
    let missing = from_files(&one, &two, Timestamp::now()).err().unwrap().to_string();
    assert!(missing.contains("one: No such file"), "{missing}");
    let pairs = [(); 2].map(|()| make(NAMES.map(str::to_owned).into(), Timestamp::now()).unwrap());
    fs::write(&one, &pairs[0].0).unwrap();
    fs::write(&two, &*pairs[1].1).unwrap();
    let swapped = from_files(&one, &two, Timestamp::now());
    assert!(swapped.err().unwrap().to_string().contains("another certificate"));
}
