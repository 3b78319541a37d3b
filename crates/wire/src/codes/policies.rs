//! Error codes of the gateway's policies, as the API gateway's reference lists them; statuses are those of its examples, and 409 for
//! what is in the way. Where the reference has no code of its own for something, a general one of its family stands there.

use super::{Code, code};

/// No such throttling policy.
pub const THROTTLE_MISSING: Code = code("APIG.3005", 404);
/// No such access control policy, or responses of a group.
pub const CONFIGURATION_MISSING: Code = code("APIG.3007", 404);
/// The access control policy is not bound there.
pub const ACL_BINDING_MISSING: Code = code("APIG.3010", 404);
/// The throttling policy is not bound there.
pub const THROTTLE_BINDING_MISSING: Code = code("APIG.3012", 404);
/// No such limit of an app or user.
pub const SPECIAL_MISSING: Code = code("APIG.3013", 404);
/// The API is not published there.
pub const PUBLICATION_MISSING: Code = code("APIG.3015", 404);
/// No such plug-in, or it is not bound there.
pub const PLUGIN_MISSING: Code = code("APIG.3068", 404);
/// Too many.
pub const QUOTA: Code = code("APIG.3100", 403);
/// A throttling policy of this name exists.
pub const THROTTLE_EXISTS: Code = code("APIG.3204", 400);
/// An access control policy of this name exists.
pub const ACL_EXISTS: Code = code("APIG.3206", 400);
/// The app or user has a limit of its own.
pub const SPECIAL_EXISTS: Code = code("APIG.3308", 400);
/// Something cannot be changed or deleted as it is.
pub const UNCHANGEABLE: Code = code("APIG.3400", 409);
