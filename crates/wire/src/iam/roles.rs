//! Roles: policies with a name, and who was granted them.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Links;
use crate::Operation;

/// Answers a [`ListRolesResponse`]: those of the system, or with `domain_id` the custom ones.
pub const LIST: Operation = Operation { id: "KeystoneListPermissions", method: "GET", path: "/v3/roles" };
/// Answers a [`RoleResponse`].
pub const SHOW: Operation = Operation { id: "KeystoneShowPermission", method: "GET", path: "/v3/roles/{role_id}" };
/// Answers a [`ListRolesResponse`].
pub const LIST_CUSTOM: Operation = Operation { id: "ListCustomPolicies", method: "GET", path: "/v3.0/OS-ROLE/roles" };
/// Takes a [`RoleRequest`], answers a [`RoleResponse`] with 201.
pub const CREATE: Operation =
    Operation { id: "CreateCloudServiceCustomPolicy", method: "POST", path: "/v3.0/OS-ROLE/roles" };
/// Answers a [`RoleResponse`].
pub const SHOW_CUSTOM: Operation =
    Operation { id: "ShowCustomPolicy", method: "GET", path: "/v3.0/OS-ROLE/roles/{role_id}" };
/// Takes a [`RoleRequest`], answers a [`RoleResponse`].
pub const UPDATE: Operation =
    Operation { id: "UpdateCloudServiceCustomPolicy", method: "PATCH", path: "/v3.0/OS-ROLE/roles/{role_id}" };
/// Answers 200 without a body.
pub const DELETE: Operation =
    Operation { id: "DeleteCustomPolicy", method: "DELETE", path: "/v3.0/OS-ROLE/roles/{role_id}" };
/// Answers a [`ListRolesResponse`].
pub const LIST_GROUP_PROJECT: Operation = Operation {
    id: "KeystoneListProjectPermissionsForGroup",
    method: "GET",
    path: "/v3/projects/{project_id}/groups/{group_id}/roles",
};
/// Answers 204 or 404.
pub const CHECK_GROUP_PROJECT: Operation = Operation {
    id: "KeystoneCheckProjectPermissionForGroup",
    method: "HEAD",
    path: "/v3/projects/{project_id}/groups/{group_id}/roles/{role_id}",
};
/// Answers 204.
pub const GRANT_GROUP_PROJECT: Operation = Operation {
    id: "KeystoneAssociateGroupWithProjectPermission",
    method: "PUT",
    path: "/v3/projects/{project_id}/groups/{group_id}/roles/{role_id}",
};
/// Answers 204.
pub const REVOKE_GROUP_PROJECT: Operation = Operation {
    id: "KeystoneRemoveProjectPermissionFromGroup",
    method: "DELETE",
    path: "/v3/projects/{project_id}/groups/{group_id}/roles/{role_id}",
};
/// Answers a [`ListRolesResponse`].
pub const LIST_GROUP_DOMAIN: Operation = Operation {
    id: "KeystoneListDomainPermissionsForGroup",
    method: "GET",
    path: "/v3/domains/{domain_id}/groups/{group_id}/roles",
};
/// Answers 204 or 404.
pub const CHECK_GROUP_DOMAIN: Operation = Operation {
    id: "KeystoneCheckDomainPermissionForGroup",
    method: "HEAD",
    path: "/v3/domains/{domain_id}/groups/{group_id}/roles/{role_id}",
};
/// Answers 204.
pub const GRANT_GROUP_DOMAIN: Operation = Operation {
    id: "KeystoneAssociateGroupWithDomainPermission",
    method: "PUT",
    path: "/v3/domains/{domain_id}/groups/{group_id}/roles/{role_id}",
};
/// Answers 204.
pub const REVOKE_GROUP_DOMAIN: Operation = Operation {
    id: "KeystoneRemoveDomainPermissionFromGroup",
    method: "DELETE",
    path: "/v3/domains/{domain_id}/groups/{group_id}/roles/{role_id}",
};
/// Answers a [`ListRolesResponse`].
pub const LIST_AGENCY_PROJECT: Operation = Operation {
    id: "ListProjectPermissionsForAgency",
    method: "GET",
    path: "/v3.0/OS-AGENCY/projects/{project_id}/agencies/{agency_id}/roles",
};
/// Answers 204 or 404.
pub const CHECK_AGENCY_PROJECT: Operation = Operation {
    id: "CheckProjectPermissionForAgency",
    method: "HEAD",
    path: "/v3.0/OS-AGENCY/projects/{project_id}/agencies/{agency_id}/roles/{role_id}",
};
/// Answers 204.
pub const GRANT_AGENCY_PROJECT: Operation = Operation {
    id: "AssociateAgencyWithProjectPermission",
    method: "PUT",
    path: "/v3.0/OS-AGENCY/projects/{project_id}/agencies/{agency_id}/roles/{role_id}",
};
/// Answers 204.
pub const REVOKE_AGENCY_PROJECT: Operation = Operation {
    id: "RemoveProjectPermissionFromAgency",
    method: "DELETE",
    path: "/v3.0/OS-AGENCY/projects/{project_id}/agencies/{agency_id}/roles/{role_id}",
};
/// Answers a [`ListRolesResponse`].
pub const LIST_AGENCY_DOMAIN: Operation = Operation {
    id: "ListDomainPermissionsForAgency",
    method: "GET",
    path: "/v3.0/OS-AGENCY/domains/{domain_id}/agencies/{agency_id}/roles",
};
/// Answers 204 or 404.
pub const CHECK_AGENCY_DOMAIN: Operation = Operation {
    id: "CheckDomainPermissionForAgency",
    method: "HEAD",
    path: "/v3.0/OS-AGENCY/domains/{domain_id}/agencies/{agency_id}/roles/{role_id}",
};
/// Answers 204.
pub const GRANT_AGENCY_DOMAIN: Operation = Operation {
    id: "AssociateAgencyWithDomainPermission",
    method: "PUT",
    path: "/v3.0/OS-AGENCY/domains/{domain_id}/agencies/{agency_id}/roles/{role_id}",
};
/// Answers 204.
pub const REVOKE_AGENCY_DOMAIN: Operation = Operation {
    id: "RemoveDomainPermissionFromAgency",
    method: "DELETE",
    path: "/v3.0/OS-AGENCY/domains/{domain_id}/agencies/{agency_id}/roles/{role_id}",
};

/// A new custom policy, or one changed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct RoleRequest {
    /// The policy.
    pub role: NewRole,
}

/// The inside of a [`RoleRequest`].
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct NewRole {
    /// 1 to 128 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    /// `AX` (default) or `XA`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub r#type: Option<String>,
    /// At most 255 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// At most 255 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description_cn: Option<String>,
    /// Version and statements.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policy: Option<Value>,
}

/// One role.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct RoleResponse {
    /// The role.
    pub role: Role,
}

/// Roles.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ListRolesResponse {
    /// The roles, by name.
    pub roles: Vec<Role>,
    /// The page.
    pub links: Links,
    /// How many there are on all pages.
    pub total_number: usize,
}

/// A role.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Role {
    /// 32 hexadecimal digits.
    pub id: String,
    /// As programs name it.
    pub name: String,
    /// As people name it.
    pub display_name: String,
    /// `AX` or `XA`.
    pub r#type: String,
    /// `CUSTOMED` or the service.
    pub catalog: String,
    /// For people.
    pub description: String,
    /// For people who read Chinese.
    pub description_cn: String,
    /// The domain of a custom policy.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub domain_id: Option<String>,
    /// Version and statements.
    pub policy: Value,
    /// Milliseconds since 1970, as text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_time: Option<String>,
    /// Milliseconds since 1970, as text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updated_time: Option<String>,
    /// How often a custom policy is granted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub references: Option<usize>,
    /// Where it is.
    pub links: Links,
}
