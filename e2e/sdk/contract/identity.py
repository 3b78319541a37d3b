"""Users, groups, policies, agencies, keys and tokens: what a success of each operation needs."""

from world import Area, Signed, Thing, ask, connection, project, region, signed, unused, where

area = Area(lambda path: path == "/" or path.startswith("/v3") and not path.endswith("/traces"))
names, right, query, fresh = area.names, area.right, area.query, area.fresh
PASSWORD, OTHER = "Correct-Horse-1", "Battery-Staple-2"
keys = "/v3.0/OS-CREDENTIAL/credentials"
account = ask("GET", "/v3/auth/domains")["domains"][0]
domain = account["id"]
policy = {"Version": "1.1", "Statement": [{"Effect": "Allow", "Action": ["functiongraph:function:list*"]}]}


def made(path, kind, name, **more):
    return ask("POST", path, {kind: {"name": unused(name), **more}})[kind]["id"]


user = Thing(lambda: made("/v3/users", "user", "member", password=PASSWORD), "/v3/users/{}".format)
group = Thing(lambda: made("/v3/groups", "group", "team"), "/v3/groups/{}".format)
agency = Thing(lambda: made("/v3.0/OS-AGENCY/agencies", "agency", "agency", trust_domain_id=domain),
               "/v3.0/OS-AGENCY/agencies/{}".format)
role = Thing(lambda: ask("POST", "/v3.0/OS-ROLE/roles", new_role())["role"]["id"], "/v3.0/OS-ROLE/roles/{}".format)
key = Thing(lambda: ask("POST", keys, {"credential": {"user_id": user()}})["credential"]["access"], (keys + "/{}").format)
# Other than the first one, which is not to be suspended.
place = Thing(lambda: made("/v3/projects", "project", f"{region}_"), "/v3/projects/{}".format)


def new_role():
    return {"role": {"display_name": unused("role"), "type": "XA", "description": "d", "policy": policy}}


def agency_name():
    return ask("GET", f"/v3.0/OS-AGENCY/agencies/{agency()}")["agency"]["name"]


service = ask("GET", "/v3/services")["services"][0]["id"]
endpoint = ask("GET", "/v3/endpoints")["endpoints"][0]["id"]
names.update({
    "user_id": user, "group_id": group, "agency_id": agency, "role_id": role, "access_key": key, "project_id": place,
    "domain_id": lambda: domain, "service_id": lambda: service, "endpoint_id": lambda: endpoint, "region_id": lambda: region,
})


@fresh("KeystoneCheckUserInGroup", "KeystoneRemoveUserFromGroup")
def _(number):
    ask("PUT", f"/v3/groups/{group()}/users/{user()}")


def granted(path):
    def grant(number):
        ask("PUT", path())
    return grant


for scope, place_id in (("Project", place), ("Domain", lambda: domain)):
    in_scope = scope.lower() + "s"
    of_group = lambda in_scope=in_scope, place_id=place_id: f"/v3/{in_scope}/{place_id()}/groups/{group()}/roles/{role()}"
    of_agency = lambda in_scope=in_scope, place_id=place_id: (
        f"/v3.0/OS-AGENCY/{in_scope}/{place_id()}/agencies/{agency()}/roles/{role()}")
    fresh(f"KeystoneCheck{scope}PermissionForGroup", f"KeystoneRemove{scope}PermissionFromGroup")(granted(of_group))
    fresh(f"Check{scope}PermissionForAgency", f"Remove{scope}PermissionFromAgency")(granted(of_agency))


@fresh("DeleteCustomPolicy")
def _(number):
    # One that is granted stays.
    return {"role_id": ask("POST", "/v3.0/OS-ROLE/roles", new_role())["role"]["id"]}


@fresh("UpdateProjectStatus")
def _(number):
    return {"project_id": place()}


@fresh("KeystoneUpdateUserPassword")
def _(number):
    """Only the user can: with a key of their own."""
    ask("PUT", f"/v3.0/OS-USER/users/{user()}", {"user": {"password": PASSWORD, "enabled": True}})
    ask("DELETE", f"{keys}/{key()}")
    own = ask("POST", keys, {"credential": {"user_id": user()}})["credential"]
    key.known, signed.acting = own["access"], (own["access"], own["secret"])


@fresh("CreatePermanentAccessKey")
def _(number):
    # A user has at most ten.
    for one in ask("GET", f"{keys}?user_id={user()}")["credentials"][5:]:
        ask("DELETE", f"{keys}/{one['access']}")


def token():
    """One that can be asked about."""
    body = {"auth": {"identity": {"methods": ["assume_role"], "assume_role": {"agency_name": agency_name()}}}}
    answer = connection.post(where["api"] + "/v3/auth/tokens", json=body, auth=Signed(), timeout=60)
    assert answer.status_code == 201, answer.text
    return answer.headers["X-Subject-Token"]


headers = {"KeystoneValidateToken": lambda: {"X-Subject-Token": token()}}
assuming = lambda **more: {"auth": {"identity": {"methods": ["assume_role"], "assume_role": {"agency_name": agency_name()}}, **more}}
in_agency = lambda number: {"description": f"d{number}", "duration": ["FOREVER", "ONEDAY", "30"][number - 1]}
right.update({
    "KeystoneCreateUser": lambda number: {"user": {"name": unused("user"), "password": PASSWORD, "enabled": True}},
    "CreateUser": lambda number: {"user": {
        "name": unused("user"), "domain_id": domain, "password": PASSWORD, "email": "a@example.test", "areacode": "0086",
        "phone": "12345678901", "access_mode": "default", "xuser_id": "x", "xuser_type": "TenantIdp", "pwd_status": False}},
    "KeystoneUpdateUserByAdmin": lambda number: {"user": {"description": f"d{number}", "enabled": True}},
    "UpdateUser": lambda number: {"user": {"email": "b@example.test", "access_mode": "console", "description": f"d{number}"}},
    "UpdateUserInformation": lambda number: {"user": {"email": "c@example.test", "mobile": "0086-12345678901"}},
    "KeystoneUpdateUserPassword": lambda number: {"user": {"password": OTHER, "original_password": PASSWORD}},
    "KeystoneCreateGroup": lambda number: {"group": {"name": unused("group"), "description": "d", "domain_id": domain}},
    "KeystoneUpdateGroup": lambda number: {"group": {"name": unused("group"), "description": f"d{number}"}},
    "KeystoneCreateProject": lambda number: {"project": {"name": unused(f"{region}_p"), "parent_id": project, "description": "d"}},
    "KeystoneUpdateProject": lambda number: {"project": {"name": unused(f"{region}_q"), "description": f"d{number}"}},
    "UpdateProjectStatus": lambda number: {"project": {"status": "suspended" if number == 1 else "normal"}},
    "CreateCloudServiceCustomPolicy": lambda number: new_role(),
    "UpdateCloudServiceCustomPolicy": lambda number: new_role(),
    "CreateAgency": lambda number: {"agency": {
        "name": unused("trusted"), "domain_id": domain, "trust_domain_name": account["name"], **in_agency(number)}},
    "UpdateAgency": lambda number: {"agency": in_agency(number)},
    "CreatePermanentAccessKey": lambda number: {"credential": {"user_id": user(), "description": "d"}},
    "UpdatePermanentAccessKey": lambda number: {"credential": {"status": "inactive" if number == 1 else "active", "description": "d"}},
    "CreateTemporaryAccessKeyByAgency": lambda number: assuming(),
    "KeystoneCreateAgencyToken": lambda number: assuming(scope={"domain": {"id": domain}}),
})
