//! The vendor's error codes that funcd uses, each with its HTTP status (`spec/fss-errors.json`).

pub mod apig;
pub mod policies;

/// An error code and the HTTP status that goes with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Code {
    /// As it stands in `error_code`.
    pub text: &'static str,
    /// HTTP status.
    pub status: u16,
}

const fn code(text: &'static str, status: u16) -> Code {
    Code { text, status }
}

/// A request that is wrong in a way no other code describes.
pub const INVALID: Code = code("FSS.0400", 400);
/// Somebody else's project.
pub const FORBIDDEN: Code = code("FSS.0403", 403);
/// `X-Cff-Instance-Memory` without dynamic memory.
pub const NOT_ACCEPTABLE: Code = code("FSS.0406", 406);
/// The body took too long to arrive.
pub const BODY_TIMED_OUT: Code = code("FSS.0408", 408);
/// The body is too large.
pub const BODY_TOO_LARGE: Code = code("FSS.0413", 413);
/// Something the request needs could not be had, such as a language runtime.
pub const FAILED_DEPENDENCY: Code = code("FSS.0424", 424);
/// funcd or its host failed.
pub const INTERNAL: Code = code("FSS.0500", 500);
/// Not implemented; not one of the vendor's codes, but built like its general ones.
pub const NOT_IMPLEMENTED: Code = code("FSS.0501", 501);
/// Overloaded or shutting down.
pub const UNAVAILABLE: Code = code("FSS.0503", 503);
/// A query parameter.
pub const QUERY: Code = code("FSS.1001", 400);
/// `func_name`.
pub const NAME: Code = code("FSS.1002", 400);
/// `handler`.
pub const HANDLER: Code = code("FSS.1003", 400);
/// `package`.
pub const PACKAGE: Code = code("FSS.1004", 400);
/// `runtime`.
pub const RUNTIME: Code = code("FSS.1005", 400);
/// `code_type`.
pub const CODE_TYPE: Code = code("FSS.1006", 400);
/// `memory_size`.
pub const MEMORY: Code = code("FSS.1007", 400);
/// `timeout`.
pub const TIMEOUT: Code = code("FSS.1008", 400);
/// `user_data`, `encrypted_user_data`.
pub const USER_DATA: Code = code("FSS.1009", 400);
/// `code_url`.
pub const CODE_URL: Code = code("FSS.1010", 400);
/// The code itself.
pub const CODE: Code = code("FSS.1011", 400);
/// No code where there must be some.
pub const CODE_MISSING: Code = code("FSS.1012", 400);
/// The name or type of a file.
pub const FILE_TYPE: Code = code("FSS.1013", 400);
/// The name or a rule of an alias.
pub const ALIAS: Code = code("FSS.1014", 400);
/// A version name that cannot be used here.
pub const VERSION: Code = code("FSS.1015", 400);
/// Nothing to publish: nothing changed since the last time.
pub const UNCHANGED: Code = code("FSS.1016", 400);
/// More than 20 variables.
pub const USER_DATA_ENTRIES: Code = code("FSS.1017", 400);
/// More than 4096 characters of variables.
pub const USER_DATA_SIZE: Code = code("FSS.1018", 400);
/// `description`.
pub const DESCRIPTION: Code = code("FSS.1019", 400);
/// More than one YAML in an import.
pub const IMPORT_SEVERAL: Code = code("FSS.1022", 400);
/// An import that is too large.
pub const IMPORT_TOO_LARGE: Code = code("FSS.1023", 400);
/// `depend_version_list`.
pub const DEPENDENCY: Code = code("FSS.1024", 400);
/// A dependency that functions use.
pub const DEPENDENCY_IN_USE: Code = code("FSS.1033", 412);
/// An import that cannot be understood.
pub const IMPORT_INVALID: Code = code("FSS.1025", 400);
/// `strategy_config`.
pub const CONCURRENCY: Code = code("FSS.1026", 400);
/// `custom_image`.
pub const IMAGE: Code = code("FSS.1034", 400);
/// Too many functions.
pub const FUNCTION_QUOTA: Code = code("FSS.1041", 403);
/// Too many bytes of code.
pub const CODE_QUOTA: Code = code("FSS.1042", 403);
/// Too many aliases.
pub const ALIAS_QUOTA: Code = code("FSS.1043", 403);
/// No such function.
pub const FUNCTION_MISSING: Code = code("FSS.1051", 404);
/// No such version.
pub const VERSION_MISSING: Code = code("FSS.1052", 404);
/// No such alias.
pub const ALIAS_MISSING: Code = code("FSS.1053", 404);
/// The code is not where it was said to be.
pub const CODE_NOT_FOUND: Code = code("FSS.1054", 404);
/// No such dependency.
pub const DEPENDENCY_MISSING: Code = code("FSS.1056", 404);
/// The name of what is imported is nowhere.
pub const IMPORT_NAME: Code = code("FSS.1057", 404);
/// What is imported exists.
pub const IMPORT_EXISTS: Code = code("FSS.1058", 400);
/// No such template.
pub const TEMPLATE_MISSING: Code = code("FSS.1059", 404);
/// The function exists.
pub const FUNCTION_EXISTS: Code = code("FSS.1061", 409);
/// The dependency exists.
pub const DEPENDENCY_EXISTS: Code = code("FSS.1065", 409);
/// Too many test events.
pub const EVENT_QUOTA: Code = code("FSS.1068", 403);
/// A test event over 4 KB.
pub const EVENT_TOO_LARGE: Code = code("FSS.1069", 403);
/// No such test event.
pub const EVENT_MISSING: Code = code("FSS.1070", 404);
/// A package over 50 MB.
pub const PACKAGE_TOO_LARGE: Code = code("FSS.1071", 413);
/// The test event exists.
pub const EVENT_EXISTS: Code = code("FSS.1073", 403);
/// A field of a test event.
pub const EVENT: Code = code("FSS.1074", 400);
/// The version exists.
pub const VERSION_EXISTS: Code = code("FSS.1062", 409);
/// The alias exists.
pub const ALIAS_EXISTS: Code = code("FSS.1063", 409);
/// The version has an alias already.
pub const VERSION_ALIASED: Code = code("FSS.1066", 409);
/// The additional version of an alias.
pub const ADDITIONAL_VERSION: Code = code("FSS.1091", 400);
/// The weight of an additional version.
pub const WEIGHT: Code = code("FSS.1092", 400);
/// The additional version is the main one.
pub const SAME_VERSION: Code = code("FSS.1093", 400);
/// The version is an alias's additional one.
pub const VERSION_IN_USE: Code = code("FSS.1094", 403);
/// `trigger_type_code`.
pub const TRIGGER_TYPE: Code = code("FSS.1101", 400);
/// `event_data` of an APIG trigger.
pub const APIG: Code = code("FSS.1107", 400);
/// Too many APIs.
pub const TRIGGER_QUOTA: Code = code("FSS.1124", 403);
/// No such trigger.
pub const TRIGGER_MISSING: Code = code("FSS.1131", 404);
/// No such APIG trigger.
pub const APIG_MISSING: Code = code("FSS.1138", 404);
/// Another API answers at this path.
pub const PATH_EXISTS: Code = code("FSS.1147", 409);
/// The alias has triggers.
pub const ALIAS_TRIGGERS: Code = code("FSS.1154", 403);
/// The URN.
pub const URN: Code = code("FSS.1309", 400);
/// `initializer_handler`.
pub const INITIALIZER: Code = code("FSS.1404", 400);
/// `initializer_timeout`.
pub const INITIALIZER_TIMEOUT: Code = code("FSS.1405", 400);
/// `event_data` of a DEDICATEDGATEWAY trigger.
pub const DEDICATED_APIG: Code = code("FSS.1417", 400);

/// No operation at this path; the gateway in front says it.
pub const NO_SUCH_API: Code = code("APIG.0101", 404);
/// The path has operations, but not with this method.
pub const WRONG_METHOD: Code = code("APIG.0101", 405);
/// The request's head or target cannot be used.
pub const BAD_REQUEST: Code = code("APIG.0602", 400);
/// The signature.
pub const UNAUTHENTICATED: Code = code("APIG.0301", 401);
/// The token or the temporary access key has ended.
pub const EXPIRED: Code = code("APIG.0307", 401);
/// An identity operation's field or query parameter; identity operations answer with the status only, the texts are for the log.
pub const IAM_INVALID: Code = code("IAM.0400", 400);
/// A wrong user name, password or token in a body.
pub const IAM_UNAUTHENTICATED: Code = code("IAM.0401", 401);
/// No policy allows it, or nobody may.
pub const IAM_FORBIDDEN: Code = code("IAM.0403", 403);
/// The password is right, and must be changed first: at the console, where the old and the new one are sent together.
pub const PASSWORD_TO_CHANGE: Code = code("IAM.0428", 403);
/// No such user, group, project, role, agency or key.
pub const IAM_MISSING: Code = code("IAM.0404", 404);
/// The name is taken, or something is in the way.
pub const IAM_CONFLICT: Code = code("IAM.0409", 409);
/// Not implemented, for operations of the API gateway; built like `FSS.0501`.
pub const APIG_NOT_IMPLEMENTED: Code = code("APIG.0501", 501);

/// Every code of this module.
pub const ALL: &[Code] = &[
    INVALID,
    FORBIDDEN,
    NOT_ACCEPTABLE,
    BODY_TIMED_OUT,
    BODY_TOO_LARGE,
    FAILED_DEPENDENCY,
    INTERNAL,
    NOT_IMPLEMENTED,
    UNAVAILABLE,
    QUERY,
    NAME,
    HANDLER,
    PACKAGE,
    RUNTIME,
    CODE_TYPE,
    MEMORY,
    TIMEOUT,
    USER_DATA,
    CODE_URL,
    CODE,
    CODE_MISSING,
    FILE_TYPE,
    ALIAS,
    VERSION,
    UNCHANGED,
    USER_DATA_ENTRIES,
    USER_DATA_SIZE,
    DESCRIPTION,
    IMPORT_SEVERAL,
    IMPORT_TOO_LARGE,
    DEPENDENCY,
    IMPORT_INVALID,
    CONCURRENCY,
    IMAGE,
    FUNCTION_QUOTA,
    CODE_QUOTA,
    ALIAS_QUOTA,
    FUNCTION_MISSING,
    VERSION_MISSING,
    ALIAS_MISSING,
    CODE_NOT_FOUND,
    IMPORT_NAME,
    IMPORT_EXISTS,
    FUNCTION_EXISTS,
    DEPENDENCY_IN_USE,
    DEPENDENCY_MISSING,
    TEMPLATE_MISSING,
    DEPENDENCY_EXISTS,
    EVENT_QUOTA,
    EVENT_TOO_LARGE,
    EVENT_MISSING,
    PACKAGE_TOO_LARGE,
    EVENT_EXISTS,
    EVENT,
    VERSION_EXISTS,
    ALIAS_EXISTS,
    VERSION_ALIASED,
    ADDITIONAL_VERSION,
    WEIGHT,
    SAME_VERSION,
    VERSION_IN_USE,
    TRIGGER_TYPE,
    APIG,
    TRIGGER_QUOTA,
    TRIGGER_MISSING,
    APIG_MISSING,
    PATH_EXISTS,
    ALIAS_TRIGGERS,
    URN,
    INITIALIZER,
    INITIALIZER_TIMEOUT,
    DEDICATED_APIG,
    NO_SUCH_API,
    WRONG_METHOD,
    BAD_REQUEST,
    UNAUTHENTICATED,
    EXPIRED,
    IAM_INVALID,
    IAM_UNAUTHENTICATED,
    IAM_FORBIDDEN,
    PASSWORD_TO_CHANGE,
    IAM_MISSING,
    IAM_CONFLICT,
    APIG_NOT_IMPLEMENTED,
];

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    #[test]
    fn each_code_has_the_status_the_vendor_gives_it() {
        let spec: BTreeMap<String, u16> = serde_json::from_str(include_str!("../../../spec/fss-errors.json")).unwrap();
        let ours = ALL.iter().filter(|code| code.text.starts_with("FSS.") && **code != NOT_IMPLEMENTED);
        for code in ours {
            assert_eq!(spec.get(code.text), Some(&code.status), "{}", code.text);
        }
    }
}
