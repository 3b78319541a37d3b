//! An API: as it is edited, and as it is published.

use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::parameter::{Mapping, Parameter};
use crate::limits;
use crate::trigger::{self, Auth, MatchMode, RELEASE_ENV, RELEASE_ENV_ID};
use crate::urn::{FunctionId, Qualifier};

/// gRPC, of clients and of back ends. The vendor's means TLS by it on both ways; a function is on this host and needs none.
pub const GRPCS: &str = "GRPCS";

/// An API and what is being edited of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Api {
    /// 32 hexadecimal digits.
    pub id: String,
    /// Project it belongs to.
    pub project: String,
    /// When it was made.
    pub created: Timestamp,
    /// When it was last edited.
    pub modified: Timestamp,
    /// What was edited last.
    pub definition: Definition,
}

/// What an API is like: where the gateway finds it and what it calls.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Definition {
    /// Package of the function it calls.
    pub package: String,
    /// Name of the function it calls.
    pub function: String,
    /// Which version or alias of the function, as in a URN.
    pub qualifier: String,
    /// API name.
    pub name: String,
    /// Id of its group.
    pub group_id: String,
    /// Starts with `/`; may hold parameters in braces, and names of environment variables between `#`.
    pub path: String,
    /// Exact or prefix.
    pub match_mode: MatchMode,
    /// `None` is `ANY`.
    pub method: Option<String>,
    /// `HTTP`, `HTTPS`, `BOTH` or `GRPCS`.
    pub protocol: String,
    /// Who may call it.
    pub auth: Auth,
    /// With `AUTHORIZER`: id of the authorizer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authorizer_id: Option<String>,
    /// Id of the responses of its group that answer for the gateway; without one, the group's default ones do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub response_id: Option<String>,
    /// Milliseconds the back end may take, 1 to 60,000.
    pub timeout_ms: u32,
    /// 1 public, 2 private.
    pub visibility: u8,
    /// What the client that made it as a trigger called the gateway.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instance_id: Option<String>,
    /// Whether an AppCode is enough for an app.
    #[serde(default)]
    pub simple_auth: bool,
    /// Parameters of its requests.
    #[serde(default)]
    pub parameters: Vec<Parameter>,
    /// What the back end gets beside the request.
    #[serde(default)]
    pub mappings: Vec<Mapping>,
    /// Whether an event function gets the body in base64.
    #[serde(default = "yes")]
    pub body_base64: bool,
    /// Whether the function is called by HTTP/2 without TLS (h2c), as gRPC servers want it: `GRPCS` of the back end.
    #[serde(default)]
    pub http2: bool,
    /// What is only said about it.
    #[serde(default)]
    pub about: About,
}

/// How clients call an API.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Protocol {
    /// By http, and by https where the gateway has that.
    #[default]
    Http,
    /// By https only, where the gateway has that.
    Https,
    /// By both.
    Both,
    /// By gRPC, which is HTTP/2; with TLS, where the gateway has that.
    Grpcs,
}

fn yes() -> bool {
    true
}

/// What is said about an API for its readers; it changes nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct About {
    /// A label of at most 16 characters.
    pub version: String,
    /// A description.
    pub remark: String,
    /// Describes the request body.
    pub body_remark: String,
    /// An answer when all is well.
    pub normal_sample: String,
    /// An answer when it is not.
    pub failure_sample: String,
    /// Labels.
    pub tags: Vec<String>,
    /// Type of the request body.
    pub content_type: String,
    /// Describes the back end.
    pub back_end_remark: String,
    /// `V1` or `V2`, as the client chose; both are this host.
    pub network_type: String,
}

impl Definition {
    /// Of an API that anybody may call with any method, at a path and below it.
    pub fn new(function: &FunctionId, group_id: &str, path: &str) -> Self {
        Self {
            package: function.package.clone(),
            function: function.name.clone(),
            qualifier: Qualifier::Latest.to_string(),
            name: function.name.clone(),
            group_id: group_id.to_owned(),
            path: path.to_owned(),
            match_mode: MatchMode::Prefix,
            method: None,
            protocol: "HTTP".to_owned(),
            auth: Auth::None,
            authorizer_id: None,
            response_id: None,
            timeout_ms: limits::DEFAULT_BACKEND_TIMEOUT_MS,
            visibility: 1,
            instance_id: None,
            simple_auth: false,
            parameters: Vec::new(),
            mappings: Vec::new(),
            body_base64: true,
            http2: false,
            about: About::default(),
        }
    }

    /// Of a trigger's API that calls this function.
    pub fn of_trigger(function: &FunctionId, qualifier: &Qualifier, api: trigger::Api) -> Self {
        let mut definition = Self::new(function, &api.group_id, &api.path);
        definition.qualifier = qualifier.to_string();
        definition.overlay(api);
        definition
    }

    /// Takes over what a trigger says of its API; the rest stays.
    pub fn overlay(&mut self, api: trigger::Api) {
        self.name = api.name;
        self.group_id = api.group_id;
        self.path = api.path;
        self.match_mode = api.match_mode;
        self.method = api.method;
        // A trigger has one word for both sides.
        self.http2 = api.protocol == GRPCS || (self.http2 && self.protocol != GRPCS);
        self.protocol = api.protocol;
        self.auth = api.auth;
        self.timeout_ms = api.timeout_ms;
        self.visibility = api.visibility;
        self.instance_id = api.instance_id;
    }

    /// As a trigger shows it, with the API's id and the environment's id and name.
    pub fn into_trigger(self, id: String, env_id: String, env_name: String) -> trigger::Api {
        trigger::Api {
            id,
            name: self.name,
            group_id: self.group_id,
            path: self.path,
            match_mode: self.match_mode,
            method: self.method,
            protocol: self.protocol,
            auth: self.auth,
            timeout_ms: self.timeout_ms,
            visibility: self.visibility,
            env_id,
            env_name,
            instance_id: self.instance_id,
        }
    }

    /// How clients call it.
    pub fn protocol(&self) -> Protocol {
        match self.protocol.as_str() {
            "HTTPS" => Protocol::Https,
            "BOTH" => Protocol::Both,
            GRPCS => Protocol::Grpcs,
            _ => Protocol::Http,
        }
    }

    /// Which version or alias it calls.
    pub fn qualifier(&self) -> Qualifier {
        Qualifier::from(self.qualifier.as_str())
    }

    /// Whether requests are only passed on: nothing of them is checked, and nothing added.
    pub fn is_plain(&self) -> bool {
        self.parameters.is_empty() && self.mappings.is_empty()
    }

    /// The method as the gateway compares it: upper case, or `ANY`.
    pub fn method_text(&self) -> String {
        self.method.as_deref().unwrap_or("ANY").to_ascii_uppercase()
    }
}

/// Who a published API is, for whoever handles its requests.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ApiRef {
    /// Its id.
    pub api_id: String,
    /// Id of its group.
    pub group_id: String,
    /// Id of the environment it is published in.
    pub env_id: String,
    /// Name of the environment; `requestContext.stage`.
    pub env_name: String,
    /// Project it belongs to.
    pub project: String,
    /// Its name.
    pub name: String,
}

/// An API in an environment, as it was when it was published.
#[derive(Clone, Debug)]
pub struct Published {
    /// Who it is.
    pub api: Arc<ApiRef>,
    /// The function it calls.
    pub function: FunctionId,
    /// Its path, with the environment's variables filled in.
    pub path: String,
    /// The rest.
    pub definition: Arc<Definition>,
}

impl Published {
    /// In the environment RELEASE, where no variables are in its path.
    pub fn in_release(api_id: &str, function: &FunctionId, definition: Definition) -> Self {
        let api = ApiRef {
            api_id: api_id.to_owned(),
            group_id: definition.group_id.clone(),
            env_id: RELEASE_ENV_ID.to_owned(),
            env_name: RELEASE_ENV.to_owned(),
            project: function.project.clone(),
            name: definition.name.clone(),
        };
        let path = definition.path.clone();
        Self { api: Arc::new(api), function: function.clone(), path, definition: Arc::new(definition) }
    }
}
