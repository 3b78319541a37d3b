//! Functions: create, list, pin, delete.

use std::sync::Arc;

use axum::Json;
use axum::extract::{FromRequestParts, State as Extract};
use bytes::Bytes;
use http::StatusCode;
use http::request::Parts;
use model::function::{BOOTSTRAP, Config, Function, HTTP_RUNTIME};
use model::limits;
use model::urn::{FunctionId, Qualifier};
use wire::codes::{self, Code};
use wire::fgs::functions::{self as shape, CreateFunctionRequest, ListFunctionsResponse, ListedFunction};

use super::check::{self, Settings};
use super::code::{self, Package};
use super::{config, dependencies, tags};
use crate::body::{self, Payload};
use crate::cut::{Cut, cut};
use crate::error::Error;
use crate::problems::{Problems, quoted};
use crate::query::Query;
use crate::router::Routes;
use crate::signature::{Caller, Policy};
use crate::state::State;
use crate::target::{Target, parameter};

pub(crate) fn routes(routes: &mut Routes) {
    routes
        .on(shape::LIST, list)
        .on_with(shape::CREATE, Policy::package(), create)
        .on(shape::DELETE, delete)
        .on(shape::COLLECT, collect);
}

async fn list(
    Extract(state): Extract<State>,
    caller: Caller,
    query: Query,
) -> Result<Json<ListFunctionsResponse>, Error> {
    let page = Page::read(&query)?;
    let (package, name) = (query.text("package_name"), query.text("func_name").unwrap_or_default());
    let mut functions = state.store.functions(&caller.project);
    functions.retain(|function| package.is_none_or(|package| function.id.package == package));
    functions.retain(|function| function.id.name.contains(name));
    Ok(Json(page.cut(&functions)))
}

async fn create(
    Extract(state): Extract<State>,
    caller: Caller,
    payload: Payload,
) -> Result<Json<wire::fgs::config::Function>, Error> {
    let region = state.store.region().to_owned();
    let bytes = payload.0.len();
    let project = caller.project.clone();
    let new = body::work_on(bytes, move || New::read(payload, &region, project)).await?;
    make(&state, &caller, new, codes::FUNCTION_EXISTS).await
}

/// Makes a function, or says everything that is wrong with it; `exists` is the code for one that is there.
pub(super) async fn make(
    state: &State,
    caller: &Caller,
    mut new: New,
    exists: Code,
) -> Result<Json<wire::fgs::config::Function>, Error> {
    caller.check_function(&new.id)?;
    if state.store.function(&new.id).is_some() {
        new.problems.finish()?;
        return Err(Error::new(exists, format!("function {} exists", new.id)));
    }
    new.config.dependencies = dependencies::resolve(state, &new.id.project, new.depend_on, &mut new.problems).await?;
    let code = code::keep(state, new.package, new.problems).await?;
    let function = state.store.create_tagged_function(new.id, new.config, code, new.tags).await?;
    Ok(Json(config::view(&function)))
}

async fn collect(
    Extract(state): Extract<State>,
    target: Target,
    Collect(pinned): Collect,
) -> Result<Json<serde_json::Value>, Error> {
    let function = target.function(&state)?;
    state.store.pin_function(&function.id, pinned).await?;
    Ok(Json(serde_json::json!({})))
}

async fn delete(Extract(state): Extract<State>, target: Target) -> Result<StatusCode, Error> {
    if let Qualifier::Version(name) = &target.urn.qualifier {
        state.store.delete_version(&target.urn.function, name).await?;
        return Ok(StatusCode::NO_CONTENT);
    }
    if target.versioned && target.urn.qualifier == Qualifier::Latest {
        let text = "version latest cannot be deleted; leave the version out of the URN to delete the whole function";
        return Err(Error::new(codes::VERSION, text));
    }
    let function = target.function(&state)?;
    state.store.delete_function(&function.id).await?;
    state.telemetry.forget(&function.id.to_string());
    Ok(StatusCode::NO_CONTENT)
}

/// Whether a function is to be pinned: the path says so.
struct Collect(bool);

impl FromRequestParts<State> for Collect {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &State) -> Result<Self, Error> {
        match parameter(parts, &["state"]).await?.as_str() {
            "true" => Ok(Self(true)),
            "false" => Ok(Self(false)),
            other => Err(Error::new(codes::INVALID, format!("state must be true or false, not {}", quoted(other)))),
        }
    }
}

/// A function as asked for, with everything wrong about it.
pub(super) struct New {
    id: FunctionId,
    config: Config,
    package: Option<Package>,
    /// Ids of versions of dependencies.
    depend_on: Vec<String>,
    tags: store::Tags,
    problems: Problems,
}

impl New {
    fn read(payload: Payload, region: &str, project: String) -> Self {
        let mut problems = Problems::default();
        let Cut { json, file } = cut(payload.0, &code::FILE);
        let request: CreateFunctionRequest = body::read(&json, check::RULES, &mut problems);
        Self::of(request, file, (region, project), problems)
    }

    /// The function that a request makes, with its package if that was not in the request itself.
    pub(super) fn of(
        mut request: CreateFunctionRequest,
        file: Option<Result<Bytes, String>>,
        (region, project): (&str, String),
        mut problems: Problems,
    ) -> Self {
        let name = check::function_name(request.func_name.as_deref(), &mut problems);
        let package = check::package_name(request.package.as_deref(), &mut problems);
        check::runtime(request.runtime.as_deref(), &mut problems);
        if request.timeout.is_none() {
            problems.missing("timeout", codes::TIMEOUT, "timeout (seconds) is missing");
        }
        if request.memory_size.is_none() {
            problems.missing("memory_size", codes::MEMORY, "memory_size (MB) is missing");
        }
        let mut config = Config::new(HTTP_RUNTIME, BOOTSTRAP);
        check::generation(request.r#type.as_deref(), &mut config, &mut problems);
        let tags = tags::of_new_function(request.tags.take(), &mut problems);
        let depend_on = request.depend_version_list.take().unwrap_or_default();
        let (settings, upload) = split(request);
        let upload = code::Upload { file, ..upload };
        settings.apply(&mut config, &mut problems);
        let package_of_code = upload.check(&mut problems);
        if package_of_code.is_none() && problems.is_empty() {
            problems.add(
                codes::CODE_MISSING,
                "func_code.file is missing: the package as base64 (code_type inline without it is the sample)",
            );
        }
        let id = FunctionId { region: region.to_owned(), project, package, name };
        Self { id, config, package: package_of_code, depend_on, tags, problems }
    }
}

fn split(request: CreateFunctionRequest) -> (Settings, code::Upload) {
    let settings = Settings {
        timeout: request.timeout,
        handler: request.handler,
        memory_size: request.memory_size,
        description: request.description,
        user_data: request.user_data,
        encrypted_user_data: request.encrypted_user_data,
        strategy_config: request.strategy_config,
        ephemeral_storage: request.ephemeral_storage,
        initializer_handler: request.initializer_handler,
        initializer_timeout: request.initializer_timeout,
        pre_stop_handler: request.pre_stop_handler,
        pre_stop_timeout: request.pre_stop_timeout,
        network_controller: request.network_controller,
        xrole: request.xrole,
        app_xrole: request.app_xrole,
        enterprise_project_id: request.enterprise_project_id,
        enable_dynamic_memory: request.enable_dynamic_memory,
        enable_auth_in_header: request.enable_auth_in_header,
        enable_lts_log: request.enable_lts_log,
        log_config: request.log_config,
        lts_custom_tag: request.lts_custom_tag,
    };
    let upload = code::Upload {
        code_type: request.code_type,
        code_filename: request.code_filename,
        code_url: request.code_url,
        func_code: request.func_code,
        sample: true,
        ..code::Upload::default()
    };
    (settings, upload)
}

/// One page of a list: `marker` is an offset.
pub(super) struct Page {
    offset: usize,
    items: usize,
}

impl Page {
    pub(super) fn read(query: &Query) -> Result<Self, Error> {
        let mut problems = Problems::default();
        let most = i64::from(*limits::PAGE_ITEMS.end());
        let offset = query.bounded("marker", (0, 0, i64::from(i32::MAX)), &mut problems);
        let items = query.bounded("maxitems", (0, most, i64::MAX), &mut problems);
        problems.finish()?;
        let most = usize::try_from(most).unwrap_or(usize::MAX);
        Ok(Self { offset, items: if items == 0 { most } else { items.min(most) } })
    }

    /// The page, and where the next one begins: clients end a walk at 0, at an empty page, or where the marker repeats.
    pub(super) fn of<'a, T>(&self, all: &'a [T]) -> (&'a [T], u64) {
        let rest = all.get(self.offset..).unwrap_or_default();
        let page = rest.get(..self.items).unwrap_or(rest);
        let next = if page.is_empty() { 0 } else { self.offset + page.len() };
        (page, u64::try_from(next).unwrap_or(u64::MAX))
    }

    fn cut(&self, all: &[Arc<Function>]) -> ListFunctionsResponse {
        let (page, next_marker) = self.of(all);
        let functions = page.iter().map(|function| listed(function)).collect();
        ListFunctionsResponse { functions, next_marker, count: u64::try_from(all.len()).unwrap_or(u64::MAX) }
    }
}

fn listed(function: &Function) -> ListedFunction {
    let view = config::view(function);
    ListedFunction {
        resource_id: view.resource_id,
        func_urn: view.func_urn,
        func_name: view.func_name,
        domain_id: view.domain_id,
        namespace: view.namespace,
        project_name: view.project_name,
        package: view.package,
        runtime: view.runtime,
        timeout: view.timeout,
        handler: view.handler,
        memory_size: view.memory_size,
        cpu: view.cpu,
        code_type: view.code_type,
        code_url: view.code_url,
        code_filename: view.code_filename,
        code_size: view.code_size,
        user_data: view.user_data,
        encrypted_user_data: view.encrypted_user_data,
        digest: view.digest,
        version: view.version,
        image_name: view.image_name,
        xrole: view.xrole,
        app_xrole: view.app_xrole,
        description: view.description,
        last_modified: view.last_modified,
        strategy_config: view.strategy_config,
        initializer_handler: view.initializer_handler,
        initializer_timeout: view.initializer_timeout,
        pre_stop_handler: view.pre_stop_handler,
        pre_stop_timeout: view.pre_stop_timeout,
        enterprise_project_id: view.enterprise_project_id,
        long_time: view.long_time,
        log_group_id: view.log_group_id,
        log_stream_id: view.log_stream_id,
        r#type: view.r#type,
        pinned: function.pinned,
    }
}
