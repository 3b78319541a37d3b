//! Who is meant: users, groups, policies and projects by the name or id that somebody typed.

use anyhow::{Context as _, Result, bail};
use wire::iam::groups::{self, Group, GroupRequest, GroupResponse, ListGroupsResponse, NewGroup};
use wire::iam::projects::{self, ListProjectsResponse, Project};
use wire::iam::roles::{self, ListRolesResponse, Role};
use wire::iam::users::{self, ListUsersResponse, User};

use crate::client::{Call, Client};
use crate::output::escape;

/// All users.
pub(super) fn users(client: &Client) -> Result<Vec<User>> {
    Ok(client.call::<ListUsersResponse>(users::LIST, Call::of(&[]))?.users)
}

/// The user with this name or id.
pub(super) fn user(client: &Client, typed: &str) -> Result<User> {
    let found = users(client)?.into_iter().find(|user| user.id == typed || user.name == typed);
    found.with_context(|| format!("there is no user '{}': `funcd user list` shows those there are", escape(typed)))
}

/// All projects that the caller may know of.
pub(super) fn projects(client: &Client) -> Result<Vec<Project>> {
    Ok(client.call::<ListProjectsResponse>(projects::LIST, Call::of(&[]))?.projects)
}

/// The project with this name or id; the region in front of a name may be left out.
pub(super) fn project(client: &Client, typed: &str) -> Result<Project> {
    let fits = |project: &Project| {
        let short = project.name.split_once('_').map(|(_, short)| short);
        project.id == typed || project.name == typed || short == Some(typed)
    };
    let found = projects(client)?.into_iter().find(fits);
    found
        .with_context(|| format!("there is no project '{}': `funcd project list` shows those there are", escape(typed)))
}

/// All groups.
pub(super) fn groups(client: &Client) -> Result<Vec<Group>> {
    Ok(client.call::<ListGroupsResponse>(groups::LIST, Call::of(&[]))?.groups)
}

/// The group with this name or id.
pub(super) fn group(client: &Client, typed: &str) -> Result<Group> {
    let all = groups(client)?;
    let found = all.iter().find(|group| group.id == typed || group.name == typed);
    found.cloned().with_context(|| {
        let names: Vec<_> = all.iter().map(|group| escape(&group.name)).collect();
        format!("there is no group '{}'; there are: {}", escape(typed), names.join(", "))
    })
}

/// The group that has a policy (by name or id) and nothing else, in one project or everywhere; made if it is not there.
pub(super) fn group_with(client: &Client, policy: &str, project: Option<&Project>) -> Result<Group> {
    let role = role(client, policy)?;
    let name = match project {
        Some(project) => format!("{} in {}", role.display_name, project.name),
        None => role.display_name.clone(),
    };
    let group = match groups(client)?.into_iter().find(|group| group.name == name) {
        Some(group) => group,
        None => {
            let new = NewGroup {
                name: Some(name.clone()),
                description: Some("made by funcd user create --policy".to_owned()),
                ..NewGroup::default()
            };
            let made: GroupResponse = client.call(groups::CREATE, Call::of(&[]).body(&GroupRequest { group: new })?)?;
            made.group
        }
    };
    let (list, grant, place) = match project {
        Some(project) => (roles::LIST_GROUP_PROJECT, roles::GRANT_GROUP_PROJECT, &project.id),
        None => (roles::LIST_GROUP_DOMAIN, roles::GRANT_GROUP_DOMAIN, &group.domain_id),
    };
    let granted: ListRolesResponse = client.call(list, Call::of(&[place, &group.id]))?;
    if granted.roles.iter().any(|other| other.id != role.id) {
        bail!("the group '{}' has other policies too: put the user there with --group, or rename it", escape(&name));
    }
    if granted.roles.is_empty() {
        client.perform(grant, Call::of(&[place, &group.id, &role.id]))?;
    }
    Ok(group)
}

/// The policy with this name or id, the system's or a custom one.
fn role(client: &Client, typed: &str) -> Result<Role> {
    let mut all = Vec::new();
    for operation in [roles::LIST, roles::LIST_CUSTOM] {
        all.extend(client.call::<ListRolesResponse>(operation, Call::of(&[]))?.roles);
    }
    let fits = |role: &&Role| role.id == typed || role.display_name == typed || role.name == typed;
    all.iter().find(fits).cloned().with_context(|| {
        let names: Vec<_> = all.iter().map(|role| escape(&role.display_name)).collect();
        format!("there is no policy '{}'; there are: {}", escape(typed), names.join(", "))
    })
}
