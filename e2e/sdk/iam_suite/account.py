"""What every part of the suite needs: the identity SDK, driven by plain data, and users whose rights show at the functions."""

import huaweicloudsdkfunctiongraph.v2 as functiongraph
import huaweicloudsdkiam.v3 as sdk
from huaweicloudsdkcore.auth.credentials import GlobalCredentials
from huaweicloudsdkcore.exceptions.exceptions import ClientRequestException

from groups import where
from vendor import Vendor

PASSWORD = "Correct-Horse-1"
REGION, PROJECT = where["region"], where["project_id"]
# Nobody and nothing has this id.
NOBODY = "0" * 32


class Identity(Vendor):
    """The SDK names a domain in every request: the account's."""

    domain = None

    def __init__(self, **more):
        super().__init__(sdk, sdk.IamClient, **more)

    def credentials(self, access_key, secret_key, project):
        # Without a domain the SDK asks for it: GET /v3/auth/domains.
        return GlobalCredentials(access_key, secret_key, self.domain).with_iam_endpoint(where["api"])

    def refused(self, status, part, operation, using=None, **given):
        """The code of a refusal is its status; what it says has this part. A HEAD has no words."""
        text = super().refused(status, str(status), operation, using, **given)
        assert part in text, (operation, text)
        return text


identity = Identity()
call, refused = identity.call, identity.refused
# The same, where something is only made ready for what is tried.
help = Identity(help=True)
account = help.call("KeystoneListAuthDomains").domains[0]
DOMAIN = identity.domain = help.domain = account.id
roles = {role.display_name: role.id for role in help.call("KeystoneListPermissions").roles}
functions = Vendor(functiongraph, functiongraph.FunctionGraphClient, help=True)


def statement(*actions, effect="Allow"):
    return {"version": "1.1", "statement": [{"effect": effect, "action": list(actions)}]}


class Member:
    """A user with a password and an access key, alone in a group; may do nothing until the group is granted something."""

    def __init__(self, name):
        self.name = name
        self.id = help.call("CreateUser", body={"user": {"name": name, "domain_id": DOMAIN, "password": PASSWORD}}).user.id
        self.group = help.call("KeystoneCreateGroup", body={"group": {"name": f"only {name}"}}).group.id
        help.call("KeystoneAddUserToGroup", group_id=self.group, user_id=self.id)
        key = help.call("CreatePermanentAccessKey", body={"credential": {"user_id": self.id}}).credential
        self.access, self.secret = key.access, key.secret
        self.client = identity.connect(self.secret, self.access)

    def granted(self, role, project=PROJECT):
        help.call("KeystoneAssociateGroupWithProjectPermission", project_id=project, group_id=self.group, role_id=role)
        return self

    def granted_everywhere(self, role):
        """What is done to identities is done in no project."""
        help.call("KeystoneAssociateGroupWithDomainPermission", domain_id=DOMAIN, group_id=self.group, role_id=role)
        return self

    def may_list_functions(self):
        return may_list_functions(functions.connect(self.secret, self.access))

    def end(self):
        help.call("KeystoneDeleteUser", user_id=self.id)
        help.call("KeystoneDeleteGroup", group_id=self.group)


def may_list_functions(client):
    """Whether somebody may list the functions of the first project."""
    try:
        functions.call("ListFunctions", client)
    except ClientRequestException as error:
        assert error.status_code == 403, error
        return False
    return True


def login(name, password=PASSWORD, **scope):
    """The body that asks for a token by password."""
    user = {"name": name, "password": password, "domain": {"name": account.name}}
    return {"auth": {"identity": {"methods": ["password"], "password": {"user": user}}, "scope": scope or {"project": {"id": PROJECT}}}}


def by_password(*given, **scope):
    """A new token, and what it says; the SDK has one name for each way to POST /v3/auth/tokens."""
    made = help.call("KeystoneCreateUserTokenByPassword", body=login(*given, **scope))
    return made.x_subject_token, made.token
