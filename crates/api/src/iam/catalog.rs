//! What there is: versions, services, endpoints, regions, the domain, quotas. All of it follows from where the client is.

use axum::Json;
use axum::extract::State as Extract;
use sha2::{Digest as _, Sha256};
use wire::iam::catalog::{self as shape, Endpoint, ListedEndpoint, ListedService, Service, Version};

use super::read::Path;
use super::{Base, missing};
use crate::caller::Caller;
use crate::error::Error;
use crate::query::Query;
use crate::router::Routes;
use crate::state::State;

pub(super) fn routes(routes: &mut Routes) {
    routes
        .on(shape::VERSIONS, versions)
        .on(shape::VERSION, version)
        .on(shape::CATALOG, catalog)
        .on(shape::DOMAINS, domains)
        .on(shape::ENDPOINTS, endpoints)
        .on(shape::ENDPOINT, endpoint)
        .on(shape::SERVICES, services)
        .on(shape::SERVICE, service)
        .on(shape::REGIONS, regions)
        .on(shape::REGION, region)
        .on(shape::DOMAIN_QUOTAS, domain_quotas)
        .on(shape::PROJECT_QUOTAS, project_quotas);
}

async fn versions(base: Base) -> Json<shape::VersionsResponse> {
    Json(shape::VersionsResponse { versions: shape::Versions { values: vec![current(&base)] } })
}

async fn version(base: Base) -> Json<shape::VersionResponse> {
    Json(shape::VersionResponse { version: current(&base) })
}

fn current(base: &Base) -> Version {
    Version {
        id: "v3.6".to_owned(),
        status: "stable".to_owned(),
        updated: "2016-04-04T00:00:00Z".to_owned(),
        links: vec![shape::Link { rel: "self".to_owned(), href: format!("{}/v3/", base.0) }],
        media_types: vec![shape::MediaType {
            base: "application/json".to_owned(),
            r#type: "application/vnd.openstack.identity-v3+json".to_owned(),
        }],
    }
}

/// Name, type and path of each service that is here.
const SERVICES: [(&str, &str, &str); 3] =
    [("iam", "identity", "/v3"), ("functiongraph", "fgs", "/v2/{project}"), ("apig", "apig", "/v2/{project}")];

fn id(text: &str) -> String {
    hex::encode(Sha256::digest(text)).chars().take(32).collect()
}

/// The services with their endpoints, as a token for `project` has them.
pub(super) fn of(base: &Base, region: &str, project: &str) -> Vec<Service> {
    let service = |(name, kind, path): (&str, &str, &str)| {
        let url = format!("{}{}", base.0, path.replace("{project}", project));
        let endpoint = Endpoint {
            id: id(&format!("endpoint {name}")),
            interface: "public".to_owned(),
            region: region.to_owned(),
            region_id: region.to_owned(),
            url,
        };
        Service {
            id: id(&format!("service {name}")),
            name: name.to_owned(),
            r#type: kind.to_owned(),
            endpoints: vec![endpoint],
        }
    };
    SERVICES.into_iter().map(service).collect()
}

async fn catalog(Extract(state): Extract<State>, caller: Caller, base: Base) -> Json<shape::CatalogResponse> {
    let catalog = of(&base, state.store.region(), &caller.project);
    Json(shape::CatalogResponse { catalog, links: base.links("/v3/auth/catalog") })
}

async fn domains(caller: Caller, base: Base) -> Json<shape::DomainsResponse> {
    let domain = shape::Domain {
        links: base.links(&format!("/v3/domains/{}", caller.domain.id)),
        id: caller.domain.id,
        name: caller.domain.name,
        description: String::new(),
        enabled: true,
    };
    Json(shape::DomainsResponse { domains: vec![domain], links: base.links("/v3/auth/domains") })
}

fn listed_endpoints(state: &State, caller: &Caller, base: &Base) -> Vec<ListedEndpoint> {
    let services = of(base, state.store.region(), &caller.project).into_iter();
    let endpoint = |service: Service| {
        let of_service = service.endpoints.into_iter();
        of_service
            .map(|endpoint| ListedEndpoint {
                links: base.links(&format!("/v3/endpoints/{}", endpoint.id)),
                service_id: service.id.clone(),
                id: endpoint.id,
                interface: endpoint.interface,
                region: endpoint.region,
                region_id: endpoint.region_id,
                url: endpoint.url,
                enabled: true,
            })
            .collect::<Vec<_>>()
    };
    services.flat_map(endpoint).collect()
}

async fn endpoints(
    Extract(state): Extract<State>,
    caller: Caller,
    query: Query,
    base: Base,
) -> Json<shape::EndpointsResponse> {
    let mut endpoints = listed_endpoints(&state, &caller, &base);
    endpoints.retain(|endpoint| {
        query.text("interface").is_none_or(|interface| interface == endpoint.interface)
            && query.text("service_id").is_none_or(|service| service == endpoint.service_id)
    });
    Json(shape::EndpointsResponse { endpoints, links: base.links("/v3/endpoints") })
}

async fn endpoint(
    Extract(state): Extract<State>,
    caller: Caller,
    path: Path,
    base: Base,
) -> Result<Json<shape::EndpointResponse>, Error> {
    let id = path.get("endpoint_id");
    let found = listed_endpoints(&state, &caller, &base).into_iter().find(|endpoint| endpoint.id == id);
    let endpoint = found.ok_or_else(|| missing("endpoint", id))?;
    Ok(Json(shape::EndpointResponse { endpoint }))
}

fn listed_services(state: &State, base: &Base) -> Vec<ListedService> {
    let services = of(base, state.store.region(), "").into_iter();
    let listed = services.map(|service| ListedService {
        links: base.links(&format!("/v3/services/{}", service.id)),
        id: service.id,
        name: service.name,
        r#type: service.r#type,
        description: String::new(),
        enabled: true,
    });
    listed.collect()
}

async fn services(Extract(state): Extract<State>, query: Query, base: Base) -> Json<shape::ServicesResponse> {
    let mut services = listed_services(&state, &base);
    services.retain(|service| query.text("type").is_none_or(|kind| kind == service.r#type));
    Json(shape::ServicesResponse { services, links: base.links("/v3/services") })
}

async fn service(
    Extract(state): Extract<State>,
    path: Path,
    base: Base,
) -> Result<Json<shape::ServiceResponse>, Error> {
    let id = path.get("service_id");
    let found = listed_services(&state, &base).into_iter().find(|service| service.id == id);
    Ok(Json(shape::ServiceResponse { service: found.ok_or_else(|| missing("service", id))? }))
}

fn listed_region(state: &State, base: &Base) -> shape::Region {
    let name = state.store.region().to_owned();
    shape::Region {
        links: base.links(&format!("/v3/regions/{name}")),
        locales: shape::Locales { zh_cn: name.clone(), en_us: name.clone() },
        id: name,
        r#type: "private".to_owned(),
        description: String::new(),
        parent_region_id: String::new(),
    }
}

async fn regions(Extract(state): Extract<State>, base: Base) -> Json<shape::RegionsResponse> {
    let regions = vec![listed_region(&state, &base)];
    Json(shape::RegionsResponse { regions, links: base.links("/v3/regions") })
}

async fn region(Extract(state): Extract<State>, path: Path, base: Base) -> Result<Json<shape::RegionResponse>, Error> {
    let region = listed_region(&state, &base);
    match path.get("region_id") {
        id if id == region.id => Ok(Json(shape::RegionResponse { region })),
        other => Err(missing("region", other)),
    }
}

async fn domain_quotas(
    Extract(state): Extract<State>,
    path: Path,
    query: Query,
) -> Result<Json<shape::QuotasResponse>, Error> {
    if path.get("domain_id") != state.store.domain() {
        return Err(missing("domain", path.get("domain_id")));
    }
    let mut resources = quotas(&state);
    resources.retain(|quota| query.text("type").is_none_or(|kind| kind == quota.r#type));
    Ok(Json(shape::QuotasResponse { quotas: shape::Quotas { resources } }))
}

async fn project_quotas(Extract(state): Extract<State>, path: Path) -> Result<Json<shape::QuotasResponse>, Error> {
    let id = path.get("project_id");
    if !state.store.identities().projects.contains_key(id) {
        return Err(missing("project", id));
    }
    let mut resources = quotas(&state);
    resources.retain(|quota| quota.r#type == "project");
    Ok(Json(shape::QuotasResponse { quotas: shape::Quotas { resources } }))
}

fn quotas(state: &State) -> Vec<shape::Quota> {
    let identities = state.store.identities();
    let limits = store::identity::limits();
    let quota = |kind: &str, most: usize, used: usize| shape::Quota {
        r#type: kind.to_owned(),
        quota: most,
        used,
        min: 0,
        max: most,
    };
    vec![
        quota("user", limits.users, identities.users.len()),
        quota("group", limits.groups, identities.groups.len()),
        quota("policy", limits.roles, identities.roles.values().filter(|role| role.times.is_some()).count()),
        quota("agency", limits.agencies, identities.agencies.len()),
        quota("project", limits.projects, identities.projects.len()),
    ]
}
