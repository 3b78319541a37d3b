//! The identity operations.

/// Operation and action, decided by the path alone.
pub(super) const CHECKED: &[(&str, &str)] = &[
    ("KeystoneListUsers", "iam:users:listUsers"),
    ("KeystoneCreateUser", "iam:users:createUser"),
    ("CreateUser", "iam:users:createUser"),
    ("KeystoneUpdateUserByAdmin", "iam:users:updateUser"),
    ("UpdateUser", "iam:users:updateUser"),
    ("KeystoneDeleteUser", "iam:users:deleteUser"),
    ("KeystoneListGroups", "iam:groups:listGroups"),
    ("KeystoneShowGroup", "iam:groups:getGroup"),
    ("KeystoneCreateGroup", "iam:groups:createGroup"),
    ("KeystoneUpdateGroup", "iam:groups:updateGroup"),
    ("KeystoneDeleteGroup", "iam:groups:deleteGroup"),
    ("KeystoneListUsersForGroupByAdmin", "iam:users:listUsersForGroup"),
    ("KeystoneCheckUserInGroup", "iam:groups:getMembership"),
    ("KeystoneAddUserToGroup", "iam:permissions:addUserToGroup"),
    ("KeystoneRemoveUserFromGroup", "iam:permissions:removeUserFromGroup"),
    ("KeystoneCreateProject", "iam:projects:createProject"),
    ("KeystoneUpdateProject", "iam:projects:updateProject"),
    ("UpdateProjectStatus", "iam:projects:updateProject"),
    ("KeystoneListPermissions", "iam:roles:listRoles"),
    ("KeystoneShowPermission", "iam:roles:getRole"),
    ("ListCustomPolicies", "iam:roles:listRoles"),
    ("ShowCustomPolicy", "iam:roles:getRole"),
    ("CreateCloudServiceCustomPolicy", "iam:roles:createRole"),
    ("UpdateCloudServiceCustomPolicy", "iam:roles:updateRole"),
    ("DeleteCustomPolicy", "iam:roles:deleteRole"),
    ("KeystoneListProjectPermissionsForGroup", "iam:permissions:listRolesForGroupOnProject"),
    ("KeystoneCheckProjectPermissionForGroup", "iam:permissions:getRoleForGroupOnProject"),
    ("KeystoneAssociateGroupWithProjectPermission", "iam:permissions:grantRoleToGroupOnProject"),
    ("KeystoneRemoveProjectPermissionFromGroup", "iam:permissions:revokeRoleFromGroupOnProject"),
    ("KeystoneListDomainPermissionsForGroup", "iam:permissions:listRolesForGroupOnDomain"),
    ("KeystoneCheckDomainPermissionForGroup", "iam:permissions:getRoleForGroupOnDomain"),
    ("KeystoneAssociateGroupWithDomainPermission", "iam:permissions:grantRoleToGroupOnDomain"),
    ("KeystoneRemoveDomainPermissionFromGroup", "iam:permissions:revokeRoleFromGroupOnDomain"),
    ("ListAgencies", "iam:agencies:listAgencies"),
    ("ShowAgency", "iam:agencies:getAgency"),
    ("CreateAgency", "iam:agencies:createAgency"),
    ("UpdateAgency", "iam:agencies:updateAgency"),
    ("DeleteAgency", "iam:agencies:deleteAgency"),
    ("ListProjectPermissionsForAgency", "iam:permissions:listRolesForAgencyOnProject"),
    ("CheckProjectPermissionForAgency", "iam:permissions:getRoleForAgencyOnProject"),
    ("AssociateAgencyWithProjectPermission", "iam:permissions:grantRoleToAgencyOnProject"),
    ("RemoveProjectPermissionFromAgency", "iam:permissions:revokeRoleFromAgencyOnProject"),
    ("ListDomainPermissionsForAgency", "iam:permissions:listRolesForAgencyOnDomain"),
    ("CheckDomainPermissionForAgency", "iam:permissions:getRoleForAgencyOnDomain"),
    ("AssociateAgencyWithDomainPermission", "iam:permissions:grantRoleToAgencyOnDomain"),
    ("RemoveDomainPermissionFromAgency", "iam:permissions:revokeRoleFromAgencyOnDomain"),
    ("ShowDomainQuota", "iam:quotas:listQuotas"),
    ("ShowProjectQuota", "iam:quotas:listQuotasForProject"),
];

/// About oneself everybody may; about others the handler asks.
pub(super) const OWN: &[(&str, &str)] = &[
    ("KeystoneShowUser", "iam:users:getUser"),
    ("ShowUser", "iam:users:getUser"),
    ("UpdateUserInformation", "iam:users:updateUser"),
    ("KeystoneListGroupsForUser", "iam:groups:listGroupsForUser"),
    ("KeystoneListProjectsForUser", "iam:projects:listProjectsForUser"),
    ("KeystoneUpdateUserPassword", "iam:users:setUserPassword"),
    ("ListPermanentAccessKeys", "iam:credentials:listCredentials"),
    ("CreatePermanentAccessKey", "iam:credentials:createCredential"),
    ("ShowPermanentAccessKey", "iam:credentials:getCredential"),
    ("UpdatePermanentAccessKey", "iam:credentials:updateCredential"),
    ("DeletePermanentAccessKey", "iam:credentials:deleteCredential"),
    ("KeystoneListProjects", "iam:projects:listProjects"),
    ("KeystoneShowProject", "iam:projects:getProject"),
    ("ShowProjectDetailsAndStatus", "iam:projects:getProject"),
    ("KeystoneValidateToken", "iam:tokens:getToken"),
];

/// Whoever is known may ask.
pub(super) const SIGNED: &[(&str, &str)] = &[
    ("KeystoneShowCatalog", "iam:catalog:getCatalog"),
    ("KeystoneListAuthDomains", "iam:domains:listDomains"),
    ("KeystoneListAuthProjects", "iam:projects:listOwnProjects"),
    ("KeystoneListEndpoints", "iam:endpoints:listEndpoints"),
    ("KeystoneShowEndpoint", "iam:endpoints:getEndpoint"),
    ("KeystoneListServices", "iam:services:listServices"),
    ("KeystoneShowService", "iam:services:getService"),
    ("KeystoneListRegions", "iam:regions:listRegions"),
    ("KeystoneShowRegion", "iam:regions:getRegion"),
    ("ShowConsoleSession", "iam:sessions:getSession"),
    ("DeleteConsoleSession", "iam:sessions:deleteSession"),
    ("CreateLoginToken", "iam:tokens:createLoginToken"),
];

/// What lets somebody in, and what says what this is.
pub(super) const OPEN: &[(&str, &str)] = &[
    ("KeystoneListVersions", "iam:versions:listVersions"),
    ("KeystoneShowVersion", "iam:versions:getVersion"),
    ("KeystoneCreateAgencyToken", "iam:tokens:createToken"),
    ("CreateTemporaryAccessKeyByAgency", "iam:credentials:createTemporaryCredential"),
    ("CreateConsoleSession", "iam:sessions:createSession"),
];

/// Asked by handlers: whether an agency may be assumed.
pub(crate) const ASSUME: &str = "iam:agencies:assume";
