//! Certificates that funcd orders, from a real ACME server on this machine (`e2e/tls/build.sh` builds it).

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use libtest_mimic::{Failed, Trial};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use serde_json::{Value, json};

use crate::apig_tls::find;
use crate::client::get;
use crate::harness::{Funcd, free_ports, root, wait};

pub(crate) fn trials() -> Vec<Trial> {
    let built = folder().join("pebble").is_file();
    if !built {
        eprintln!(
            "NO ACME SERVER HERE: CERTIFICATES THAT ARE ORDERED ARE NOT TRIED (e2e/tls/build.sh NEEDS A GO OF 2025)"
        );
    }
    vec![Trial::test("acme::a domain gets a certificate and clients are shown it", ordered).with_ignored_flag(!built)]
}

/// Where the programs of the ACME server are.
fn folder() -> PathBuf {
    std::env::var_os("E2E_PEBBLE").map_or_else(|| root().join("target/pebble"), PathBuf::from)
}

/// A server of somebody else's; dropping it ends it.
struct Server(Child);

impl Server {
    fn start(name: &str, arguments: &[&str]) -> Self {
        let program = folder().join(name);
        assert!(program.is_file(), "{} is missing: run e2e/tls/build.sh", program.display());
        let mut command = Command::new(program);
        command.args(arguments).env("PEBBLE_VA_NOSLEEP", "1").stdin(Stdio::null());
        Self(command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.0.kill().unwrap_or_default();
        self.0.wait().unwrap();
    }
}

/// Every name is this machine's.
fn name_server(listen: &str, control: &str) -> Server {
    let addresses = ["-defaultIPv4", "127.0.0.1", "-defaultIPv6", ""];
    let at = ["-dnsserver", listen, "-management", control];
    let without = ["-http01", "", "-https01", "", "-tlsalpn01", "", "-doh", ""];
    Server::start("pebble-challtestsrv", &[&addresses[..], &at, &without].concat())
}

fn ordered() -> Result<(), Failed> {
    let folder = tempfile::tempdir()?;
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let mut params = CertificateParams::new(Vec::new())?;
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.distinguished_name.push(DnType::CommonName, "authority of the directory");
    let authority = CertifiedIssuer::self_signed(params, KeyPair::generate()?)?;
    let key = KeyPair::generate()?;
    let own = CertificateParams::new(["127.0.0.1".to_owned()])?.signed_by(&key, &authority)?;
    for (name, content) in [("ca.pem", authority.pem()), ("own.pem", own.pem()), ("key.pem", key.serialize_pem())] {
        std::fs::write(path(name), content)?;
    }

    let ((directory, management), (names, control), (tls, _)) = (free_ports(), free_ports(), free_ports());
    let funcd = Funcd::start_with(&format!(
        "[gateway]\nhttps_redirect = true\n[gateway.tls]\nlisten = '{tls}'\n[acme]\ndirectory = 'https://{directory}/dir'\n\
         contact = ['mailto:admin@example.com']\nagree = true\nca_file = '{}'\n",
        path("ca.pem")
    ));
    let config = json!({"pebble": {
        "listenAddress": directory.to_string(), "managementListenAddress": management.to_string(),
        "certificate": path("own.pem"), "privateKey": path("key.pem"), "httpPort": funcd.gateway.port(), "tlsPort": tls.port(),
        "ocspResponderURL": "", "externalAccountBindingRequired": false,
    }});
    std::fs::write(path("pebble.json"), config.to_string())?;
    let (names, control) = (names.to_string(), control.to_string());
    let _names = name_server(&names, &control);
    let _server = Server::start("pebble", &["-config", &path("pebble.json"), "-dnsserver", &names]);
    wait("the ACME server listens", Duration::from_secs(20), || std::net::TcpStream::connect(directory).is_ok());

    funcd.deploy(&root().join("e2e/cases/request-headers/function"), "echo", &[]);
    let group = find(&funcd.json(&["show", "echo"]), "group_id").unwrap().to_owned();
    funcd.json(&["domain", "add", "a.example.com", "--group", &group]);
    let mut listed = Value::Null;
    wait("the certificate is there", Duration::from_secs(90), || {
        listed = funcd.json(&["domain", "list"]);
        listed[0]["certificate"].is_object()
    });
    assert_eq!(listed[0]["certificate"]["san"], json!(["a.example.com"]), "{listed}");
    // Whoever signed it is made anew with each start of the server, so its word is taken for it; the name is checked all the same.
    let shown = Command::new("curl")
        .args(["-sS", "--insecure", "--max-time", "20", "-w", "%{http_code} %{certs}", "-o", "/dev/null", "--resolve"])
        .args([format!("a.example.com:{}:127.0.0.1", tls.port()), format!("https://a.example.com:{}/", tls.port())])
        .output()?;
    let shown = String::from_utf8_lossy(&shown.stdout).into_owned();
    assert!(shown.starts_with("200") && shown.contains("Pebble"), "{shown}");
    assert_eq!(get(funcd.gateway, "a.example.com", "/.well-known/acme-challenge/none").status, 301, "no open question");
    let account = std::fs::read(funcd.data.join("acme-account"))?;
    assert!(!String::from_utf8_lossy(&account).contains("key"), "the account is sealed");
    Ok(())
}
