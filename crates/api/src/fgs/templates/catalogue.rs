//! The templates there are: `templates/` of the project, one folder each.

/// A function to begin with.
#[derive(Clone, Copy, Debug)]
pub(super) struct Template {
    /// Name of its folder.
    pub(super) id: &'static str,
    pub(super) title: &'static str,
    pub(super) description: &'static str,
    /// What it can run on, the one that its `bootstrap` names first.
    pub(super) runtimes: &'static [&'static str],
    pub(super) files: &'static [(&'static str, &'static [u8])],
    pub(super) scene: &'static str,
    pub(super) trigger: Trigger,
    /// MB.
    pub(super) memory: u32,
    /// Seconds.
    pub(super) timeout: u32,
    pub(super) input: &'static str,
    pub(super) output: &'static str,
    pub(super) warning: &'static str,
    /// A JSON object as text; empty for none.
    pub(super) variables: &'static str,
    /// Variables that are to be set and sealed.
    pub(super) secrets: &'static [&'static str],
}

/// What is to call it.
#[derive(Clone, Copy, Debug)]
pub(super) enum Trigger {
    Api,
    Timer,
}

impl Trigger {
    /// The type of the trigger.
    pub(super) fn service(self) -> &'static str {
        match self {
            Self::Api => "APIG",
            Self::Timer => "TIMER",
        }
    }
}

/// All of them.
pub(super) const TEMPLATES: [Template; 8] = [
    Template {
        id: "nodejs-http",
        title: "HTTP function in Node.js",
        description: "Answers every request with JSON, on Node.js's own server.",
        runtimes: &["nodejs20.15", "nodejs18.15", "nodejs16.17", "nodejs14.18"],
        files: &[
            ("bootstrap", include_bytes!("../../../../../templates/nodejs-http/bootstrap")),
            ("index.js", include_bytes!("../../../../../templates/nodejs-http/index.js")),
        ],
        scene: "web",
        trigger: Trigger::Api,
        memory: 256,
        timeout: 30,
        input: "GET /?name=you",
        output: r#"{"hello":"you","method":"GET","path":"/","requestId":"..."}"#,
        warning: "",
        variables: "",
        secrets: &[],
    },
    Template {
        id: "python-http",
        title: "HTTP function in Python",
        description: "Answers every request with JSON, on the standard library's server.",
        runtimes: &["python3.10", "python3.9", "python3.12"],
        files: &[
            ("bootstrap", include_bytes!("../../../../../templates/python-http/bootstrap")),
            ("app.py", include_bytes!("../../../../../templates/python-http/app.py")),
        ],
        scene: "web",
        trigger: Trigger::Api,
        memory: 256,
        timeout: 30,
        input: "GET /?name=you",
        output: r#"{"hello": "you", "path": "/", "requestId": "..."}"#,
        warning: "",
        variables: "",
        secrets: &[],
    },
    Template {
        id: "java-http",
        title: "HTTP function in Java",
        description: "Answers every request with JSON, on the JDK's own server.",
        runtimes: &["java17", "java21", "java11"],
        files: &[
            ("bootstrap", include_bytes!("../../../../../templates/java-http/bootstrap")),
            ("Main.java", include_bytes!("../../../../../templates/java-http/Main.java")),
            ("Main.class", include_bytes!("../../../../../templates/java-http/Main.class")),
        ],
        scene: "web",
        trigger: Trigger::Api,
        memory: 512,
        timeout: 30,
        input: "GET /you",
        output: r#"{"hello": "/you", "java": "17.0.15"}"#,
        warning: "Main.class is compiled from Main.java for Java 11: compile it again after a change (javac --release 11 Main.java).",
        variables: "",
        secrets: &[],
    },
    Template {
        id: "go-http",
        title: "HTTP function in Go",
        description: "Answers every request with JSON, on net/http.",
        runtimes: &[],
        files: &[
            ("bootstrap", include_bytes!("../../../../../templates/go-http/bootstrap")),
            ("build.sh", include_bytes!("../../../../../templates/go-http/build.sh")),
            ("go.mod", include_bytes!("../../../../../templates/go-http/go.mod")),
            ("main.go", include_bytes!("../../../../../templates/go-http/main.go")),
        ],
        scene: "web",
        trigger: Trigger::Api,
        memory: 128,
        timeout: 30,
        input: "GET /?name=you",
        output: r#"{"hello":"you","path":"/","requestId":"..."}"#,
        warning: "Source only: run build.sh, which needs Go, and deploy the folder with the program it makes. Without it the function says so in its log and does not start.",
        variables: "",
        secrets: &[],
    },
    Template {
        id: "php-http",
        title: "HTTP function in PHP",
        description: "Answers every request with JSON, on PHP's built-in server.",
        runtimes: &["php8.2", "php8.3"],
        files: &[
            ("bootstrap", include_bytes!("../../../../../templates/php-http/bootstrap")),
            ("index.php", include_bytes!("../../../../../templates/php-http/index.php")),
        ],
        scene: "web",
        trigger: Trigger::Api,
        memory: 256,
        timeout: 30,
        input: "GET /?name=you",
        output: r#"{"hello":"you","path":"/","requestId":"..."}"#,
        warning: "",
        variables: "",
        secrets: &[],
    },
    Template {
        id: "timer",
        title: "Work at a time",
        description: "Takes a timer's event and does the work in `work`.",
        runtimes: &["python3.10", "python3.9", "python3.12"],
        files: &[
            ("bootstrap", include_bytes!("../../../../../templates/timer/bootstrap")),
            ("app.py", include_bytes!("../../../../../templates/timer/app.py")),
        ],
        scene: "timer",
        trigger: Trigger::Timer,
        memory: 256,
        timeout: 60,
        input: r#"POST / {"version":"v1.0","time":"2026-01-02T03:04:05Z","trigger_type":"TIMER","trigger_name":"hourly","user_event":""}"#,
        output: r#"{"done": "hourly", "at": "2026-01-02T03:04:05Z"}"#,
        warning: "An HTTP function: until timers call it, anything that can POST at a time can, such as cron with curl.",
        variables: "",
        secrets: &[],
    },
    Template {
        id: "upload",
        title: "Upload of files",
        description: "Takes a file by PUT as a stream, bounded in size, and answers with its size and SHA-256.",
        runtimes: &["nodejs20.15", "nodejs18.15", "nodejs16.17", "nodejs14.18"],
        files: &[
            ("bootstrap", include_bytes!("../../../../../templates/upload/bootstrap")),
            ("index.js", include_bytes!("../../../../../templates/upload/index.js")),
        ],
        scene: "file",
        trigger: Trigger::Api,
        memory: 256,
        timeout: 60,
        input: "PUT /report.pdf, the file as the body",
        output: r#"{"name":"report.pdf","size":12345,"sha256":"..."}"#,
        warning: "Files are in /tmp and go with their instance: send them on to a store that stays.",
        variables: r#"{"MAX_MB":"5"}"#,
        secrets: &[],
    },
    Template {
        id: "webhook",
        title: "Signed webhook",
        description: "Takes events that their sender signed with a shared secret (HMAC-SHA256), and refuses all others.",
        runtimes: &["nodejs20.15", "nodejs18.15", "nodejs16.17", "nodejs14.18"],
        files: &[
            ("bootstrap", include_bytes!("../../../../../templates/webhook/bootstrap")),
            ("index.js", include_bytes!("../../../../../templates/webhook/index.js")),
        ],
        scene: "webhook",
        trigger: Trigger::Api,
        memory: 256,
        timeout: 30,
        input: r#"POST / {"action":"opened"} with X-Hub-Signature-256: sha256=<hex>"#,
        output: r#"{"accepted":"opened"}"#,
        warning: "Set WEBHOOK_SECRET as an encrypted variable, and let the trigger be without authentication: the signature is it.",
        variables: "",
        secrets: &["WEBHOOK_SECRET"],
    },
];
