//! Dependencies: versions are made, listed, shown, deleted; and the older operations on a dependency as a whole.

mod new;
mod used;

use axum::Json;
use axum::extract::{FromRequestParts, State as Extract};
use http::StatusCode;
use http::request::Parts;
use model::dependency::Dependency;
use store::Of;
use wire::codes;
use wire::fgs::dependencies::{
    self as shape, DependencyVersion, ListDependenciesResponse, ListDependencyVersionsResponse,
};

use self::new::{New, Source};
pub(crate) use self::used::{resolve, wire};
use crate::body::{self, Payload};
use crate::error::Error;
use crate::fetch;
use crate::fgs::code::Front;
use crate::page::Page;
use crate::problems::{Problems, quoted};
use crate::query::Query;
use crate::router::Routes;
use crate::signature::{Caller, Policy};
use crate::state::State;
use crate::target::parameter;

pub(crate) fn routes(routes: &mut Routes) {
    routes
        .on(shape::LIST, list)
        .on_with(shape::CREATE_VERSION, Policy::dependency(), create_version)
        .on(shape::LIST_VERSIONS, list_versions)
        .on(shape::SHOW_VERSION, show_version)
        .on(shape::DELETE_VERSION, delete_version)
        .on_with(shape::CREATE, Policy::dependency(), create)
        .on(shape::SHOW, show)
        .on_with(shape::UPDATE, Policy::dependency(), update)
        .on(shape::DELETE, delete);
}

async fn list(
    Extract(state): Extract<State>,
    caller: Caller,
    query: Query,
) -> Result<Json<ListDependenciesResponse>, Error> {
    let page = Page::read(&query, &["maxitems", "limit"])?;
    let filter = Filter::read(&query)?;
    let mut all = state.store.dependencies(&caller.project).await?;
    all.retain(|dependency| filter.takes(dependency));
    let (dependencies, next_marker, count) = page.cut(all, |dependency| view(&state, dependency));
    Ok(Json(ListDependenciesResponse { dependencies, next_marker, count }))
}

async fn create_version(
    Extract(state): Extract<State>,
    caller: Caller,
    front: Front,
    payload: Payload,
) -> Result<Json<DependencyVersion>, Error> {
    let made = make(&state, &caller, payload, Of::Name).await?;
    Ok(Json(DependencyVersion { is_shared: None, ..view_version(&state, Some((&caller, &front)), made) }))
}

async fn list_versions(
    Extract(state): Extract<State>,
    caller: Caller,
    Id(id): Id,
    query: Query,
) -> Result<Json<ListDependencyVersionsResponse>, Error> {
    let page = Page::read(&query, &["maxitems", "limit"])?;
    let all = versions(&state, &caller, &id).await?;
    let (dependencies, next_marker, count) = page.cut(all, |version| view_version(&state, None, version));
    Ok(Json(ListDependencyVersionsResponse { dependencies, next_marker, count }))
}

async fn show_version(
    Extract(state): Extract<State>,
    caller: Caller,
    front: Front,
    Id(id): Id,
    Number(number): Number,
) -> Result<Json<DependencyVersion>, Error> {
    let all = versions(&state, &caller, &id).await?;
    let found = all.into_iter().find(|version| version.number == number);
    let found = found.ok_or_else(|| store::Error::DependencyMissing(format!("{id} version {number}")))?;
    Ok(Json(view_version(&state, Some((&caller, &front)), found)))
}

async fn delete_version(
    Extract(state): Extract<State>,
    caller: Caller,
    Id(id): Id,
    Number(number): Number,
) -> Result<StatusCode, Error> {
    state.store.delete_dependency_version(&caller.project, &id, number).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn create(
    Extract(state): Extract<State>,
    caller: Caller,
    payload: Payload,
) -> Result<Json<shape::Dependency>, Error> {
    let made = make(&state, &caller, payload, Of::New).await?;
    Ok(Json(view(&state, made)))
}

async fn show(Extract(state): Extract<State>, caller: Caller, Id(id): Id) -> Result<Json<shape::Dependency>, Error> {
    let newest = versions(&state, &caller, &id).await?.into_iter().next();
    let newest = newest.ok_or(store::Error::DependencyMissing(id))?;
    Ok(Json(view(&state, newest)))
}

/// Functions keep the version they have: what they run never changes by itself.
async fn update(
    Extract(state): Extract<State>,
    caller: Caller,
    Id(id): Id,
    payload: Payload,
) -> Result<Json<shape::Dependency>, Error> {
    let made = make(&state, &caller, payload, Of::Id(id)).await?;
    Ok(Json(view(&state, made)))
}

async fn delete(Extract(state): Extract<State>, caller: Caller, Id(id): Id) -> Result<StatusCode, Error> {
    state.store.delete_dependency(&caller.project, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn make(state: &State, caller: &Caller, payload: Payload, of: Of) -> Result<Dependency, Error> {
    let (bytes, project) = (payload.0.len(), caller.project.clone());
    let New { wanted, source, problems } = body::work_on(bytes, move || New::read(payload, project)).await?;
    // Nothing is fetched for a request that is refused anyway.
    problems.finish()?;
    let made = match source {
        Some(Source::Sent(zip)) => state.store.create_dependency_version(wanted, of, zip).await,
        Some(Source::Link(link)) => {
            let _turn = state.fetches.acquire().await.map_err(Error::internal)?;
            let file = state.store.incoming().await?;
            let file = fetch::fetch(&state.config.code_hosts, &link, file).await.map_err(of_link)?;
            state.store.create_fetched_dependency_version(wanted, of, file).await
        }
        None => return Err(Error::new(codes::DEPENDENCY, "depend_file is missing: a zip as base64")),
    };
    match made {
        Err(store::Error::Package(texts)) => {
            let mut problems = Problems::default();
            texts.into_iter().for_each(|text| problems.add(codes::DEPENDENCY, text));
            Err(problems.finish().err().unwrap_or_else(|| Error::new(codes::DEPENDENCY, "the package is refused")))
        }
        made => Ok(made?),
    }
}

/// What is wrong with the address, in the words of this request.
fn of_link(error: Error) -> Error {
    match error.code() == codes::CODE_URL {
        true => Error::new(codes::DEPENDENCY, error.message().replace("code_url", "depend_link")),
        false => error,
    }
}

/// The versions of a dependency, the newest first; there is at least one.
async fn versions(state: &State, caller: &Caller, id: &str) -> Result<Vec<Dependency>, Error> {
    let mut all = state.store.all_dependency_versions(&caller.project).await?;
    all.retain(|version| version.dependency == id);
    if all.is_empty() { Err(store::Error::DependencyMissing(id.to_owned()).into()) } else { Ok(all) }
}

/// Which dependencies a list shows.
struct Filter {
    none: bool,
    runtime: Option<String>,
    name: String,
}

impl Filter {
    /// All there are belong to their project: there are no public ones.
    fn read(query: &Query) -> Result<Self, Error> {
        let mut problems = Problems::default();
        let public = query.text("ispublic").is_some() && query.flag("ispublic", &mut problems);
        let kind = query.text("dependency_type").unwrap_or("all");
        problems.unless(matches!(kind, "public" | "private" | "all"), codes::QUERY, || {
            format!("query parameter dependency_type must be public, private or all, not {}", quoted(kind))
        });
        problems.finish()?;
        Ok(Self {
            none: public || kind == "public",
            runtime: query.text("runtime").map(str::to_owned),
            name: query.text("name").unwrap_or_default().to_owned(),
        })
    }

    fn takes(&self, dependency: &Dependency) -> bool {
        !self.none
            && self.runtime.as_ref().is_none_or(|runtime| *runtime == dependency.runtime)
            && dependency.name.contains(&self.name)
    }
}

/// The dependency a path names.
struct Id(String);

impl FromRequestParts<State> for Id {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &State) -> Result<Self, Error> {
        parameter(parts, &["depend_id"]).await.map(Self)
    }
}

/// The number of a version in a path.
struct Number(u64);

impl FromRequestParts<State> for Number {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &State) -> Result<Self, Error> {
        let text = parameter(parts, &["version"]).await?;
        match text.parse() {
            Ok(number) => Ok(Self(number)),
            Err(_) => {
                let text = format!("a dependency's version is a number such as 1, not {}", quoted(&text));
                Err(Error::new(codes::DEPENDENCY, text))
            }
        }
    }
}

fn view(state: &State, newest: Dependency) -> shape::Dependency {
    shape::Dependency {
        id: newest.dependency,
        owner: state.store.domain().to_owned(),
        link: newest.link,
        runtime: newest.runtime,
        etag: newest.sha256,
        size: newest.size,
        name: newest.name,
        file_name: newest.filename,
        description: newest.description,
        version: newest.number,
        last_modified: newest.created.as_second(),
    }
}

/// With a link to its package for whom there is one version to be shown: it is another one each time.
fn view_version(state: &State, one: Option<(&Caller, &Front)>, version: Dependency) -> DependencyVersion {
    let package = one.map(|(caller, front)| front.dependency(state, &caller.project, &version));
    DependencyVersion {
        id: version.id,
        owner: state.store.domain().to_owned(),
        link: version.link,
        runtime: version.runtime,
        etag: version.sha256,
        size: version.size,
        name: version.name,
        file_name: version.filename,
        description: version.description,
        version: version.number,
        last_modified: version.created.as_second(),
        dep_id: version.dependency,
        download_link: package.filter(|link| !link.is_empty()),
        is_shared: Some(false),
    }
}
