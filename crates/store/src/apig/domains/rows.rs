//! Domains as the tables keep them, and as the Snapshot takes them.

use std::collections::HashMap;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use model::snapshot;
use sqlx::{FromRow, SqliteConnection};
use zeroize::Zeroizing;

use super::{Certificate, Domain, context};
use crate::database::{failed, timestamp};
use crate::error::{Error, internal};
use crate::store::Inner;

/// Every domain with its certificate and its group's own host. There are few.
pub(super) const ALL: &str = "SELECT d.id, d.project, d.group_id, d.name, d.redirect, c.id AS certificate_id, c.name AS certificate_name, c.chain, \
     c.private_key, c.ordered, c.not_after, c.created, g.domain AS host FROM domains d \
     JOIN api_groups g ON g.project = d.project AND g.id = d.group_id LEFT JOIN certificates c ON c.domain_id = d.id \
     ORDER BY d.name";

/// What the Snapshot needs. Certificates that `before` has are not opened again.
pub(crate) async fn load(
    connection: &mut SqliteConnection,
    inner: &Inner,
    before: &snapshot::Domains,
) -> Result<snapshot::Domains, Error> {
    let rows: Vec<Row> =
        sqlx::query_as(ALL).fetch_all(&mut *connection).await.map_err(failed("cannot read the domains"))?;
    let closed: Vec<String> =
        sqlx::query_scalar("SELECT domain FROM api_groups WHERE own_host_closed = 1 AND domain IS NOT NULL")
            .fetch_all(&mut *connection)
            .await
            .map_err(failed("cannot read the groups"))?;
    let known: HashMap<&str, &Arc<snapshot::Certificate>> =
        before.iter().filter_map(|domain| domain.certificate.as_ref()).map(|own| (own.id.as_str(), own)).collect();
    let mut all = Vec::new();
    for row in rows {
        all.push(Arc::new(row.into_snapshot(inner, &known)?));
    }
    Ok(all.into_iter().collect::<snapshot::Domains>().with_closed(closed))
}

#[derive(FromRow)]
pub(super) struct Row {
    pub(super) id: String,
    project: String,
    group_id: String,
    name: String,
    redirect: i64,
    certificate_id: Option<String>,
    certificate_name: Option<String>,
    chain: Option<String>,
    private_key: Option<String>,
    ordered: Option<i64>,
    not_after: Option<i64>,
    created: Option<i64>,
    host: Option<String>,
}

impl Row {
    pub(super) fn is_of(&self, project: &str, group_id: Option<&str>) -> bool {
        self.project == project && group_id.is_none_or(|id| id == self.group_id)
    }

    fn into_snapshot(
        self,
        inner: &Inner,
        known: &HashMap<&str, &Arc<snapshot::Certificate>>,
    ) -> Result<snapshot::Domain, Error> {
        let mut certificate = None;
        if let (Some(id), Some(text), Some(sealed)) = (&self.certificate_id, &self.chain, &self.private_key) {
            certificate = Some(match known.get(id.as_str()) {
                Some(known) => Arc::clone(known),
                None => Arc::new(snapshot::Certificate {
                    id: id.clone(),
                    chain: chain(text)?,
                    key: open(inner, &context(&self.project, id), sealed)?,
                }),
            });
        }
        Ok(snapshot::Domain {
            name: self.name,
            project: self.project,
            group_id: self.group_id,
            host: self.host,
            redirect: self.redirect == 1,
            certificate,
        })
    }
}

impl TryFrom<Row> for Domain {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self, Error> {
        let certificate = match (row.certificate_id, row.certificate_name, row.chain) {
            (Some(id), Some(name), Some(text)) => Some(Certificate {
                id,
                name,
                chain: chain(&text)?,
                ordered: row.ordered == Some(1),
                not_after: timestamp(row.not_after.unwrap_or_default())?,
                created: timestamp(row.created.unwrap_or_default())?,
            }),
            _ => None,
        };
        Ok(Self {
            id: row.id,
            project: row.project,
            group_id: row.group_id,
            name: row.name,
            redirect: row.redirect == 1,
            certificate,
        })
    }
}

fn chain(text: &str) -> Result<Vec<Vec<u8>>, Error> {
    let damaged = |cause| internal("a certificate in the database is damaged: upload it again", cause);
    text.split(' ').map(|der| STANDARD.decode(der).map_err(damaged)).collect()
}

fn open(inner: &Inner, context: &str, sealed: &str) -> Result<Zeroizing<Vec<u8>>, Error> {
    let failed = "the key of a certificate cannot be opened: is key_file the one it was sealed with?";
    let sealed = STANDARD.decode(sealed).map_err(|cause| internal(failed, cause))?;
    inner.key.open(context, &sealed).map(Zeroizing::new).map_err(|cause| internal(failed, cause))
}
