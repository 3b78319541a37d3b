//! Access control policies.

use model::apig::acls::{Effect, Entity, Policy};
use model::apig::policies::{Book, Kind};

use super::policies::ACL;
use crate::audit::Subject;
use crate::database::{micros, timestamp};
use crate::error::Error;
use crate::identity::{Plan, Write};
use crate::store::Store;
use crate::{policy, quota};

/// Policies of a project.
const ACLS: usize = 100;

/// An access control policy, new or changed.
#[derive(Clone, Debug)]
pub struct NewAcl {
    /// Unique in the project.
    pub name: String,
    /// What it does with those it names.
    pub effect: Effect,
    /// What its value names.
    pub entity: Entity,
    /// Whom it names.
    pub value: String,
}

impl Store {
    /// A new access control policy.
    ///
    /// # Errors
    /// [`Error::PolicyExists`] for its name; [`Error::Quota`].
    pub async fn create_acl(&self, project: &str, new: NewAcl) -> Result<Policy, Error> {
        let project = project.to_owned();
        let id = auth::keys::id();
        self.alter_policies(Subject::new(&ACL, id.clone(), new.name.clone()), move |book| {
            check_name(book, &project, &new.name)?;
            if book.acls.values().filter(|own| own.project == project).count() >= ACLS {
                return Err(Error::Quota { what: quota::ACLS, limit: ACLS as u64 });
            }
            let modified = timestamp(micros(model::time::now()))?;
            let NewAcl { name, effect, entity, value } = new;
            let policy = Policy { id, project, name, effect, entity, value, modified };
            let write = Write::new(
                "INSERT INTO acls (id, name, effect, value, modified, project, entity) VALUES ($1, $2, $3, $4, $5, $6, $7)",
            );
            let write = values(write, &policy).text(&policy.project).text(entity.code());
            Ok(Plan { writes: vec![write], answer: policy })
        })
        .await
    }

    /// Replaces an access control policy, but for the kind of what it names.
    ///
    /// # Errors
    /// [`Error::PolicyMissing`]; [`Error::PolicyExists`] for its name; [`Error::PolicyRefused`] for another entity.
    pub async fn update_acl(&self, project: &str, id: &str, new: NewAcl) -> Result<Policy, Error> {
        let (project, id) = (project.to_owned(), id.to_owned());
        self.alter_policies(Subject::new(&ACL, id.clone(), new.name.clone()), move |book| {
            let old = find(book, &project, &id)?;
            if new.name != old.name {
                check_name(book, &project, &new.name)?;
            }
            if new.entity != old.entity {
                return Err(Error::PolicyRefused(format!(
                    "entity_type cannot be changed, it is {}",
                    old.entity.code()
                )));
            }
            let modified = timestamp(micros(model::time::now()))?;
            let NewAcl { name, effect, value, .. } = new;
            let policy = Policy { name, effect, value, modified, ..old.clone() };
            let write = Write::new("UPDATE acls SET name = $2, effect = $3, value = $4, modified = $5 WHERE id = $1");
            Ok(Plan { writes: vec![values(write, &policy)], answer: policy })
        })
        .await
    }

    /// Deletes an access control policy that is bound nowhere.
    ///
    /// # Errors
    /// [`Error::PolicyMissing`]; [`Error::PolicyInUse`].
    pub async fn delete_acl(&self, project: &str, id: &str) -> Result<(), Error> {
        let name = find(&self.policies(), project, id)?.name.clone();
        let (project, id) = (project.to_owned(), id.to_owned());
        self.alter_policies(Subject::new(&ACL, id.clone(), name), move |book| {
            let policy = find(book, &project, &id)?;
            let count = book.count(Kind::Acl, &id);
            if count > 0 {
                return Err(Error::PolicyInUse { what: policy::ACL, name: policy.name.clone(), count });
            }
            Ok(Plan { writes: vec![Write::new("DELETE FROM acls WHERE id = $1").text(&id)], answer: () })
        })
        .await
    }
}

fn values(write: Write, policy: &Policy) -> Write {
    let write = write.text(&policy.id).text(&policy.name).text(policy.effect.code());
    write.text(&policy.value).number(micros(policy.modified))
}

/// A policy of another project is not there.
fn find<'a>(book: &'a Book, project: &str, id: &str) -> Result<&'a Policy, Error> {
    let found = book.acls.get(id).filter(|policy| policy.project == project);
    found.ok_or_else(|| Error::PolicyMissing { what: policy::ACL, id: id.to_owned() })
}

fn check_name(book: &Book, project: &str, name: &str) -> Result<(), Error> {
    match book.acls.values().any(|other| other.project == project && other.name == name) {
        true => Err(Error::PolicyExists { what: policy::ACL, name: name.to_owned() }),
        false => Ok(()),
    }
}
