"""The vendor's identity SDK against funcd: users, groups, policies, keys, tokens, agencies, and what each is refused."""

import json
import os

from huaweicloudsdkcore.auth.credentials import GlobalCredentials
from huaweicloudsdkcore.exceptions.exceptions import ClientRequestException, ServerResponseException
from huaweicloudsdkcore.http.http_config import HttpConfig
from huaweicloudsdkiam.v3 import *  # noqa: F403 - dozens of request types, named as the operations are

where = json.loads(os.environ["FUNCD_CREDENTIALS"])
PASSWORD = "Correct-Horse-1"


def connect(access_key, secret_key, domain=None):
    """Without a domain the SDK asks for it: GET /v3/auth/domains."""
    credentials = GlobalCredentials(access_key, secret_key, domain).with_iam_endpoint(where["api"])
    builder = IamClient.new_builder().with_http_config(HttpConfig.get_default_config())
    return builder.with_credentials(credentials).with_endpoints([where["api"]]).build()


def fails(status, call, part=""):
    try:
        call()
    except (ClientRequestException, ServerResponseException) as error:
        assert error.status_code == status and part in error.error_msg, (error.status_code, error.error_msg)
        return
    raise AssertionError(f"should have failed with {status}")


admin = connect(where["access_key"], where["secret_key"])
domains = admin.keystone_list_auth_domains(KeystoneListAuthDomainsRequest()).domains
domain = domains[0].id
projects = admin.keystone_list_projects(KeystoneListProjectsRequest(name=where["region"])).projects
assert [project.id for project in projects] == [where["project_id"]], projects

user = admin.create_user(CreateUserRequest(body=CreateUserRequestBody(
    user=CreateUserOption(name="reader", domain_id=domain, password=PASSWORD, email="reader@example.test")))).user
group = admin.keystone_create_group(KeystoneCreateGroupRequest(body=KeystoneCreateGroupRequestBody(
    group=KeystoneCreateGroupOption(name="readers")))).group
admin.keystone_add_user_to_group(KeystoneAddUserToGroupRequest(group_id=group.id, user_id=user.id))
members = admin.keystone_list_users_for_group_by_admin(KeystoneListUsersForGroupByAdminRequest(group_id=group.id)).users
assert [member.name for member in members] == ["reader"], members
roles = admin.keystone_list_permissions(KeystoneListPermissionsRequest(display_name="ReadOnlyAccess")).roles
role = next(role for role in roles if role.display_name == "ReadOnlyAccess")
admin.keystone_associate_group_with_project_permission(KeystoneAssociateGroupWithProjectPermissionRequest(
    project_id=where["project_id"], group_id=group.id, role_id=role.id))

key = admin.create_permanent_access_key(CreatePermanentAccessKeyRequest(body=CreatePermanentAccessKeyRequestBody(
    credential=CreateCredentialOption(user_id=user.id, description="first")))).credential
reader = connect(key.access, key.secret, domain)
own = reader.keystone_list_auth_projects(KeystoneListAuthProjectsRequest()).projects
assert [project.id for project in own] == [where["project_id"]], own
fails(403, lambda: reader.keystone_list_users(KeystoneListUsersRequest()), "iam:users:listUsers")
fails(403, lambda: reader.keystone_delete_user(KeystoneDeleteUserRequest(user_id=user.id)), "iam:users:deleteUser")

token = admin.keystone_create_user_token_by_password(KeystoneCreateUserTokenByPasswordRequest(
    body=KeystoneCreateUserTokenByPasswordRequestBody(auth=PwdAuth(
        identity=PwdIdentity(methods=["password"], password=PwdPassword(user=PwdPasswordUser(
            domain=PwdPasswordUserDomain(name=domains[0].name), name="reader", password=PASSWORD))),
        scope=AuthScope(project=AuthScopeProject(id=where["project_id"]))))))
assert token.token.user.name == "reader" and token.x_subject_token, token
checked = admin.keystone_validate_token(KeystoneValidateTokenRequest(x_subject_token=token.x_subject_token))
assert checked.token.project.id == where["project_id"], checked

agency = admin.create_agency(CreateAgencyRequest(body=CreateAgencyRequestBody(agency=CreateAgencyOption(
    name="helper", domain_id=domain, trust_domain_name=domains[0].name, duration="FOREVER")))).agency
temporary = admin.create_temporary_access_key_by_agency(CreateTemporaryAccessKeyByAgencyRequest(
    body=CreateTemporaryAccessKeyByAgencyRequestBody(auth=AgencyAuth(identity=AgencyAuthIdentity(
        methods=["assume_role"], assume_role=IdentityAssumerole(agency_name="helper", duration_seconds=900)))))).credential
assert temporary.securitytoken and temporary.access != key.access, temporary
assert [one.id for one in admin.list_agencies(ListAgenciesRequest(domain_id=domain, name="helper")).agencies] == [agency.id]
admin.delete_agency(DeleteAgencyRequest(agency_id=agency.id))

policy = ServicePolicyRoleOption(
    display_name="callers", type="XA", description="", policy=ServicePolicy(version="1.1", statement=[
        ServiceStatement(effect="Allow", action=["functiongraph:function:invoke"])]))
made = admin.create_cloud_service_custom_policy(CreateCloudServiceCustomPolicyRequest(
    body=CreateCloudServiceCustomPolicyRequestBody(role=policy))).role
assert made.catalog == "CUSTOMED", made
admin.delete_custom_policy(DeleteCustomPolicyRequest(role_id=made.id))

wrong = connect(key.access, "wrong", domain)
for _ in range(5):
    fails(401, lambda: wrong.keystone_list_auth_projects(KeystoneListAuthProjectsRequest()), "does not match")
fails(401, lambda: reader.keystone_list_auth_projects(KeystoneListAuthProjectsRequest()), "locked")

second = admin.create_permanent_access_key(CreatePermanentAccessKeyRequest(body=CreatePermanentAccessKeyRequestBody(
    credential=CreateCredentialOption(user_id=user.id)))).credential
admin.update_permanent_access_key(UpdatePermanentAccessKeyRequest(
    access_key=second.access, body=UpdatePermanentAccessKeyRequestBody(credential=UpdateCredentialOption(status="inactive"))))
fails(401, lambda: connect(second.access, second.secret, domain).keystone_list_auth_projects(
    KeystoneListAuthProjectsRequest()), "disabled")
admin.keystone_delete_user(KeystoneDeleteUserRequest(user_id=user.id))
admin.keystone_delete_group(KeystoneDeleteGroupRequest(group_id=group.id))
print("the SDK's identities are done")
