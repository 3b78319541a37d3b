//! Who may act: one domain with its projects, users, groups, roles and agencies.
//!
//! A user is in groups; a group (or an agency) was granted roles, each in one project or everywhere; a role is a policy
//! ([`crate::policy`]). [`Identities`] is whole and never changes: a change makes the next one.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::Timestamp;
use model::secret::Secret;
use serde::{Deserialize, Serialize};

use crate::policy::Policy;
use crate::session;
use crate::token::{Claims, Scope, Subject};

mod directory;

pub use directory::Directory;

/// The account that owns everything here.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Domain {
    /// 32 hexadecimal digits.
    pub id: String,
    /// Its name.
    pub name: String,
}

/// A project: what is in it is seen from no other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Project {
    /// 32 hexadecimal digits.
    pub id: String,
    /// The region, or `<region>_<more>`.
    pub name: String,
    /// For people.
    pub description: String,
    /// Whether its operations are allowed.
    pub enabled: bool,
}

/// A user.
#[derive(Clone, Debug)]
pub struct User {
    /// 32 hexadecimal digits.
    pub id: String,
    /// Its name, which no other user has.
    pub name: String,
    /// How its password is checked.
    pub password: Password,
    /// Whether it may act.
    pub enabled: bool,
    /// Tokens of an earlier epoch are void.
    pub epoch: u64,
    /// When it was made.
    pub created: Timestamp,
    /// When it was last changed.
    pub modified: Timestamp,
    /// When its password was set.
    pub password_set: Option<Timestamp>,
    /// What decides nothing.
    pub details: Details,
}

/// How a password is checked.
#[derive(Clone, Debug)]
pub enum Password {
    /// There is none: nobody gets in with one.
    None,
    /// The generated one of the first user, which is still shown.
    First(Secret),
    /// Against this Argon2id hash.
    Hash(String),
}

/// What is known of a user beside.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Details {
    /// For people.
    pub description: String,
    /// `default` (or empty), `programmatic` or `console`: see [`Identities::by_console`] and [`Identities::by_programs`].
    pub access_mode: String,
    /// Mail address.
    pub email: String,
    /// Country code of the phone number.
    pub areacode: String,
    /// Phone number.
    pub phone: String,
    /// Id in another system.
    pub xuser_id: String,
    /// Which other system.
    pub xuser_type: String,
    /// Whether the password must be changed at the next login at the console.
    pub pwd_status: bool,
}

/// A group of users.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserGroup {
    /// 32 hexadecimal digits.
    pub id: String,
    /// Its name, which no other group has.
    pub name: String,
    /// For people.
    pub description: String,
    /// When it was made.
    pub created: Timestamp,
}

/// A role: a policy with a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Role {
    /// 32 hexadecimal digits.
    pub id: String,
    /// As programs name it.
    pub name: String,
    /// As people name it; no other role has it.
    pub display_name: String,
    /// For people.
    pub description: String,
    /// For people who read Chinese.
    pub description_cn: String,
    /// `AX`: granted everywhere; `XA`: in projects. Kept for clients.
    pub kind: String,
    /// What it allows and denies.
    pub policy: Arc<Policy>,
    /// When it was made and last changed; none for those of the system.
    pub times: Option<(Timestamp, Timestamp)>,
}

/// An agency: rights that somebody else may assume; of funcd itself, for functions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Agency {
    /// 32 hexadecimal digits.
    pub id: String,
    /// Its name, which no other agency has.
    pub name: String,
    /// The domain, or the service (`op_svc_functiongraph`), that may assume it.
    pub trusted: String,
    /// For people.
    pub description: String,
    /// `FOREVER`, `ONEDAY`, or a number of days.
    pub duration: String,
    /// Tokens of an earlier epoch are void.
    pub epoch: u64,
    /// When it was made.
    pub created: Timestamp,
    /// When it ends.
    pub expires: Option<Timestamp>,
}

/// A permanent access key, with its secret in the clear.
#[derive(Clone, Debug)]
pub struct AccessKey {
    /// 20 characters.
    pub access_key: String,
    /// 40 characters.
    pub secret_key: Secret,
    /// Whose it is.
    pub user: String,
    /// Whether it signs anything.
    pub active: bool,
    /// For people.
    pub description: String,
    /// When it was made.
    pub created: Timestamp,
    /// When it last signed something, as the tables say.
    pub last_used: Option<Timestamp>,
}

/// A role for a group or an agency.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Grant {
    /// Id of the group or the agency.
    pub holder: String,
    /// Id of the project; none is everywhere.
    pub project: Option<String>,
    /// Id of the role.
    pub role: String,
}

/// All of it at one moment.
#[derive(Debug, Default)]
pub struct Identities {
    /// The one account.
    pub domain: Domain,
    /// By id.
    pub projects: BTreeMap<String, Project>,
    /// By id.
    pub users: BTreeMap<String, User>,
    /// By id.
    pub groups: BTreeMap<String, UserGroup>,
    /// Group and user.
    pub members: BTreeSet<(String, String)>,
    /// The system's and the custom ones, by id.
    pub roles: BTreeMap<String, Role>,
    /// By id.
    pub agencies: BTreeMap<String, Agency>,
    /// By access key.
    pub access_keys: BTreeMap<String, AccessKey>,
    /// Who was granted what.
    pub grants: BTreeSet<Grant>,
    /// The user made at the first start.
    pub first_user: String,
}

impl Identities {
    /// The user with this name.
    pub fn user_named(&self, name: &str) -> Option<&User> {
        self.users.values().find(|user| user.name == name)
    }

    /// Whether a user may sign in at the console. The first one may always: nobody else could let them in again.
    pub fn by_console(&self, user: &User) -> bool {
        user.details.access_mode != "programmatic" || user.id == self.first_user
    }

    /// Whether a user may use access keys and tokens. The first one may always.
    pub fn by_programs(&self, user: &User) -> bool {
        user.details.access_mode != "console" || user.id == self.first_user
    }

    /// The agency with this name.
    pub fn agency_named(&self, name: &str) -> Option<&Agency> {
        self.agencies.values().find(|agency| agency.name == name)
    }

    /// The project with this name.
    pub fn project_named(&self, name: &str) -> Option<&Project> {
        self.projects.values().find(|project| project.name == name)
    }

    /// The name of a user or an agency; empty for one that is gone.
    pub fn name_of(&self, subject: &Subject) -> &str {
        match subject {
            Subject::User(id) => self.users.get(id).map(|user| user.name.as_str()),
            Subject::Agency(id) => self.agencies.get(id).map(|agency| agency.name.as_str()),
        }
        .unwrap_or_default()
    }

    /// The groups of a user.
    pub fn groups_of<'a>(&'a self, user: &'a str) -> impl Iterator<Item = &'a UserGroup> {
        let mine = self.members.iter().filter(move |(_, member)| member == user);
        mine.filter_map(|(group, _)| self.groups.get(group))
    }

    /// The access keys of a user, oldest first.
    pub fn access_keys_of(&self, user: &str) -> Vec<&AccessKey> {
        let mut keys: Vec<_> = self.access_keys.values().filter(|key| key.user == user).collect();
        keys.sort_by(|a, b| (a.created, &a.access_key).cmp(&(b.created, &b.access_key)));
        keys
    }

    /// Whose rights a subject has: the ids of its groups, or of itself if it is an agency.
    fn holders<'a>(&'a self, subject: &'a Subject) -> Vec<&'a str> {
        match subject {
            Subject::User(user) => self.groups_of(user).map(|group| group.id.as_str()).collect(),
            Subject::Agency(agency) => vec![agency],
        }
    }

    /// The roles of a subject in a project, or in none: those granted everywhere count in both.
    pub fn roles_of<'a>(&'a self, subject: &'a Subject, project: Option<&'a str>) -> Vec<&'a Role> {
        let holders = self.holders(subject);
        let here = |grant: &&Grant| {
            holders.contains(&grant.holder.as_str()) && (grant.project.is_none() || grant.project.as_deref() == project)
        };
        let ids: BTreeSet<&str> = self.grants.iter().filter(here).map(|grant| grant.role.as_str()).collect();
        ids.into_iter().filter_map(|id| self.roles.get(id)).collect()
    }

    /// The projects in which a subject was granted anything, sorted by name.
    pub fn projects_of(&self, subject: &Subject) -> Vec<&Project> {
        let mut found: Vec<_> =
            self.projects.values().filter(|project| !self.roles_of(subject, Some(&project.id)).is_empty()).collect();
        found.sort_by(|a, b| a.name.cmp(&b.name));
        found
    }

    /// Whether the one these claims speak for still is there, may act, and has not been renewed since.
    pub fn stands_behind(&self, claims: &Claims, now: Timestamp) -> bool {
        let session = claims.methods.iter().any(|method| method == session::METHOD);
        let way = |user: &User| if session { self.by_console(user) } else { self.by_programs(user) };
        let user =
            |id: &str, epoch| self.users.get(id).is_some_and(|user| user.enabled && user.epoch == epoch && way(user));
        let subject = match &claims.subject {
            Subject::User(id) => user(id, claims.epoch),
            Subject::Agency(id) => self.agencies.get(id).is_some_and(|agency| {
                agency.epoch == claims.epoch && agency.expires.is_none_or(|expires| now < expires)
            }),
        };
        let project = match &claims.scope {
            Scope::Project(id) => self.projects.contains_key(id),
            Scope::Everywhere | Scope::Domain => true,
        };
        let assumed = claims.assumed_by.as_ref().is_none_or(|by| user(&by.user, by.epoch));
        subject && project && assumed && now < claims.expires
    }
}
