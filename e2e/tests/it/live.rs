//! What runs, seen with the vendor's own SDK: reserved instances and statistics.

use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use libtest_mimic::{Failed, Trial};

use crate::harness::{Funcd, root};

/// Says which process it is and in which generation; ends itself at `/exit`.
const SERVER: &str = r#"
import json, os, time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

STARTED = time.time_ns()

class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        if self.path.endswith("/exit"):
            os._exit(3)
        status = 404 if self.path.endswith("/missing") else 200
        body = json.dumps({"pid_of": STARTED, "generation": os.environ.get("GENERATION", "1")}).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

ThreadingHTTPServer(("127.0.0.1", 8000), Handler).serve_forever()
"#;

pub(crate) fn trials() -> Vec<Trial> {
    vec![Trial::test("live::reserved instances and statistics through the vendor's Python SDK", python_sdk)]
}

/// `e2e/sdk/live.py` in a virtual environment that `e2e/sdk/build.sh` made.
fn python_sdk() -> Result<(), Failed> {
    let funcd = Funcd::start();
    let folder = tempfile::tempdir().unwrap();
    let bootstrap = folder.path().join("bootstrap");
    std::fs::write(&bootstrap, "exec /opt/function/runtime/python3.9/rtsp/python/bin/python3 server.py\n").unwrap();
    std::fs::set_permissions(&bootstrap, PermissionsExt::from_mode(0o755)).unwrap();
    std::fs::write(folder.path().join("server.py"), SERVER).unwrap();
    let made = funcd.json(&["deploy", folder.path().to_str().unwrap(), "--name", "live", "--concurrency", "1"]);
    let python = root().join("target/sdk/bin/python");
    assert!(python.is_file(), "the SDK is not installed: run e2e/sdk/build.sh");
    let output = Command::new(python)
        .arg(root().join("e2e/sdk/live.py"))
        .args(["live", made["url"].as_str().unwrap()])
        .env("FUNCD_CREDENTIALS", funcd.json(&["credentials"]).to_string())
        .output()
        .unwrap();
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    if output.status.success() { Ok(()) } else { Err(format!("{said}{}", funcd.said()).into()) }
}
