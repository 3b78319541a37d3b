//! `event_data` of an API trigger: from the wire with its defaults and rules (`api.md` f), and back.

use model::apig::{GRPCS, path};
use model::function::Function;
use model::limits;
use model::time::wire_text;
use model::trigger::{Api, Auth, MatchMode, RELEASE_ENV, RELEASE_ENV_ID, Trigger};
use model::urn::{Qualifier, Urn};
use serde_json::Value;
use wire::codes::{self, Code};
use wire::fgs::triggers::{self as shape, ApigEventData, FuncInfo};

use super::group::{Addresses, Place, Wish};
use crate::body::{self, Rules};
use crate::problems::{Problems, quoted};

const METHODS: [&str; 7] = ["GET", "POST", "PUT", "DELETE", "HEAD", "PATCH", "OPTIONS"];
/// Characters of an API's name, a path, a label.
const CHARS: usize = 255;

/// What a trigger calls, and where.
pub(super) struct Called<'a> {
    /// The function.
    pub(super) function: &'a Function,
    /// Which version or alias of it.
    pub(super) qualifier: &'a Qualifier,
    /// The groups there are.
    pub(super) addresses: &'a Addresses,
}

/// What an event is checked against.
pub(super) struct Context<'a> {
    /// What the trigger calls.
    pub(super) called: &'a Called<'a>,
    /// The code for what is wrong.
    pub(super) code: Code,
}

/// A new API; its group is not settled yet.
pub(super) fn create(event: &Value, context: &Context<'_>, problems: &mut Problems) -> (Api, Place) {
    let event = read(event, problems);
    if event.auth.is_none() {
        let text = "event_data.auth is missing: NONE, APP or IAM";
        problems.missing("event_data.auth", context.code, text);
    }
    let mut api = Api {
        id: auth::keys::id(),
        name: context.called.function.id.name.clone(),
        group_id: String::new(),
        path: String::new(),
        match_mode: MatchMode::Prefix,
        method: None,
        protocol: "HTTP".to_owned(),
        auth: Auth::None,
        timeout_ms: limits::DEFAULT_BACKEND_TIMEOUT_MS,
        visibility: 1,
        env_id: RELEASE_ENV_ID.to_owned(),
        env_name: RELEASE_ENV.to_owned(),
        instance_id: None,
    };
    let wish = Wish::of(&event);
    answers(&event, None, context, problems);
    overlay(event, &mut api, context, problems);
    if api.path.is_empty() {
        api.path = format!(
            "/{}",
            if path::is_valid(&format!("/{}", api.name)) { &api.name } else { &context.called.function.id.name }
        );
    }
    let place = wish.unwrap_or_default().place(context, problems);
    (api, place)
}

/// Changes the API of a trigger; gives the group it belongs to from now on.
pub(super) fn update(event: &Value, context: &Context<'_>, trigger: &mut Trigger, problems: &mut Problems) -> Place {
    let event = read(event, problems);
    let wish = Wish::of(&event);
    let current = view(trigger, context.called.addresses);
    answers(&event, Some(&current.event_data), context, problems);
    overlay(event, &mut trigger.api, context, problems);
    match wish {
        Some(wish) => wish.place(context, problems),
        None => context.called.addresses.existing(&trigger.api.group_id),
    }
}

fn read(event: &Value, problems: &mut Problems) -> ApigEventData {
    let json = serde_json::to_vec(event).unwrap_or_default();
    body::read(&json, Rules::new("event_data", |_| codes::INVALID), problems)
}

/// Fields that only answers have: a client may repeat them, not choose them.
fn answers(event: &ApigEventData, current: Option<&ApigEventData>, context: &Context<'_>, problems: &mut Problems) {
    let fields = |event: &ApigEventData| {
        [
            ("triggerid", event.triggerid.clone()),
            ("api_id", event.api_id.clone()),
            ("api_name", event.api_name.clone()),
            ("invoke_url", event.invoke_url.clone()),
        ]
    };
    let own = fields(current.unwrap_or(&ApigEventData::default()));
    for ((name, given), (_, own)) in fields(event).into_iter().zip(own) {
        let given = given.unwrap_or_default();
        problems.unless(given.is_empty() || Some(&given) == own.as_ref(), context.code, || {
            format!("event_data.{name} is given by funcd and cannot be chosen: {}", quoted(&given))
        });
    }
}

fn overlay(event: ApigEventData, api: &mut Api, context: &Context<'_>, problems: &mut Problems) {
    let mut rule = Rule { code: context.code, problems };
    if let Some(name) = rule.label("name", event.name) {
        api.name = name;
    }
    if let Some(path) = rule.checked("path", path::RULE, event.path, path::is_valid_template) {
        api.path = path;
    }
    if let Some(visibility) = event.r#type {
        rule.within("type", "1 (public), as private APIs (2) are not supported yet", visibility, visibility == 1);
        api.visibility = 1;
    }
    let known = |protocol: &str| matches!(protocol, "HTTP" | "HTTPS" | GRPCS);
    if let Some(protocol) = rule.checked("protocol", "HTTP, HTTPS or GRPCS", event.protocol, known) {
        api.protocol = protocol;
    }
    let any = |method: &str| method == "ANY" || METHODS.contains(&method);
    if let Some(method) =
        rule.checked("req_method", "ANY or one of GET, POST, PUT, DELETE, HEAD, PATCH, OPTIONS", event.req_method, any)
    {
        api.method = (method != "ANY").then_some(method);
    }
    let mode = rule
        .checked("match_mode", "SWA (prefix) or NORMAL (exact)", event.match_mode, |m| matches!(m, "SWA" | "NORMAL"));
    if let Some(mode) = mode {
        api.match_mode = if mode == "SWA" { MatchMode::Prefix } else { MatchMode::Exact };
    }
    environment((event.env_id, event.env_name), api, context, &mut rule);
    if let Some(auth) = rule.checked("auth", "NONE, APP or IAM", event.auth, |auth| auth_of(auth).is_some()) {
        api.auth = auth_of(&auth).unwrap_or(api.auth);
    }
    rule.checked("backend_type", "FUNCTION", event.backend_type, |kind| kind == "FUNCTION");
    if let Some(instance) = rule.label("instance_id", event.instance_id) {
        api.instance_id = Some(instance);
    }
    if let Some(info) = event.func_info {
        back_end(info, api, context, &mut rule);
    }
}

/// Where it is published; RELEASE, or where it is already, if nothing is said.
fn environment(
    (id, name): (Option<String>, Option<String>),
    api: &mut Api,
    context: &Context<'_>,
    rule: &mut Rule<'_>,
) {
    let all = &context.called.addresses.environments;
    let find = |text: &str| all.iter().find(|one| one.id == text);
    let must = "the id of an environment of the project (ListEnvironmentsV2 has them)";
    let by_id = rule.checked("env_id", must, id, |id| find(id).is_some());
    let must = "the name of an environment of the project (ListEnvironmentsV2 has them)";
    let by_name = rule.checked("env_name", must, name, |name| all.iter().any(|one| one.name == name));
    let named = by_name.as_ref().and_then(|name| all.iter().find(|one| one.name == *name));
    let meant = by_id.as_deref().and_then(find);
    if let (Some(meant), Some(named)) = (meant, named) {
        rule.problems.unless(meant.id == named.id, rule.code, || {
            format!(
                "event_data.env_name {} is not the name of event_data.env_id {}",
                quoted(&named.name),
                quoted(&meant.id)
            )
        });
    }
    if let Some(environment) = meant.or(named) {
        (api.env_id, api.env_name) = (environment.id.clone(), environment.name.clone());
    }
}

fn back_end(info: FuncInfo, api: &mut Api, context: &Context<'_>, rule: &mut Rule<'_>) {
    let (least, most) = (limits::BACKEND_TIMEOUT_MS.start(), limits::BACKEND_TIMEOUT_MS.end());
    if let Some(given) = info.timeout {
        let value = u32::try_from(given).ok().filter(|value| limits::BACKEND_TIMEOUT_MS.contains(value));
        rule.within("func_info.timeout", &format!("{least} to {most} ms"), given, value.is_some());
        api.timeout_ms = value.unwrap_or(api.timeout_ms);
    }
    let sync = "sync: FunctionGraph calls no HTTP function asynchronously, and other functions are not there";
    rule.checked("func_info.invocation_type", sync, info.invocation_type, |kind| kind == "sync");
    let own = &context.called.function.id;
    let qualifier = context.called.qualifier;
    let same = |text: &str| {
        let named = matches!(text.split(':').count(), 4 | 8);
        Urn::parse(text, &own.region, &own.project)
            .is_ok_and(|urn| urn.function == *own && (!named || urn.qualifier == *qualifier))
    };
    rule.checked("func_info.function_urn", "the trigger's own function", info.function_urn, same);
    let name = qualifier.to_string();
    let same = |version: &str| version == name || version == name.trim_start_matches('!');
    rule.checked("func_info.version", &format!("{name}, as the path says"), info.version, same);
}

/// How a field of `event_data` is refused.
struct Rule<'a> {
    code: Code,
    problems: &'a mut Problems,
}

impl Rule<'_> {
    /// A text that is given, not empty and fine.
    fn checked(
        &mut self,
        field: &str,
        must: &str,
        given: Option<String>,
        fine: impl Fn(&str) -> bool,
    ) -> Option<String> {
        let given = given.filter(|given| !given.is_empty())?;
        let fine = fine(&given);
        self.problems.unless(fine, self.code, || format!("event_data.{field} must be {must}, not {}", quoted(&given)));
        fine.then_some(given)
    }

    /// A text that is only kept.
    fn label(&mut self, field: &str, given: Option<String>) -> Option<String> {
        let must = "1 to 255 characters without control characters";
        self.checked(field, must, given, |text| text.chars().count() <= CHARS && !text.chars().any(char::is_control))
    }

    fn within(&mut self, field: &str, must: &str, given: i64, fine: bool) -> bool {
        self.problems.unless(fine, self.code, || format!("event_data.{field} must be {must}, not {given}"));
        fine
    }
}

/// A trigger as the wire shows it.
pub(in crate::fgs) fn view(trigger: &Trigger, addresses: &Addresses) -> shape::Trigger {
    let api = &trigger.api;
    let group = addresses.group(&api.group_id);
    let event_data = ApigEventData {
        name: Some(api.name.clone()),
        r#type: Some(i64::from(api.visibility)),
        path: Some(api.path.clone()),
        protocol: Some(api.protocol.clone()),
        req_method: Some(api.method.clone().unwrap_or_else(|| "ANY".to_owned())),
        group_id: Some(api.group_id.clone()),
        group_name: group.map(|group| group.name.clone()),
        match_mode: Some(if api.match_mode == MatchMode::Prefix { "SWA" } else { "NORMAL" }.to_owned()),
        env_name: Some(api.env_name.clone()),
        env_id: Some(api.env_id.clone()),
        auth: Some(auth_text(api.auth).to_owned()),
        func_info: Some(FuncInfo {
            function_urn: Some(trigger.function.urn(&trigger.qualifier)),
            invocation_type: Some("sync".to_owned()),
            timeout: Some(i64::from(api.timeout_ms)),
            version: Some(trigger.qualifier.to_string()),
        }),
        sl_domain: group.and_then(|group| group.domain.clone()),
        backend_type: Some("FUNCTION".to_owned()),
        instance_id: api.instance_id.clone(),
        triggerid: Some(trigger.id.clone()),
        api_id: Some(api.id.clone()),
        api_name: Some(api.name.clone()),
        invoke_url: Some(addresses.url(group, &api.protocol, &api.path)),
    };
    shape::Trigger {
        trigger_id: trigger.id.clone(),
        trigger_type_code: trigger.kind.code().to_owned(),
        trigger_status: "ACTIVE".to_owned(),
        event_data,
        last_updated_time: wire_text(trigger.updated),
        created_time: wire_text(trigger.created),
    }
}

/// What a trigger may ask for.
fn auth_of(text: &str) -> Option<Auth> {
    [Auth::None, Auth::App, Auth::Iam].into_iter().find(|auth| auth_text(*auth) == text)
}

fn auth_text(auth: Auth) -> &'static str {
    match auth {
        Auth::None => "NONE",
        Auth::App => "APP",
        Auth::Iam => "IAM",
        Auth::Authorizer => "AUTHORIZER",
    }
}
