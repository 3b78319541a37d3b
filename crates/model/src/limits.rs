//! Every range and quota of the vendor, with its source, in one place. `behaviour.md` 5.2, 5.3, 8.4; `api.md` c.5.

use std::ops::RangeInclusive;

/// Memory sizes a function may have, in MB.
pub const MEMORY_MB: [u32; 15] =
    [128, 256, 512, 768, 1024, 1280, 1536, 1792, 2048, 2560, 3072, 3584, 4096, 8192, 10240];
/// Seconds one request may take; synchronous callers wait at most [`SYNC_REPLY_SECONDS`].
pub const TIMEOUT_SECONDS: RangeInclusive<u32> = 3..=259_200;
/// Seconds an initializer may take.
pub const INITIALIZER_TIMEOUT_SECONDS: RangeInclusive<u32> = 1..=300;
/// Seconds a pre-stop hook may take.
pub const PRE_STOP_TIMEOUT_SECONDS: RangeInclusive<u32> = 1..=90;
/// Seconds an instance may take until port 8000 listens when no initializer timeout is set.
pub const START_SECONDS: u32 = 10;
/// Requests one instance serves at the same time.
pub const CONCURRENT_NUM: RangeInclusive<u32> = 1..=1000;
/// Instances a function may have; -1 is no limit, 0 disables it.
pub const MAX_INSTANCES: RangeInclusive<i32> = -1..=1000;
/// What `max instances` is when nobody says.
pub const DEFAULT_MAX_INSTANCES: i32 = 400;
/// Characters of a function name.
pub const NAME_CHARS: RangeInclusive<usize> = 1..=60;
/// Characters of a handler.
pub const HANDLER_CHARS: RangeInclusive<usize> = 1..=128;
/// Characters of an agency's, project's or log's name that is only kept.
pub const LABEL_CHARS: usize = 256;
/// Tags of log lines (`lts_custom_tag`).
pub const LOG_TAGS: usize = 10;
/// Characters of a tag's key and of its value.
pub const LOG_TAG_CHARS: RangeInclusive<usize> = 1..=64;
/// Characters of a description.
pub const DESCRIPTION_CHARS: usize = 512;
/// User variables, plain and encrypted each.
pub const USER_DATA_ENTRIES: usize = 20;
/// Characters of `user_data` as JSON text.
pub const USER_DATA_CHARS: usize = 4096;
/// Bytes of a code package sent through the API.
pub const PACKAGE_BYTES: usize = 50 * 1024 * 1024;
/// Bytes of a code package that is fetched (`obs`).
pub const FETCHED_PACKAGE_BYTES: u64 = 300 * 1024 * 1024;
/// Bytes of inline code that is not a zip.
pub const INLINE_BYTES: usize = 10 * 1024;
/// Bytes of a package once unpacked.
pub const UNPACKED_BYTES: u64 = 1_536 * 1024 * 1024;
/// Files and folders in a package.
pub const PACKAGE_ENTRIES: usize = 30_000;
/// Functions of a project, unless the installation says otherwise.
pub const FUNCTIONS: usize = 400;
/// Bytes of all packages of a project.
pub const PROJECT_CODE_BYTES: u64 = 10 * 1024 * 1024 * 1024;
/// Versions of a function, `latest` among them (`behaviour.md` 8.1).
pub const VERSIONS: usize = 20;
/// Characters of a version's name.
pub const VERSION_NAME_CHARS: RangeInclusive<usize> = 1..=42;
/// Aliases of a function.
pub const ALIASES: usize = 10;
/// Characters of an alias's name.
pub const ALIAS_NAME_CHARS: RangeInclusive<usize> = 1..=63;
/// Rules of one alias, and characters of a rule's parameter and value: our own bounds, the vendor names none.
pub const ALIAS_RULES: usize = 20;
/// See [`ALIAS_RULES`].
pub const ALIAS_RULE_CHARS: usize = 1024;
/// Of a hundred requests, how many may go to the additional version of an alias.
pub const ALIAS_WEIGHT: RangeInclusive<u8> = 0..=100;
/// Triggers of one function version.
pub const TRIGGERS: usize = 10;
/// Dependencies of a function (`behaviour.md` 8.2).
pub const DEPENDENCIES: usize = 20;
/// Characters of a dependency's name.
pub const DEPENDENCY_NAME_CHARS: usize = 96;
/// Bytes of a dependency sent through the API.
pub const DEPENDENCY_BYTES: usize = 40 * 1024 * 1024;
/// Files, folders and symlinks of code with its dependencies; ours, the vendor names no limit for all together.
pub const MERGED_ENTRIES: usize = 200_000;
/// Test events of a function (`behaviour.md` 8.5).
pub const EVENTS: usize = 10;
/// Characters of a test event's name.
pub const EVENT_NAME_CHARS: RangeInclusive<usize> = 1..=25;
/// Bytes of a test event.
pub const EVENT_BYTES: usize = 4096;
/// Tags of a function (`behaviour.md` 8.5).
pub const TAGS: usize = 20;
/// Characters of a tag's key.
pub const TAG_KEY_CHARS: usize = 128;
/// Characters of a tag's value.
pub const TAG_VALUE_CHARS: usize = 255;
/// Functions in one answer about tags.
pub const TAGGED_PAGE: u32 = 1000;
/// Milliseconds a trigger's back end may take (`func_info.timeout`).
pub const BACKEND_TIMEOUT_MS: RangeInclusive<u32> = 1..=60_000;
/// `func_info.timeout` when nobody says.
pub const DEFAULT_BACKEND_TIMEOUT_MS: u32 = 5_000;
/// Seconds after which a synchronous call gets no answer any more.
pub const SYNC_REPLY_SECONDS: u32 = 90;
/// Bytes of a response body through the invocations API.
pub const INVOKE_RESPONSE_BYTES: usize = 6_291_456;
/// Bytes of an event sent to the invocations API.
pub const INVOKE_REQUEST_BYTES: usize = 6 * 1024 * 1024;
/// Reserved instances of a version or an alias (`behaviour.md` 8.3).
pub const RESERVED: RangeInclusive<u32> = 0..=1000;
/// Characters of the name of a policy of reserved instances (`behaviour.md` 8.3).
pub const POLICY_NAME_CHARS: RangeInclusive<usize> = 1..=60;
/// Timed policies of a version or an alias.
pub const POLICIES: usize = 100;
/// MB of `/tmp`; the larger size is the only other one.
pub const EPHEMERAL_STORAGE_MB: [u32; 2] = [512, 10_240];
/// Items of one page of ListFunctions.
pub const PAGE_ITEMS: RangeInclusive<u32> = 1..=400;
/// Open files of an instance (`behaviour.md` 5.3).
pub const OPEN_FILES: u64 = 2048;
/// Processes and threads of an instance (`behaviour.md` 5.3).
pub const PROCESSES: u64 = 1024;

/// CPU of an instance in thousandths of a core: memory / 128 · 100 + 200 (`behaviour.md` 5.2).
pub fn cpu_millicores(memory_mb: u32) -> u32 {
    memory_mb * 100 / 128 + 200
}

/// API groups of a project (the vendor's `APIGROUP_NUM_LIMIT`).
pub const API_GROUPS: usize = 1500;
/// APIs of a project (`API_NUM_LIMIT`).
pub const APIS: usize = 3000;
/// Environments of a project, RELEASE among them (`ENVIRONMENT_NUM_LIMIT`).
pub const ENVIRONMENTS: usize = 10;
/// Variables of a group in an environment (`VARIABLE_NUM_LIMIT`).
pub const VARIABLES: usize = 50;
/// Parameters of an API's requests, and of its back end (`API_PARAM_NUM_LIMIT`).
pub const API_PARAMETERS: usize = 50;
/// Versions of an API that are kept in an environment (`API_VERSION_NUM_LIMIT`, `behaviour.md` 7.2.3).
pub const API_VERSIONS: usize = 10;
/// Seconds for which heads of a function's requests may be kept, once it is switched on; ours, as all that follow.
pub const HEADER_CAPTURE_SECONDS: RangeInclusive<u64> = 1..=3600;
/// How many when nobody says.
pub const DEFAULT_HEADER_CAPTURE_SECONDS: u64 = 600;
/// Seconds for which what was kept can be read after that.
pub const HEADERS_READABLE_SECONDS: u64 = 3600;
/// Names whose values are shown, beside the harmless ones.
pub const HEADER_NAMES: usize = 32;
/// Functions whose heads are kept at the same time: of a project, and of all.
pub const HEADER_CAPTURES: (usize, usize) = (16, 64);
/// Requests of a function whose heads are kept: the newest.
pub const HEADS: usize = 100;
/// Bytes of a head, of a value in it, and of the request's path.
pub const HEAD_BYTES: usize = 8 * 1024;
/// See [`HEAD_BYTES`].
pub const HEAD_VALUE_BYTES: usize = 1024;
/// See [`HEAD_BYTES`].
pub const HEAD_PATH_BYTES: usize = 2048;
/// Bytes of all heads that are kept.
pub const ALL_HEADS_BYTES: usize = 16 * 1024 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cpu_follows_memory_as_documented() {
        assert_eq!(cpu_millicores(128), 300);
        assert_eq!(cpu_millicores(4096), 3400);
    }
}
