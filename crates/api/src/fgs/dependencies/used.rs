//! The dependencies of a function: what `depend_version_list` names, and how they are shown.

use std::collections::HashSet;

use model::dependency::Dependency;
use model::function::Function;
use model::limits;
use wire::codes;
use wire::fgs::dependencies::UsedDependency;

use crate::error::Error;
use crate::problems::{Problems, quoted};
use crate::state::State;

/// The versions with these ids, in this order.
pub(crate) async fn resolve(
    state: &State,
    project: &str,
    ids: Vec<String>,
    problems: &mut Problems,
) -> Result<Vec<Dependency>, Error> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    problems.unless(ids.len() <= limits::DEPENDENCIES, codes::DEPENDENCY, || {
        format!("depend_version_list must have at most {} ids, not {}", limits::DEPENDENCIES, ids.len())
    });
    let all = state.store.all_dependency_versions(project).await?;
    let (mut found, mut seen) = (Vec::new(), HashSet::new());
    for id in ids.iter().take(limits::DEPENDENCIES) {
        match all.iter().find(|version| version.id == *id) {
            Some(version) => found.push(version.clone()),
            None => problems.add(
                codes::DEPENDENCY,
                format!("depend_version_list: there is no version of a dependency with the id {}", quoted(id)),
            ),
        }
        if !seen.insert(id) {
            problems.add(codes::DEPENDENCY, format!("depend_version_list has {} twice", quoted(id)));
        }
    }
    Ok(found)
}

/// How a function's dependencies are shown: their ids, the ids of their versions, and all about them.
pub(crate) fn wire(function: &Function, used: &[Dependency]) -> (Vec<String>, Vec<String>, Vec<UsedDependency>) {
    let ids = used.iter().map(|version| version.dependency.clone()).collect();
    let versions = used.iter().map(|version| version.id.clone()).collect();
    (ids, versions, used.iter().map(|version| view(function, version.clone())).collect())
}

fn view(function: &Function, version: Dependency) -> UsedDependency {
    UsedDependency {
        id: version.id,
        owner: function.domain.clone(),
        link: version.link,
        runtime: version.runtime,
        etag: version.sha256,
        size: version.size,
        name: version.name,
        description: version.description,
        file_name: version.filename,
        version: version.number,
        dep_id: version.dependency,
        last_modified: version.created.as_second(),
    }
}
