//! A function's code: show, update; and what happens to a package between the request and the store.

mod link;
mod sample;
mod upload;

use std::path::Path;

use axum::Json;
use axum::extract::State as Extract;
use bytes::Bytes;
use model::function::{BOOTSTRAP, Code, Config, Function, Version};
use model::limits;
use runtimes::Runtimes;
use wire::Base64;
use wire::codes;
use wire::fgs::code::{self as shape, FuncCode, FunctionCode, UpdateCodeRequest};

use super::{check, config, dependencies};
use crate::body::{self, Payload};
use crate::cut::{Cut, cut};
use crate::error::Error;
use crate::fetch;
use crate::funcd;
use crate::problems::Problems;
use crate::router::Routes;
use crate::signature::Policy;
use crate::state::State;
use crate::target::Target;
pub(crate) use link::{Front, attachment, download};
pub(crate) use upload::{Package, Source, Upload};

/// Where a package stands in a body.
pub(crate) const FILE: [&str; 2] = ["func_code", "file"];

pub(crate) fn routes(routes: &mut Routes) {
    routes.on(shape::SHOW, show).on_with(shape::UPDATE, Policy::package(), update);
}

async fn show(Extract(state): Extract<State>, front: Front, target: Target) -> Result<Json<FunctionCode>, Error> {
    let (function, version) = target.version(&state)?;
    let link = front.link(&state, &function, &version.code);
    Ok(Json(view(&function, &version, None, link)))
}

async fn update(
    Extract(state): Extract<State>,
    front: Front,
    target: Target,
    payload: Payload,
) -> Result<Json<FunctionCode>, Error> {
    let function = target.function(&state)?;
    let (bytes, filename) = (payload.0.len(), function.latest.code.filename.clone());
    let (package, depend_on, mut problems) = body::work_on(bytes, move || changed(payload, filename)).await?;
    // What it depends on is part of the configuration, whose other parts stay.
    let _turn = if depend_on.is_some() { Some(state.changing.lock().await) } else { None };
    let function = target.function(&state)?;
    let config = match depend_on {
        Some(ids) => {
            let dependencies = dependencies::resolve(&state, &function.id.project, ids, &mut problems).await?;
            Some(Config { dependencies, ..function.latest.config.clone() })
        }
        None => None,
    };
    let echo = package.as_ref().and_then(Package::echo);
    let code = match package {
        Some(package) => Some(keep(&state, Some(package), problems).await?),
        None => {
            problems.finish()?;
            None
        }
    };
    let function = state.store.update_function(&function.id, config, code).await?;
    let link = front.link(&state, &function, &function.latest.code);
    Ok(Json(view(&function, &function.latest, echo, link)))
}

/// The package, ids of versions of dependencies, and what is wrong.
fn changed(payload: Payload, usual_filename: String) -> (Option<Package>, Option<Vec<String>>, Problems) {
    let mut problems = Problems::default();
    let Cut { json, file } = cut(payload.0, &FILE);
    let request: UpdateCodeRequest = body::read(&json, check::RULES, &mut problems);
    let UpdateCodeRequest { code_type, code_filename, code_url, func_code, depend_version_list, .. } = request;
    let usual_filename = Some(usual_filename).filter(|_| code_url.as_deref().unwrap_or_default().is_empty());
    let upload = Upload { code_type, code_filename, code_url, func_code, file, usual_filename, sample: false };
    let package = upload.check(&mut problems);
    (package, depend_version_list, problems)
}

impl Package {
    /// What the answer repeats: inline code, if it is small.
    fn echo(&self) -> Option<Bytes> {
        match &self.source {
            Source::Bytes(zip) if self.code_type == "inline" && zip.len() <= limits::INLINE_BYTES => Some(zip.clone()),
            _ => None,
        }
    }
}

/// Stores a package and installs the runtimes it names, or says everything that is wrong with package and request.
pub(crate) async fn keep(state: &State, package: Option<Package>, mut problems: Problems) -> Result<Code, Error> {
    let Some(Package { source, code_type, filename }) = package else {
        problems.finish()?;
        return Err(Error::new(codes::CODE_MISSING, "func_code.file is missing: the package as base64"));
    };
    let put = match source {
        Source::Bytes(zip) => state.store.put_code(zip, code_type, &filename).await,
        Source::Sample => {
            let zip = sample::package(&state.runtimes).map_err(Error::internal)?;
            state.store.put_code(zip, code_type, &filename).await
        }
        Source::Url(url) => {
            // Nothing is fetched for a request that is refused anyway.
            problems.finish()?;
            problems = Problems::default();
            let _turn = state.fetches.acquire().await.map_err(Error::internal)?;
            let file = fetch::fetch(&state.config.code_hosts, &url, state.store.incoming().await?).await?;
            state.store.put_fetched(file, &url, &filename).await
        }
    };
    let code = match put {
        Ok(code) => code,
        Err(store::Error::Package(texts)) => {
            texts.into_iter().for_each(|text| problems.add(codes::CODE, text));
            return Err(problems.finish().err().unwrap_or_else(|| Error::new(codes::CODE, "the package is refused")));
        }
        Err(error) => return Err(error.into()),
    };
    problems.finish()?;
    let (runtimes, bootstrap) = (state.runtimes.clone(), code.root.join(BOOTSTRAP));
    for id in tokio::task::spawn_blocking(move || lacking(&runtimes, &bootstrap)).await?? {
        tracing::info!(runtime = id, "runtime.installing");
        funcd::runtimes::put(state, id, None).await?;
    }
    Ok(code)
}

/// Every runtime that the start command names and that is not there.
fn lacking(runtimes: &Runtimes, bootstrap: &Path) -> Result<Vec<String>, Error> {
    let text = std::fs::read(bootstrap).map_err(Error::internal)?;
    Ok(Runtimes::named_in(&text).into_iter().filter(|id| !runtimes.is_installed(id)).collect())
}

fn view(function: &Function, version: &Version, echo: Option<Bytes>, link: String) -> FunctionCode {
    let code = &version.code;
    let used = &version.config.dependencies;
    let (depend_list, depend_version_list, dependencies) = dependencies::wire(function, used);
    FunctionCode {
        func_urn: version.urn(),
        func_name: function.id.name.clone(),
        domain_id: function.domain.clone(),
        runtime: version.config.runtime.clone(),
        code_type: code.code_type.clone(),
        code_url: code.url.clone(),
        code_filename: code.filename.clone(),
        code_size: code.size,
        digest: code.sha512.clone(),
        last_modified: config::last_modified(function, version),
        func_code: FuncCode { file: Some(Base64(echo.map(Vec::from).unwrap_or_default())), link: Some(link) },
        depend_list,
        depend_version_list,
        strategy_config: config::strategy(&version.config),
        dependencies,
    }
}
