//! What there is: versions, services, endpoints, regions, the domain, quotas.

use serde::{Deserialize, Serialize};

use super::Links;
use crate::Operation;

/// Answers a [`VersionsResponse`]; unsigned.
pub const VERSIONS: Operation = Operation { id: "KeystoneListVersions", method: "GET", path: "/" };
/// Answers a [`VersionResponse`]; unsigned.
pub const VERSION: Operation = Operation { id: "KeystoneShowVersion", method: "GET", path: "/v3" };
/// Answers a [`CatalogResponse`].
pub const CATALOG: Operation = Operation { id: "KeystoneShowCatalog", method: "GET", path: "/v3/auth/catalog" };
/// Answers a [`DomainsResponse`].
pub const DOMAINS: Operation = Operation { id: "KeystoneListAuthDomains", method: "GET", path: "/v3/auth/domains" };
/// Answers an [`EndpointsResponse`].
pub const ENDPOINTS: Operation = Operation { id: "KeystoneListEndpoints", method: "GET", path: "/v3/endpoints" };
/// Answers an [`EndpointResponse`].
pub const ENDPOINT: Operation =
    Operation { id: "KeystoneShowEndpoint", method: "GET", path: "/v3/endpoints/{endpoint_id}" };
/// Answers a [`ServicesResponse`].
pub const SERVICES: Operation = Operation { id: "KeystoneListServices", method: "GET", path: "/v3/services" };
/// Answers a [`ServiceResponse`].
pub const SERVICE: Operation =
    Operation { id: "KeystoneShowService", method: "GET", path: "/v3/services/{service_id}" };
/// Answers a [`RegionsResponse`].
pub const REGIONS: Operation = Operation { id: "KeystoneListRegions", method: "GET", path: "/v3/regions" };
/// Answers a [`RegionResponse`].
pub const REGION: Operation = Operation { id: "KeystoneShowRegion", method: "GET", path: "/v3/regions/{region_id}" };
/// Answers a [`QuotasResponse`].
pub const DOMAIN_QUOTAS: Operation =
    Operation { id: "ShowDomainQuota", method: "GET", path: "/v3.0/OS-QUOTA/domains/{domain_id}" };
/// Answers a [`QuotasResponse`].
pub const PROJECT_QUOTAS: Operation =
    Operation { id: "ShowProjectQuota", method: "GET", path: "/v3.0/OS-QUOTA/projects/{project_id}" };

/// The versions of the identity service.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct VersionsResponse {
    /// Them.
    pub versions: Versions,
}

/// The inside of a [`VersionsResponse`].
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Versions {
    /// One.
    pub values: Vec<Version>,
}

/// One version.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct VersionResponse {
    /// It.
    pub version: Version,
}

/// A version of the identity service.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Version {
    /// `v3.6`.
    pub id: String,
    /// `stable`.
    pub status: String,
    /// When it was last changed.
    pub updated: String,
    /// Where it is.
    pub links: Vec<Link>,
    /// What it speaks.
    #[serde(rename = "media-types")]
    pub media_types: Vec<MediaType>,
}

/// A link.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Link {
    /// `self`.
    pub rel: String,
    /// The address.
    pub href: String,
}

/// A media type.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct MediaType {
    /// `application/json`.
    pub base: String,
    /// The vendor's name of it.
    pub r#type: String,
}

/// The catalog.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct CatalogResponse {
    /// The services with their endpoints.
    pub catalog: Vec<Service>,
    /// Where it is.
    pub links: Links,
}

/// A service with its endpoints.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Service {
    /// 32 hexadecimal digits.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its type.
    pub r#type: String,
    /// Where it is.
    pub endpoints: Vec<Endpoint>,
}

/// Where a service is.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Endpoint {
    /// 32 hexadecimal digits.
    pub id: String,
    /// `public`.
    pub interface: String,
    /// The region.
    pub region: String,
    /// The region.
    pub region_id: String,
    /// The address.
    pub url: String,
}

/// Domains.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct DomainsResponse {
    /// The one there is.
    pub domains: Vec<Domain>,
    /// The page.
    pub links: Links,
}

/// A domain.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Domain {
    /// 32 hexadecimal digits.
    pub id: String,
    /// Its name.
    pub name: String,
    /// For people.
    pub description: String,
    /// True.
    pub enabled: bool,
    /// Where it is.
    pub links: Links,
}

/// Endpoints.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct EndpointsResponse {
    /// Them.
    pub endpoints: Vec<ListedEndpoint>,
    /// The page.
    pub links: Links,
}

/// One endpoint.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct EndpointResponse {
    /// It.
    pub endpoint: ListedEndpoint,
}

/// An endpoint with its service.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ListedEndpoint {
    /// 32 hexadecimal digits.
    pub id: String,
    /// Its service.
    pub service_id: String,
    /// `public`.
    pub interface: String,
    /// The region.
    pub region: String,
    /// The region.
    pub region_id: String,
    /// The address.
    pub url: String,
    /// True.
    pub enabled: bool,
    /// Where it is.
    pub links: Links,
}

/// Services.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ServicesResponse {
    /// Them.
    pub services: Vec<ListedService>,
    /// The page.
    pub links: Links,
}

/// One service.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ServiceResponse {
    /// It.
    pub service: ListedService,
}

/// A service.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ListedService {
    /// 32 hexadecimal digits.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its type.
    pub r#type: String,
    /// For people.
    pub description: String,
    /// True.
    pub enabled: bool,
    /// Where it is.
    pub links: Links,
}

/// Regions.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct RegionsResponse {
    /// The one there is.
    pub regions: Vec<Region>,
    /// The page.
    pub links: Links,
}

/// One region.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct RegionResponse {
    /// It.
    pub region: Region,
}

/// A region.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Region {
    /// Its name.
    pub id: String,
    /// `private`.
    pub r#type: String,
    /// For people.
    pub description: String,
    /// Empty.
    pub parent_region_id: String,
    /// Its name for people.
    pub locales: Locales,
    /// Where it is.
    pub links: Links,
}

/// The name of a region for people.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Locales {
    /// In Chinese.
    #[serde(rename = "zh-cn")]
    pub zh_cn: String,
    /// In English.
    #[serde(rename = "en-us")]
    pub en_us: String,
}

/// Quotas.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct QuotasResponse {
    /// Them.
    pub quotas: Quotas,
}

/// The inside of a [`QuotasResponse`].
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Quotas {
    /// One for each kind.
    pub resources: Vec<Quota>,
}

/// How many there are and may be.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Quota {
    /// `user`, `group`, `policy`, `agency` or `project`.
    pub r#type: String,
    /// How many there may be.
    pub quota: usize,
    /// How many there are.
    pub used: usize,
    /// The smallest quota.
    pub min: usize,
    /// The largest quota.
    pub max: usize,
}
