"""Users, their passwords, and their addresses."""

from groups import group
from .account import DOMAIN, NOBODY, PASSWORD, Member, by_password, call, help, login, refused

# What a user shows that was asked for so.
FULL = {"name": "reader", "domain_id": DOMAIN, "password": PASSWORD, "email": "reader@example.test", "areacode": "0086",
        "phone": "12345678901", "enabled": True, "pwd_status": False, "xuser_type": "TenantIdp", "xuser_id": "r-1",
        "access_mode": "programmatic", "description": "reads"}


def same(shown, expect):
    found = {name: getattr(shown, name) for name in expect}
    assert found == expect, (found, expect)


@group("CreateUser", "ShowUser", "KeystoneShowUser", "UpdateUser", "KeystoneCreateUser", "KeystoneListUsers",
       "KeystoneUpdateUserByAdmin", "KeystoneDeleteUser")
def users():
    """users are made, shown, listed, changed and deleted"""
    kept = {name: value for name, value in FULL.items() if name != "password"}
    made = call("CreateUser", body={"user": FULL}).user
    same(made, kept)
    same(call("ShowUser", user_id=made.id).user, {**kept, "is_domain_owner": False, "pwd_strength": "high"})
    plain = {"name": "keystone", "password": PASSWORD, "description": "plain", "enabled": True}
    other = call("KeystoneCreateUser", body={"user": plain}).user
    same(call("KeystoneShowUser", user_id=other.id).user, {"name": "keystone", "description": "plain", "domain_id": DOMAIN})
    refused(409, "a user named reader", "CreateUser", body={"user": FULL})
    refused(409, "a user named keystone", "KeystoneCreateUser", body={"user": plain})
    wrong = {"name": "a/b", "password": "short", "access_mode": "telepathy", "domain_id": NOBODY}
    told = refused(400, "user.name must be", "CreateUser", body={"user": wrong})
    assert all(name in told for name in ("user.password", "user.access_mode", "user.domain_id")), told
    refused(400, "user.name is missing", "KeystoneCreateUser", body={"user": {}})
    refused(400, "user's name", "KeystoneCreateUser", body={"user": {"name": "horse", "password": "Correct-Horse-1"}})

    listed = lambda **query: sorted(one.name for one in call("KeystoneListUsers", **query).users)
    assert listed(name="reader") == ["reader"] and {"reader", "keystone"} <= set(listed(domain_id=DOMAIN))
    changed = call("UpdateUser", user_id=made.id, body={"user": {"name": "lector", "email": "", "access_mode": "console"}}).user
    same(changed, {"name": "lector", "email": "", "access_mode": "console", "description": "reads"})
    help.refused(403, "console only", "KeystoneCreateUserTokenByPassword", body=login("lector", domain={"id": DOMAIN}))
    call("UpdateUser", user_id=made.id, body={"user": {"access_mode": "default"}})
    assert by_password("lector", domain={"id": DOMAIN})[1].user.id == made.id
    call("KeystoneUpdateUserByAdmin", user_id=made.id, body={"user": {"enabled": False, "description": "reads no more"}})
    same(call("KeystoneShowUser", user_id=made.id).user, {"enabled": False, "description": "reads no more", "name": "lector"})
    assert listed(enabled=False) == ["lector"]
    help.refused(401, "disabled", "KeystoneCreateUserTokenByPassword", body=login("lector"))
    for operation, name in (("UpdateUser", "keystone"), ("KeystoneUpdateUserByAdmin", "keystone")):
        refused(409, "a user named keystone", operation, user_id=made.id, body={"user": {"name": name}})
        refused(400, "user.name must be", operation, user_id=made.id, body={"user": {"name": " "}})
        refused(404, "could not find user", operation, user_id=NOBODY, body={"user": {"description": "x"}})
    refused(400, "must be true or false", "KeystoneListUsers", enabled="perhaps")
    call("KeystoneDeleteUser", user_id=made.id)
    call("KeystoneDeleteUser", user_id=other.id)
    for operation in ("KeystoneDeleteUser", "KeystoneShowUser", "ShowUser"):
        refused(404, made.id, operation, user_id=made.id)


@group("KeystoneShowUser", "ShowUser", "KeystoneListUsers", "KeystoneDeleteUser", "UpdateUserInformation",
       "KeystoneUpdateUserPassword", "CreateUser", "KeystoneUpdateUserByAdmin")
def oneself():
    """a user changes their own password and addresses, and nobody else's"""
    member, other = Member("self"), Member("other")
    own = {"user_id": member.id}
    call("UpdateUserInformation", member.client, **own, body={"user": {"email": "self@example.test", "mobile": "0049-170123"}})
    same(call("ShowUser", member.client, **own).user, {"email": "self@example.test", "areacode": "0049", "phone": "170123"})
    assert call("KeystoneShowUser", member.client, **own).user.name == "self"
    refused(400, "user.email must be", "UpdateUserInformation", member.client, **own, body={"user": {"email": "x" * 256}})
    about = {"user_id": other.id}
    refused(403, "iam:users:updateUser", "UpdateUserInformation", member.client, **about, body={"user": {"email": "a@b.test"}})
    refused(403, "iam:users:getUser", "ShowUser", member.client, **about)
    refused(403, "iam:users:getUser", "KeystoneShowUser", member.client, **about)
    refused(403, "iam:users:listUsers", "KeystoneListUsers", member.client)
    refused(403, "iam:users:deleteUser", "KeystoneDeleteUser", member.client, **about)
    refused(403, "iam:users:createUser", "CreateUser", member.client, body={"user": {"name": "third"}})
    refused(403, "iam:users:updateUser", "KeystoneUpdateUserByAdmin", member.client, **own, body={"user": {"name": "third"}})

    change = lambda new, old: {**own, "body": {"user": {"password": new, "original_password": old}}}
    call("KeystoneUpdateUserPassword", member.client, **change("Battery-Staple-2", PASSWORD))
    assert by_password("self", "Battery-Staple-2", domain={"id": DOMAIN})[1].user.id == member.id
    help.refused(401, "password is wrong", "KeystoneCreateUserTokenByPassword", body=login("self"))
    refused(401, "password is wrong", "KeystoneUpdateUserPassword", member.client, **change("Another-Staple-3", PASSWORD))
    refused(400, "is the one so far", "KeystoneUpdateUserPassword", member.client, **change("Battery-Staple-2", "Battery-Staple-2"))
    refused(400, "8 to 32 characters", "KeystoneUpdateUserPassword", member.client, **change("short", "Battery-Staple-2"))
    refused(403, "one's own password", "KeystoneUpdateUserPassword", **change("Another-Staple-3", "Battery-Staple-2"))
    member.end()
    other.end()
