//! Users, groups, roles, agencies, projects and keys: every row that a change made different becomes an event.

use std::collections::{BTreeMap, BTreeSet};

use sqlx::SqliteConnection;

use super::{Outcome, Subject, add, subject::Kind};
use crate::change::Change;
use crate::database::failed;
use crate::error::Error;

/// Kinds, and queries that give id, name and everything else of each row. When a key was last used is no change.
static KINDS: [(Kind, &str); 8] = [
    (
        kind("user"),
        "SELECT id, name, name || ' ' || COALESCE(password, '') || ' ' || CAST(enabled AS TEXT) || ' ' || CAST(epoch AS TEXT) || ' ' \
         || details FROM users",
    ),
    (kind("userGroup"), "SELECT id, name, name || ' ' || description FROM user_groups"),
    (kind("groupMember"), "SELECT group_id || '/' || user_id, user_id, '-' FROM group_members"),
    (
        kind("role"),
        "SELECT id, name, name || ' ' || display_name || ' ' || description || ' ' || kind || ' ' || policy FROM roles",
    ),
    (
        kind("agency"),
        "SELECT id, name, name || ' ' || trusted || ' ' || description || ' ' || duration || ' ' || CAST(epoch AS TEXT) FROM agencies",
    ),
    (kind("permission"), "SELECT holder || '/' || project || '/' || role_id, role_id, '-' FROM grants"),
    (kind("project"), "SELECT id, name, name || ' ' || description || ' ' || CAST(enabled AS TEXT) FROM projects"),
    (
        kind("credential"),
        "SELECT access_key, access_key, project || ' ' || secret_key || ' ' || COALESCE(user_id, '') || ' ' || CAST(active AS TEXT) \
         || ' ' || description FROM credentials",
    ),
];

const fn kind(name: &'static str) -> Kind {
    Kind { name, rows: &[] }
}

/// What there is: by number of the kind and id, the name and the digest.
pub(crate) type Rows = BTreeMap<(usize, String), (String, String)>;

/// As it is now.
pub(crate) async fn look(connection: &mut SqliteConnection) -> Result<Rows, Error> {
    let mut all = Rows::new();
    for (number, (_, query)) in KINDS.iter().enumerate() {
        let rows: Vec<(String, String, String)> = sqlx::query_as(*query)
            .fetch_all(&mut *connection)
            .await
            .map_err(failed("cannot read what an audit event is about"))?;
        all.extend(rows.into_iter().map(|(id, name, text)| ((number, id), (name, super::subject::digest(&text)))));
    }
    Ok(all)
}

/// Adds an event for each row that is not as it was.
pub(crate) async fn add_differences(change: &mut Change, before: &Rows) -> Result<(), Error> {
    let after = look(change.connection()).await?;
    let key = change.inner.key.clone();
    let actor = super::actor();
    let rows: BTreeSet<_> = before.keys().chain(after.keys()).collect();
    for row in rows {
        let (was, is) = (before.get(row), after.get(row));
        if was == is {
            continue;
        }
        let Some((kind, _)) = KINDS.get(row.0) else { continue };
        let name = is.or(was).map(|(name, _)| name.clone()).unwrap_or_default();
        let digest = |row: Option<&(String, String)>| row.map(|(_, digest)| digest.clone()).unwrap_or_default();
        let subject = Subject::new(kind, row.1.clone(), name);
        add((change.connection(), &key), &actor, (&subject, &digest(was), &digest(is)), Outcome::DONE).await?;
    }
    Ok(())
}
