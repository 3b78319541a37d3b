//! The APIs that are measured: the same function behind routes with other policies each, made through APIG's REST API.

use anyhow::{Context as _, Result};
use serde_json::{Value, json};

use crate::api::{Access, Client};
use crate::daemon::Daemon;

const RELEASE: &str = "DEFAULT_ENVIRONMENT_RELEASE_ID";
/// More than any run makes.
const MANY: u32 = 1_000_000_000;
/// Of nothing, as a signature says it of a request without a body.
const NO_BODY: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/// One of them.
#[derive(Debug)]
pub(crate) struct Api {
    pub(crate) name: &'static str,
    pub(crate) path: String,
    host: String,
    proof: Proof,
}

/// What its callers prove themselves by.
#[derive(Debug)]
enum Proof {
    Nothing,
    /// Nothing, but they come from a page.
    Page,
    Code(String),
    Signature {
        key: String,
        secret: String,
    },
}

impl Api {
    /// Headers of a request, beside `Host`. A signature holds for a quarter of an hour.
    pub(crate) fn headers(&self) -> Result<Vec<(String, String)>> {
        let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let page = header("Origin", "https://page.example");
        Ok(match &self.proof {
            Proof::Nothing => Vec::new(),
            Proof::Page => vec![page],
            Proof::Code(code) => vec![page, header("X-Apig-AppCode", code)],
            Proof::Signature { key, secret } => {
                let headers: [(&str, &[u8]); 1] = [("host", self.host.as_bytes())];
                let (path, body_sha256) = (self.path.as_str(), NO_BODY);
                let request =
                    auth::signature::Request { method: "GET", path, query: "", headers: &headers, body_sha256 };
                let mut all = auth::signature::sign(&request, key, secret, jiff::Timestamp::now());
                all.push(page);
                all
            }
        })
    }
}

/// All of them, at one host.
#[derive(Debug)]
pub(crate) struct Apis {
    pub(crate) host: String,
    /// Open to anybody, without any policy.
    pub(crate) bare: Api,
    /// The same with every policy.
    pub(crate) open: Api,
    /// With every policy, for an app by its code.
    pub(crate) coded: Api,
    /// With every policy, for an app by its signature.
    pub(crate) signed: Api,
    /// With these many calls a second.
    pub(crate) limited: Vec<(u32, Api)>,
    /// With one call a day.
    pub(crate) used_up: Api,
}

/// Makes them.
struct Maker<'a> {
    client: Client<'a>,
    group: String,
    host: String,
    urn: String,
}

impl Apis {
    /// All of them call the function `called`.
    pub(crate) fn make(daemon: &Daemon, limits: &[u32]) -> Result<Self> {
        let access = Access::of(daemon)?;
        let mut maker = Maker::new(daemon, &access)?;
        let (bare, _, _) = maker.publish("no policy", "bare", json!({}), Proof::Nothing)?;
        let app = maker.client.apig("POST", "/apps", &json!({"name": "caller"}))?;
        let codes = format!("/apps/{}/app-codes", text(&app, "id")?);
        let code = text(&maker.client.apig("PUT", &codes, &Value::Null)?, "app_code")?;
        let signature = Proof::Signature { key: text(&app, "app_key")?, secret: text(&app, "app_secret")? };
        let simple = json!({"auth_type": "APP", "auth_opt": {"app_code_auth_type": "HEADER"}});
        let ways = [
            ("all policies, open to anybody", "open", json!({}), Proof::Page),
            ("all policies, AppCode", "coded", simple, Proof::Code(code)),
            ("all policies, app signature", "signed", json!({"auth_type": "APP"}), signature),
        ];
        let (mut made, mut ids, mut publications) = (Vec::new(), Vec::new(), Vec::new());
        for (name, path, more, proof) in ways {
            let (api, id, publication) = maker.publish(name, path, more, proof)?;
            made.push(api);
            ids.push(id);
            publications.push(publication);
        }
        let grant = json!({"env_id": RELEASE, "app_ids": [text(&app, "id")?], "api_ids": ids.get(1..)});
        maker.client.apig("POST", "/app-auths", &grant)?;
        maker.bind_all(&ids, &publications)?;
        let mut limited = Vec::new();
        for limit in limits {
            limited.push((*limit, maker.limited(&format!("limit{limit}"), *limit, "SECOND")?));
        }
        let used_up = maker.limited("used-up", 1, "DAY")?;
        let mut made = made.into_iter();
        let mut next = || made.next().context("an API is missing");
        let (open, coded, signed) = (next()?, next()?, next()?);
        Ok(Self { host: maker.host, bare, open, coded, signed, limited, used_up })
    }
}

impl<'a> Maker<'a> {
    fn new(daemon: &Daemon, access: &'a Access) -> Result<Self> {
        let mut client = access.connect()?;
        let group = client.apig("POST", "/api-groups", &json!({"name": "measured"}))?;
        let host = format!("{}:{}", text(&group, "sl_domain")?, daemon.gateway.port());
        let functions: Value = serde_json::from_slice(&client.call("GET", "/functions", "")?.body)?;
        let urn = functions.pointer("/functions/0").context("no function is deployed")?;
        Ok(Self { group: text(&group, "id")?, host, urn: text(urn, "func_urn")?, client })
    }

    /// An API at `/path`; with its id and that of its publication.
    fn publish(&mut self, name: &'static str, path: &str, more: Value, proof: Proof) -> Result<(Api, String, String)> {
        let mut body = json!({
            "name": path.replace('-', "_"), "type": 1, "req_protocol": "HTTP", "req_method": "ANY", "req_uri": format!("/{path}"),
            "auth_type": "NONE", "match_mode": "NORMAL", "backend_type": "FUNCTION", "group_id": self.group,
            "func_info": {"function_urn": self.urn, "invocation_type": "sync", "network_type": "V1", "timeout": 30000},
        });
        if let (Some(body), Value::Object(more)) = (body.as_object_mut(), more) {
            body.extend(more);
        }
        let id = text(&self.client.apig("POST", "/apis", &body)?, "id")?;
        let act = json!({"action": "online", "api_id": id, "env_id": RELEASE});
        let publication = text(&self.client.apig("POST", "/apis/action", &act)?, "publish_id")?;
        Ok((Api { name, path: format!("/{path}"), host: self.host.clone(), proof }, id, publication))
    }

    fn limited(&mut self, path: &str, limit: u32, unit: &str) -> Result<Api> {
        let (api, _, publication) = self.publish("limited", path, json!({}), Proof::Nothing)?;
        self.throttle(path, (limit, unit), &[publication])?;
        Ok(api)
    }

    fn throttle(&mut self, name: &str, (limit, unit): (u32, &str), publications: &[String]) -> Result<()> {
        let policy = json!({"name": name.replace('-', "_"), "type": 1, "time_unit": unit, "time_interval": 1,
            "api_call_limits": limit, "user_call_limits": limit, "app_call_limits": limit, "ip_call_limits": limit});
        let id = text(&self.client.apig("POST", "/throttles", &policy)?, "id")?;
        let bind = json!({"strategy_id": id, "publish_ids": publications});
        self.client.apig("POST", "/throttle-bindings", &bind).map(drop)
    }

    /// Everything there is, at each of these APIs.
    fn bind_all(&mut self, ids: &[String], publications: &[String]) -> Result<()> {
        self.throttle("every_call", (MANY, "MINUTE"), publications)?;
        for (name, effect, entity, value) in
            [("near", "PERMIT", "IP", "127.0.0.0/8,192.0.2.0/24"), ("nobody", "DENY", "DOMAIN", "nobody")]
        {
            let list = json!({"acl_name": name, "acl_type": effect, "entity_type": entity, "acl_value": value});
            let id = text(&self.client.apig("POST", "/acls", &list)?, "id")?;
            let bind = json!({"acl_id": id, "publish_ids": publications});
            self.client.apig("POST", "/acl-bindings", &bind)?;
        }
        let plugins = [
            (
                "rate_limit",
                json!({"scope": "basic", "default_interval": 60, "default_time_unit": "second", "api_limit": MANY,
                "app_limit": MANY, "user_limit": MANY, "ip_limit": MANY, "algorithm": "counter"}),
            ),
            (
                "cors",
                json!({"allow_origin": "https://page.example", "allow_methods": "GET,PUT", "allow_headers": "x-a",
                "expose_headers": "x-tag", "max_age": 60, "allow_credentials": true}),
            ),
            (
                "set_resp_headers",
                json!({"response_headers": [{"name": "X-Tag", "value": "t", "value_type": "custom_value",
                "action": "override"}]}),
            ),
        ];
        for (kind, content) in plugins {
            let plugin = json!({"plugin_name": kind, "plugin_type": kind, "plugin_scope": "global", "plugin_content": content.to_string()});
            let id = text(&self.client.apig("POST", "/plugins", &plugin)?, "plugin_id")?;
            let attach = json!({"env_id": RELEASE, "api_ids": ids});
            self.client.apig("POST", &format!("/plugins/{id}/attach"), &attach)?;
        }
        Ok(())
    }
}

fn text(value: &Value, field: &str) -> Result<String> {
    let text = value.get(field).and_then(Value::as_str);
    Ok(text.with_context(|| format!("no {field} in {value}"))?.to_owned())
}
