//! Throttling policies, and their limits for single apps and users.

use model::apig::policies::{Book, Kind};
use model::apig::throttles::{Limits, Object, Period, Policy, Special};

use super::policies::THROTTLE;
use crate::audit::Subject;
use crate::database::{micros, timestamp};
use crate::error::Error;
use crate::functions::json;
use crate::identity::{Plan, Write};
use crate::store::Store;
use crate::{policy, quota};

/// Policies of a project.
const THROTTLES: usize = 300;
/// Limits of single apps or users in one policy.
const SPECIALS: usize = 30;

/// A throttling policy, new or changed.
#[derive(Clone, Debug)]
pub struct NewThrottle {
    /// Unique in the project.
    pub name: String,
    /// For people.
    pub remark: String,
    /// Whether all APIs that it is bound to are counted together.
    pub shared: bool,
    /// The window.
    pub period: Period,
    /// What is allowed in it.
    pub limits: Limits,
}

impl Store {
    /// A new throttling policy.
    ///
    /// # Errors
    /// [`Error::PolicyExists`] for its name; [`Error::Quota`].
    pub async fn create_throttle(&self, project: &str, new: NewThrottle) -> Result<Policy, Error> {
        let project = project.to_owned();
        let id = auth::keys::id();
        self.alter_policies(Subject::new(&THROTTLE, id.clone(), new.name.clone()), move |book| {
            check_name(book, &project, &new.name)?;
            if book.throttles.values().filter(|own| own.project == project).count() >= THROTTLES {
                return Err(Error::Quota { what: quota::THROTTLES, limit: THROTTLES as u64 });
            }
            let created = timestamp(micros(model::time::now()))?;
            let NewThrottle { name, remark, shared, period, limits } = new;
            let policy = Policy { id, project, name, remark, shared, period, limits, created };
            let write = values(Write::new(INSERT), &policy)?.text(&policy.project).number(micros(created));
            Ok(Plan { writes: vec![write], answer: policy })
        })
        .await
    }

    /// Replaces a throttling policy; where it is bound the new one holds from now on, with what was counted.
    ///
    /// # Errors
    /// [`Error::PolicyMissing`]; [`Error::PolicyExists`] for its name; [`Error::PolicyRefused`] when a limit of a single app or
    /// user is over the new one of the API.
    pub async fn update_throttle(&self, project: &str, id: &str, new: NewThrottle) -> Result<Policy, Error> {
        let (project, id) = (project.to_owned(), id.to_owned());
        self.alter_policies(Subject::new(&THROTTLE, id.clone(), new.name.clone()), move |book| {
            let mut policy = find(book, &project, &id)?.clone();
            if new.name != policy.name {
                check_name(book, &project, &new.name)?;
            }
            let api = new.limits.api.unwrap_or(u32::MAX);
            if let Some(special) = book.specials_of(&id).into_iter().find(|special| special.limit > api) {
                return Err(Error::PolicyRefused(format!(
                    "api_call_limits must be at least {}, the limit of {} {}",
                    special.limit,
                    special.object.code(),
                    special.object_id
                )));
            }
            let NewThrottle { name, remark, shared, period, limits } = new;
            policy = Policy { name, remark, shared, period, limits, ..policy };
            Ok(Plan { writes: vec![values(Write::new(UPDATE), &policy)?], answer: policy })
        })
        .await
    }

    /// Deletes a throttling policy with its bindings.
    ///
    /// # Errors
    /// [`Error::PolicyMissing`].
    pub async fn delete_throttle(&self, project: &str, id: &str) -> Result<(), Error> {
        let name = find(&self.policies(), project, id)?.name.clone();
        let (project, id) = (project.to_owned(), id.to_owned());
        self.alter_policies(Subject::new(&THROTTLE, id.clone(), name), move |book| {
            find(book, &project, &id)?;
            let bindings = Write::new("DELETE FROM policy_bindings WHERE kind = $1 AND policy_id = $2");
            let bindings = bindings.text(Kind::Throttle.code()).text(&id);
            let policy = Write::new("DELETE FROM throttles WHERE id = $1").text(&id);
            Ok(Plan { writes: vec![bindings, policy], answer: () })
        })
        .await
    }

    /// A limit of one app or user. Users are counted by the project that they act in.
    ///
    /// # Errors
    /// [`Error::PolicyMissing`]; [`Error::CallerMissing`] for an app of nobody's, [`Error::PolicyRefused`] for such a project;
    /// [`Error::PolicyExists`] when it has one; [`Error::PolicyRefused`] over the limit of the API; [`Error::Quota`].
    pub async fn create_special(
        &self,
        project: &str,
        throttle_id: &str,
        (object, object_id): (Object, String),
        limit: u32,
    ) -> Result<Special, Error> {
        let name = find(&self.policies(), project, throttle_id)?.name.clone();
        let (store, project, throttle_id) = (self.clone(), project.to_owned(), throttle_id.to_owned());
        self.alter_policies(Subject::new(&THROTTLE, throttle_id.clone(), name), move |book| {
            check_limit(find(book, &project, &throttle_id)?, limit)?;
            check_object(&store, &project, object, &object_id)?;
            let others = book.specials_of(&throttle_id);
            if others.iter().any(|other| (other.object, &other.object_id) == (object, &object_id)) {
                return Err(Error::PolicyExists { what: policy::SPECIAL, name: object_id });
            }
            if others.iter().filter(|other| other.object == object).count() >= SPECIALS {
                return Err(Error::Quota { what: quota::SPECIALS, limit: SPECIALS as u64 });
            }
            let applied = timestamp(micros(model::time::now()))?;
            let special = Special { id: auth::keys::id(), throttle_id, object, object_id, limit, applied };
            let write = Write::new(
                "INSERT INTO throttle_specials (id, throttle_id, object, object_id, call_limit, applied) VALUES ($1, $2, $3, $4, $5, $6)",
            );
            let write = write.text(&special.id).text(&special.throttle_id).text(object.code()).text(&special.object_id);
            let write = write.number(i64::from(limit)).number(micros(applied));
            Ok(Plan { writes: vec![write], answer: special })
        })
        .await
    }

    /// Changes a limit of one app or user.
    ///
    /// # Errors
    /// [`Error::PolicyMissing`]; [`Error::PolicyRefused`] over the limit of the API.
    pub async fn update_special(
        &self,
        project: &str,
        throttle_id: &str,
        id: &str,
        limit: u32,
    ) -> Result<Special, Error> {
        let name = find(&self.policies(), project, throttle_id)?.name.clone();
        let (project, throttle_id, id) = (project.to_owned(), throttle_id.to_owned(), id.to_owned());
        self.alter_policies(Subject::new(&THROTTLE, throttle_id.clone(), name), move |book| {
            check_limit(find(book, &project, &throttle_id)?, limit)?;
            let applied = timestamp(micros(model::time::now()))?;
            let special = Special { limit, applied, ..special(book, &throttle_id, &id)?.clone() };
            let write = Write::new("UPDATE throttle_specials SET call_limit = $2, applied = $3 WHERE id = $1");
            let write = write.text(&id).number(i64::from(limit)).number(micros(applied));
            Ok(Plan { writes: vec![write], answer: special })
        })
        .await
    }

    /// Deletes a limit of one app or user.
    ///
    /// # Errors
    /// [`Error::PolicyMissing`].
    pub async fn delete_special(&self, project: &str, throttle_id: &str, id: &str) -> Result<(), Error> {
        let name = find(&self.policies(), project, throttle_id)?.name.clone();
        let (project, throttle_id, id) = (project.to_owned(), throttle_id.to_owned(), id.to_owned());
        self.alter_policies(Subject::new(&THROTTLE, throttle_id.clone(), name), move |book| {
            find(book, &project, &throttle_id)?;
            special(book, &throttle_id, &id)?;
            Ok(Plan { writes: vec![Write::new("DELETE FROM throttle_specials WHERE id = $1").text(&id)], answer: () })
        })
        .await
    }
}

const INSERT: &str = "INSERT INTO throttles (id, name, remark, shared, period, limits, project, created) \
                      VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
const UPDATE: &str = "UPDATE throttles SET name = $2, remark = $3, shared = $4, period = $5, limits = $6 WHERE id = $1";

fn values(write: Write, policy: &Policy) -> Result<Write, Error> {
    let write = write.text(&policy.id).text(&policy.name).text(&policy.remark).number(i64::from(policy.shared));
    Ok(write.text(&json(&policy.period)?).text(&json(&policy.limits)?))
}

/// A policy of another project is not there.
fn find<'a>(book: &'a Book, project: &str, id: &str) -> Result<&'a Policy, Error> {
    let found = book.throttles.get(id).filter(|policy| policy.project == project);
    found.ok_or_else(|| Error::PolicyMissing { what: policy::THROTTLE, id: id.to_owned() })
}

fn special<'a>(book: &'a Book, throttle_id: &str, id: &str) -> Result<&'a Special, Error> {
    let found = book.specials.get(id).filter(|special| special.throttle_id == throttle_id);
    found.ok_or_else(|| Error::PolicyMissing { what: policy::SPECIAL, id: id.to_owned() })
}

fn check_name(book: &Book, project: &str, name: &str) -> Result<(), Error> {
    match book.throttles.values().any(|other| other.project == project && other.name == name) {
        true => Err(Error::PolicyExists { what: policy::THROTTLE, name: name.to_owned() }),
        false => Ok(()),
    }
}

fn check_limit(policy: &Policy, limit: u32) -> Result<(), Error> {
    match policy.limits.api {
        Some(api) if limit > api => {
            Err(Error::PolicyRefused(format!("call_limits must be at most {api}, the policy's api_call_limits")))
        }
        _ => Ok(()),
    }
}

fn check_object(store: &Store, project: &str, object: Object, id: &str) -> Result<(), Error> {
    match object {
        Object::App => store.app(project, id).map(drop),
        // Others' apps call none of the project's APIs; whether there is another project is nothing to be told.
        Object::User if id == project || id == store.domain() => Ok(()),
        Object::User => {
            let (domain, app) = (store.domain(), "for an API with app authentication");
            let text = format!(
                "object_id must be the id of what users are counted by: {project}, the project, {app}, or {domain}, the account, for \
                 one with IAM authentication; not {id}"
            );
            Err(Error::PolicyRefused(text))
        }
    }
}
