//! Agencies: rights that somebody else may assume.

use auth::token::{Claims, Scope, Subject, TemporaryKey};
use jiff::{SignedDuration, Timestamp};

use crate::database::{micros, signed};
use crate::error::Error;
use crate::identity::{Agency, Plan, Write, missing};
use crate::store::Store;

/// Agencies of the domain.
pub(crate) const AGENCIES: usize = 100;

/// The names under which FunctionGraph assumes an agency.
pub const SERVICES: [&str; 2] = ["op_svc_functiongraph", "op_svc_cff"];
/// How long what is lent is good (`behaviour.md` 8.10).
const LENT: SignedDuration = SignedDuration::from_hours(24);

impl Store {
    /// A token of an agency and a temporary access key, for a function of this project; none when there is no such agency, it has
    /// expired, or it does not trust FunctionGraph. From memory.
    pub fn lend(&self, agency: &str, project: &str) -> Option<(String, TemporaryKey)> {
        let identities = self.identities();
        let issued = model::time::now();
        let found = identities.agency_named(agency)?;
        let trusts = SERVICES.contains(&found.trusted.as_str());
        if !trusts || found.expires.is_some_and(|expires| expires <= issued) {
            return None;
        }
        let claims = Claims {
            subject: Subject::Agency(found.id.clone()),
            epoch: found.epoch,
            assumed_by: None,
            scope: Scope::Project(project.to_owned()),
            methods: vec!["assume_role".to_owned()],
            issued,
            expires: issued + LENT,
            policy: None,
        };
        Some((claims.seal(self.token_key()), TemporaryKey::new(claims)))
    }

    /// A new agency, without rights.
    ///
    /// # Errors
    /// [`Error::IdentityConflict`] when the name is taken, or there are too many.
    pub async fn create_agency(
        &self,
        name: &str,
        trusted: &str,
        description: &str,
        duration: &str,
    ) -> Result<Agency, Error> {
        let (name, trusted) = (name.to_owned(), trusted.to_owned());
        let (description, duration) = (description.to_owned(), duration.to_owned());
        self.alter(move |identities, generation| {
            if identities.agency_named(&name).is_some() {
                return Err(Error::IdentityConflict(format!("there is an agency named {name}")));
            }
            if identities.agencies.len() >= AGENCIES {
                return Err(Error::IdentityConflict(format!("at most {AGENCIES} agencies")));
            }
            let created = model::time::now();
            let expires = ends(created, &duration);
            let agency = Agency {
                id: auth::keys::id(),
                name,
                trusted,
                description,
                duration,
                epoch: generation,
                created,
                expires,
            };
            let write = values(Write::new(INSERT), &agency).number(micros(created)).text(&agency.name);
            Ok(Plan { writes: vec![write], answer: agency })
        })
        .await
    }

    /// Changes whom it trusts, its description or its duration (counted from its creation); what trusts somebody else voids its tokens.
    ///
    /// # Errors
    /// [`Error::IdentityMissing`].
    pub async fn update_agency(
        &self,
        id: &str,
        trusted: Option<String>,
        description: Option<String>,
        duration: Option<String>,
    ) -> Result<Agency, Error> {
        let id = id.to_owned();
        self.alter(move |identities, generation| {
            let mut agency = identities.agencies.get(&id).cloned().ok_or_else(|| missing("agency", &id))?;
            if let Some(trusted) = trusted.filter(|trusted| *trusted != agency.trusted) {
                agency.trusted = trusted;
                agency.epoch = generation;
            }
            agency.description = description.unwrap_or(agency.description);
            if let Some(duration) = duration {
                agency.expires = ends(agency.created, &duration);
                agency.duration = duration;
            }
            Ok(Plan { writes: vec![values(Write::new(UPDATE), &agency)], answer: agency })
        })
        .await
    }

    /// Deletes an agency with what was granted to it; its tokens are void.
    ///
    /// # Errors
    /// [`Error::IdentityMissing`].
    pub async fn delete_agency(&self, id: &str) -> Result<(), Error> {
        let id = id.to_owned();
        self.alter(move |identities, _| {
            if !identities.agencies.contains_key(&id) {
                return Err(missing("agency", &id));
            }
            let writes = vec![
                Write::new("DELETE FROM grants WHERE holder = $1").text(&id),
                Write::new("DELETE FROM agencies WHERE id = $1").text(&id),
            ];
            Ok(Plan { writes, answer: () })
        })
        .await
    }
}

const INSERT: &str = "INSERT INTO agencies (id, trusted, description, duration, epoch, expires, created, name) \
                      VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
const UPDATE: &str =
    "UPDATE agencies SET trusted = $2, description = $3, duration = $4, epoch = $5, expires = $6 WHERE id = $1";

fn values(write: Write, agency: &Agency) -> Write {
    write
        .text(&agency.id)
        .text(&agency.trusted)
        .text(&agency.description)
        .text(&agency.duration)
        .number(signed(agency.epoch))
        .number(agency.expires.map(micros))
}

/// `FOREVER` has no end, `ONEDAY` is one, a number is days.
fn ends(created: Timestamp, duration: &str) -> Option<Timestamp> {
    let days = match duration {
        "FOREVER" => return None,
        "ONEDAY" => 1,
        days => days.parse().unwrap_or(1),
    };
    created.checked_add(SignedDuration::from_hours(24 * days)).ok()
}
