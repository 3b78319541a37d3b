//! A definition from the wire, with its defaults and rules. Every problem is reported at once.

use model::apig::{About, Definition, GRPCS, path};
use model::limits;
use model::trigger::{Auth, MatchMode};
use model::urn::{Qualifier, Urn};
use wire::apig::apis::{ApiRequest, FuncInfo};
use wire::codes;

use super::super::rule::{self, Rule};
use super::parameters;
use crate::body::{self, Payload, Rules};
use crate::error::Error;
use crate::problems::{Problems, quoted};
use crate::state::State;

pub(super) const METHOD: &str = "ANY or one of GET, POST, PUT, DELETE, HEAD, PATCH, OPTIONS";
pub(super) const MODE: &str = "SWA (prefix) or NORMAL (exact)";
const METHODS: [&str; 8] = ["ANY", "GET", "POST", "PUT", "DELETE", "HEAD", "PATCH", "OPTIONS"];
const CONTENT_TYPES: [&str; 4] = ["application/json", "application/xml", "multipart/form-data", "text/plain"];
/// Characters of what is said about an API: `remark`, `body_remark`, samples.
const REMARK: usize = 255;
const SAMPLE: usize = 20_480;

const NOT_THERE: &[&str] = &[
    "trace_enabled",
    "sampling_strategy",
    "sampling_param",
    "roma_app_id",
    "domain_name",
    "mock_info",
    "policy_mocks",
    "policy_functions",
    "backend_api",
    "policy_https",
];

/// What a body asks for. The function must be there.
pub(in crate::apig) fn read(state: &State, project: &str, payload: &Payload) -> Result<Definition, Error> {
    let mut problems = Problems::default();
    let rules = Rules { not_there: NOT_THERE, ..Rules::new("", rule::code_of) };
    let request: ApiRequest = body::read(&payload.0, rules, &mut problems);
    let mut rule = Rule { problems: &mut problems };
    let called = back_end(&request, state, project, &mut rule);
    let definition = front(request, called, &mut rule);
    problems.finish()?;
    if let Some(id) = &definition.authorizer_id {
        state.store.authorizer(project, id)?;
    }
    if let Some(id) = &definition.response_id {
        let all = state.store.gateway_responses(project, &definition.group_id);
        let missing = || store::Error::PolicyMissing { what: store::policy::RESPONSES, id: id.clone() };
        all.iter().find(|own| own.id == *id).ok_or_else(missing)?;
    }
    let known = state.store.function(&called_id(state, project, &definition));
    if known.is_none_or(|function| function.version(&definition.qualifier()).is_none()) {
        let urn = called_id(state, project, &definition).urn(&definition.qualifier());
        let text = format!("func_info: the function URN does not exist: {urn}");
        return Err(Error::new(codes::apig::FUNCTION_MISSING, text));
    }
    Ok(definition)
}

fn called_id(state: &State, project: &str, definition: &Definition) -> model::urn::FunctionId {
    model::urn::FunctionId {
        region: state.store.region().to_owned(),
        project: project.to_owned(),
        package: definition.package.clone(),
        name: definition.function.clone(),
    }
}

pub(super) fn is_method(method: &str) -> bool {
    METHODS.contains(&method)
}

/// The back end: a definition that calls the function, and says nothing else yet.
fn back_end(request: &ApiRequest, state: &State, project: &str, rule: &mut Rule<'_>) -> Definition {
    let only = "FUNCTION: other back ends (HTTP, MOCK, GRPC) are not there, and a function that speaks gRPC is one with func_info.req_protocol GRPCS";
    rule.required("backend_type", only, request.backend_type.clone(), |kind| kind == "FUNCTION");
    let info = request.func_info.clone().unwrap_or_default();
    let urn = called(&info, state, project, rule);
    let mut definition = Definition::new(&urn.function, "", "/");
    definition.qualifier = urn.qualifier.to_string();
    let sync = "sync: FunctionGraph calls no HTTP function asynchronously, and other functions are not there";
    rule.required("func_info.invocation_type", sync, info.invocation_type, |kind| kind == "sync");
    let network = rule.required("func_info.network_type", "V1 or V2", info.network_type, |v| matches!(v, "V1" | "V2"));
    let protocols = "HTTPS (the function speaks HTTP/1.1) or GRPCS (it speaks HTTP/2, as gRPC servers do)";
    let known = |protocol: &str| matches!(protocol, "HTTPS" | GRPCS);
    let said = rule.optional("func_info.req_protocol", protocols, info.req_protocol, known);
    // As the vendor's console makes it: who takes gRPC passes gRPC on.
    let grpc = request.req_protocol.as_deref() == Some(GRPCS);
    definition.http2 = said.map_or(grpc, |protocol| protocol == GRPCS);
    rule.wrong_unless(definition.http2 || !grpc, || {
        "func_info.req_protocol must be GRPCS where req_protocol is".to_owned()
    });
    rule.optional(
        "func_info.authorizer_id",
        "left out: back end authorizers are not there",
        info.authorizer_id,
        |_| false,
    );
    let (least, most) = (limits::BACKEND_TIMEOUT_MS.start(), limits::BACKEND_TIMEOUT_MS.end());
    match info.timeout {
        None => {
            let text = format!("func_info.timeout is missing: {least} to {most} ms");
            rule.problems.missing("func_info.timeout", codes::apig::MANDATORY, text);
        }
        Some(given) => {
            let value = u32::try_from(given).ok().filter(|value| limits::BACKEND_TIMEOUT_MS.contains(value));
            rule.wrong_unless(value.is_some(), || {
                format!("func_info.timeout must be {least} to {most} ms, not {given}")
            });
            definition.timeout_ms = value.unwrap_or(definition.timeout_ms);
        }
    }
    definition.about.network_type = network;
    definition.about.back_end_remark = rule.remark("func_info.remark", info.remark, REMARK).unwrap_or_default();
    definition
}

/// What the back end is: an alias goes before a version, and a version before the one in the function's own URN.
fn called(info: &FuncInfo, state: &State, project: &str, rule: &mut Rule<'_>) -> Urn {
    let parse = |text: &str| Urn::parse(text, state.store.region(), project);
    let own = |text: &str| parse(text).is_ok_and(|urn| urn.function.project == project);
    let must = "the URN of a function of this project";
    let text = rule.required("func_info.function_urn", must, info.function_urn.clone(), own);
    let mut urn = parse(&text).unwrap_or_else(|_| Urn {
        function: model::urn::FunctionId {
            region: state.store.region().to_owned(),
            project: project.to_owned(),
            package: String::new(),
            name: String::new(),
        },
        qualifier: Qualifier::Latest,
    });
    if let Some(version) = info.version.as_deref().filter(|version| !version.is_empty()) {
        urn.qualifier = Qualifier::from(version);
    }
    let same = |text: &str| {
        parse(text).is_ok_and(|alias| alias.function == urn.function && matches!(alias.qualifier, Qualifier::Alias(_)))
    };
    let must = "the URN of an alias of the function, such as urn:fss:...:!name";
    if let Some(alias) = rule.optional("func_info.alias_urn", must, info.alias_urn.clone(), same)
        && let Ok(alias) = parse(&alias)
    {
        urn.qualifier = alias.qualifier;
    }
    urn
}

fn front(request: ApiRequest, mut definition: Definition, rule: &mut Rule<'_>) -> Definition {
    definition.name = rule.required("name", rule::NAME, request.name, rule::is_name);
    definition.group_id = rule.required("group_id", "the id of an API group", request.group_id, |_| true);
    definition.path = rule.required("req_uri", path::RULE, request.req_uri, path::is_valid_template);
    let method = rule.required("req_method", METHOD, request.req_method, is_method);
    definition.method = (method != "ANY").then_some(method);
    let protocols = "HTTP, HTTPS, BOTH or GRPCS";
    let known = |protocol: &str| matches!(protocol, "HTTP" | "HTTPS" | "BOTH" | GRPCS);
    definition.protocol = rule.required("req_protocol", protocols, request.req_protocol, known);
    let mode = rule.optional("match_mode", MODE, request.match_mode, |mode| matches!(mode, "SWA" | "NORMAL"));
    definition.match_mode = if mode.as_deref() == Some("SWA") { MatchMode::Prefix } else { MatchMode::Exact };
    match request.r#type {
        None => rule.problems.missing("type", codes::apig::MANDATORY, "type is missing: 1 (public)"),
        Some(kind) => rule.wrong_unless(kind == 1, || {
            format!("type must be 1 (public), as private APIs (2) are not there, not {kind}")
        }),
    }
    let kinds = "NONE, APP, IAM or AUTHORIZER";
    let known = |auth: &str| matches!(auth, "NONE" | "APP" | "IAM" | "AUTHORIZER");
    let auth = rule.required("auth_type", kinds, request.auth_type, known);
    definition.auth = match auth.as_str() {
        "APP" => Auth::App,
        "IAM" => Auth::Iam,
        "AUTHORIZER" => Auth::Authorizer,
        _ => Auth::None,
    };
    if definition.auth == Auth::Authorizer {
        let id = rule.required("authorizer_id", "the id of a custom authorizer", request.authorizer_id, |_| true);
        definition.authorizer_id = Some(id);
    }
    definition.response_id = request.response_id.filter(|id| !id.is_empty());
    let code = request.auth_opt.unwrap_or_default().app_code_auth_type;
    let simple = |code: &str| matches!(code, "DISABLE" | "HEADER");
    let code = rule.optional("auth_opt.app_code_auth_type", "DISABLE or HEADER", code, simple);
    definition.simple_auth = code.as_deref() == Some("HEADER");
    rule.wrong_unless(request.cors != Some(true), || {
        "cors must be false: attach a plugin of type cors instead, which also says which origins".to_owned()
    });
    definition.body_base64 = request.is_send_fg_body_base64.unwrap_or(true);
    (definition.parameters, definition.mappings) =
        parameters::read((request.req_params, request.backend_params), &definition.path, rule);
    let tags = request.tags.or_else(|| request.tag.filter(|tag| !tag.is_empty()).map(|tag| vec![tag]));
    let about = About { tags: tags.unwrap_or_default(), ..definition.about };
    let kinds = "application/json, application/xml, multipart/form-data or text/plain";
    let content = rule.optional("content_type", kinds, request.content_type, |kind| CONTENT_TYPES.contains(&kind));
    let fine = about.tags.iter().all(|tag| (1..=128).contains(&tag.chars().count()));
    rule.wrong_unless(fine, || "each of tags must have 1 to 128 characters".to_owned());
    let short = |version: &str| version.chars().count() <= 16;
    definition.about = About {
        version: rule.optional("version", "at most 16 characters", request.version, short).unwrap_or_default(),
        remark: rule.remark("remark", request.remark, REMARK).unwrap_or_default(),
        body_remark: rule.remark("body_remark", request.body_remark, SAMPLE).unwrap_or_default(),
        normal_sample: rule.remark("result_normal_sample", request.result_normal_sample, SAMPLE).unwrap_or_default(),
        failure_sample: rule.remark("result_failure_sample", request.result_failure_sample, SAMPLE).unwrap_or_default(),
        content_type: content.unwrap_or_default(),
        ..about
    };
    definition
}

/// A name as a message shows it.
pub(super) fn shown(name: &str) -> String {
    if name.is_empty() { "without a name".to_owned() } else { quoted(name) }
}
