//! Responses of groups.

use std::collections::BTreeMap;

use model::apig::policies::Book;
use model::apig::responses::{RESPONSES as MOST, Responses, Rule};

use super::policies::RESPONSES;
use crate::audit::Subject;
use crate::database::{micros, timestamp};
use crate::error::Error;
use crate::functions::json;
use crate::identity::{Plan, Write};
use crate::store::Store;
use crate::{policy, quota};

/// Name of the responses that every group has.
const DEFAULT: &str = "default";

impl Store {
    /// The responses of a group, the default ones first, then by name. A group has its default ones from the beginning; they have
    /// the group's id until they are changed.
    pub fn gateway_responses(&self, project: &str, group_id: &str) -> Vec<Responses> {
        of_group(&self.policies(), project, group_id)
    }

    /// New responses for a group that is there.
    ///
    /// # Errors
    /// [`Error::PolicyExists`] for their name; [`Error::Quota`].
    pub async fn create_gateway_responses(
        &self,
        (project, group_id): (&str, &str),
        name: String,
        rules: BTreeMap<String, Rule>,
    ) -> Result<Responses, Error> {
        let (project, group_id, id) = (project.to_owned(), group_id.to_owned(), auth::keys::id());
        self.alter_policies(Subject::new(&RESPONSES, id.clone(), name.clone()), move |book| {
            let others = of_group(book, &project, &group_id);
            if others.iter().any(|other| other.name == name) {
                return Err(Error::PolicyExists { what: policy::RESPONSES, name });
            }
            if others.iter().filter(|other| !other.default).count() >= MOST {
                return Err(Error::Quota { what: quota::RESPONSES, limit: MOST as u64 });
            }
            let created = timestamp(micros(model::time::now()))?;
            let default = false;
            let responses = Responses { id, project, group_id, name, default, rules, created, modified: created };
            Ok(Plan { writes: vec![write(&responses)?], answer: responses })
        })
        .await
    }

    /// Changes responses of a group: `change` gets what there is.
    ///
    /// # Errors
    /// [`Error::PolicyMissing`]; [`Error::PolicyExists`] for their name; [`Error::PolicyRefused`] for another name of the default
    /// ones.
    pub async fn update_gateway_responses(
        &self,
        (project, group_id): (&str, &str),
        id: &str,
        change: impl FnOnce(&mut Responses) + Send + 'static,
    ) -> Result<Responses, Error> {
        let name = find(&self.policies(), (project, group_id), id)?.name;
        let (project, group_id, id) = (project.to_owned(), group_id.to_owned(), id.to_owned());
        self.alter_policies(Subject::new(&RESPONSES, id.clone(), name), move |book| {
            let before = find(book, (&project, &group_id), &id)?;
            let mut after = before.clone();
            change(&mut after);
            after.modified = timestamp(micros(model::time::now()))?;
            check_name(book, &before, &after)?;
            Ok(Plan { writes: vec![write(&after)?], answer: after })
        })
        .await
    }

    /// Deletes responses of a group, but not the default ones.
    ///
    /// # Errors
    /// [`Error::PolicyMissing`]; [`Error::PolicyRefused`] for the default ones.
    pub async fn delete_gateway_responses(&self, (project, group_id): (&str, &str), id: &str) -> Result<(), Error> {
        let name = find(&self.policies(), (project, group_id), id)?.name;
        let (project, group_id, id) = (project.to_owned(), group_id.to_owned(), id.to_owned());
        self.alter_policies(Subject::new(&RESPONSES, id.clone(), name), move |book| {
            if find(book, (&project, &group_id), &id)?.default {
                return Err(Error::PolicyRefused("the default responses of a group cannot be deleted".to_owned()));
            }
            Ok(Plan { writes: vec![Write::new("DELETE FROM gateway_responses WHERE id = $1").text(&id)], answer: () })
        })
        .await
    }
}

fn of_group(book: &Book, project: &str, group_id: &str) -> Vec<Responses> {
    let own = book.responses.values().filter(|own| own.project == project && own.group_id == group_id);
    let mut all: Vec<Responses> = own.cloned().collect();
    if !all.iter().any(|own| own.default) {
        let at = jiff::Timestamp::UNIX_EPOCH;
        all.push(Responses {
            id: group_id.to_owned(),
            project: project.to_owned(),
            group_id: group_id.to_owned(),
            name: DEFAULT.to_owned(),
            default: true,
            rules: BTreeMap::new(),
            created: at,
            modified: at,
        });
    }
    all.sort_by(|a, b| (!a.default, &a.name).cmp(&(!b.default, &b.name)));
    all
}

fn find(book: &Book, (project, group_id): (&str, &str), id: &str) -> Result<Responses, Error> {
    let found = of_group(book, project, group_id).into_iter().find(|own| own.id == id);
    found.ok_or_else(|| Error::PolicyMissing { what: policy::RESPONSES, id: id.to_owned() })
}

fn check_name(book: &Book, before: &Responses, after: &Responses) -> Result<(), Error> {
    if after.name == before.name {
        return Ok(());
    }
    if before.default {
        return Err(Error::PolicyRefused("the default responses of a group keep their name".to_owned()));
    }
    let others = of_group(book, &before.project, &before.group_id);
    match others.iter().any(|other| other.name == after.name) {
        true => Err(Error::PolicyExists { what: policy::RESPONSES, name: after.name.clone() }),
        false => Ok(()),
    }
}

/// Adds them, or replaces those with the same id.
fn write(responses: &Responses) -> Result<Write, Error> {
    let write = Write::new(
        "INSERT INTO gateway_responses (id, project, group_id, name, is_default, rules, created, modified) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8) \
         ON CONFLICT (id) DO UPDATE SET name = excluded.name, rules = excluded.rules, modified = excluded.modified",
    );
    let write = write.text(&responses.id).text(&responses.project).text(&responses.group_id).text(&responses.name);
    let write = write.number(i64::from(responses.default)).text(&json(&responses.rules)?);
    Ok(write.number(micros(responses.created)).number(micros(responses.modified)))
}
