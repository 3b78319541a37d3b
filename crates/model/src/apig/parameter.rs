//! Parameters of an API's requests, and what the back end gets of them.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

/// Where a parameter stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Location {
    /// In braces in the path.
    Path,
    /// In the query.
    Query,
    /// A header.
    Header,
    /// A cookie.
    Cookie,
}

/// A parameter of a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parameter {
    /// 32 hexadecimal digits.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Where it stands.
    pub location: Location,
    /// Whether it must be a number.
    pub number: bool,
    /// Whether it must be given.
    pub required: bool,
    /// What the back end gets when it is not given; empty: nothing.
    pub default: String,
    /// Whether `number` and what follows are checked.
    pub checked: bool,
    /// What it may be, with commas between; empty: anything.
    pub enumerations: String,
    /// Least and greatest number; both 0: any.
    pub range: (i32, i32),
    /// Least and greatest number of characters; both 0: any.
    pub length: (i32, i32),
    /// Whether the back end gets it as it is, whatever else it gets of it.
    pub pass_through: bool,
    /// An example.
    pub sample: String,
    /// A description.
    pub remark: String,
}

/// One more value for the back end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mapping {
    /// 32 hexadecimal digits.
    pub id: String,
    /// Its name there.
    pub name: String,
    /// Where it stands there: query or header.
    pub location: Location,
    /// Where it is from.
    pub origin: Origin,
    /// A description.
    pub remark: String,
}

/// Where a value for the back end is from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Origin {
    /// The request's parameter of this name.
    Request(String),
    /// Always this.
    Constant(String),
    /// Something the gateway knows.
    System(System),
}

/// What the gateway knows of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum System {
    /// Address of the client.
    SourceIp,
    /// Name of the environment.
    Stage,
    /// Id of the API.
    ApiId,
    /// Name of the API.
    ApiName,
    /// Id of the request.
    RequestId,
    /// When the gateway began with it, milliseconds since 1970.
    HandleTime,
}

impl System {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::SourceIp, Self::Stage, Self::ApiId, Self::ApiName, Self::RequestId, Self::HandleTime];

    /// As the vendor calls it, without `$context.`.
    pub fn name(self) -> &'static str {
        match self {
            Self::SourceIp => "sourceIp",
            Self::Stage => "stage",
            Self::ApiId => "apiId",
            Self::ApiName => "apiName",
            Self::RequestId => "requestId",
            Self::HandleTime => "handleTime",
        }
    }

    /// By its name, with or without `$context.`.
    pub fn parse(text: &str) -> Option<Self> {
        let name = text.strip_prefix("$context.").unwrap_or(text);
        Self::ALL.into_iter().find(|one| one.name() == name)
    }
}

impl Parameter {
    /// The value for the back end, or why the request is refused.
    ///
    /// # Errors
    /// What the client did wrong, with the parameter's name.
    pub fn accept<'a>(&'a self, given: Option<Cow<'a, str>>) -> Result<Option<Cow<'a, str>>, String> {
        let Some(value) = given else {
            if self.required {
                return Err(format!("{} is required and not there", self.label()));
            }
            return Ok((!self.default.is_empty()).then_some(Cow::Borrowed(self.default.as_str())));
        };
        if self.checked {
            self.check(&value)?;
        }
        Ok(Some(value))
    }

    fn check(&self, value: &str) -> Result<(), String> {
        let label = self.label();
        if !self.enumerations.is_empty() && !self.enumerations.split(',').any(|one| one == value) {
            return Err(format!("{label} must be one of {}", self.enumerations));
        }
        if self.number {
            return match value.parse::<f64>() {
                Ok(number) if number.is_finite() && self.is_in_range(number) => Ok(()),
                Ok(_) => Err(format!("{label} must be {} to {}", self.range.0, self.range.1)),
                Err(_) => Err(format!("{label} must be a number")),
            };
        }
        let (least, most) = self.length;
        let length = i64::try_from(value.chars().count()).unwrap_or(i64::MAX);
        if (least, most) == (0, 0) || (i64::from(least)..=i64::from(most)).contains(&length) {
            return Ok(());
        }
        Err(format!("{label} must have {least} to {most} characters"))
    }

    fn is_in_range(&self, number: f64) -> bool {
        let (least, most) = self.range;
        (least, most) == (0, 0) || (f64::from(least)..=f64::from(most)).contains(&number)
    }

    /// As a refusal names it.
    fn label(&self) -> String {
        let place = match self.location {
            Location::Path => "path",
            Location::Query => "query",
            Location::Header => "header",
            Location::Cookie => "cookie",
        };
        format!("{place} parameter {}", self.name)
    }
}

#[cfg(test)]
mod tests;
