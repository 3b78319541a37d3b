use std::collections::BTreeMap;

use model::apig::acls::{Effect, Entity};
use model::apig::plugins;
use model::apig::policies::Kind as Bound;
use model::apig::responses::Rule;
use model::apig::throttles::{Limits, Object, Period, Unit};

use super::*;
use crate::apig::{NewAcl, NewPlugin, NewThrottle, Place};

pub(super) fn throttle(name: &str, api: u32) -> NewThrottle {
    NewThrottle {
        name: name.into(),
        remark: String::new(),
        shared: false,
        period: Period { interval: 1, unit: Unit::Second },
        limits: Limits { api: Some(api), ..Limits::default() },
    }
}

fn acl(name: &str, entity: Entity) -> NewAcl {
    NewAcl { name: name.into(), effect: Effect::Permit, entity, value: "192.0.2.1".into() }
}

fn plugin(name: &str) -> NewPlugin {
    NewPlugin {
        name: name.into(),
        kind: plugins::Kind::Cors,
        content: r#"{"allow_origin":"*"}"#.into(),
        remark: String::new(),
    }
}

/// A function with a trigger at `/web`, and where its API is published.
async fn published(store: &Store) -> (Trigger, Vec<Place>) {
    let web = create(store, "web").await;
    let trigger = trigger(&web.id, &default_group(store).await, "/web");
    let trigger = store.create_trigger(trigger).await.unwrap();
    let publication = store.reachable_apis(store.project()).await.unwrap().remove(0);
    assert_eq!((&publication.api_id, publication.env_name.as_str()), (&trigger.api.id, "RELEASE"));
    (trigger, vec![Place::Publication(publication.publish_id)])
}

/// The limit of calls that the route has.
fn limited(store: &Store) -> Option<u32> {
    let snapshots = store.snapshots();
    let snapshot = snapshots.load();
    snapshot.route("h", &http::Method::GET, "/web")?.policies.as_ref()?.throttle.as_ref()?.limits.api
}

#[tokio::test]
async fn a_bound_policy_is_at_the_route_until_it_goes() {
    let home = Home::new();
    let store = home.open().await;
    let (_, places) = published(&store).await;
    let project = store.project().to_owned();
    let one = store.create_throttle(&project, throttle("one", 5)).await.unwrap();
    let two = store.create_throttle(&project, throttle("two", 7)).await.unwrap();
    assert_eq!(limited(&store), None);
    let bound = store.bind_policy(&project, (Bound::Throttle, &one.id), places.clone()).await.unwrap();
    assert_eq!(limited(&store), Some(5));
    store.update_throttle(&project, &one.id, throttle("one", 6)).await.unwrap();
    assert_eq!(limited(&store), Some(6));
    store.bind_policy(&project, (Bound::Throttle, &two.id), places.clone()).await.unwrap();
    assert_eq!((limited(&store), store.policies().count(Bound::Throttle, &one.id)), (Some(7), 0));
    let gone = store.unbind_policy(&project, Bound::Throttle, &bound[0].id).await;
    assert_eq!(text(gone), format!("request throttling policy binding record {} does not exist", bound[0].id));
    drop(store);
    let store = home.open().await;
    assert_eq!(limited(&store), Some(7));
    store.delete_throttle(&project, &two.id).await.unwrap();
    assert_eq!((limited(&store), store.policies().bindings.len()), (None, 0));
}

#[tokio::test]
async fn bindings_go_with_their_api() {
    let home = Home::new();
    let store = home.open().await;
    let (trigger, places) = published(&store).await;
    let project = store.project().to_owned();
    let one = store.create_throttle(&project, throttle("one", 5)).await.unwrap();
    store.bind_policy(&project, (Bound::Throttle, &one.id), places).await.unwrap();
    store.delete_trigger(&trigger.function, &trigger.id).await.unwrap();
    assert_eq!((store.policies().bindings.len(), store.policies().throttles.len()), (0, 1));
}

#[tokio::test]
async fn bindings_go_with_their_function() {
    let home = Home::new();
    let store = home.open().await;
    let (trigger, places) = published(&store).await;
    let project = store.project().to_owned();
    let one = store.create_throttle(&project, throttle("one", 5)).await.unwrap();
    store.bind_policy(&project, (Bound::Throttle, &one.id), places).await.unwrap();
    store.delete_function(&trigger.function).await.unwrap();
    assert_eq!(store.policies().bindings.len(), 0);
}

#[tokio::test]
async fn one_policy_of_each_kind_is_bound_and_none_that_is_can_be_deleted() {
    let home = Home::new();
    let store = home.open().await;
    let (_, places) = published(&store).await;
    let project = store.project().to_owned();
    let ip = store.create_acl(&project, acl("ip", Entity::Ip)).await.unwrap();
    let other = store.create_acl(&project, acl("other", Entity::Ip)).await.unwrap();
    let domain = store.create_acl(&project, acl("domain", Entity::Domain)).await.unwrap();
    let cors = store.create_plugin(&project, plugin("cors")).await.unwrap();
    for id in [&ip.id, &other.id, &domain.id] {
        store.bind_policy(&project, (Bound::Acl, id), places.clone()).await.unwrap();
    }
    store.bind_policy(&project, (Bound::Plugin, &cors.id), places).await.unwrap();
    let count = |id: &str| store.policies().count(Bound::Acl, id);
    assert_eq!((count(&ip.id), count(&other.id), count(&domain.id)), (0, 1, 1));
    let snapshots = store.snapshots();
    let policies = snapshots.load().route("h", &http::Method::GET, "/web").unwrap().policies.clone().unwrap();
    assert_eq!((policies.access.len(), policies.cors.is_some()), (2, true));
    assert!(text(store.delete_acl(&project, &other.id).await).contains("bound to 1 APIs"));
    assert!(text(store.delete_plugin(&project, &cors.id).await).contains("bound to 1 APIs"));
    store.delete_acl(&project, &ip.id).await.unwrap();
    let update = store.update_acl(&project, &other.id, acl("other", Entity::Domain)).await;
    assert_eq!(text(update), "entity_type cannot be changed, it is IP");
}

fn app(project: &str) -> model::apig::app::App {
    let now = model::time::now();
    model::apig::app::App {
        id: "app".to_owned(),
        project: project.to_owned(),
        name: "shop".to_owned(),
        remark: String::new(),
        key: "key".to_owned(),
        secret: model::secret::Secret::new("secret"),
        acl: None,
        created: now,
        modified: now,
    }
}

#[tokio::test]
async fn a_special_limit_is_the_throttles_and_not_above_it() {
    let home = Home::new();
    let store = home.open().await;
    let project = store.project().to_owned();
    let one = store.create_throttle(&project, throttle("one", 5)).await.unwrap();
    assert!(
        text(store.create_special(&project, &one.id, (Object::App, "a1".into()), 3).await)
            .contains("a1 does not exist")
    );
    let id = store.create_app(app(&project)).await.unwrap().id;
    let app = || (Object::App, id.clone());
    let special = store.create_special(&project, &one.id, app(), 3).await.unwrap();
    assert!(text(store.create_special(&project, &one.id, app(), 3).await).contains("exists"));
    assert!(text(store.update_special(&project, &one.id, &special.id, 6).await).contains("at most 5"));
    let lower = store.update_throttle(&project, &one.id, throttle("one", 2)).await;
    assert_eq!(text(lower), format!("api_call_limits must be at least 3, the limit of APP {id}"));
    store.delete_special(&project, &one.id, &special.id).await.unwrap();
    assert!(text(store.delete_special(&project, &one.id, &special.id).await).contains("does not exist"));
}

#[tokio::test]
async fn another_project_sees_nothing_and_names_are_unique() {
    let home = Home::new();
    let store = home.open().await;
    let project = store.project().to_owned();
    let (_, places) = published(&store).await;
    let one = store.create_throttle(&project, throttle("one", 5)).await.unwrap();
    assert!(text(store.create_throttle(&project, throttle("one", 5)).await).ends_with("one exists"));
    assert!(text(store.delete_throttle("other", &one.id).await).contains("does not exist"));
    assert!(text(store.bind_policy("other", (Bound::Throttle, &one.id), places).await).contains("does not exist"));
    let nowhere = vec![Place::Publication("gone".into())];
    let bind = store.bind_policy(&project, (Bound::Throttle, &one.id), nowhere).await;
    assert_eq!(text(bind), "API publication record gone does not exist");
}

#[tokio::test]
async fn a_group_has_default_responses_that_can_be_changed_but_not_deleted() {
    let home = Home::new();
    let store = home.open().await;
    let project = store.project().to_owned();
    let group = default_group(&store).await;
    let at = (project.as_str(), group.id.as_str());
    let default = store.gateway_responses(at.0, at.1).remove(0);
    assert!(default.default && default.rules.is_empty());
    let rule = Rule { status: Some(418), body: "{}".into(), headers: Vec::new() };
    let put = move |responses: &mut model::apig::responses::Responses| {
        responses.rules.insert("NOT_FOUND".into(), rule);
    };
    store.update_gateway_responses(at, &default.id, put).await.unwrap();
    let snapshots = store.snapshots();
    let status = |host: &str| {
        let snapshot = snapshots.load();
        let responses = snapshot.responses(host)?.of("NOT_FOUND", http::StatusCode::NOT_FOUND)?.status?;
        Some(responses.as_u16())
    };
    assert_eq!((status("127.0.0.1"), status("h")), (Some(418), Some(418)));
    let rename = store.update_gateway_responses(at, &default.id, |own| own.name = "x".into()).await;
    assert!(text(rename).contains("keep their name"));
    assert!(text(store.delete_gateway_responses(at, &default.id).await).contains("cannot be deleted"));
    for number in 0..4 {
        store.create_gateway_responses(at, format!("r{number}"), BTreeMap::new()).await.unwrap();
    }
    assert!(text(store.create_gateway_responses(at, "r4".into(), BTreeMap::new()).await).contains("at most 4"));
}
