use std::collections::BTreeSet;

use serde::Deserialize;

use super::*;
use crate::Operation;
use crate::schema::{Cover, Specification};

/// The vendor's document, and of it what the SDK's 3.0 policies say, which stands in our own.
struct Documents {
    vendor: Specification,
    own: Specification,
}

fn documents() -> Documents {
    Documents {
        vendor: Specification::read(include_str!("../../../../spec/iam-v3.openapi.json")),
        own: Specification::read(include_str!("../../../../spec/funcd.openapi.json")),
    }
}

/// What a client may send: every field of the schemas, which are requests of one kind.
#[track_caller]
fn request<T: for<'de> Deserialize<'de>>(documents: &Documents, schemas: &[&str]) {
    documents.vendor.check::<T>(schemas, &[], Cover::Whole);
}

/// What is answered: no field that none of the schemas has, and each that one of them requires.
#[track_caller]
fn answer<T: for<'de> Deserialize<'de>>(documents: &Documents, schemas: &[&str]) {
    documents.vendor.check::<T>(schemas, &[], Cover::Part);
}

fn requests(to: &Documents) {
    request::<users::UserRequest>(
        to,
        &[
            "CreateUserRequestBody",
            "UpdateUserRequestBody",
            "KeystoneCreateUserRequestBody",
            "KeystoneUpdateUserByAdminRequestBody",
        ],
    );
    request::<users::NewUser>(
        to,
        &["CreateUserOption", "UpdateUserOption", "KeystoneCreateUserOption", "KeystoneUpdateUserOption"],
    );
    request::<users::PasswordRequest>(to, &["KeystoneUpdateUserPasswordRequestBody"]);
    request::<users::PasswordChange>(to, &["KeystoneUpdatePasswordOption"]);
    request::<users::InformationRequest>(to, &["UpdateUserInformationRequestBody"]);
    request::<users::Information>(to, &["UpdateUserInformationOption"]);
    request::<groups::GroupRequest>(to, &["KeystoneCreateGroupRequestBody", "KeystoneUpdateGroupRequestBody"]);
    request::<groups::NewGroup>(to, &["KeystoneCreateGroupOption", "KeystoneUpdateGroupOption"]);
    request::<projects::ProjectRequest>(to, &["KeystoneCreateProjectRequestBody", "KeystoneUpdateProjectRequestBody"]);
    request::<projects::NewProject>(to, &["KeystoneCreateProjectOption", "KeystoneUpdateProjectOption"]);
    request::<projects::StatusRequest>(to, &["UpdateProjectStatusRequestBody"]);
    request::<projects::Status>(to, &["UpdateProjectOption"]);
    request::<credentials::CredentialRequest>(
        to,
        &["CreatePermanentAccessKeyRequestBody", "UpdatePermanentAccessKeyRequestBody"],
    );
    request::<credentials::NewCredential>(to, &["CreateCredentialOption", "UpdateCredentialOption"]);
    request::<agencies::AgencyRequest>(to, &["CreateAgencyRequestBody", "UpdateAgencyRequestBody"]);
    request::<agencies::NewAgency>(to, &["CreateAgencyOption", "UpdateAgencyOption"]);
}

/// Everything that asks for a token or a temporary access key.
fn asking(to: &Documents) {
    request::<tokens::TokenRequest>(
        to,
        &[
            "KeystoneCreateAgencyTokenRequestBody",
            "KeystoneCreateScopedTokenRequestBody",
            "KeystoneCreateUserTokenByPasswordRequestBody",
            "CreateTemporaryAccessKeyByAgencyRequestBody",
            "CreateTemporaryAccessKeyByTokenRequestBody",
        ],
    );
    request::<tokens::Auth>(to, &["AgencyTokenAuth", "ScopedTokenAuth", "PwdAuth", "AgencyAuth", "TokenAuth"]);
    // The specification of the SDK lacks this way, which clients take.
    to.vendor.check::<tokens::Identity>(
        &["AgencyTokenIdentity", "ScopedTokenIdentity", "PwdIdentity", "AgencyAuthIdentity", "TokenAuthIdentity"],
        &["hw_ak_sk"],
        Cover::Whole,
    );
    request::<tokens::Password>(to, &["PwdPassword"]);
    // Nobody is asked for their id, and it is taken too.
    to.vendor.check::<tokens::PasswordUser>(&["PwdPasswordUser"], &["id"], Cover::Whole);
    to.vendor.check::<Naming>(&["PwdPasswordUserDomain"], &["id"], Cover::Whole);
    request::<tokens::OldToken>(to, &["IdentityToken", "ScopedToken"]);
    request::<tokens::AssumeRole>(to, &["IdentityAssumerole", "AgencyTokenAssumerole"]);
    request::<tokens::SessionUser>(to, &["AssumeroleSessionuser"]);
    request::<tokens::Scope>(to, &["AuthScope", "AgencyTokenScope", "TokenSocpeOption"]);
    request::<Naming>(to, &["AuthScopeDomain", "AgencyTokenScopeDomain", "ScopeDomainOption"]);
    request::<tokens::ScopeProject>(to, &["AuthScopeProject", "AgencyTokenScopeProject", "ScopeProjectOption"]);
}

fn credentials(to: &Documents) {
    answer::<tokens::TokenResponse>(
        to,
        &[
            "KeystoneCreateAgencyTokenResponse",
            "KeystoneCreateScopedTokenResponse",
            "KeystoneCreateUserTokenByPasswordResponse",
            "KeystoneValidateTokenResponse",
        ],
    );
    answer::<tokens::Token>(to, &["AgencyTokenResult", "ScopeTokenResult", "TokenResult"]);
    answer::<tokens::TokenUser>(to, &["AgencyTokenUser", "AgencyAssumedbyUser", "TokenUserResult"]);
    answer::<tokens::TokenProject>(to, &["AgencyTokenProject", "TokenProjectResult"]);
    answer::<tokens::AssumedBy>(to, &["AgencyAssumedby"]);
    answer::<Named>(
        to,
        &[
            "AgencyAssumedbyUserDomain",
            "AgencyTokenDomain",
            "AgencyTokenProjectDomain",
            "AgencyTokenUserDomain",
            "TokenDomainResult",
            "TokenProjectDomainResult",
            "TokenRole",
            "TokenUserDomainResult",
        ],
    );
    answer::<credentials::TemporaryResponse>(
        to,
        &["CreateTemporaryAccessKeyByAgencyResponse", "CreateTemporaryAccessKeyByTokenResponse"],
    );
    answer::<credentials::TemporaryCredential>(to, &["Credential"]);
    answer::<credentials::CredentialResponse>(
        to,
        &["CreatePermanentAccessKeyResponse", "ShowPermanentAccessKeyResponse", "UpdatePermanentAccessKeyResponse"],
    );
    answer::<credentials::ListCredentialsResponse>(to, &["ListPermanentAccessKeysResponse"]);
    answer::<credentials::Credential>(
        to,
        &["CreateCredentialResult", "ShowCredential", "UpdateCredentialResult", "Credentials"],
    );
}

fn people(to: &Documents) {
    answer::<users::UserResponse>(
        to,
        &[
            "CreateUserResponse",
            "ShowUserResponse",
            "UpdateUserResponse",
            "KeystoneCreateUserResponse",
            "KeystoneShowUserResponse",
            "KeystoneUpdateUserByAdminResponse",
        ],
    );
    answer::<users::User>(
        to,
        &[
            "CreateUserResult",
            "ShowUserResult",
            "UpdateUserResult",
            "KeystoneCreateUserResult",
            "KeystoneShowUserResult",
            "KeystoneUpdateUserByAdminResult",
            "KeystoneListUsersResult",
            "KeystoneUserResult",
        ],
    );
    answer::<users::ListUsersResponse>(to, &["KeystoneListUsersResponse", "KeystoneListUsersForGroupByAdminResponse"]);
    answer::<groups::GroupResponse>(
        to,
        &["KeystoneCreateGroupResponse", "KeystoneShowGroupResponse", "KeystoneUpdateGroupResponse"],
    );
    answer::<groups::Group>(to, &["KeystoneGroupResult", "KeystoneGroupResultWithLinksSelf"]);
    answer::<groups::ListGroupsResponse>(to, &["KeystoneListGroupsResponse", "KeystoneListGroupsForUserResponse"]);
    answer::<projects::ProjectResponse>(
        to,
        &[
            "KeystoneCreateProjectResponse",
            "KeystoneShowProjectResponse",
            "KeystoneUpdateProjectResponse",
            "ShowProjectDetailsAndStatusResponse",
        ],
    );
    answer::<projects::Project>(
        to,
        &["ProjectResult", "AuthProjectResult", "KeystoneUpdateProjectResult", "ProjectDetailsAndStatusResult"],
    );
    answer::<projects::ListProjectsResponse>(
        to,
        &["KeystoneListProjectsResponse", "KeystoneListAuthProjectsResponse", "KeystoneListProjectsForUserResponse"],
    );
    answer::<agencies::AgencyResponse>(to, &["CreateAgencyResponse", "ShowAgencyResponse", "UpdateAgencyResponse"]);
    answer::<agencies::ListAgenciesResponse>(to, &["ListAgenciesResponse"]);
    answer::<agencies::Agency>(
        to,
        &["AgencyCreateResult", "AgencyShowResult", "AgencyUpdateResult", "AgencyListResult"],
    );
    answer::<Links>(to, &["Links", "LinksSelf"]);
}

fn policies(to: &Documents) {
    answer::<roles::ListRolesResponse>(
        to,
        &[
            "KeystoneListPermissionsResponse",
            "ListCustomPoliciesResponse",
            "KeystoneListProjectPermissionsForGroupResponse",
        ],
    );
    to.vendor.check::<roles::Role>(&["RoleResult", "ListPolicyRoleResult", "ShowPolicyRoleResult"], &[], Cover::Part);
    answer::<roles::RoleResponse>(to, &["KeystoneShowPermissionResponse", "ShowCustomPolicyResponse"]);
    to.own.check::<roles::RoleRequest>(&["FuncdRoleRequest"], &[], Cover::Whole);
    to.own.check::<roles::NewRole>(&["FuncdNewRole"], &[], Cover::Whole);
    to.own.check::<roles::Role>(&["RoleResult", "ShowPolicyRoleResult"], &[], Cover::Part);
    to.own.check::<roles::RoleResponse>(&["ShowCustomPolicyResponse"], &[], Cover::Whole);
}

fn what_there_is(to: &Documents) {
    answer::<catalog::VersionsResponse>(to, &["KeystoneListVersionsResponse"]);
    answer::<catalog::Versions>(to, &["Versions"]);
    answer::<catalog::VersionResponse>(to, &["KeystoneShowVersionResponse"]);
    answer::<catalog::Version>(to, &["Version"]);
    answer::<catalog::Link>(to, &["VersionLinks"]);
    answer::<catalog::MediaType>(to, &["VersionMediatypes"]);
    answer::<catalog::CatalogResponse>(to, &["KeystoneShowCatalogResponse"]);
    answer::<catalog::Service>(to, &["Catalog", "TokenCatalog"]);
    answer::<catalog::Endpoint>(to, &["CatalogEndpoints", "TokenCatalogEndpoint"]);
    answer::<catalog::DomainsResponse>(to, &["KeystoneListAuthDomainsResponse"]);
    answer::<catalog::Domain>(to, &["Domains"]);
    answer::<catalog::EndpointsResponse>(to, &["KeystoneListEndpointsResponse"]);
    answer::<catalog::EndpointResponse>(to, &["KeystoneShowEndpointResponse"]);
    answer::<catalog::ListedEndpoint>(to, &["Endpoint"]);
    answer::<catalog::ServicesResponse>(to, &["KeystoneListServicesResponse"]);
    answer::<catalog::ServiceResponse>(to, &["KeystoneShowServiceResponse"]);
    answer::<catalog::ListedService>(to, &["Service"]);
    answer::<catalog::RegionsResponse>(to, &["KeystoneListRegionsResponse"]);
    answer::<catalog::RegionResponse>(to, &["KeystoneShowRegionResponse"]);
    answer::<catalog::Region>(to, &["Region"]);
    answer::<catalog::Locales>(to, &["RegionLocales"]);
    answer::<catalog::QuotasResponse>(to, &["ShowDomainQuotaResponse", "ShowProjectQuotaResponse"]);
    answer::<catalog::Quotas>(to, &["QuotaResult"]);
    answer::<catalog::Quota>(to, &["Resources"]);
}

#[test]
fn requests_and_answers_have_the_fields_of_the_specification() {
    let documents = documents();
    for compare in [requests, asking, credentials, people, policies, what_there_is] {
        compare(&documents);
    }
    // The login tokens of federated users, second factors and federation are not there.
    let not_there =
        |schema: &&str| schema.contains("LoginToken") || schema.contains("Mfa") || schema.contains("sfederation");
    // A policy is kept as it is; `auth::policy` reads it. The error's shape is our own.
    let read_elsewhere = [
        "ApiError",
        "CustomPolicy",
        "CustomStatement",
        "PolicyDepends",
        "PolicyStatement",
        "RolePolicy",
        "ScopedTokenUser",
        "ServicePolicy",
        "ServiceStatement",
    ];
    let left: BTreeSet<&str> = documents.vendor.left().into_iter().filter(|schema| !not_there(schema)).collect();
    assert_eq!(left, BTreeSet::from(read_elsewhere), "schemas that no struct is compared with");
}

#[test]
fn operations_stand_where_the_specification_says() {
    let documents = documents();
    let ours: Vec<Operation> = [
        vec![
            users::LIST,
            users::CREATE,
            users::SHOW,
            users::UPDATE,
            users::DELETE,
            users::PASSWORD,
            users::CREATE_FULL,
        ],
        vec![users::SHOW_FULL, users::UPDATE_FULL, users::INFORMATION],
        vec![groups::LIST, groups::CREATE, groups::SHOW, groups::UPDATE, groups::DELETE, groups::USERS, groups::ADD],
        vec![groups::CHECK, groups::REMOVE, groups::OF_USER],
        vec![projects::LIST, projects::CREATE, projects::SHOW, projects::UPDATE, projects::OF_USER, projects::OWN],
        vec![projects::STATUS, projects::SET_STATUS],
        vec![roles::LIST, roles::SHOW, roles::LIST_CUSTOM, roles::SHOW_CUSTOM, roles::LIST_GROUP_PROJECT],
        vec![roles::GRANT_GROUP_PROJECT, roles::REVOKE_GROUP_PROJECT],
        vec![agencies::LIST, agencies::CREATE, agencies::SHOW, agencies::UPDATE, agencies::DELETE],
        vec![credentials::LIST, credentials::CREATE, credentials::SHOW, credentials::UPDATE, credentials::DELETE],
        vec![credentials::TEMPORARY, tokens::CREATE, tokens::VALIDATE],
        vec![catalog::VERSIONS, catalog::VERSION, catalog::CATALOG, catalog::DOMAINS, catalog::ENDPOINTS],
        vec![catalog::ENDPOINT, catalog::SERVICES, catalog::SERVICE, catalog::REGIONS, catalog::REGION],
        vec![catalog::DOMAIN_QUOTAS, catalog::PROJECT_QUOTAS],
    ]
    .concat();
    for operation in &ours {
        documents.vendor.check_operation(operation);
    }
    let own = [
        roles::CREATE,
        roles::UPDATE,
        roles::DELETE,
        roles::CHECK_GROUP_PROJECT,
        roles::LIST_GROUP_DOMAIN,
        roles::CHECK_GROUP_DOMAIN,
        roles::GRANT_GROUP_DOMAIN,
        roles::REVOKE_GROUP_DOMAIN,
        roles::LIST_AGENCY_PROJECT,
        roles::CHECK_AGENCY_PROJECT,
        roles::GRANT_AGENCY_PROJECT,
        roles::REVOKE_AGENCY_PROJECT,
        roles::LIST_AGENCY_DOMAIN,
        roles::CHECK_AGENCY_DOMAIN,
        roles::GRANT_AGENCY_DOMAIN,
        roles::REVOKE_AGENCY_DOMAIN,
    ];
    for operation in &own {
        documents.own.check_operation(operation);
    }
    let mut left = documents.vendor.operations();
    let named: BTreeSet<&str> = ours.iter().map(|operation| operation.id).collect();
    left.retain(|id| !named.contains(id));
    assert_eq!(left, BTreeSet::from(["CreateLoginToken"]), "operations of the specification that are not here");
}
