"""Permanent access keys: several for a user, switched off, rotated, locked."""

from groups import group
from .account import NOBODY, Member, call, help, identity, refused


@group("CreatePermanentAccessKey", "ListPermanentAccessKeys", "ShowPermanentAccessKey", "UpdatePermanentAccessKey",
       "DeletePermanentAccessKey")
def keys():
    """a user's access keys are made, used, switched off and deleted"""
    member = Member("holder")
    mine = lambda: {one.access: one.status for one in call("ListPermanentAccessKeys", member.client).credentials}
    assert mine() == {member.access: "active"}
    second = call("CreatePermanentAccessKey", member.client, body={"credential": {"description": "second"}}).credential
    assert second.user_id == member.id and second.secret and mine() == {member.access: "active", second.access: "active"}
    listed = call("ListPermanentAccessKeys", user_id=member.id).credentials
    assert len(listed) == 2 and not any(hasattr(one, "secret") for one in listed), listed
    assert not call("ShowPermanentAccessKey", access_key=second.access).credential.last_use_time
    own = identity.connect(second.secret, second.access)
    help.call("KeystoneListAuthProjects", own)
    assert call("ShowPermanentAccessKey", own, access_key=second.access).credential.last_use_time
    switch = lambda status: call("UpdatePermanentAccessKey", access_key=second.access, body={"credential": {
        "status": status, "description": status}}).credential
    assert switch("inactive").description == "inactive"
    help.refused(401, "disabled", "KeystoneListAuthProjects", own)
    assert switch("active").status == "active"
    help.call("KeystoneListAuthProjects", own)
    call("DeletePermanentAccessKey", access_key=second.access)
    help.refused(401, "", "KeystoneListAuthProjects", own)

    other = Member("holds others")
    about = {"access_key": other.access}
    status = {"body": {"credential": {"status": "inactive"}}}
    refused(403, "iam:credentials:listCredentials", "ListPermanentAccessKeys", member.client, user_id=other.id)
    refused(403, "iam:credentials:createCredential", "CreatePermanentAccessKey", member.client, body={"credential": {"user_id": other.id}})
    refused(403, "iam:credentials:getCredential", "ShowPermanentAccessKey", member.client, **about)
    refused(403, "iam:credentials:updateCredential", "UpdatePermanentAccessKey", member.client, **about, **status)
    refused(403, "iam:credentials:deleteCredential", "DeletePermanentAccessKey", member.client, **about)
    refused(400, "active or inactive", "UpdatePermanentAccessKey", **about, body={"credential": {"status": "lost"}})
    refused(404, "user", "CreatePermanentAccessKey", body={"credential": {"user_id": NOBODY}})
    for operation, more in (("ShowPermanentAccessKey", {}), ("UpdatePermanentAccessKey", status), ("DeletePermanentAccessKey", {})):
        refused(404, "access key", operation, access_key=second.access, **more)
    for _ in range(9):
        call("CreatePermanentAccessKey", body={"credential": {"user_id": other.id}})
    refused(409, "", "CreatePermanentAccessKey", body={"credential": {"user_id": other.id}})
    other.end()
    member.end()


@group()
def lock():
    """five bad signatures in a row lock an access key"""
    member = Member("guessed")
    wrong = identity.connect("wrong", member.access)
    for _ in range(5):
        help.refused(401, "does not match", "KeystoneListAuthProjects", wrong)
    help.refused(401, "locked", "KeystoneListAuthProjects", member.client)
    member.end()
