//! The API gateway's error codes, as its reference lists them; statuses are those of its examples, and 409 for what is in the way.

use super::{Code, code};

/// A field that must be given.
pub const MANDATORY: Code = code("APIG.2001", 400);
/// A field, a query parameter or a path parameter.
pub const PARAMETER: Code = code("APIG.2012", 400);
/// No such group.
pub const GROUP_MISSING: Code = code("APIG.3001", 404);
/// No such API.
pub const API_MISSING: Code = code("APIG.3002", 404);
/// No such environment.
pub const ENVIRONMENT_MISSING: Code = code("APIG.3003", 404);
/// No such variable.
pub const VARIABLE_MISSING: Code = code("APIG.3011", 404);
/// The API is not published there.
pub const PUBLICATION_MISSING: Code = code("APIG.3015", 404);
/// No such function, version or alias.
pub const FUNCTION_MISSING: Code = code("APIG.3019", 404);
/// No such version of an API.
pub const VERSION_MISSING: Code = code("APIG.3022", 404);
/// No such gateway.
pub const INSTANCE_MISSING: Code = code("APIG.3030", 404);
/// Too many groups.
pub const GROUP_QUOTA: Code = code("APIG.3101", 403);
/// Too many APIs.
pub const API_QUOTA: Code = code("APIG.3102", 403);
/// Too many environments.
pub const ENVIRONMENT_QUOTA: Code = code("APIG.3104", 403);
/// Too many variables.
pub const VARIABLE_QUOTA: Code = code("APIG.3106", 403);
/// Too many parameters.
pub const REQUEST_PARAMETER_QUOTA: Code = code("APIG.3111", 403);
/// A group of this name exists.
pub const GROUP_EXISTS: Code = code("APIG.3201", 400);
/// An API of this name exists.
pub const NAME_EXISTS: Code = code("APIG.3202", 400);
/// An environment of this name exists.
pub const ENVIRONMENT_EXISTS: Code = code("APIG.3205", 400);
/// A parameter or a variable of this name exists.
pub const PARAMETER_EXISTS: Code = code("APIG.3209", 400);
/// Another API answers at this method and path.
pub const API_EXISTS: Code = code("APIG.3301", 400);
/// The group has APIs.
pub const GROUP_IN_USE: Code = code("APIG.3415", 409);
/// The API is published.
pub const API_PUBLISHED: Code = code("APIG.3416", 409);
/// APIs are published in the environment.
pub const ENVIRONMENT_IN_USE: Code = code("APIG.3418", 409);
/// No such domain, or no such certificate of it.
pub const DOMAIN_MISSING: Code = code("APIG.3020", 404);
/// Too many domains; the vendor has no code of its own for them.
pub const DOMAIN_QUOTA: Code = code("APIG.3100", 403);
/// No such app.
pub const APP_MISSING: Code = code("APIG.3004", 404);
/// No such AppCode or authorizer: a configuration that the vendor has no code of its own for.
pub const CONFIGURATION_MISSING: Code = code("APIG.3007", 404);
/// No such authorization of an app.
pub const APP_AUTH_MISSING: Code = code("APIG.3009", 404);
/// No such signature key.
pub const SIGNATURE_MISSING: Code = code("APIG.3017", 404);
/// No such binding of a signature key.
pub const SIGNATURE_BINDING_MISSING: Code = code("APIG.3018", 404);
/// Too many of something that has no code of its own.
pub const QUOTA: Code = code("APIG.3100", 403);
/// Too many apps.
pub const APP_QUOTA: Code = code("APIG.3103", 403);
/// Too many signature keys.
pub const SIGNATURE_QUOTA: Code = code("APIG.3105", 403);
/// The name, key or code of an app is taken.
pub const APP_EXISTS: Code = code("APIG.3203", 400);
/// The name of a signature key is taken.
pub const SIGNATURE_EXISTS: Code = code("APIG.3207", 400);
/// APIs ask for the authorizer; the vendor's table has no code of its own for it.
pub const AUTHORIZER_IN_USE: Code = code("APIG.3400", 409);
/// The API does not ask for an app.
pub const NOT_APP_AUTH: Code = code("APIG.3408", 400);
