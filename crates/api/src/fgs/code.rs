//! A function's code: show, update; and what happens to a package between the request and the store.

use std::path::PathBuf;

use axum::Json;
use axum::extract::State as Extract;
use bytes::Bytes;
use model::function::{BOOTSTRAP, Code, Function};
use model::limits;
use model::time::wire_text;
use runtimes::Runtimes;
use wire::Base64;
use wire::codes;
use wire::fgs::code::{self as shape, FuncCode, FunctionCode, UpdateCodeRequest};

use super::{check, config};
use crate::body::{self, Payload};
use crate::error::Error;
use crate::problems::{Problems, quoted};
use crate::router::Routes;
use crate::signature::Policy;
use crate::state::State;
use crate::target::Target;

pub(crate) fn routes(routes: &mut Routes) {
    routes.on(shape::SHOW, show).on_with(shape::UPDATE, Policy::package(), update);
}

async fn show(Extract(state): Extract<State>, target: Target) -> Result<Json<FunctionCode>, Error> {
    Ok(Json(view(&*target.function(&state)?, None)))
}

async fn update(Extract(state): Extract<State>, target: Target, payload: Payload) -> Result<Json<FunctionCode>, Error> {
    let function = target.function(&state)?;
    let filename = function.latest.code.filename.clone();
    let (package, problems) = body::work_on(payload.0.len(), move || changed(&payload, filename)).await?;
    if package.is_none() {
        problems.finish()?;
        return Ok(Json(view(&function, None)));
    }
    let echo = package.as_ref().and_then(Package::echo);
    let code = keep(&state, package, problems).await?;
    let function = state.store.update_function(&function.id, None, Some(code)).await?;
    Ok(Json(view(&function, echo)))
}

fn changed(payload: &Payload, usual_filename: String) -> (Option<Package>, Problems) {
    let mut problems = Problems::default();
    let request: UpdateCodeRequest = body::read(&payload.0, check::RULES, &mut problems);
    let UpdateCodeRequest { code_type, code_filename, func_code, .. } = request;
    let package = Upload { code_type, code_filename, func_code, usual_filename }.check(&mut problems);
    (package, problems)
}

/// Code as a client sends it.
pub(crate) struct Upload {
    pub(crate) code_type: Option<String>,
    pub(crate) code_filename: Option<String>,
    pub(crate) func_code: Option<FuncCode>,
    /// What the file is called when the client does not say.
    pub(crate) usual_filename: String,
}

/// A package that is worth a look by the store.
#[derive(Debug)]
pub(crate) struct Package {
    zip: Bytes,
    code_type: &'static str,
    filename: String,
}

impl Upload {
    /// The package, if there is one and nothing speaks against it yet.
    pub(crate) fn check(self, problems: &mut Problems) -> Option<Package> {
        let filename = match self.code_filename.filter(|name| !name.is_empty()) {
            Some(given) => {
                problems.unless(is_filename(&given), codes::INVALID, || {
                    format!(
                        "code_filename must be a name of at most 255 characters without '/' that ends in .zip, not {}",
                        quoted(&given)
                    )
                });
                given
            }
            None => self.usual_filename,
        };
        let FuncCode { file, link } = self.func_code.unwrap_or_default();
        problems.unless(link.unwrap_or_default().is_empty(), codes::CODE, || {
            "func_code.link is not supported yet, send the package as base64 in func_code.file".to_owned()
        });
        let code_type = code_type(self.code_type.as_deref(), problems)?;
        let file = file.filter(|file| !file.0.is_empty())?.0;
        problems.unless(file.len() <= limits::PACKAGE_BYTES, codes::PACKAGE_TOO_LARGE, || {
            format!("func_code.file must be at most {} bytes, not {}", limits::PACKAGE_BYTES, file.len())
        });
        let zip = code_type == "zip" || file.starts_with(b"PK");
        problems.unless(zip, codes::CODE, || {
            "func_code.file is source text, but an HTTP function needs a zip with a `bootstrap` at its root (code_type zip, or \
             the same zip as inline)"
                .to_owned()
        });
        (zip && file.len() <= limits::PACKAGE_BYTES).then(|| Package { zip: file.into(), code_type, filename })
    }
}

/// Whether a package may be called so. Every package is a zip here, whatever its `code_type`.
fn is_filename(name: &str) -> bool {
    let zip = name.len() > 4 && name.to_ascii_lowercase().ends_with(".zip");
    zip && name.chars().count() <= 255 && !name.chars().any(|c| c == '/' || c.is_control())
}

impl Package {
    /// What the answer repeats: inline code, if it is small.
    fn echo(&self) -> Option<Bytes> {
        (self.code_type == "inline" && self.zip.len() <= limits::INLINE_BYTES).then(|| self.zip.clone())
    }
}

fn code_type(given: Option<&str>, problems: &mut Problems) -> Option<&'static str> {
    match given {
        None | Some("" | "zip") => return Some("zip"),
        Some("inline") => return Some("inline"),
        Some(known @ ("jar" | "obs" | "Custom-Image-Swr")) => problems.add(
            codes::CODE_TYPE,
            format!("code_type {known} is not supported yet, send a zip as base64 (code_type zip)"),
        ),
        Some(other) => {
            problems.add(codes::CODE_TYPE, format!("code_type must be zip or inline, not {}", quoted(other)));
        }
    }
    None
}

/// Stores a package and installs the runtimes it names, or says everything that is wrong with package and request.
pub(crate) async fn keep(state: &State, package: Option<Package>, mut problems: Problems) -> Result<Code, Error> {
    let Some(Package { zip, code_type, filename }) = package else {
        problems.finish()?;
        return Err(Error::new(codes::CODE_MISSING, "func_code.file is missing: the package as base64"));
    };
    let code = match state.store.put_code(zip, code_type, &filename).await {
        Ok(code) => code,
        Err(store::Error::Package(texts)) => {
            texts.into_iter().for_each(|text| problems.add(codes::CODE, text));
            return Err(problems.finish().err().unwrap_or_else(|| Error::new(codes::CODE, "the package is refused")));
        }
        Err(error) => return Err(error.into()),
    };
    problems.finish()?;
    let (runtimes, bootstrap) = (state.runtimes.clone(), code.root.join(BOOTSTRAP));
    tokio::task::spawn_blocking(move || install(&runtimes, bootstrap)).await??;
    Ok(code)
}

/// Installs every runtime that the start command names.
fn install(runtimes: &Runtimes, bootstrap: PathBuf) -> Result<(), Error> {
    let text = std::fs::read(&bootstrap).map_err(Error::internal)?;
    for id in Runtimes::named_in(&text) {
        if !runtimes.is_installed(&id) {
            tracing::info!(runtime = id, "runtime.installing");
            runtimes.install(&id, None, &mut |line| tracing::info!(runtime = id, line, "runtime.progress"))?;
        }
    }
    Ok(())
}

fn view(function: &Function, echo: Option<Bytes>) -> FunctionCode {
    let code = &function.latest.code;
    FunctionCode {
        func_urn: function.latest.urn(),
        func_name: function.id.name.clone(),
        domain_id: function.domain.clone(),
        runtime: function.latest.config.runtime.clone(),
        code_type: code.code_type.clone(),
        code_url: code.url.clone(),
        code_filename: code.filename.clone(),
        code_size: code.size,
        digest: code.sha512.clone(),
        last_modified: wire_text(function.modified),
        func_code: FuncCode { file: Some(Base64(echo.map(Vec::from).unwrap_or_default())), link: Some(String::new()) },
        depend_list: Vec::new(),
        depend_version_list: Vec::new(),
        strategy_config: config::strategy(&function.latest.config),
        dependencies: Vec::new(),
    }
}
