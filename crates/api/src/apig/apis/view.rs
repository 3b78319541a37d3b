//! APIs as the wire shows them.

use std::collections::BTreeMap;

use model::apig::parameter::{Location, Mapping, Origin, Parameter};
use model::apig::{Definition, GRPCS};
use model::time;
use model::trigger::{Auth, MatchMode};
use model::urn::{FunctionId, Qualifier};
use store::apig::{Group, Publication, Stored, Version};
use wire::apig::apis::{self as shape, AuthOpt, BackendParameter, FuncInfo, RequestParameter};

use super::super::groups::sl_domain;
use crate::error::Error;
use crate::state::State;

/// What is needed to show the APIs of a project.
pub(in crate::apig) struct View {
    state: State,
    project: String,
    groups: BTreeMap<String, Group>,
}

impl View {
    pub(in crate::apig) async fn read(state: &State, project: &str) -> Result<Self, Error> {
        let groups = state.store.api_groups(project).await?;
        let groups = groups.into_iter().map(|group| (group.group.id.clone(), group)).collect();
        Ok(Self { state: state.clone(), project: project.to_owned(), groups })
    }

    /// With everything that is known.
    pub(in crate::apig) fn whole(&self, stored: &Stored) -> shape::Api {
        self.backed(&stored.api.definition, self.listed(stored))
    }

    /// As a listing shows it.
    pub(in crate::apig) fn listed(&self, stored: &Stored) -> shape::Api {
        let join = |text: fn(&Publication) -> String| {
            Some(stored.publications.iter().map(text).collect::<Vec<_>>().join("|")).filter(|text| !text.is_empty())
        };
        shape::Api {
            id: stored.api.id.clone(),
            status: Some(1),
            arrange_necessary: Some(2),
            register_time: Some(super::super::time(stored.api.created)),
            update_time: Some(super::super::time(stored.api.modified)),
            group_version: Some("V1".to_owned()),
            run_env_id: join(|one| one.env_id.clone()),
            run_env_name: join(|one| one.env_name.clone()),
            publish_id: join(|one| one.id.clone()),
            publish_time: join(|one| super::super::time(one.published)),
            ..self.defined(&stored.api.definition)
        }
    }

    /// What answers in an environment.
    pub(in crate::apig) fn running(&self, stored: &Stored, publication: &Publication) -> shape::Api {
        shape::Api {
            id: stored.api.id.clone(),
            run_env_id: Some(publication.env_id.clone()),
            run_env_name: Some(publication.env_name.clone()),
            publish_id: Some(publication.id.clone()),
            ..self.hosted(&publication.definition)
        }
    }

    /// What was published once.
    pub(in crate::apig) fn version(&self, version: &Version, stored: &Stored, env_name: &str) -> shape::Api {
        let publication = stored.publications.iter().find(|one| one.version_id == version.id);
        let definition = &version.definition;
        shape::Api {
            id: version.api_id.clone(),
            status: Some(1),
            arrange_necessary: Some(2),
            register_time: Some(super::super::time(stored.api.created)),
            update_time: Some(super::super::time(version.published)),
            group_version: Some("V1".to_owned()),
            run_env_id: Some(version.env_id.clone()),
            run_env_name: Some(env_name.to_owned()),
            publish_id: publication.map(|one| one.id.clone()),
            publish_time: Some(super::super::time(version.published)),
            version_id: Some(version.id.clone()),
            ..self.backed(definition, self.hosted(definition))
        }
    }

    fn hosted(&self, definition: &Definition) -> shape::Api {
        let host = self.groups.get(&definition.group_id).map(|group| sl_domain(&self.state, &group.group));
        shape::Api { sl_domains: host.clone().map(|host| vec![host]), sl_domain: host, ..self.defined(definition) }
    }

    /// What a definition says of requests.
    fn defined(&self, definition: &Definition) -> shape::Api {
        let about = &definition.about;
        let text = |text: &str| Some(text.to_owned());
        let said = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        let code = if definition.simple_auth { "HEADER" } else { "DISABLE" };
        shape::Api {
            name: text(&definition.name),
            r#type: Some(i64::from(definition.visibility)),
            version: said(&about.version),
            req_protocol: text(&definition.protocol),
            req_method: Some(definition.method_text()),
            req_uri: text(&definition.path),
            auth_type: text(auth(definition.auth)),
            auth_opt: Some(AuthOpt { app_code_auth_type: text(code) }),
            authorizer_id: definition.authorizer_id.clone(),
            response_id: self.responses(definition),
            cors: Some(false),
            match_mode: text(if definition.match_mode == MatchMode::Prefix { "SWA" } else { "NORMAL" }),
            backend_type: text("FUNCTION"),
            remark: text(&about.remark),
            group_id: text(&definition.group_id),
            group_name: self.groups.get(&definition.group_id).map(|group| group.group.name.clone()),
            body_remark: text(&about.body_remark),
            result_normal_sample: text(&about.normal_sample),
            result_failure_sample: text(&about.failure_sample),
            tags: Some(about.tags.clone()),
            content_type: said(&about.content_type),
            is_send_fg_body_base64: Some(definition.body_base64),
            req_params: Some(definition.parameters.iter().map(parameter).collect()),
            ..shape::Api::default()
        }
    }

    /// The responses that it asks for, if they are still there.
    fn responses(&self, definition: &Definition) -> Option<String> {
        let id = definition.response_id.as_ref()?;
        let own = self.state.store.gateway_responses(&self.project, &definition.group_id);
        own.into_iter().any(|own| own.id == *id).then(|| id.clone())
    }

    /// With its back end.
    fn backed(&self, definition: &Definition, api: shape::Api) -> shape::Api {
        let text = |text: &str| Some(text.to_owned());
        let function = FunctionId {
            region: self.state.store.region().to_owned(),
            project: self.project.clone(),
            package: definition.package.clone(),
            name: definition.function.clone(),
        };
        let qualifier = definition.qualifier();
        let urn = function.urn(&qualifier);
        let (version, alias_urn) = match &qualifier {
            Qualifier::Alias(_) => (None, Some(urn)),
            version => (Some(version.to_string()), None),
        };
        let network = &definition.about.network_type;
        let info = FuncInfo {
            function_urn: Some(function.to_string()),
            remark: Some(definition.about.back_end_remark.clone()),
            invocation_type: Some("sync".to_owned()),
            network_type: Some(if network.is_empty() { "V1".to_owned() } else { network.clone() }),
            version,
            alias_urn,
            timeout: Some(i64::from(definition.timeout_ms)),
            req_protocol: text(if definition.http2 { GRPCS } else { "HTTPS" }),
            id: Some(api.id.clone()),
            register_time: api.register_time.clone(),
            status: Some(1),
            update_time: api.update_time.clone(),
            authorizer_id: None,
        };
        let mapped = |one: &Mapping| mapping(one, &definition.parameters);
        let backend_params = Some(definition.mappings.iter().map(mapped).collect());
        shape::Api { func_info: Some(info), backend_params, ..api }
    }
}

/// As the wire spells it.
pub(in crate::apig) fn auth(auth: Auth) -> &'static str {
    match auth {
        Auth::None => "NONE",
        Auth::App => "APP",
        Auth::Iam => "IAM",
        Auth::Authorizer => "AUTHORIZER",
    }
}

/// The number of a version: the moment it was published, as digits.
pub(in crate::apig) fn version_no(at: jiff::Timestamp) -> String {
    time::wire_text(at).chars().filter(char::is_ascii_digit).collect()
}

fn location(location: Location) -> Option<String> {
    let text = match location {
        Location::Path => "PATH",
        Location::Query => "QUERY",
        Location::Header => "HEADER",
        Location::Cookie => "COOKIE",
    };
    Some(text.to_owned())
}

fn parameter(parameter: &Parameter) -> RequestParameter {
    let flag = |yes: bool| Some(if yes { 1 } else { 2 });
    let bounds = |(least, most): (i32, i32)| (Some(i64::from(least)), Some(i64::from(most)));
    let ((min_num, max_num), (min_size, max_size)) = (bounds(parameter.range), bounds(parameter.length));
    RequestParameter {
        name: Some(parameter.name.clone()),
        r#type: Some(if parameter.number { "NUMBER" } else { "STRING" }.to_owned()),
        location: location(parameter.location),
        default_value: Some(parameter.default.clone()),
        sample_value: Some(parameter.sample.clone()),
        required: flag(parameter.required),
        valid_enable: flag(parameter.checked),
        remark: Some(parameter.remark.clone()),
        enumerations: Some(parameter.enumerations.clone()),
        min_num,
        max_num,
        min_size,
        max_size,
        pass_through: flag(parameter.pass_through),
        id: Some(parameter.id.clone()),
        ..RequestParameter::default()
    }
}

fn mapping(mapping: &Mapping, parameters: &[Parameter]) -> BackendParameter {
    let (origin, value) = match &mapping.origin {
        Origin::Request(name) => ("REQUEST", name.clone()),
        Origin::Constant(text) => ("CONSTANT", text.clone()),
        Origin::System(what) => ("SYSTEM", format!("$context.{}", what.name())),
    };
    let from = parameters.iter().find(|parameter| origin == "REQUEST" && parameter.name == value);
    BackendParameter {
        origin: Some(origin.to_owned()),
        name: Some(mapping.name.clone()),
        remark: Some(mapping.remark.clone()),
        location: location(mapping.location),
        value: Some(value),
        id: Some(mapping.id.clone()),
        req_param_id: from.map(|parameter| parameter.id.clone()),
    }
}
