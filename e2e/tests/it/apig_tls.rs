//! Custom domains and TLS, with clients that are not ours: Python's ssl and curl.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use libtest_mimic::{Failed, Trial};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use serde_json::{Value, json};

use crate::client::get;
use crate::harness::{Funcd, free_ports, root, wait};

/// Certificates that replace each other under load.
const REPLACEMENTS: u64 = 5;

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        Trial::test("tls::each domain has its certificate, and clients get what they may", domains),
        Trial::test("tls::a certificate is replaced under load and no request fails", replaced),
        Trial::test(
            "tls::the default certificate is read again when its files change, and a broken one is not shown",
            reread,
        ),
    ]
}

/// A funcd with TLS, a function behind it, and who signs for it.
pub(crate) struct Secure {
    pub(crate) funcd: Funcd,
    pub(crate) tls: SocketAddr,
    authority: CertifiedIssuer<'static, KeyPair>,
    folder: tempfile::TempDir,
    group: String,
}

impl Secure {
    pub(crate) fn start() -> Self {
        Self::start_with("")
    }

    /// With these further lines in `[gateway.tls]`.
    pub(crate) fn start_with(more: &str) -> Self {
        let (tls, _) = free_ports();
        let config = format!("[gateway]\nhsts = '1h'\n[gateway.tls]\nlisten = '{tls}'\n{more}");
        let funcd = Funcd::start_with(&config);
        funcd.deploy(&root().join("e2e/cases/request-headers/function"), "echo", &["--concurrency", "100"]);
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, "authority");
        let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("ca.pem"), authority.pem()).unwrap();
        let function = funcd.json(&["show", "echo"]);
        let group = find(&function, "group_id").expect("the trigger has a group").to_owned();
        Self { funcd, tls, authority, folder, group }
    }

    pub(crate) fn path(&self, name: &str) -> String {
        self.folder.path().join(name).to_str().unwrap().to_owned()
    }

    /// Files of a new certificate for a name.
    fn sign(&self, name: &str) -> (String, String) {
        let key = KeyPair::generate().unwrap();
        let signed = CertificateParams::new([name.to_owned()]).unwrap().signed_by(&key, &self.authority).unwrap();
        let (chain, file) = (self.path("chain.pem"), self.path("key.pem"));
        std::fs::write(&chain, signed.pem()).unwrap();
        std::fs::write(&file, key.serialize_pem()).unwrap();
        (chain, file)
    }

    pub(crate) fn add(&self, name: &str, more: &[&str]) -> Value {
        let (chain, key) = self.sign(name);
        let mut all = vec!["domain", "add", name, "--group", &self.group, "--chain", &chain, "--key", &key];
        all.extend(more);
        self.funcd.json(&all)
    }

    fn clients(&self) -> Command {
        let mut command = Command::new("/usr/bin/python3");
        command.arg(root().join("e2e/tls/clients.py")).env("PYTHONDONTWRITEBYTECODE", "1");
        command
    }
}

/// The first text with this name anywhere in a document.
pub(crate) fn find<'a>(value: &'a Value, name: &str) -> Option<&'a str> {
    match value {
        Value::Object(fields) => {
            let own = fields.get(name).and_then(Value::as_str);
            own.or_else(|| fields.values().find_map(|value| find(value, name)))
        }
        Value::Array(items) => items.iter().find_map(|value| find(value, name)),
        _ => None,
    }
}

fn said(output: &std::process::Output) -> Value {
    let (out, error) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{out}\n{error}");
    serde_json::from_str(&out).unwrap()
}

/// As a client is shown it who checks nothing, in PEM.
fn shown(address: SocketAddr) -> String {
    let script = format!("import ssl; print(ssl.get_server_certificate(('{}', {})))", address.ip(), address.port());
    let output = Command::new("/usr/bin/python3").args(["-c", &script]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    lines(&String::from_utf8(output.stdout).unwrap())
}

/// However its lines end.
fn lines(pem: &str) -> String {
    pem.split_whitespace().collect()
}

fn reread() -> Result<(), Failed> {
    const PATIENCE: Duration = Duration::from_secs(60);
    let folder = tempfile::tempdir()?;
    let (chain, key) = (folder.path().join("chain.pem"), folder.path().join("key.pem"));
    let write = || {
        let made = rcgen::generate_simple_self_signed(["default.test".to_owned()]).unwrap();
        std::fs::write(&chain, made.cert.pem()).unwrap();
        std::fs::write(&key, made.signing_key.serialize_pem()).unwrap();
        lines(&made.cert.pem())
    };
    let first = write();
    let (tls, _) = free_ports();
    let files = format!("certificate_file = '{}'\nkey_file = '{}'", chain.display(), key.display());
    let funcd = Funcd::start_with(&format!("[gateway.tls]\nlisten = '{tls}'\n{files}\n"));
    assert!(shown(tls) == first, "the one of the start");
    std::fs::write(&chain, "no certificate")?;
    wait("it says that it keeps the one it has", PATIENCE, || funcd.said().contains("gateway.certificate_kept"));
    assert!(shown(tls) == first, "a broken one is not shown");
    let second = write();
    wait("the next one is shown", PATIENCE, || shown(tls) == second);
    Ok(())
}

fn domains() -> Result<(), Failed> {
    let secure = Secure::start();
    secure.add("a.example.com", &["--redirect"]);
    secure.add("*.example.org", &[]);
    let listed = secure.funcd.json(&["domain", "list"]);
    let names: Vec<&str> = listed.as_array().unwrap().iter().map(|one| one["domain"].as_str().unwrap()).collect();
    assert_eq!(names, ["*.example.org", "a.example.com"]);
    assert_eq!(listed[1]["certificate"]["san"], json!(["a.example.com"]));

    let mut clients = secure.clients();
    let (tls, plain) = (secure.tls.port().to_string(), secure.funcd.gateway.port().to_string());
    said(&clients.args(["checks", &tls, &plain, &secure.path("ca.pem")]).output().unwrap());

    // A certificate of somebody else, and what is said about it; then none any more.
    let (chain, key) = secure.sign("b.example.com");
    let refused = secure.funcd.cli(&["domain", "certificate", "a.example.com", "--chain", &chain, "--key", &key]);
    let text = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(!refused.status.success() && text.contains("is not for a.example.com"), "{text}");
    assert_eq!(get(secure.funcd.gateway, "z.example.org", "/").status, 200);
    secure.funcd.json(&["domain", "remove", "*.example.org", "--yes"]);
    assert_eq!(get(secure.funcd.gateway, "z.example.org", "/").status, 404);
    no_key_in(&secure.funcd.data, &std::fs::read_to_string(&key)?);
    Ok(())
}

/// The database and the log have nothing of the key.
fn no_key_in(data: &Path, key: &str) {
    let line = key.lines().nth(1).unwrap().as_bytes();
    let files: Vec<PathBuf> = std::fs::read_dir(data).unwrap().map(|entry| entry.unwrap().path()).collect();
    for path in files.iter().filter(|path| path.is_file()) {
        let content = std::fs::read(path).unwrap();
        assert!(!content.windows(line.len()).any(|bytes| bytes == line), "{} has the key", path.display());
    }
}

fn replaced() -> Result<(), Failed> {
    let secure = Secure::start();
    secure.add("a.example.com", &[]);
    let stop = secure.path("stop");
    let mut clients = secure.clients();
    let clients = clients.args(["load", &secure.tls.port().to_string(), &secure.path("ca.pem"), &stop]);
    let clients = clients.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    let answered = || std::fs::metadata(format!("{stop}.answered")).map_or(0, |said| said.len());
    for number in 1..=REPLACEMENTS {
        wait("the clients are answered", Duration::from_secs(60), || answered() >= 10 * number);
        let (chain, key) = secure.sign("a.example.com");
        secure.funcd.json(&["domain", "certificate", "a.example.com", "--chain", &chain, "--key", &key]);
    }
    std::fs::write(&stop, "")?;
    let seen = said(&clients.wait_with_output()?);
    assert_eq!(seen["failures"], 0, "{seen}");
    assert!(seen["certificates"].as_u64().unwrap() >= 2 && seen["answered"].as_u64().unwrap() > 20, "{seen}");
    Ok(())
}
