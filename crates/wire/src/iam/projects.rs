//! Projects.

use serde::{Deserialize, Serialize};

use super::Links;
use crate::Operation;

/// Answers a [`ListProjectsResponse`]: all of them to whom a policy allows it, to others their own.
pub const LIST: Operation = Operation { id: "KeystoneListProjects", method: "GET", path: "/v3/projects" };
/// Takes a [`ProjectRequest`], answers a [`ProjectResponse`] with 201.
pub const CREATE: Operation = Operation { id: "KeystoneCreateProject", method: "POST", path: "/v3/projects" };
/// Answers a [`ProjectResponse`].
pub const SHOW: Operation = Operation { id: "KeystoneShowProject", method: "GET", path: "/v3/projects/{project_id}" };
/// Takes a [`ProjectRequest`], answers a [`ProjectResponse`].
pub const UPDATE: Operation =
    Operation { id: "KeystoneUpdateProject", method: "PATCH", path: "/v3/projects/{project_id}" };
/// Answers a [`ListProjectsResponse`].
pub const OF_USER: Operation =
    Operation { id: "KeystoneListProjectsForUser", method: "GET", path: "/v3/users/{user_id}/projects" };
/// Answers a [`ListProjectsResponse`] with those the caller may act in.
pub const OWN: Operation = Operation { id: "KeystoneListAuthProjects", method: "GET", path: "/v3/auth/projects" };
/// Answers a [`ProjectResponse`] with its status.
pub const STATUS: Operation =
    Operation { id: "ShowProjectDetailsAndStatus", method: "GET", path: "/v3-ext/projects/{project_id}" };
/// Takes a [`StatusRequest`], answers 204.
pub const SET_STATUS: Operation =
    Operation { id: "UpdateProjectStatus", method: "PUT", path: "/v3-ext/projects/{project_id}" };

/// A new project, or what is to be different about one.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ProjectRequest {
    /// The project.
    pub project: NewProject,
}

/// The inside of a [`ProjectRequest`].
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct NewProject {
    /// `<region>_<more>`, at most 64 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// At most 255 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Id of the first project.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent_id: Option<String>,
    /// The domain; there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub domain_id: Option<String>,
}

/// Whether a project may be used.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct StatusRequest {
    /// The status.
    pub project: Status,
}

/// The inside of a [`StatusRequest`].
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Status {
    /// `normal` or `suspended`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
}

/// One project.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ProjectResponse {
    /// The project.
    pub project: Project,
}

/// Projects.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ListProjectsResponse {
    /// The projects, by name.
    pub projects: Vec<Project>,
    /// The page.
    pub links: Links,
}

/// A project.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Project {
    /// 32 hexadecimal digits.
    pub id: String,
    /// Its name; that of the first one is the region.
    pub name: String,
    /// For people.
    pub description: String,
    /// The domain.
    pub domain_id: String,
    /// The first project, of which the others are parts; its own parent is the domain.
    pub parent_id: String,
    /// False.
    pub is_domain: bool,
    /// Whether it may be used.
    pub enabled: bool,
    /// `normal` or `suspended`.
    pub status: String,
    /// Where it is.
    pub links: Links,
}
