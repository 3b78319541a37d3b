//! Plug-ins.

mod attach;

use axum::Json;
use axum::extract::State as Extract;
use http::StatusCode;
use model::apig::plugins::{Content, Kind, Plugin};
use model::apig::policies::Book;
use store::apig::NewPlugin;
use wire::apig::plugins::{self as shape, ListPluginsResponse, PluginRequest};

use super::bound::{self, Ids, named, wanted};
use super::rule::{self, Rule};
use super::{Instance, Page, time};
use crate::body::{self, Payload, Rules};
use crate::error::Error;
use crate::problems::{Problems, quoted};
use crate::query::Query;
use crate::router::Routes;
use crate::state::State;

const NAME: &str = "3 to 255 letters, digits and '_' that begin with a letter (letters of any script)";
/// The only scope there is.
const SCOPE: &str = "global";

pub(super) fn routes(routes: &mut Routes) {
    routes
        .on(shape::LIST, list)
        .on(shape::CREATE, create)
        .on(shape::SHOW, show)
        .on(shape::UPDATE, update)
        .on(shape::DELETE, delete);
    attach::routes(routes);
}

async fn list(
    Extract(state): Extract<State>,
    instance: Instance,
    query: Query,
) -> Result<Json<ListPluginsResponse>, Error> {
    let page = Page::read(&query)?;
    let book = state.store.policies();
    let mut found: Vec<_> = of_project(&book, &instance.project).filter(|one| fits(&query, one)).collect();
    found.sort_by(|a, b| (b.created, &a.id).cmp(&(a.created, &b.id)));
    let (plugins, size, total) = page.cut(found, view);
    Ok(Json(ListPluginsResponse { size, total, plugins }))
}

async fn create(
    Extract(state): Extract<State>,
    instance: Instance,
    payload: Payload,
) -> Result<(StatusCode, Json<shape::Plugin>), Error> {
    let made = state.store.create_plugin(&instance.project, read(&payload, None)?).await?;
    Ok((StatusCode::CREATED, Json(view(&made))))
}

async fn show(Extract(state): Extract<State>, instance: Instance, ids: Ids) -> Result<Json<shape::Plugin>, Error> {
    Ok(Json(view(find(&state.store.policies(), &instance.project, ids.get("plugin_id"))?)))
}

async fn update(
    Extract(state): Extract<State>,
    instance: Instance,
    ids: Ids,
    payload: Payload,
) -> Result<Json<shape::Plugin>, Error> {
    let book = state.store.policies();
    let old = find(&book, &instance.project, ids.get("plugin_id"))?;
    let new = read(&payload, Some(old.kind))?;
    Ok(Json(view(&state.store.update_plugin(&instance.project, &old.id, new).await?)))
}

async fn delete(Extract(state): Extract<State>, instance: Instance, ids: Ids) -> Result<StatusCode, Error> {
    state.store.delete_plugin(&instance.project, ids.get("plugin_id")).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn of_project<'a>(book: &'a Book, project: &'a str) -> impl Iterator<Item = &'a Plugin> {
    book.plugins.values().filter(move |one| one.project == project)
}

fn fits(query: &Query, one: &Plugin) -> bool {
    wanted(query, "plugin_id", &one.id)
        && wanted(query, "plugin_type", one.kind.code())
        && wanted(query, "plugin_scope", SCOPE)
        && named(query, "plugin_name", &one.name)
}

/// A plug-in of another project is not there.
fn find<'a>(book: &'a Book, project: &str, id: &str) -> Result<&'a Plugin, Error> {
    let found = book.plugins.get(id).filter(|plugin| plugin.project == project);
    let missing = || store::Error::PolicyMissing { what: store::policy::PLUGIN, id: id.to_owned() };
    Ok(found.ok_or_else(missing)?)
}

/// A change need not say the type again.
fn read(payload: &Payload, old: Option<Kind>) -> Result<NewPlugin, Error> {
    let mut problems = Problems::default();
    let request: PluginRequest = body::read(&payload.0, Rules::new("", rule::code_of), &mut problems);
    let mut rule = Rule { problems: &mut problems };
    let name = rule.required("plugin_name", NAME, request.plugin_name, |name| bound::is_name_of(name, 255));
    let kinds = Kind::ALL.map(Kind::code).join(", ");
    let given = request.plugin_type.or(old.map(|kind| kind.code().to_owned()));
    if let Some(given) = given.as_deref().filter(|given| Kind::NOT_THERE.contains(given)) {
        rule.wrong_unless(false, || format!("plugin_type {given} is not supported yet: it must be one of {kinds}"));
    }
    let there = |code: &str| Kind::of(code).is_some() || Kind::NOT_THERE.contains(&code);
    let code = rule.required("plugin_type", &format!("one of {kinds}"), given, there);
    let scope = request.plugin_scope.or(old.map(|_| SCOPE.to_owned()));
    rule.required("plugin_scope", SCOPE, scope, |scope| scope == SCOPE);
    let content = rule.required("plugin_content", "a JSON object in a text", request.plugin_content, |_| true);
    let remark = rule.remark("remark", request.remark, 255).unwrap_or_default();
    let kind = Kind::of(&code);
    if let Some(Err(texts)) = kind.filter(|_| !content.is_empty()).map(|kind| Content::read(kind, &content)) {
        for text in texts {
            rule.wrong_unless(false, || format!("plugin_content: {}", text.trim()));
        }
    }
    problems.finish()?;
    let kind = kind
        .ok_or_else(|| Error::new(wire::codes::apig::PARAMETER, format!("no plug-in is of type {}", quoted(&code))))?;
    Ok(NewPlugin { name, kind, content, remark })
}

fn view(plugin: &Plugin) -> shape::Plugin {
    shape::Plugin {
        plugin_id: plugin.id.clone(),
        plugin_name: plugin.name.clone(),
        plugin_type: plugin.kind.code().to_owned(),
        plugin_scope: SCOPE.to_owned(),
        plugin_content: plugin.content.clone(),
        remark: plugin.remark.clone(),
        create_time: time(plugin.created),
        update_time: time(plugin.modified),
    }
}
