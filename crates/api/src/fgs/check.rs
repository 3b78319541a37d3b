//! The rules for a function's name and settings: every range of `model::limits`, each problem with its field, limit and value.

mod log;
mod variables;

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use model::function::{Config, Egress, HTTP_RUNTIME, Hook};
use model::limits;
use wire::codes::{self, Code};
use wire::fgs::config::{LogConfig, NetworkController, StrategyConfig};

use crate::body::{Rules, is_blank};
use crate::problems::{Problems, quoted};

/// The vendor's code for what is wrong with a field.
pub(crate) fn code_of(field: &str) -> Code {
    match field {
        "func_name" => codes::NAME,
        "handler" => codes::HANDLER,
        "package" => codes::PACKAGE,
        "runtime" => codes::RUNTIME,
        "code_type" => codes::CODE_TYPE,
        "memory_size" => codes::MEMORY,
        "timeout" => codes::TIMEOUT,
        "user_data" | "encrypted_user_data" => codes::USER_DATA,
        "func_code" => codes::CODE,
        "code_url" => codes::CODE_URL,
        "code_filename" => codes::FILE_TYPE,
        "description" => codes::DESCRIPTION,
        "depend_version_list" => codes::DEPENDENCY,
        "strategy_config" | "max_instance_num" => codes::CONCURRENCY,
        "custom_image" => codes::IMAGE,
        "initializer_handler" => codes::INITIALIZER,
        "initializer_timeout" => codes::INITIALIZER_TIMEOUT,
        _ => codes::INVALID,
    }
}

/// Settings of the specification whose behaviour is not there: a value that would change anything is refused.
const NOT_THERE: &[&str] = &[
    "code_encrypt_kms_key_id",
    "custom_image",
    "domain_names",
    "enable_class_isolation",
    "extend_config",
    "func_vpc",
    "gpu_memory",
    "gpu_type",
    "heartbeat_handler",
    "is_stateful_function",
    "mount_config",
    "peering_cidr",
    "restore_hook_handler",
    "restore_hook_timeout",
    "user_data_encrypt_kms_key_id",
];

/// How the bodies about functions are read.
pub(crate) const RULES: Rules = Rules { inside: "", code_of, not_there: NOT_THERE };

/// A required name of a function.
pub(crate) fn function_name(given: Option<&str>, problems: &mut Problems) -> String {
    let Some(name) = given else {
        problems.missing("func_name", codes::NAME, "func_name is missing");
        return String::new();
    };
    name_rule("func_name", codes::NAME, limits::NAME_CHARS, (name, problems));
    name.to_owned()
}

/// The app a function belongs to.
pub(crate) fn package_name(given: Option<&str>, problems: &mut Problems) -> String {
    let name = given.filter(|name| !name.is_empty()).unwrap_or("default");
    name_rule("package", codes::PACKAGE, limits::NAME_CHARS, (name, problems));
    name.to_owned()
}

/// The rule for the name of a function and of what belongs to it.
pub(super) fn name_rule(
    field: &str,
    code: Code,
    chars: RangeInclusive<usize>,
    (name, problems): (&str, &mut Problems),
) {
    let (least, most) = (chars.start(), chars.end());
    let fine = chars.contains(&name.chars().count())
        && name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.ends_with(|c: char| c.is_ascii_alphanumeric())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'));
    problems.unless(fine, code, || {
        format!(
            "{field} must be {least} to {most} letters, digits, '-' and '_', begin with a letter and end with a letter or \
             digit, not {}",
            quoted(name)
        )
    });
}

/// The runtime of a new function.
pub(crate) fn runtime(given: Option<&str>, problems: &mut Problems) {
    const OTHERS: [&str; 9] = ["Java", "Python", "Go", "Node.js", "C#", "PHP", "Cangjie", "Custom", "Custom Image"];
    match given {
        Some(HTTP_RUNTIME) => {}
        None => problems.missing("runtime", codes::RUNTIME, "runtime is missing: http"),
        Some(other) if OTHERS.iter().any(|name| other.starts_with(name)) => problems.add(
            codes::RUNTIME,
            format!("runtime {} is not supported yet: event functions are not there, only http", quoted(other)),
        ),
        Some(other) => problems.add(codes::RUNTIME, format!("runtime must be http, not {}", quoted(other))),
    }
}

/// `type`: the vendor's engine generation, a label here.
pub(crate) fn generation(given: Option<&str>, config: &mut Config, problems: &mut Problems) {
    match given.filter(|given| !given.is_empty()) {
        None => {}
        Some(known @ ("v1" | "v2")) => known.clone_into(&mut config.generation),
        Some(other) => problems.add(codes::INVALID, format!("type must be v1 or v2, not {}", quoted(other))),
    }
}

/// Settings as a client sends them; what is not given stays as it is.
#[derive(Debug, Default)]
pub(crate) struct Settings {
    pub(crate) timeout: Option<i64>,
    pub(crate) handler: Option<String>,
    pub(crate) memory_size: Option<i64>,
    pub(crate) description: Option<String>,
    pub(crate) user_data: Option<String>,
    pub(crate) encrypted_user_data: Option<String>,
    pub(crate) strategy_config: Option<StrategyConfig>,
    pub(crate) ephemeral_storage: Option<i64>,
    pub(crate) initializer_handler: Option<String>,
    pub(crate) initializer_timeout: Option<i64>,
    pub(crate) pre_stop_handler: Option<String>,
    pub(crate) pre_stop_timeout: Option<i64>,
    pub(crate) network_controller: Option<NetworkController>,
    pub(crate) xrole: Option<String>,
    pub(crate) app_xrole: Option<String>,
    pub(crate) enterprise_project_id: Option<String>,
    pub(crate) enable_dynamic_memory: Option<bool>,
    pub(crate) enable_auth_in_header: Option<bool>,
    pub(crate) enable_lts_log: Option<bool>,
    pub(crate) log_config: Option<LogConfig>,
    pub(crate) lts_custom_tag: Option<BTreeMap<String, String>>,
}

/// The two fields of a hook and their rules.
struct HookRule {
    name: &'static str,
    codes: (Code, Code),
    seconds: RangeInclusive<u32>,
}

impl Settings {
    /// Changes `config`; wrong values change nothing and are noted.
    pub(crate) fn apply(self, config: &mut Config, problems: &mut Problems) {
        set(&mut config.timeout_seconds, number("timeout", " s", limits::TIMEOUT_SECONDS, self.timeout, problems));
        set(&mut config.handler, text("handler", limits::HANDLER_CHARS, self.handler, problems));
        set(&mut config.memory_mb, choice("memory_size", &limits::MEMORY_MB, self.memory_size, problems));
        set(&mut config.description, text("description", 0..=limits::DESCRIPTION_CHARS, self.description, problems));
        let storage = self.ephemeral_storage.filter(|megabytes| *megabytes != 0);
        let storage = choice("ephemeral_storage", &limits::EPHEMERAL_STORAGE_MB, storage, problems);
        set(&mut config.ephemeral_storage_mb, storage);
        set(&mut config.xrole, text("xrole", 0..=limits::LABEL_CHARS, self.xrole, problems));
        set(&mut config.app_xrole, text("app_xrole", 0..=limits::LABEL_CHARS, self.app_xrole, problems));
        let project = self.enterprise_project_id.filter(|project| !project.is_empty());
        let project = text("enterprise_project_id", 0..=limits::LABEL_CHARS, project, problems);
        set(&mut config.enterprise_project_id, project);
        let initializer = HookRule {
            name: "initializer",
            codes: (codes::INITIALIZER, codes::INITIALIZER_TIMEOUT),
            seconds: limits::INITIALIZER_TIMEOUT_SECONDS,
        };
        initializer.apply(&mut config.initializer, self.initializer_handler, self.initializer_timeout, problems);
        let pre_stop = HookRule {
            name: "pre_stop",
            codes: (codes::INVALID, codes::INVALID),
            seconds: limits::PRE_STOP_TIMEOUT_SECONDS,
        };
        pre_stop.apply(&mut config.pre_stop, self.pre_stop_handler, self.pre_stop_timeout, problems);
        set(&mut config.dynamic_memory, self.enable_dynamic_memory);
        set(&mut config.auth_in_header, self.enable_auth_in_header);
        log::apply((self.enable_lts_log, self.log_config, self.lts_custom_tag), &mut config.log, problems);
        strategy(self.strategy_config, config, problems);
        network(self.network_controller, config, problems);
        let variables = (self.user_data, self.encrypted_user_data);
        variables::apply(variables, config, problems);
    }
}

fn set<T>(place: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *place = value;
    }
}

/// A number within its range.
pub(super) fn number<T>(
    field: &str,
    unit: &str,
    range: RangeInclusive<T>,
    given: Option<i64>,
    problems: &mut Problems,
) -> Option<T>
where
    T: TryFrom<i64> + PartialOrd + std::fmt::Display,
{
    let given = given?;
    let value = T::try_from(given).ok().filter(|value| range.contains(value));
    problems.unless(value.is_some(), code_of(field.split('.').next().unwrap_or(field)), || {
        format!("{field} must be {} to {}{unit}, not {given}", range.start(), range.end())
    });
    value
}

fn choice(field: &str, choices: &[u32], given: Option<i64>, problems: &mut Problems) -> Option<u32> {
    let given = given?;
    let value = u32::try_from(given).ok().filter(|value| choices.contains(value));
    problems.unless(value.is_some(), code_of(field), || {
        let choices = choices.iter().map(u32::to_string).collect::<Vec<_>>().join(", ");
        format!("{field} must be one of {choices} MB, not {given}")
    });
    value
}

fn text(field: &str, chars: RangeInclusive<usize>, given: Option<String>, problems: &mut Problems) -> Option<String> {
    let given = given?;
    let count = given.chars().count();
    let (fine, whole) = (chars.contains(&count), !given.contains('\0'));
    problems.unless(fine, code_of(field), || {
        format!("{field} must have {} to {} characters, not {count}", chars.start(), chars.end())
    });
    problems.unless(whole, code_of(field), || format!("{field} must not contain a NUL character"));
    (fine && whole).then_some(given)
}

impl HookRule {
    /// A handler needs its timeout; a timeout alone bounds the start; an empty handler without a timeout removes both.
    fn apply(&self, place: &mut Option<Hook>, handler: Option<String>, seconds: Option<i64>, problems: &mut Problems) {
        let seconds = seconds.filter(|seconds| *seconds != 0);
        if handler.is_none() && seconds.is_none() {
            return;
        }
        let removed = handler.as_deref() == Some("") && seconds.is_none();
        let handler = handler.or_else(|| place.as_ref().map(|hook| hook.handler.clone())).unwrap_or_default();
        let kept = place.as_ref().map(|hook| i64::from(hook.timeout_seconds));
        let name = self.name;
        let count = handler.chars().count();
        problems.unless(count <= *limits::HANDLER_CHARS.end() && !handler.contains('\0'), self.codes.0, || {
            format!("{name}_handler must have at most {} characters, none of them NUL", limits::HANDLER_CHARS.end())
        });
        let (least, most) = (self.seconds.start(), self.seconds.end());
        let given = seconds.or(kept);
        let within = given.and_then(|given| u32::try_from(given).ok()).filter(|given| self.seconds.contains(given));
        problems.unless(removed || within.is_some(), self.codes.1, || match given {
            Some(given) => format!("{name}_timeout must be {least} to {most} s, not {given}"),
            None => format!("{name}_timeout ({least} to {most} s) is missing beside {name}_handler"),
        });
        *place = within.filter(|_| !removed).map(|timeout_seconds| Hook { handler, timeout_seconds });
    }
}

fn strategy(given: Option<StrategyConfig>, config: &mut Config, problems: &mut Problems) {
    let StrategyConfig { concurrency, concurrent_num } = given.unwrap_or_default();
    let instances = number("strategy_config.concurrency", "", limits::MAX_INSTANCES, concurrency, problems);
    set(&mut config.max_instances, instances);
    let requests = number("strategy_config.concurrent_num", "", limits::CONCURRENT_NUM, concurrent_num, problems);
    set(&mut config.concurrent_num, requests);
}

fn network(given: Option<NetworkController>, config: &mut Config, problems: &mut Problems) {
    let NetworkController { disable_public_network, trigger_access_vpcs } = given.unwrap_or_default();
    problems.unless(trigger_access_vpcs.as_ref().is_none_or(is_blank), codes::INVALID, || {
        "network_controller.trigger_access_vpcs is not supported yet, leave it out".to_owned()
    });
    if let Some(off) = disable_public_network {
        config.egress = if off { Egress::None } else { Egress::Internet };
        config.egress_said = true;
    }
}
