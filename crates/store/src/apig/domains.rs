//! Custom domains of API groups, each with the certificate it has now. A name belongs to one group of one project, and nobody else's
//! wildcard covers it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use sqlx::SqliteConnection;
use zeroize::Zeroizing;

use super::{What, missing};
use crate::audit::{Kind, Subject};
use crate::change::{Change, Extent};
use crate::database::{failed, micros};
use crate::error::Error;
use crate::groups;
use crate::store::Store;

mod rows;

pub(crate) use rows::load;

use rows::Row;

/// Domains that a group may have (`behaviour.md` 7.2.3).
const DOMAINS: u64 = 5;

static DOMAIN: Kind = Kind {
    name: "Domain",
    rows: &[
        "SELECT project || ' ' || group_id || ' ' || name || ' ' || CAST(redirect AS TEXT) FROM domains WHERE id = $1",
        "SELECT id || ' ' || name || ' ' || chain FROM certificates WHERE domain_id = $1",
    ],
};

/// A custom domain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Domain {
    /// 32 hexadecimal digits.
    pub id: String,
    /// Its project.
    pub project: String,
    /// The group that answers there.
    pub group_id: String,
    /// Lower case; `*.` at the start stands for one label.
    pub name: String,
    /// Whether plain HTTP is sent to https.
    pub redirect: bool,
    /// What it has, if anything.
    pub certificate: Option<Certificate>,
}

/// What everybody may know of a certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate {
    /// 32 hexadecimal digits.
    pub id: String,
    /// What its owner calls it.
    pub name: String,
    /// DER, the domain's own first.
    pub chain: Vec<Vec<u8>>,
    /// Whether funcd ordered it, and renews it.
    pub ordered: bool,
    /// End of its life.
    pub not_after: Timestamp,
    /// When it was stored.
    pub created: Timestamp,
}

/// A certificate to store.
#[derive(Clone)]
pub struct NewCertificate {
    /// What its owner calls it.
    pub name: String,
    /// DER, the domain's own first.
    pub chain: Vec<Vec<u8>>,
    /// DER.
    pub key: Zeroizing<Vec<u8>>,
    /// Whether funcd ordered it.
    pub ordered: bool,
    /// End of its life.
    pub not_after: Timestamp,
}

impl std::fmt::Debug for NewCertificate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewCertificate").field("name", &self.name).finish_non_exhaustive()
    }
}

impl Store {
    /// The domains of a group by name; all of the project without one.
    ///
    /// # Errors
    /// [`Error::Internal`].
    pub async fn custom_domains(&self, project: &str, group_id: Option<&str>) -> Result<Vec<Domain>, Error> {
        let rows: Vec<Row> = sqlx::query_as(rows::ALL)
            .fetch_all(self.inner.database.readers())
            .await
            .map_err(failed("cannot read the domains"))?;
        let own = rows.into_iter().filter(|row| row.is_of(project, group_id));
        own.map(Domain::try_from).collect()
    }

    /// Those of all projects.
    ///
    /// # Errors
    /// [`Error::Internal`].
    pub async fn every_custom_domain(&self) -> Result<Vec<Domain>, Error> {
        let rows: Vec<Row> = sqlx::query_as(rows::ALL)
            .fetch_all(self.inner.database.readers())
            .await
            .map_err(failed("cannot read the domains"))?;
        rows.into_iter().map(Domain::try_from).collect()
    }

    /// One domain of a group.
    ///
    /// # Errors
    /// [`Error::DomainMissing`].
    pub async fn custom_domain(&self, project: &str, group_id: &str, id: &str) -> Result<Domain, Error> {
        let found = self.custom_domains(project, Some(group_id)).await?.into_iter().find(|domain| domain.id == id);
        found.ok_or_else(|| Error::DomainMissing(format!("no domain {id} in group {group_id}")))
    }

    /// Gives a group another name to answer at. Plain HTTP is sent to https with `redirect`.
    ///
    /// # Errors
    /// [`What::GroupMissing`]; [`Error::DomainTaken`]; [`Error::Quota`].
    pub async fn bind_domain(
        &self,
        project: &str,
        group_id: &str,
        name: &str,
        redirect: bool,
    ) -> Result<Domain, Error> {
        let store = self.clone();
        let domain = Domain {
            id: auth::keys::id(),
            project: project.to_owned(),
            group_id: group_id.to_owned(),
            name: name.to_ascii_lowercase(),
            redirect,
            certificate: None,
        };
        self.finish(async move {
            let mut change = Change::begin(&store).await?;
            group(change.connection(), &domain.project, &domain.group_id).await?;
            check_free(change.connection(), &domain).await?;
            begin(&mut change, &domain).await?;
            insert(change.connection(), &domain).await?;
            change.commit(|_| domain).await
        })
        .await
    }

    /// Changes whether plain HTTP is sent to https.
    ///
    /// # Errors
    /// [`Error::DomainMissing`].
    pub async fn update_domain(
        &self,
        project: &str,
        group_id: &str,
        id: &str,
        redirect: bool,
    ) -> Result<Domain, Error> {
        let store = self.clone();
        let (project, group_id, id) = (project.to_owned(), group_id.to_owned(), id.to_owned());
        self.finish(async move {
            let mut change = Change::begin(&store).await?;
            let mut domain = current(change.connection(), &project, &group_id, &id).await?;
            begin(&mut change, &domain).await?;
            domain.redirect = redirect;
            sqlx::query("UPDATE domains SET redirect = $1 WHERE id = $2")
                .bind(i64::from(redirect))
                .bind(&id)
                .execute(change.connection())
                .await
                .map_err(failed("cannot change the domain"))?;
            change.commit(|_| domain).await
        })
        .await
    }

    /// Takes a domain from its group, and its certificate with it.
    ///
    /// # Errors
    /// [`Error::DomainMissing`].
    pub async fn unbind_domain(&self, project: &str, group_id: &str, id: &str) -> Result<(), Error> {
        let store = self.clone();
        let (project, group_id, id) = (project.to_owned(), group_id.to_owned(), id.to_owned());
        self.finish(async move {
            let mut change = Change::begin(&store).await?;
            let domain = current(change.connection(), &project, &group_id, &id).await?;
            begin(&mut change, &domain).await?;
            sqlx::query("DELETE FROM domains WHERE id = $1")
                .bind(&id)
                .execute(change.connection())
                .await
                .map_err(failed("cannot delete the domain"))?;
            change.commit(|_| ()).await
        })
        .await
    }

    /// Gives a domain a certificate, in place of the one it had. Whoever calls has checked it.
    ///
    /// # Errors
    /// [`Error::DomainMissing`].
    pub async fn bind_certificate(
        &self,
        project: &str,
        group_id: &str,
        id: &str,
        new: NewCertificate,
    ) -> Result<Domain, Error> {
        let store = self.clone();
        let (project, group_id, id) = (project.to_owned(), group_id.to_owned(), id.to_owned());
        self.finish(async move {
            let mut change = Change::begin(&store).await?;
            let mut domain = current(change.connection(), &project, &group_id, &id).await?;
            begin(&mut change, &domain).await?;
            domain.certificate = Some(replace(&mut change, &domain, new).await?);
            change.commit(|_| domain).await
        })
        .await
    }

    /// Takes its certificate from a domain.
    ///
    /// # Errors
    /// [`Error::DomainMissing`], also when it has no such certificate.
    pub async fn unbind_certificate(
        &self,
        project: &str,
        group_id: &str,
        id: &str,
        certificate: &str,
    ) -> Result<(), Error> {
        let store = self.clone();
        let (project, group_id, id) = (project.to_owned(), group_id.to_owned(), id.to_owned());
        let certificate = certificate.to_owned();
        self.finish(async move {
            let mut change = Change::begin(&store).await?;
            let domain = current(change.connection(), &project, &group_id, &id).await?;
            begin(&mut change, &domain).await?;
            if domain.certificate.is_none_or(|own| own.id != certificate) {
                return Err(Error::DomainMissing(format!("domain {} has no certificate {certificate}", domain.name)));
            }
            delete_certificate(change.connection(), &id).await?;
            change.commit(|_| ()).await
        })
        .await
    }

    /// Opens or closes a group's own host.
    ///
    /// # Errors
    /// [`What::GroupMissing`].
    pub async fn close_own_host(&self, project: &str, group_id: &str, closed: bool) -> Result<(), Error> {
        let store = self.clone();
        let (project, group_id) = (project.to_owned(), group_id.to_owned());
        self.finish(async move {
            let mut change = Change::begin(&store).await?;
            change.extent = Extent::Apis;
            group(change.connection(), &project, &group_id).await?;
            change.touch(Subject::new(&super::GROUP, &group_id, &group_id)).await?;
            sqlx::query("UPDATE api_groups SET own_host_closed = $1 WHERE project = $2 AND id = $3")
                .bind(i64::from(closed))
                .bind(&project)
                .bind(&group_id)
                .execute(change.connection())
                .await
                .map_err(failed("cannot change the group"))?;
            change.commit(|_| ()).await
        })
        .await
    }
}

async fn begin(change: &mut Change, domain: &Domain) -> Result<(), Error> {
    change.extent = Extent::Apis;
    change.touch(Subject::new(&DOMAIN, &domain.id, &domain.name)).await
}

async fn group(connection: &mut SqliteConnection, project: &str, id: &str) -> Result<(), Error> {
    match groups::by_id(connection, project, id).await? {
        Some(_) => Ok(()),
        None => Err(missing(What::GroupMissing, "API group", id)),
    }
}

async fn current(connection: &mut SqliteConnection, project: &str, group_id: &str, id: &str) -> Result<Domain, Error> {
    let rows: Vec<Row> =
        sqlx::query_as(rows::ALL).fetch_all(connection).await.map_err(failed("cannot read the domain"))?;
    let row = rows.into_iter().find(|row| row.is_of(project, Some(group_id)) && row.id == id);
    row.ok_or_else(|| Error::DomainMissing(format!("no domain {id} in group {group_id}")))?.try_into()
}

/// Nobody has the name, nobody else has a wildcard that covers it or names below its own, and the group has room.
async fn check_free(connection: &mut SqliteConnection, domain: &Domain) -> Result<(), Error> {
    let all: Vec<(String, String, String)> = sqlx::query_as("SELECT name, project, group_id FROM domains")
        .fetch_all(&mut *connection)
        .await
        .map_err(failed("cannot read the domains"))?;
    let own = |project: &str, group: &str| project == domain.project && group == domain.group_id;
    let count = all.iter().filter(|(_, project, group)| own(project, group)).count();
    for (name, project, group_id) in &all {
        if *name == domain.name {
            let whose = if *project == domain.project { format!("group {group_id}") } else { OTHERS.to_owned() };
            return Err(Error::DomainTaken(format!("the domain {name} is taken by {whose}")));
        }
        if *project != domain.project && (covers(name, &domain.name) || covers(&domain.name, name)) {
            return Err(Error::DomainTaken(format!("the domain {} overlaps with one of {OTHERS}", domain.name)));
        }
    }
    let hosts: Vec<(String, String)> =
        sqlx::query_as("SELECT domain, project FROM api_groups WHERE domain IS NOT NULL")
            .fetch_all(connection)
            .await
            .map_err(failed("cannot read the groups"))?;
    let clash = hosts
        .iter()
        .find(|(host, project)| *host == domain.name || (*project != domain.project && covers(&domain.name, host)));
    if let Some((host, _)) = clash {
        return Err(Error::DomainTaken(format!("the domain {} is taken: an API group answers at {host}", domain.name)));
    }
    if count as u64 >= DOMAINS {
        return Err(Error::Quota { what: crate::quota::DOMAINS, limit: DOMAINS });
    }
    Ok(())
}

/// Somebody of whom no more is said.
const OTHERS: &str = "another project";

/// Whether a wildcard is a name's.
fn covers(wildcard: &str, name: &str) -> bool {
    let parent = wildcard.strip_prefix("*.");
    parent.is_some() && parent == name.split_once('.').map(|(_, parent)| parent)
}

/// Whether a host of a new group is a custom domain already, or below somebody else's.
pub(crate) async fn has(connection: &mut SqliteConnection, project: &str, host: &str) -> Result<bool, Error> {
    let all: Vec<(String, String)> = sqlx::query_as("SELECT name, project FROM domains")
        .fetch_all(connection)
        .await
        .map_err(failed("cannot read the domains"))?;
    Ok(all.iter().any(|(name, owner)| name == host || (owner != project && covers(name, host))))
}

async fn insert(connection: &mut SqliteConnection, domain: &Domain) -> Result<(), Error> {
    sqlx::query("INSERT INTO domains (id, project, group_id, name, redirect, created) VALUES ($1, $2, $3, $4, $5, $6)")
        .bind(&domain.id)
        .bind(&domain.project)
        .bind(&domain.group_id)
        .bind(&domain.name)
        .bind(i64::from(domain.redirect))
        .bind(micros(model::time::now()))
        .execute(connection)
        .await
        .map_err(failed("cannot store the domain"))?;
    Ok(())
}

async fn delete_certificate(connection: &mut SqliteConnection, domain: &str) -> Result<(), Error> {
    sqlx::query("DELETE FROM certificates WHERE domain_id = $1")
        .bind(domain)
        .execute(connection)
        .await
        .map_err(failed("cannot delete the certificate"))?;
    Ok(())
}

async fn replace(change: &mut Change, domain: &Domain, new: NewCertificate) -> Result<Certificate, Error> {
    let NewCertificate { name, chain, key, ordered, not_after } = new;
    let certificate =
        Certificate { id: auth::keys::id(), name, chain, ordered, not_after, created: model::time::now() };
    let chain: Vec<String> = certificate.chain.iter().map(|der| STANDARD.encode(der)).collect();
    let sealed = STANDARD.encode(change.inner.key.seal(&context(&domain.project, &certificate.id), &key));
    delete_certificate(change.connection(), &domain.id).await?;
    sqlx::query(
        "INSERT INTO certificates (domain_id, id, name, chain, private_key, ordered, not_after, created) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(&domain.id)
    .bind(&certificate.id)
    .bind(&certificate.name)
    .bind(chain.join(" "))
    .bind(sealed)
    .bind(i64::from(ordered))
    .bind(micros(certificate.not_after))
    .bind(micros(certificate.created))
    .execute(change.connection())
    .await
    .map_err(failed("cannot store the certificate"))?;
    Ok(certificate)
}

/// Which key: bound into the sealed bytes.
fn context(project: &str, certificate: &str) -> String {
    format!("{project}/{certificate}/private_key")
}
