//! Published versions: list, publish.

use axum::Json;
use axum::extract::State as Extract;
use md5::Md5;
use model::function::{Function, Version};
use model::limits;
use model::urn::Qualifier;
use sha2::Digest as _;
use wire::codes::{self, Code};
use wire::fgs::versions::{self as shape, ListVersionsResponse, PublishRequest};

use super::config;
use super::functions::Page;
use crate::body::{self, Payload, Rules};
use crate::error::Error;
use crate::problems::{Problems, quoted};
use crate::query::Query;
use crate::router::Routes;
use crate::state::State;
use crate::target::Target;

pub(crate) fn routes(routes: &mut Routes) {
    routes.on(shape::LIST, list).on(shape::CREATE, publish);
}

async fn list(
    Extract(state): Extract<State>,
    target: Target,
    query: Query,
) -> Result<Json<ListVersionsResponse>, Error> {
    let page = Page::read(&query)?;
    let (function, _) = target.version(&state)?;
    let all: Vec<_> = function.all_versions().collect();
    let (items, next_marker) = page.of(&all);
    let versions = items.iter().map(|version| listed(&function, version)).collect();
    Ok(Json(ListVersionsResponse { versions, next_marker, count: u64::try_from(all.len()).unwrap_or(u64::MAX) }))
}

async fn publish(
    Extract(state): Extract<State>,
    target: Target,
    payload: Payload,
) -> Result<Json<shape::Version>, Error> {
    // What is checked is what is published.
    let _turn = state.changing.lock().await;
    let function = target.function(&state)?;
    let wanted = Wanted::read(&payload)?;
    check_digest(&state, &function, wanted.digest.as_deref()).await?;
    let (function, qualifier) = state.store.publish_version(&function.id, wanted.name, wanted.description).await?;
    let version = function.version(&qualifier).ok_or_else(|| Error::internal("the new version is not there"))?;
    Ok(Json(published(&function, version)))
}

/// A version as asked for.
struct Wanted {
    digest: Option<String>,
    name: Option<String>,
    description: String,
}

impl Wanted {
    fn read(payload: &Payload) -> Result<Self, Error> {
        let mut problems = Problems::default();
        // The specification lets the body be left out.
        let json = if payload.0.is_empty() { b"{}" } else { &payload.0[..] };
        let request: PublishRequest = body::read(json, Rules::new("", code_of), &mut problems);
        let name = request.version.filter(|name| !name.is_empty());
        if let Some(name) = &name {
            check_name(name, &mut problems);
        }
        let description = description(request.description.unwrap_or_default(), &mut problems);
        problems.finish()?;
        Ok(Self { digest: request.digest.filter(|digest| !digest.is_empty()), name, description })
    }
}

fn code_of(field: &str) -> Code {
    match field {
        "version" => codes::VERSION,
        "description" => codes::DESCRIPTION,
        _ => codes::INVALID,
    }
}

fn check_name(name: &str, problems: &mut Problems) {
    let (least, most) = (limits::VERSION_NAME_CHARS.start(), limits::VERSION_NAME_CHARS.end());
    let end = |c: char| c.is_ascii_alphanumeric();
    let fine = limits::VERSION_NAME_CHARS.contains(&name.chars().count())
        && name.starts_with(end)
        && name.ends_with(end)
        && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.'))
        && Qualifier::from(name) != Qualifier::Latest;
    problems.unless(fine, codes::VERSION, || {
        format!(
            "version must be {least} to {most} letters, digits, '_', '-' and '.', begin and end with a letter or digit, and not \
             be latest: {}",
            quoted(name)
        )
    });
}

/// A description of a version or alias.
pub(super) fn description(text: String, problems: &mut Problems) -> String {
    let count = text.chars().count();
    problems.unless(count <= limits::DESCRIPTION_CHARS && !text.contains('\0'), codes::DESCRIPTION, || {
        format!("description must have at most {} characters and no NUL, not {count}", limits::DESCRIPTION_CHARS)
    });
    text
}

/// Whether the client means the code that is there: by the digest we show (SHA-512), or by the MD5 the SDKs speak of.
async fn check_digest(state: &State, function: &Function, digest: Option<&str>) -> Result<(), Error> {
    const MD5_DIGITS: usize = 32;
    let Some(digest) = digest else { return Ok(()) };
    let code = &function.latest.code;
    let same = match digest.len() {
        MD5_DIGITS => {
            let package = state.store.package(code).await?;
            let own = body::work_on(package.len(), move || hex::encode(Md5::digest(&package))).await?;
            own.eq_ignore_ascii_case(digest)
        }
        _ => code.sha512.eq_ignore_ascii_case(digest),
    };
    if same {
        return Ok(());
    }
    let text = format!(
        "digest {} is neither the SHA-512 nor the MD5 of the code of latest, whose SHA-512 is {}",
        quoted(digest),
        code.sha512
    );
    Err(Error::new(codes::INVALID, text))
}

/// A version in a list.
fn listed(function: &Function, version: &Version) -> shape::Version {
    let strategy = config::strategy(&version.config);
    shape::Version {
        description: None,
        concurrency: strategy.concurrency,
        concurrent_num: strategy.concurrent_num,
        ..published(function, version)
    }
}

fn published(function: &Function, version: &Version) -> shape::Version {
    let view = config::view_of(function, version);
    shape::Version {
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
        description: Some(view.description),
        version_description: function.published(&version.qualifier).map(|published| published.description.clone()),
        last_modified: view.last_modified,
        concurrency: None,
        concurrent_num: None,
        strategy_config: view.strategy_config,
        initializer_handler: view.initializer_handler,
        initializer_timeout: view.initializer_timeout,
        pre_stop_handler: view.pre_stop_handler,
        pre_stop_timeout: view.pre_stop_timeout,
        enterprise_project_id: view.enterprise_project_id,
        long_time: view.long_time,
        r#type: view.r#type,
        enable_dynamic_memory: view.enable_dynamic_memory,
    }
}
