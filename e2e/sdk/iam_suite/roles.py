"""Policies: those of the system, custom ones, and to whom they are granted."""

from groups import group
from .account import DOMAIN, NOBODY, PROJECT, Member, call, functions, help, may_list_functions, refused, roles, statement
from .users import same


@group("KeystoneListPermissions", "KeystoneShowPermission")
def system():
    """the system's policies"""
    found = call("KeystoneListPermissions", display_name="readonly").roles
    assert {one.display_name for one in found} == {"ReadOnlyAccess", "FunctionGraph ReadOnlyAccess"}, found
    page = call("KeystoneListPermissions", page=2, per_page=3)
    assert (len(page.roles), page.total_number) == (3, len(roles)), page
    shown = call("KeystoneShowPermission", role_id=roles["FunctionGraph ReadOnlyAccess"]).role
    assert shown.catalog == "FunctionGraph" and shown.policy.statement[0].effect == "Allow", shown
    assert not call("KeystoneListPermissions", catalog="ECS").roles
    refused(404, "could not find role", "KeystoneShowPermission", role_id=NOBODY)
    refused(400, "go together", "KeystoneListPermissions", page=1)


@group("CreateCloudServiceCustomPolicy", "ShowCustomPolicy", "ListCustomPolicies", "UpdateCloudServiceCustomPolicy",
       "DeleteCustomPolicy", "KeystoneListPermissions")
def custom():
    """a custom policy allows what it says, and no more"""
    role = lambda *actions, name="callers", **more: {"role": {
        "display_name": name, "type": "XA", "description": "d", "policy": statement(*actions, **more)}}
    made = call("CreateCloudServiceCustomPolicy", body=role("functiongraph:function:invoke")).role
    assert (made.catalog, made.display_name, made.domain_id) == ("CUSTOMED", "callers", DOMAIN), made
    member = Member("caller").granted(made.id)
    assert not member.may_list_functions()
    changed = call("UpdateCloudServiceCustomPolicy", role_id=made.id, body=role("functiongraph:function:list*", name="listers")).role
    same(changed, {"id": made.id, "display_name": "listers"})
    assert member.may_list_functions()
    shown = call("ShowCustomPolicy", role_id=made.id).role
    assert (shown.policy.statement[0].action, shown.references) == (["functiongraph:function:list*"], 1), shown
    listed = call("ListCustomPolicies")
    assert ([one.id for one in listed.roles], listed.total_number) == ([made.id], 1), listed
    assert [one.id for one in call("KeystoneListPermissions", domain_id=DOMAIN).roles] == [made.id]
    # A deny wins over whatever else was granted.
    member.granted(roles["FullAccess"])
    call("UpdateCloudServiceCustomPolicy", role_id=made.id, body=role("functiongraph:*:*", name="deniers", effect="Deny"))
    assert not member.may_list_functions()

    refused(409, "granted", "DeleteCustomPolicy", role_id=made.id)
    refused(409, "a policy named deniers", "CreateCloudServiceCustomPolicy", body=role("iam:*:*", name="deniers"))
    refused(400, "no action there is", "CreateCloudServiceCustomPolicy", body=role("functiongraph:function:fly"))
    refused(400, "role.policy is missing", "CreateCloudServiceCustomPolicy", body={"role": {"display_name": "p", "type": "AX"}})
    refused(400, "no action there is", "UpdateCloudServiceCustomPolicy", role_id=made.id, body=role("functiongraph:function:fly"))
    for operation in ("UpdateCloudServiceCustomPolicy", "DeleteCustomPolicy"):
        more = {"body": role("iam:*:*", name="mine")} if operation.startswith("Update") else {}
        refused(403, "a policy of the system", operation, role_id=roles["ReadOnlyAccess"], **more)
        refused(404, "", operation, role_id=NOBODY, **more)
    refused(404, "could not find policy", "ShowCustomPolicy", role_id=roles["ReadOnlyAccess"])
    refused(400, "go together", "ListCustomPolicies", per_page=1)
    member.end()
    call("DeleteCustomPolicy", role_id=made.id)
    assert not call("ListCustomPolicies").roles


def granting(grant, check, listed, revoke, allowed, **where):
    """What is granted can be asked for and counts, and what was taken back no longer does."""
    role = {**where, "role_id": roles["FunctionGraph ReadOnlyAccess"]}
    refused(404, "", check, **role)
    assert not call(listed, **where).roles and not allowed()
    call(grant, **role)
    call(check, **role)
    assert [one.id for one in call(listed, **where).roles] == [role["role_id"]] and allowed()
    call(revoke, **role)
    refused(404, "", check, **role)
    assert not call(listed, **where).roles and not allowed()
    refused(404, "", revoke, **role)
    refused(404, "no role", grant, **{**role, "role_id": NOBODY})
    elsewhere = {name: NOBODY if name in ("group_id", "agency_id") else value for name, value in where.items()}
    refused(404, "could not find", listed, **elsewhere)
    refused(404, "could not find", grant, **elsewhere, role_id=role["role_id"])


@group("KeystoneAssociateGroupWithProjectPermission", "KeystoneCheckProjectPermissionForGroup",
       "KeystoneListProjectPermissionsForGroup", "KeystoneRemoveProjectPermissionFromGroup",
       "KeystoneAssociateGroupWithDomainPermission", "KeystoneCheckDomainPermissionForGroup",
       "KeystoneListDomainPermissionsForGroup", "KeystoneRemoveDomainPermissionFromGroup")
def groups():
    """policies granted to a group, in a project and everywhere"""
    member = Member("granted")
    granting("KeystoneAssociateGroupWithProjectPermission", "KeystoneCheckProjectPermissionForGroup",
             "KeystoneListProjectPermissionsForGroup", "KeystoneRemoveProjectPermissionFromGroup",
             member.may_list_functions, project_id=PROJECT, group_id=member.group)
    granting("KeystoneAssociateGroupWithDomainPermission", "KeystoneCheckDomainPermissionForGroup",
             "KeystoneListDomainPermissionsForGroup", "KeystoneRemoveDomainPermissionFromGroup",
             member.may_list_functions, domain_id=DOMAIN, group_id=member.group)
    first = help.call("KeystoneListGroups", name="admin").groups[0].id
    refused(403, "cannot be taken away", "KeystoneRemoveDomainPermissionFromGroup",
            domain_id=DOMAIN, group_id=first, role_id=roles["FullAccess"])
    refused(403, "iam:permissions:grantRoleToGroupOnDomain", "KeystoneAssociateGroupWithDomainPermission", member.client,
            domain_id=DOMAIN, group_id=member.group, role_id=roles["FullAccess"])
    member.end()


@group("AssociateAgencyWithProjectPermission", "CheckProjectPermissionForAgency", "ListProjectPermissionsForAgency",
       "RemoveProjectPermissionFromAgency", "AssociateAgencyWithDomainPermission", "CheckDomainPermissionForAgency",
       "ListDomainPermissionsForAgency", "RemoveDomainPermissionFromAgency")
def agencies():
    """policies granted to an agency, in a project and everywhere"""
    agency = help.call("CreateAgency", body={"agency": {
        "name": "granted", "domain_id": DOMAIN, "trust_domain_id": DOMAIN}}).agency.id
    key = help.call("CreateTemporaryAccessKeyByAgency", body={"auth": {"identity": {
        "methods": ["assume_role"], "assume_role": {"agency_name": "granted"}}}}).credential
    allowed = lambda: may_list_functions(functions.connect(key.secret, key.access, key.securitytoken))
    granting("AssociateAgencyWithProjectPermission", "CheckProjectPermissionForAgency", "ListProjectPermissionsForAgency",
             "RemoveProjectPermissionFromAgency", allowed, project_id=PROJECT, agency_id=agency)
    granting("AssociateAgencyWithDomainPermission", "CheckDomainPermissionForAgency", "ListDomainPermissionsForAgency",
             "RemoveDomainPermissionFromAgency", allowed, domain_id=DOMAIN, agency_id=agency)
    help.call("DeleteAgency", agency_id=agency)
