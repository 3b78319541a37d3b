//! The YAML of an exported function: a version of the format, and the request that would make the function.

use bytes::Bytes;
use model::function::{Egress, Function, Hook, Version};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use wire::codes;
use wire::fgs::config::{LogConfig, NetworkController};
use wire::fgs::functions::CreateFunctionRequest;

use super::archive::{CODE, Problem};
use crate::error::Error;
use crate::fgs::config;
use crate::problems::quoted;

/// The one there is.
const FORMAT: u32 = 1;

/// What stands in the YAML.
#[derive(Debug, Serialize)]
struct Written {
    /// Version of this format.
    format: u32,
    function: CreateFunctionRequest,
    /// Name of the package beside the YAML.
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'static str>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Read {
    format: u32,
    function: Value,
    code: Option<String>,
}

/// The YAML of a version; `code` says whether its package goes with it.
pub(super) fn write(function: &Function, version: &Version, code: bool) -> Result<String, Error> {
    let written = Written { format: FORMAT, function: request(function, version, code), code: code.then_some(CODE) };
    serde_saphyr::to_string(&written).map_err(|error| Error::internal(error.to_string()))
}

/// The request in a YAML as JSON, and whether a package belongs to it.
pub(super) fn read(yaml: &str) -> Result<(Bytes, bool), Problem> {
    let invalid = |text: String| Problem(codes::IMPORT_INVALID, text);
    let Read { format, function, code } =
        serde_saphyr::from_str(yaml).map_err(|error| invalid(format!("the YAML cannot be read: {error}")))?;
    if format != FORMAT {
        return Err(invalid(format!("the YAML's format must be {FORMAT}, not {format}")));
    }
    if let Some(other) = code.as_deref().filter(|code| *code != CODE) {
        return Err(invalid(format!("the YAML's code must be {CODE}, not {}", quoted(other))));
    }
    Ok((function.to_string().into(), code.is_some()))
}

fn request(function: &Function, version: &Version, code: bool) -> CreateFunctionRequest {
    let own = &version.config;
    let text = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    let seconds = |hook: &Option<Hook>| hook.as_ref().map(|hook| i64::from(hook.timeout_seconds));
    let handler = |hook: &Option<Hook>| hook.as_ref().and_then(|hook| text(&hook.handler));
    let view = config::view_of(function, version);
    // What was fetched is exported as a file.
    let code_type = if version.code.code_type == "obs" { "zip" } else { version.code.code_type.as_str() };
    CreateFunctionRequest {
        func_name: text(&function.id.name),
        package: text(&function.id.package),
        runtime: text(&own.runtime),
        timeout: Some(own.timeout_seconds.into()),
        handler: text(&own.handler),
        memory_size: Some(own.memory_mb.into()),
        code_type: text(code_type).filter(|_| code),
        code_filename: text(&version.code.filename).filter(|_| code),
        description: text(&own.description),
        user_data: text(&view.user_data),
        encrypted_user_data: text(&view.encrypted_user_data),
        strategy_config: Some(config::strategy(own)),
        ephemeral_storage: Some(own.ephemeral_storage_mb.into()),
        initializer_handler: handler(&own.initializer),
        initializer_timeout: seconds(&own.initializer),
        pre_stop_handler: handler(&own.pre_stop),
        pre_stop_timeout: seconds(&own.pre_stop),
        network_controller: (own.egress == Egress::None)
            .then_some(NetworkController { disable_public_network: Some(true), trigger_access_vpcs: None }),
        xrole: text(&own.xrole),
        app_xrole: text(&own.app_xrole),
        enterprise_project_id: text(&own.enterprise_project_id),
        r#type: text(&own.generation),
        enable_dynamic_memory: Some(own.dynamic_memory),
        enable_auth_in_header: Some(own.auth_in_header),
        enable_lts_log: Some(own.log.enabled),
        log_config: Some(LogConfig {
            group_name: text(&own.log.group_name),
            group_id: text(&own.log.group_id),
            stream_name: text(&own.log.stream_name),
            stream_id: text(&own.log.stream_id),
        })
        .filter(|place| *place != LogConfig::default()),
        lts_custom_tag: Some(own.log.tags.clone()).filter(|tags| !tags.is_empty()),
        depend_version_list: Some(view.depend_version_list).filter(|ids| !ids.is_empty()),
        ..CreateFunctionRequest::default()
    }
}
