//! What a question is about: one function, or all of the project.

use model::urn::FunctionId;

use crate::caller::Caller;
use crate::error::Error;
use crate::query::Query;
use crate::state::State;
use crate::target::Target;

/// One function, or all of the project; the caller may do what they ask for there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Scope {
    Function(FunctionId),
    Project(String),
}

impl Scope {
    /// By the query parameter `function`: a name or a URN.
    pub(super) fn read(query: &Query, caller: &Caller, state: &State) -> Result<Self, Error> {
        let Some(text) = query.text("function") else {
            caller.check("function", "*")?;
            let region = state.store.region();
            return Ok(Self::Project(format!("urn:fss:{region}:{}", caller.project)));
        };
        let target = Target::read(text, caller, state.store.region())?;
        caller.check_function(&target.urn.function)?;
        Ok(Self::Function(target.version(state)?.0.id.clone()))
    }

    /// Whether a function is in it, by its URN without version.
    pub(super) fn has(&self, function: &str) -> bool {
        match self {
            Self::Function(id) => id.to_string() == function,
            Self::Project(name) => model::statistics::project_of(function) == Some(name),
        }
    }

    /// As telemetry knows it: the URN without version, or what all URNs of the project begin with.
    pub(super) fn name(&self) -> String {
        match self {
            Self::Function(id) => id.to_string(),
            Self::Project(name) => name.clone(),
        }
    }
}
