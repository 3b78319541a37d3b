"""Agencies, the temporary access keys and the tokens of whoever assumes one; tokens by password."""

from datetime import datetime, timedelta, timezone

from groups import group
from .account import (DOMAIN, NOBODY, PROJECT, Member, account, by_password, call, functions, help, login, may_list_functions,
                      refused, roles, statement)
from .users import same


@group("CreateAgency", "ShowAgency", "ListAgencies", "UpdateAgency", "DeleteAgency")
def agencies():
    """agencies are made, shown, listed, changed and deleted"""
    new = {"name": "helper", "domain_id": DOMAIN, "trust_domain_name": account.name, "description": "helps", "duration": "ONEDAY"}
    made = call("CreateAgency", body={"agency": new}).agency
    same(call("ShowAgency", agency_id=made.id).agency, {**new, "trust_domain_id": DOMAIN})
    left = datetime.fromisoformat(made.expire_time.replace("Z", "+00:00")) - datetime.now(timezone.utc)
    assert timedelta(hours=23) < left <= timedelta(hours=24), made
    service = call("CreateAgency", body={"agency": {**new, "name": "service", "trust_domain_name": "op_svc_functiongraph"}}).agency
    listed = lambda **query: [one.name for one in call("ListAgencies", domain_id=DOMAIN, **query).agencies]
    assert listed() == ["helper", "service"] and listed(trust_domain_id=DOMAIN) == listed(name="helper") == ["helper"]
    assert listed(page=2, per_page=1) == ["service"]
    call("UpdateAgency", agency_id=made.id, body={"agency": {"description": "helps on", "duration": "FOREVER"}})
    same(call("ShowAgency", agency_id=made.id).agency, {"description": "helps on", "duration": "FOREVER", "trust_domain_name": account.name})
    refused(409, "an agency named helper", "CreateAgency", body={"agency": new})
    told = refused(400, "trust_domain_name must be", "CreateAgency", body={"agency": {
        "name": "a/b", "domain_id": NOBODY, "trust_domain_name": "somebody", "duration": "TWODAYS"}})
    assert all(name in told for name in ("agency.name", "agency.domain_id", "agency.duration")), told
    refused(400, "agency.duration", "UpdateAgency", agency_id=made.id, body={"agency": {"duration": "0"}})
    refused(404, "agency", "UpdateAgency", agency_id=NOBODY, body={"agency": {"description": ""}})
    refused(400, "go together", "ListAgencies", domain_id=DOMAIN, page=1)
    call("DeleteAgency", agency_id=made.id)
    call("DeleteAgency", agency_id=service.id)
    for operation in ("ShowAgency", "DeleteAgency"):
        refused(404, made.id, operation, agency_id=made.id)


def assuming(name, **more):
    return {"auth": {"identity": {"methods": ["assume_role"], "assume_role": {"agency_name": name}, **more}}}


@group("CreateTemporaryAccessKeyByAgency", "KeystoneCreateAgencyToken", "KeystoneValidateToken")
def assumed():
    """an agency is assumed: a temporary access key and a token with its rights, which end with it"""
    agency = help.call("CreateAgency", body={"agency": {"name": "lent", "domain_id": DOMAIN, "trust_domain_id": DOMAIN}}).agency.id
    help.call("AssociateAgencyWithProjectPermission", project_id=PROJECT, agency_id=agency, role_id=roles["ReadOnlyAccess"])
    member = Member("borrower")
    refused(403, "iam:agencies:assume", "CreateTemporaryAccessKeyByAgency", member.client, body=assuming("lent"))
    refused(403, "iam:agencies:assume", "KeystoneCreateAgencyToken", member.client, body=assuming("lent"))
    member.granted_everywhere(roles["Security Administrator"])

    connected = lambda key: functions.connect(key.secret, key.access, key.securitytoken)
    key = call("CreateTemporaryAccessKeyByAgency", member.client, body=assuming("lent")).credential
    assert may_list_functions(connected(key)) and not member.may_list_functions()
    # With a policy of its own a key may still less, never more.
    denying = call("CreateTemporaryAccessKeyByAgency", member.client, body=assuming("lent", policy=statement("iam:*:*"))).credential
    assert not may_list_functions(connected(denying))

    made = call("KeystoneCreateAgencyToken", member.client, body={"auth": {
        "identity": assuming("lent")["auth"]["identity"], "scope": {"project": {"id": PROJECT}}}})
    assert made.token.user.name == f"{account.name}/lent" and made.token.assumed_by.user.id == member.id, made
    told = call("KeystoneValidateToken", x_subject_token=made.x_subject_token)
    assert told.token.project.id == PROJECT and told.token.user.name == f"{account.name}/lent", told

    short = assuming("lent")
    short["auth"]["identity"]["assume_role"] = {"agency_name": "lent", "duration_seconds": 60}
    refused(400, "900 to 86400", "CreateTemporaryAccessKeyByAgency", body=short)
    for operation in ("CreateTemporaryAccessKeyByAgency", "KeystoneCreateAgencyToken"):
        refused(404, "could not find agency", operation, body=assuming("nobody"))
        refused(400, "auth.identity.methods", operation, body={"auth": {"identity": {"methods": ["wish"]}}})
    help.call("DeleteAgency", agency_id=agency)
    help.refused(401, "revoked", "KeystoneListAuthProjects", help.connect(key.secret, key.access, key.securitytoken))
    refused(404, "could not find the token", "KeystoneValidateToken", x_subject_token=made.x_subject_token)
    member.end()


@group("KeystoneCreateAgencyToken", "KeystoneValidateToken")
def tokens():
    """tokens by password, and what they are good for"""
    member = Member("knows").granted(roles["ReadOnlyAccess"])
    token, told = by_password("knows")
    assert (told.user.id, told.project.id, [one.id for one in told.roles]) == (member.id, PROJECT, [roles["ReadOnlyAccess"]]), told
    seen = call("KeystoneValidateToken", member.client, x_subject_token=token)
    assert (seen.x_subject_token, seen.token.expires_at, len(seen.token.catalog)) == (token, told.expires_at, 3), seen
    assert call("KeystoneValidateToken", x_subject_token=token, nocatalog="true").token.catalog == []
    everywhere = by_password("knows", domain={"id": DOMAIN})[1]
    assert everywhere.domain.id == DOMAIN and everywhere.project is None, everywhere
    key = help.call("CreateTemporaryAccessKeyByToken", body={"auth": {"identity": {"methods": ["token"], "token": {"id": token}}}})
    assert may_list_functions(functions.connect(key.credential.secret, key.credential.access, key.credential.securitytoken))

    by_name = "KeystoneCreateUserTokenByPassword"
    for name, password in (("knows", "Wrong-Horse-1"), ("nobody", "Wrong-Horse-1")):
        help.refused(401, "the username or password is wrong", by_name, body=login(name, password))
    help.refused(403, "auth.scope.project", by_name, body=login("knows", project={"id": NOBODY}))
    both = {"project": {"id": PROJECT}, "domain": {"id": DOMAIN}}
    help.refused(400, "not both", by_name, body=login("knows", **both))
    refused(400, "auth.identity.methods", "KeystoneCreateAgencyToken", body={"auth": {"identity": {"methods": ["password", "totp"]}}})
    refused(404, "could not find the token", "KeystoneValidateToken", x_subject_token="made up")
    other = Member("curious")
    refused(403, "iam:tokens:getToken", "KeystoneValidateToken", other.client, x_subject_token=token)
    # A new password ends the tokens of before.
    help.call("UpdateUser", user_id=member.id, body={"user": {"password": "Battery-Staple-2"}})
    refused(404, "could not find the token", "KeystoneValidateToken", x_subject_token=token)
    member.end()
    other.end()
