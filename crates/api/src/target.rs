//! Which function a path names.

use std::sync::Arc;

use axum::extract::{FromRequestParts, RawPathParams};
use http::request::Parts;
use model::function::{Function, Version};
use model::urn::{Qualifier, Urn};
use wire::codes;

use crate::error::Error;
use crate::problems::quoted;
use crate::signature::Caller;
use crate::state::State;

/// Both names the specification gives the parameter.
const PARAMETERS: [&str; 2] = ["function_urn", "func_urn"];

/// The function a path names, raw or percent-encoded, in any of the URN's forms; it is the caller's own.
#[derive(Clone, Debug)]
pub(crate) struct Target {
    /// Its URN.
    pub(crate) urn: Urn,
    /// Whether the path said which version.
    pub(crate) versioned: bool,
}

impl Target {
    pub(crate) fn read(text: &str, caller: &Caller, region: &str) -> Result<Self, Error> {
        let urn = Urn::parse(text, region, &caller.project)
            .map_err(|error| Error::new(codes::URN, format!("{error}: {}", quoted(text))))?;
        if urn.function.project != caller.project {
            let text = format!("{} belongs to another project than the access key", quoted(text));
            return Err(Error::new(codes::FORBIDDEN, text));
        }
        if urn.function.region != region {
            let text = format!("no function {}: this installation's region is '{region}'", quoted(text));
            return Err(Error::new(codes::FUNCTION_MISSING, text));
        }
        let versioned = matches!(text.split(':').count(), 4 | 8);
        Ok(Self { urn, versioned })
    }

    /// The function, where the path names it as a whole or its version `latest`: what can be changed, and what versions have in
    /// common.
    pub(crate) fn function(&self, state: &State) -> Result<Arc<Function>, Error> {
        let (function, _) = self.version(state)?;
        let what = match &self.urn.qualifier {
            Qualifier::Latest => return Ok(function),
            Qualifier::Version(_) => "a published version never changes",
            Qualifier::Alias(_) => "an alias is changed below /aliases",
        };
        let text = format!("{}: {what}; leave the version out of the URN to mean the function", self.urn);
        Err(Error::new(codes::VERSION, text))
    }

    /// The function and the version that the path names; of an alias the main one.
    pub(crate) fn version(&self, state: &State) -> Result<(Arc<Function>, Arc<Version>), Error> {
        let Urn { function: id, qualifier } = &self.urn;
        let Some(function) = state.store.function(id) else {
            return Err(Error::new(codes::FUNCTION_MISSING, format!("no function {id}")));
        };
        match (function.version(qualifier).cloned(), qualifier) {
            (Some(version), _) => Ok((function, version)),
            (None, Qualifier::Alias(_)) => Err(Error::new(codes::ALIAS_MISSING, format!("no alias {}", self.urn))),
            (None, _) => Err(Error::new(codes::VERSION_MISSING, format!("no version {}", self.urn))),
        }
    }
}

impl FromRequestParts<State> for Target {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self, Error> {
        let caller = Caller::from_request_parts(parts, state).await?;
        let text = parameter(parts, &PARAMETERS).await?;
        Self::read(&text, &caller, state.store.region())
    }
}

/// The value of the path parameter with one of these names, decoded.
pub(crate) async fn parameter(parts: &mut Parts, names: &[&str]) -> Result<String, Error> {
    let params = RawPathParams::from_request_parts(parts, &())
        .await
        .map_err(|_| Error::new(codes::BAD_REQUEST, "the path is not percent-encoded UTF-8"))?;
    let value = params.iter().find(|(name, _)| names.contains(name)).map(|(_, value)| value.to_owned());
    value.ok_or_else(|| Error::internal(format!("the path has no parameter {names:?}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expect: Result<(&str, bool), u16>) {
        let caller = Caller::of("p0");
        let got = Target::read(text, &caller, "local-1");
        let got = got.map(|target| (target.urn.to_string(), target.versioned)).map_err(|error| error.code().status);
        assert_eq!(got, expect.map(|(urn, versioned)| (urn.to_owned(), versioned)));
    }

    #[test]
    fn every_form_of_a_urn_names_the_function() {
        let latest = "urn:fss:local-1:p0:function:default:web:latest";
        check("web", Ok((latest, false)));
        check("urn:fss:local-1:p0:function:default:web", Ok((latest, false)));
        check("urn:fss:local-1:p0:function:default:web:latest", Ok((latest, true)));
        check("p0:default:web:latest", Ok((latest, true)));
    }

    #[test]
    fn other_projects_regions_and_nonsense_are_told_apart() {
        check("urn:fss:local-1:p1:function:default:web", Err(403));
        check("urn:fss:eu-1:p0:function:default:web", Err(404));
        check("urn:fss:local-1:p0:workflow:default:web", Err(400));
        check("", Err(400));
    }
}
