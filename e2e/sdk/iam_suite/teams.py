"""Groups of users, and projects."""

from groups import group
from .account import DOMAIN, NOBODY, PROJECT, REGION, Member, call, functions, help, may_list_functions, refused, roles
from .users import same


@group("KeystoneCreateGroup", "KeystoneShowGroup", "KeystoneListGroups", "KeystoneUpdateGroup", "KeystoneDeleteGroup",
       "KeystoneAddUserToGroup", "KeystoneCheckUserInGroup", "KeystoneListUsersForGroupByAdmin", "KeystoneListGroupsForUser",
       "KeystoneRemoveUserFromGroup")
def teams():
    """groups, and who is in them"""
    member = Member("joins")
    made = call("KeystoneCreateGroup", body={"group": {"name": "readers", "description": "read", "domain_id": DOMAIN}}).group
    same(call("KeystoneShowGroup", group_id=made.id).group, {"name": "readers", "description": "read", "domain_id": DOMAIN})
    assert [one.id for one in call("KeystoneListGroups", name="readers").groups] == [made.id]
    changed = call("KeystoneUpdateGroup", group_id=made.id, body={"group": {"name": "lectors"}}).group
    same(changed, {"name": "lectors", "description": "read"})
    assert call("KeystoneListGroups", name="readers").groups == []

    # What a group was granted its members have, from the moment they are in until they are out.
    help.call("KeystoneAssociateGroupWithProjectPermission", project_id=PROJECT, group_id=made.id, role_id=roles["ReadOnlyAccess"])
    pair = {"group_id": made.id, "user_id": member.id}
    assert not member.may_list_functions()
    refused(404, "", "KeystoneCheckUserInGroup", **pair)
    call("KeystoneAddUserToGroup", **pair)
    call("KeystoneCheckUserInGroup", **pair)
    assert member.may_list_functions()
    assert [one.name for one in call("KeystoneListUsersForGroupByAdmin", group_id=made.id).users] == ["joins"]
    own = call("KeystoneListGroupsForUser", member.client, user_id=member.id).groups
    assert [one.name for one in own] == ["lectors", "only joins"], own
    call("KeystoneRemoveUserFromGroup", **pair)
    assert not member.may_list_functions()
    refused(404, "", "KeystoneRemoveUserFromGroup", **pair)

    refused(409, "a group named lectors", "KeystoneCreateGroup", body={"group": {"name": "lectors"}})
    refused(400, "group.name must be", "KeystoneCreateGroup", body={"group": {"name": "a/b"}})
    refused(409, "a group named lectors", "KeystoneUpdateGroup", group_id=member.group, body={"group": {"name": "lectors"}})
    refused(403, "iam:groups:listGroups", "KeystoneListGroups", member.client)
    for operation, more in (("KeystoneShowGroup", {}), ("KeystoneListUsersForGroupByAdmin", {}), ("KeystoneDeleteGroup", {}),
                            ("KeystoneAddUserToGroup", {"user_id": member.id}),
                            ("KeystoneUpdateGroup", {"body": {"group": {"description": ""}}})):
        refused(404, "group", operation, group_id=NOBODY, **more)
    refused(404, "user", "KeystoneAddUserToGroup", group_id=made.id, user_id=NOBODY)
    refused(404, "could not find user", "KeystoneListGroupsForUser", user_id=NOBODY)
    first = call("KeystoneListGroups", name="admin").groups[0].id
    refused(403, "cannot be deleted", "KeystoneDeleteGroup", group_id=first)
    call("KeystoneDeleteGroup", group_id=made.id)
    refused(404, "could not find group", "KeystoneShowGroup", group_id=made.id)
    member.end()


@group("KeystoneCreateProject", "KeystoneShowProject", "ShowProjectDetailsAndStatus", "KeystoneListProjects", "KeystoneUpdateProject",
       "KeystoneListProjectsForUser", "KeystoneListAuthProjects", "UpdateProjectStatus")
def projects():
    """projects are made, found, renamed and suspended"""
    new = lambda name, **more: {"body": {"project": {"name": name, **more}}}
    made = call("KeystoneCreateProject", **new(f"{REGION}_shop", description="sells", parent_id=PROJECT, domain_id=DOMAIN)).project
    same(made, {"name": f"{REGION}_shop", "description": "sells", "parent_id": PROJECT, "enabled": True, "is_domain": False})
    assert [one.id for one in call("KeystoneListProjects", name=made.name).projects] == [made.id]
    assert [one.id for one in call("KeystoneListProjects", parent_id=DOMAIN).projects] == [PROJECT]
    pages = [call("KeystoneListProjects", page=number, per_page=1).projects for number in (1, 2, 3)]
    assert [len(page) for page in pages] == [1, 1, 0] and {page[0].id for page in pages[:2]} == {PROJECT, made.id}, pages
    renamed = call("KeystoneUpdateProject", project_id=made.id, body={"project": {"name": f"{REGION}_store"}}).project
    same(renamed, {"name": f"{REGION}_store", "description": "sells"})
    same(call("KeystoneShowProject", project_id=made.id).project, {"name": f"{REGION}_store", "parent_id": PROJECT})

    member = Member("keeper").granted(roles["FunctionGraph FullAccess"], made.id)
    ids = lambda operation, *using, **more: [one.id for one in call(operation, *using, **more).projects]
    assert ids("KeystoneListAuthProjects", member.client) == ids("KeystoneListProjects", member.client) == [made.id]
    assert ids("KeystoneListProjectsForUser", member.client, user_id=member.id) == [made.id]
    assert call("KeystoneShowProject", member.client, project_id=made.id).project.id == made.id
    assert not member.may_list_functions()

    # Nobody may do anything in a suspended one.
    inside = functions.connect(member.secret, member.access, project=made.id)
    assert may_list_functions(inside)
    status = lambda status: call("UpdateProjectStatus", project_id=made.id, body={"project": {"status": status}})
    status("suspended")
    assert call("ShowProjectDetailsAndStatus", project_id=made.id).project.status == "suspended"
    assert ids("KeystoneListProjects", enabled=False) == [made.id] and not may_list_functions(inside)
    status("normal")
    assert call("ShowProjectDetailsAndStatus", project_id=made.id).project.status == "normal" and may_list_functions(inside)

    refused(409, "a project named", "KeystoneCreateProject", **new(f"{REGION}_store"))
    told = refused(400, f"begin with '{REGION}_'", "KeystoneCreateProject", **new("store", parent_id=NOBODY))
    assert "parent_id" in told, told
    refused(403, "keeps it", "KeystoneUpdateProject", project_id=PROJECT, body={"project": {"name": f"{REGION}_first"}})
    refused(404, "project", "KeystoneUpdateProject", project_id=NOBODY, body={"project": {"description": ""}})
    refused(400, "normal or suspended", "UpdateProjectStatus", project_id=made.id, body={"project": {"status": "gone"}})
    refused(400, "go together", "KeystoneListProjects", page=1)
    refused(404, "could not find project", "ShowProjectDetailsAndStatus", project_id=NOBODY)
    for operation in ("KeystoneShowProject", "ShowProjectDetailsAndStatus"):
        refused(403, "iam:projects:getProject", operation, member.client, project_id=PROJECT)
    refused(403, "iam:projects:listProjectsForUser", "KeystoneListProjectsForUser", member.client, user_id=NOBODY)
    refused(404, "could not find user", "KeystoneListProjectsForUser", user_id=NOBODY)
    help.call("UpdatePermanentAccessKey", access_key=member.access, body={"credential": {"status": "inactive"}})
    refused(401, "disabled", "KeystoneListAuthProjects", member.client)
    member.end()
