//! Custom domains of API groups, and their certificates.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::{FromRequestParts, RawPathParams, State as Extract};
use http::StatusCode;
use http::request::Parts;
use store::{Domain, NewCertificate};
use wire::apig::domains as shape;
use wire::apig::groups::UrlDomain;
use wire::codes::apig as codes;
use zeroize::Zeroizing;

use super::{Instance, instances};
use crate::body::{self, Payload, Rules};
use crate::error::Error;
use crate::problems::{Problems, quoted};
use crate::router::Routes;
use crate::state::State;

/// What is spoken at least.
const TLS: &str = "TLSv1.2";
/// Bound, and answered.
const BOUND: i64 = 3;
/// Characters of a certificate's name.
const NAME: std::ops::RangeInclusive<usize> = 4..=50;

pub(super) fn routes(routes: &mut Routes) {
    routes
        .on(shape::ASSOCIATE, associate)
        .on(shape::UPDATE, update)
        .on(shape::DISASSOCIATE, disassociate)
        .on(shape::ASSOCIATE_CERTIFICATE, associate_certificate)
        .on(shape::SHOW_CERTIFICATE, show_certificate)
        .on(shape::DISASSOCIATE_CERTIFICATE, disassociate_certificate)
        .on(shape::OWN_HOST, own_host);
}

async fn associate(
    Extract(state): Extract<State>,
    instance: Instance,
    path: Path,
    payload: Payload,
) -> Result<(StatusCode, Json<shape::Domain>), Error> {
    let mut problems = Problems::default();
    let new: shape::NewDomain = body::read(&payload.0, rules(), &mut problems);
    let name = name(&state, new.url_domain.as_deref(), &mut problems);
    oldest(new.min_ssl_version.as_deref(), &mut problems);
    let redirect = redirect(&state, new.is_http_redirect_to_https, &mut problems);
    ports(&state, new.ingress_http_port, new.ingress_https_port, &mut problems);
    problems.finish()?;
    let domain = state.store.bind_domain(&instance.project, path.get("group_id"), &name, redirect).await?;
    Ok((StatusCode::CREATED, Json(view(&domain))))
}

async fn update(
    Extract(state): Extract<State>,
    instance: Instance,
    path: Path,
    payload: Payload,
) -> Result<(StatusCode, Json<shape::Domain>), Error> {
    let mut problems = Problems::default();
    let new: shape::DomainChange = body::read(&payload.0, rules(), &mut problems);
    if new.min_ssl_version.is_none() {
        problems.missing("min_ssl_version", codes::MANDATORY, "min_ssl_version is missing: TLSv1.2");
    }
    oldest(new.min_ssl_version.as_deref(), &mut problems);
    let asked = redirect(&state, new.is_http_redirect_to_https, &mut problems);
    ports(&state, new.ingress_http_port, new.ingress_https_port, &mut problems);
    problems.unless(new.verified_client_certificate_enabled != Some(true), codes::PARAMETER, || {
        "verified_client_certificate_enabled: no certificate of the domain names a root for clients".to_owned()
    });
    problems.finish()?;
    let (group, id) = (path.get("group_id"), path.get("domain_id"));
    let redirect = match new.is_http_redirect_to_https {
        Some(_) => asked,
        None => state.store.custom_domain(&instance.project, group, id).await?.redirect,
    };
    let domain = state.store.update_domain(&instance.project, group, id, redirect).await?;
    Ok((StatusCode::CREATED, Json(view(&domain))))
}

async fn disassociate(Extract(state): Extract<State>, instance: Instance, path: Path) -> Result<StatusCode, Error> {
    state.store.unbind_domain(&instance.project, path.get("group_id"), path.get("domain_id")).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn associate_certificate(
    Extract(state): Extract<State>,
    instance: Instance,
    path: Path,
    payload: Payload,
) -> Result<(StatusCode, Json<shape::DomainWithCertificate>), Error> {
    let (project, group, id) = (&instance.project, path.get("group_id"), path.get("domain_id"));
    let domain = state.store.custom_domain(project, group, id).await?;
    let mut problems = Problems::default();
    let form: shape::CertificateForm = body::read(&payload.0, rules(), &mut problems);
    let new = certificate(form, &domain.name, &mut problems);
    problems.finish()?;
    let new = new.ok_or_else(|| Error::internal("a certificate without a problem was not read"))?;
    let domain = state.store.bind_certificate(project, group, id, new).await?;
    let groups = state.store.groups(project).await?;
    let name = groups.into_iter().find(|own| own.id == group).map(|own| own.name).unwrap_or_default();
    Ok((StatusCode::CREATED, Json(view_with(&domain, &instances::id(&state), name))))
}

async fn show_certificate(
    Extract(state): Extract<State>,
    instance: Instance,
    path: Path,
) -> Result<Json<shape::CertificateDetails>, Error> {
    let id = path.get("certificate_id");
    let domain = state.store.custom_domain(&instance.project, path.get("group_id"), path.get("domain_id")).await?;
    let own = domain.certificate.as_ref().filter(|own| own.id == id);
    let own = own.ok_or_else(|| {
        Error::new(codes::DOMAIN_MISSING, format!("domain {} has no certificate {}", domain.name, quoted(id)))
    })?;
    Ok(Json(details(own, &instances::id(&state), &instance.project)))
}

async fn disassociate_certificate(
    Extract(state): Extract<State>,
    instance: Instance,
    path: Path,
) -> Result<StatusCode, Error> {
    let (group, domain, id) = (path.get("group_id"), path.get("domain_id"), path.get("certificate_id"));
    state.store.unbind_certificate(&instance.project, group, domain, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn own_host(
    Extract(state): Extract<State>,
    instance: Instance,
    path: Path,
    payload: Payload,
) -> Result<StatusCode, Error> {
    let mut problems = Problems::default();
    let new: shape::OwnHostAccess = body::read(&payload.0, rules(), &mut problems);
    let Some(open) = new.sl_domain_access_enabled else {
        problems.missing("sl_domain_access_enabled", codes::MANDATORY, "sl_domain_access_enabled is missing");
        return Err(problems.finish().err().unwrap_or_else(|| Error::internal("a problem was lost")));
    };
    problems.finish()?;
    let group = path.get("group_id");
    let groups = state.store.groups(&instance.project).await?;
    if !open && groups.iter().any(|own| own.id == group && own.is_default()) {
        let text =
            "sl_domain_access_enabled: the default group answers at the gateway's bare address, which cannot be closed";
        return Err(Error::new(codes::PARAMETER, text));
    }
    state.store.close_own_host(&instance.project, group, !open).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What a path names besides the gateway.
#[derive(Debug)]
struct Path(BTreeMap<String, String>);

impl Path {
    fn get(&self, name: &str) -> &str {
        self.0.get(name).map_or("", String::as_str)
    }
}

impl FromRequestParts<State> for Path {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self, Error> {
        let named = RawPathParams::from_request_parts(parts, state).await.map_err(Error::internal)?;
        Ok(Self(named.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()))
    }
}

fn rules() -> Rules {
    Rules::new("", |_| codes::PARAMETER)
}

/// A host name, maybe with a wildcard for its first label.
fn name(state: &State, given: Option<&str>, problems: &mut Problems) -> String {
    let Some(given) = given else {
        problems.missing("url_domain", codes::MANDATORY, "url_domain is missing");
        return String::new();
    };
    let name = given.to_ascii_lowercase();
    let below = name.strip_prefix("*.").unwrap_or(&name);
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let last = below.rsplit('.').next().unwrap_or_default();
    let fits = name.len() <= 253 && below.contains('.') && below.split('.').all(label);
    // An address of IPv4 ends in a number, as no name does.
    problems.unless(fits && !last.bytes().all(|b| b.is_ascii_digit()), codes::PARAMETER, || {
        format!(
            "url_domain must be a host name such as api.example.com or *.example.com, of at most 253 characters (names in other \
             scripts as xn--), not {}",
            quoted(given)
        )
    });
    let bare = crate::addresses::host(&state.config.gateway_url);
    problems.unless(name != bare, codes::PARAMETER, || {
        format!("url_domain {} is the gateway's bare address, which belongs to the default group", quoted(given))
    });
    name
}

fn oldest(version: Option<&str>, problems: &mut Problems) {
    let text = |given: &str| match given {
        "TLSv1.1" => {
            "min_ssl_version: TLSv1.1 is not spoken, as it is broken (RFC 8996); TLSv1.2 is the oldest".to_owned()
        }
        _ => format!("min_ssl_version must be {TLS}, not {}", quoted(given)),
    };
    if let Some(given) = version.filter(|given| *given != TLS) {
        problems.add(codes::PARAMETER, text(given));
    }
}

fn redirect(state: &State, asked: Option<bool>, problems: &mut Problems) -> bool {
    let asked = asked.unwrap_or(false);
    problems.unless(!asked || state.config.gateway_tls_port.is_some(), codes::PARAMETER, || {
        "is_http_redirect_to_https: this gateway speaks no TLS; its operator must set [gateway.tls] in funcd.toml"
            .to_owned()
    });
    asked
}

/// The gateway has one address for each; a domain has no other.
fn ports(state: &State, http: Option<i64>, https: Option<i64>, problems: &mut Problems) {
    let (own, tls) = (i64::from(state.config.gateway_port), state.config.gateway_tls_port.map_or(-1, i64::from));
    for (name, given, own) in [("ingress_http_port", http, own), ("ingress_https_port", https, tls)] {
        if let Some(given) = given.filter(|given| *given != own) {
            let none = if own == -1 { " (none)" } else { "" };
            problems.add(
                codes::PARAMETER,
                format!("{name} is {own}{none} for every domain here, not {given}: leave it out"),
            );
        }
    }
}

fn certificate(form: shape::CertificateForm, domain: &str, problems: &mut Problems) -> Option<NewCertificate> {
    let name = form.name.unwrap_or_default();
    let good = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-');
    let fits = NAME.contains(&name.chars().count()) && name.starts_with(char::is_alphabetic) && name.chars().all(good);
    problems.unless(fits, codes::PARAMETER, || {
        format!("name must be 4 to 50 letters, digits, '-' or '_' that start with a letter, not {}", quoted(&name))
    });
    let mut given = |field: &str, text: Option<String>| {
        if text.is_none() {
            problems.missing(field, codes::MANDATORY, format!("{field} is missing: PEM text"));
        }
        text
    };
    let chain = given("cert_content", form.cert_content);
    let key = given("private_key", form.private_key).map(Zeroizing::new);
    let (chain, key) = (chain?, key?);
    match certificates::check(&chain, &key, domain, model::time::now()) {
        Ok(checked) => Some(NewCertificate {
            name,
            chain: checked.chain,
            key: checked.key,
            ordered: false,
            not_after: checked.facts.not_after,
        }),
        Err(found) => {
            for certificates::Problem { field, text } in found {
                let field = match field {
                    certificates::Field::Chain => "cert_content",
                    certificates::Field::Key => "private_key",
                };
                problems.add(codes::PARAMETER, format!("{field} {text}"));
            }
            None
        }
    }
}

/// Those of a group, as the group shows them.
pub(super) fn of(domains: &[Domain], group: &str) -> Vec<UrlDomain> {
    let one = |domain: &Domain| UrlDomain {
        id: domain.id.clone(),
        domain: domain.name.clone(),
        cname_status: BOUND,
        ssl_id: domain.certificate.as_ref().map(|own| own.id.clone()),
        ssl_name: domain.certificate.as_ref().map(|own| own.name.clone()),
        min_ssl_version: Some(TLS.to_owned()),
        verified_client_certificate_enabled: Some(false),
        is_has_trusted_root_ca: Some(false),
        ..UrlDomain::default()
    };
    domains.iter().filter(|domain| domain.group_id == group).map(one).collect()
}

fn view(domain: &Domain) -> shape::Domain {
    shape::Domain {
        url_domain: domain.name.clone(),
        id: domain.id.clone(),
        status: BOUND,
        min_ssl_version: TLS.to_owned(),
        is_http_redirect_to_https: domain.redirect,
        verified_client_certificate_enabled: false,
    }
}

fn view_with(domain: &Domain, instance: &str, group: String) -> shape::DomainWithCertificate {
    let certificate = domain.certificate.as_ref();
    shape::DomainWithCertificate {
        url_domain: domain.name.clone(),
        id: domain.id.clone(),
        status: BOUND,
        min_ssl_version: TLS.to_owned(),
        is_http_redirect_to_https: domain.redirect,
        verified_client_certificate_enabled: false,
        ssl_name: certificate.map(|own| own.name.clone()).unwrap_or_default(),
        ssl_id: certificate.map(|own| own.id.clone()).unwrap_or_default(),
        instance_id: instance.to_owned(),
        api_group_id: domain.group_id.clone(),
        api_group_name: group,
    }
}

fn details(own: &store::Certificate, instance: &str, project: &str) -> shape::CertificateDetails {
    let facts = own.chain.first().and_then(|der| certificates::facts(der)).unwrap_or_default();
    shape::CertificateDetails {
        id: own.id.clone(),
        name: own.name.clone(),
        kind: "instance".to_owned(),
        instance_id: instance.to_owned(),
        project_id: project.to_owned(),
        create_time: super::time(own.created),
        update_time: super::time(own.created),
        common_name: facts.common_name,
        san: facts.names,
        version: i64::from(facts.version),
        organization: facts.organization,
        organizational_unit: facts.organizational_unit,
        locality: facts.locality,
        state: facts.state,
        country: facts.country,
        not_before: facts.not_before.to_string(),
        not_after: facts.not_after.to_string(),
        serial_number: facts.serial_number,
        issuer: facts.issuer,
        signature_algorithm: facts.signature_algorithm,
    }
}
