//! Functions as files: export, import.
//!
//! What is exported is a zip with one YAML, the request that would make the function, and beside it its package as it was
//! uploaded. Sealed variables go with their names and without their values; versions, aliases and triggers do not go.

mod archive;
mod manifest;

use axum::Json;
use axum::body::Body;
use axum::extract::State as Extract;
use axum::response::Response;
use bytes::Bytes;
use futures_util::TryStreamExt as _;
use md5::{Digest as _, Md5};
use model::function::{Function, Version};
use model::limits;
use wire::codes;
use wire::fgs::config::Function as View;
use wire::fgs::functions::CreateFunctionRequest;
use wire::fgs::transfer::{self as shape, ImportRequest};

use self::archive::Imported;
use super::code::attachment;
use super::functions::{self, New};
use crate::body::{self, Payload, Rules};
use crate::cut::{Cut, cut};
use crate::error::Error;
use crate::problems::{Problems, quoted};
use crate::query::Query;
use crate::router::Routes;
use crate::signature::{Caller, Policy};
use crate::state::State;
use crate::target::Target;

pub(crate) fn routes(routes: &mut Routes) {
    routes.on(shape::EXPORT, export).on_with(shape::IMPORT, Policy::package(), import);
}

async fn export(Extract(state): Extract<State>, target: Target, query: Query) -> Result<Response, Error> {
    let parts = Parts::read(&query)?;
    let (function, version) = target.version(&state)?;
    let limit = limits::PACKAGE_BYTES as u64;
    if parts.code && version.code.size > limit {
        let text = format!("the package has {} bytes, more than {limit} that can be exported", version.code.size);
        return Err(Error::new(codes::PACKAGE_TOO_LARGE, text));
    }
    let yaml = if parts.config { Some(manifest::write(&function, &version, parts.code)?) } else { None };
    let name = file_name(&state, &version, yaml.as_deref(), parts.code).await?;
    let package = || async { Ok::<_, Error>(state.store.package_stream(&version.code.sha256).await?) };
    match (yaml, parts.code) {
        (None, _) => Ok(attachment(&name, Some(version.code.size), Body::from_stream(package().await?))),
        (Some(yaml), false) => Ok(attachment(&name, None, archive::write(entry(&function), yaml, None))),
        (Some(yaml), true) => {
            Ok(attachment(&name, None, archive::write(entry(&function), yaml, Some(package().await?))))
        }
    }
}

/// What of a function is wanted.
#[derive(Clone, Copy)]
struct Parts {
    code: bool,
    config: bool,
}

impl Parts {
    fn read(query: &Query) -> Result<Self, Error> {
        let mut problems = Problems::default();
        let (code, config) = (query.flag("code", &mut problems), query.flag("config", &mut problems));
        let parts = match query.text("type") {
            Some("code") => Self { code: true, config },
            Some("config") => Self { code, config: true },
            None if !code && !config => Self { code: true, config: true },
            None => Self { code, config },
            Some(other) => {
                problems
                    .add(codes::QUERY, format!("query parameter type must be code or config, not {}", quoted(other)));
                Self { code, config }
            }
        };
        problems.finish()?;
        Ok(parts)
    }
}

/// Name of the YAML of a function.
fn entry(function: &Function) -> String {
    format!("{}.yaml", function.id.name)
}

/// `<function>_<md5>.zip`, the digest of what is in it.
async fn file_name(state: &State, version: &Version, yaml: Option<&str>, code: bool) -> Result<String, Error> {
    let mut hash = Md5::new();
    hash.update(yaml.unwrap_or_default());
    if code {
        let pieces = state.store.package_stream(&version.code.sha256).await?;
        let whole = pieces.try_fold(hash, async |mut hash, piece| {
            hash.update(&piece);
            Ok(hash)
        });
        hash = whole.await?;
    }
    Ok(format!("{}_{}.zip", version.function.name, hex::encode(hash.finalize())))
}

async fn import(Extract(state): Extract<State>, caller: Caller, payload: Payload) -> Result<Json<View>, Error> {
    let region = state.store.region().to_owned();
    let bytes = payload.0.len();
    let project = caller.project.clone();
    let new = body::work_on(bytes, move || read(payload, &region, project)).await??;
    functions::make(&state, &caller, new, codes::IMPORT_EXISTS).await
}

/// The function that an import asks for.
fn read(payload: Payload, region: &str, project: String) -> Result<New, Error> {
    let mut problems = Problems::default();
    let Cut { json, file } = cut(payload.0, &["file_code"]);
    let request: ImportRequest = body::read(&json, Rules::new("", code_of), &mut problems);
    let imported = unpack(&request, file, &mut problems);
    problems.finish()?;
    let Some(Imported { function, code }) = imported else {
        return Err(Error::new(codes::CODE_MISSING, "file_code is missing: an exported function as base64"));
    };
    let mut problems = Problems::default();
    let mut new: CreateFunctionRequest = body::read(&function, super::check::RULES, &mut problems);
    new.func_name = request.func_name.filter(|name| !name.is_empty()).or(new.func_name);
    new.package = request.package.filter(|package| !package.is_empty()).or(new.package);
    if new.func_name.as_deref().unwrap_or_default().is_empty() {
        problems.missing("func_name", codes::IMPORT_NAME, "func_name is missing, in the request and in the YAML");
    }
    Ok(New::of(new, code.map(Ok), (region, project), problems))
}

fn unpack(request: &ImportRequest, file: Option<Result<Bytes, String>>, problems: &mut Problems) -> Option<Imported> {
    let zip = |name: &str| name.to_ascii_lowercase().ends_with("zip");
    for (field, given) in [("file_type", &request.file_type), ("file_name", &request.file_name)] {
        let given = given.as_deref().filter(|given| !given.is_empty());
        problems.unless(given.is_none_or(zip), codes::FILE_TYPE, || {
            format!("{field} must be that of a zip, not {}", quoted(given.unwrap_or_default()))
        });
    }
    let small = request.file_code.as_ref().map(|file| Ok(Bytes::from(file.0.clone())));
    let file = match file.or(small)? {
        Ok(file) => file,
        Err(text) => {
            problems.unread("file_code", codes::CODE, format!("file_code: {text}"));
            return None;
        }
    };
    let limit = limits::PACKAGE_BYTES + archive::MANIFEST_BYTES;
    if file.len() > limit {
        problems.add(codes::IMPORT_TOO_LARGE, format!("file_code must be at most {limit} bytes, not {}", file.len()));
        return None;
    }
    if file.is_empty() {
        return None;
    }
    archive::read(&file).map_err(|problem| problems.add(problem.0, problem.1)).ok()
}

fn code_of(field: &str) -> codes::Code {
    match field {
        "file_name" | "file_type" => codes::FILE_TYPE,
        "file_code" => codes::CODE,
        other => super::check::code_of(other),
    }
}
