//! What one host answers, in each environment.

use std::collections::HashMap;
use std::sync::Arc;

use super::Route;
use super::table::Table;
use crate::trigger::RELEASE_ENV;

/// The routes of one host.
#[derive(Debug, Default)]
pub(super) struct Site {
    release: Table,
    /// Of the other environments, by name.
    stages: HashMap<String, Table>,
}

impl Site {
    pub(super) fn insert(&mut self, stage: &str, route: Arc<Route>) {
        let table = match stage {
            RELEASE_ENV => &mut self.release,
            other => self.stages.entry(other.to_owned()).or_default(),
        };
        table.insert(route);
    }

    /// The same without what is others'.
    pub(super) fn of_project(&self, project: &str) -> Self {
        let mut own = Self::default();
        let stages = self.stages.iter().map(|(name, table)| (name.as_str(), table));
        for (stage, table) in stages.chain([(RELEASE_ENV, &self.release)]) {
            for route in table.routes().filter(|route| route.api.project == project) {
                own.insert(stage, Arc::clone(route));
            }
        }
        own
    }

    /// The route that answers in an environment; without a name, in RELEASE.
    pub(super) fn find(&self, stage: Option<&str>, method: &http::Method, path: &str) -> Option<&Arc<Route>> {
        match stage {
            None | Some(RELEASE_ENV) => self.release.find(method, path),
            Some(other) => self.stages.get(other)?.find(method, path),
        }
    }
}
