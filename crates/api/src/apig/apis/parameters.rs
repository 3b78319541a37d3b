//! Parameters of an API from the wire.

use std::collections::BTreeSet;

use http::HeaderName;
use model::apig::parameter::{Location, Mapping, Origin, Parameter, System};
use model::apig::path;
use model::limits;
use wire::apig::apis::{BackendParameter, RequestParameter};
use wire::codes;

use super::super::rule::Rule;
use super::definition::shown;

const NAME: &str = "a letter, then letters, digits, '-', '_' and '.', at most 32 in all";
const LOCATIONS: [(&str, Location); 4] =
    [("PATH", Location::Path), ("QUERY", Location::Query), ("HEADER", Location::Header), ("COOKIE", Location::Cookie)];
/// Headers that are between the client, the gateway and the function only.
const RESERVED: [&str; 14] = [
    "host",
    "connection",
    "content-length",
    "transfer-encoding",
    "te",
    "trailer",
    "upgrade",
    "expect",
    "keep-alive",
    "proxy-connection",
    "authorization",
    "x-real-ip",
    "x-request-id",
    "x-stage",
];
const RESERVED_PREFIXES: [&str; 3] = ["x-cff-", "x-forwarded-", "x-apig-"];

/// What both lists of a body say.
pub(super) fn read(
    (requests, back_ends): (Option<Vec<RequestParameter>>, Option<Vec<BackendParameter>>),
    path: &str,
    rule: &mut Rule<'_>,
) -> (Vec<Parameter>, Vec<Mapping>) {
    let (requests, back_ends) = (requests.unwrap_or_default(), back_ends.unwrap_or_default());
    for (field, count) in [("req_params", requests.len()), ("backend_params", back_ends.len())] {
        rule.problems.unless(count <= limits::API_PARAMETERS, codes::apig::REQUEST_PARAMETER_QUOTA, || {
            format!("{field} must have at most {} parameters, not {count}", limits::API_PARAMETERS)
        });
    }
    let parameters: Vec<Parameter> = requests.into_iter().map(|one| request(one, path, rule)).collect();
    let mut names = BTreeSet::new();
    for parameter in &parameters {
        let new = names.insert(parameter.name.to_ascii_lowercase());
        rule.problems.unless(new || parameter.name.is_empty(), codes::apig::PARAMETER_EXISTS, || {
            format!("req_params has several parameters of the name {}", shown(&parameter.name))
        });
    }
    let mappings = back_ends.into_iter().map(|one| back_end(one, &parameters, rule)).collect();
    (parameters, mappings)
}

fn request(given: RequestParameter, path: &str, rule: &mut Rule<'_>) -> Parameter {
    let name = rule.required("req_params.name", NAME, given.name, path::is_name);
    let field = |field: &str| format!("req_params {} {field}", shown(&name));
    let must = "PATH, QUERY, HEADER or COOKIE";
    let location = location(&field("location"), must, given.location, rule, |_| true);
    let kind =
        rule.required(&field("type"), "STRING or NUMBER", given.r#type, |kind| matches!(kind, "STRING" | "NUMBER"));
    let in_path = path::parameters(path).any(|own| own == name);
    rule.wrong_unless(location != Location::Path || in_path || path.is_empty(), || {
        format!("{} is PATH, but req_uri has no {{{name}}}", field("location"))
    });
    let flag = |name: &str, given: Option<i64>, usual: i64, rule: &mut Rule<'_>| {
        let given = given.unwrap_or(usual);
        rule.wrong_unless(matches!(given, 1 | 2), || format!("{} must be 1 (yes) or 2 (no), not {given}", field(name)));
        given == 1
    };
    let pass_through = flag("pass_through", given.pass_through, 1, rule);
    rule.wrong_unless(pass_through || matches!(location, Location::Query | Location::Header), || {
        format!("{} must be 1: only QUERY and HEADER can be kept from the back end", field("pass_through"))
    });
    for (unknown, given) in [("regular", &given.regular), ("json_schema", &given.json_schema)] {
        let blank = given.as_deref().is_none_or(str::is_empty);
        rule.wrong_unless(blank, || format!("{} is not supported yet, leave it out", field(unknown)));
    }
    let none = given.orchestrations.is_none_or(|rules| rules.is_empty());
    rule.wrong_unless(none, || format!("{} is not supported yet, leave it out", field("orchestrations")));
    Parameter {
        id: auth::keys::id(),
        location,
        number: kind == "NUMBER",
        required: flag("required", given.required, 2, rule) || location == Location::Path,
        default: rule.remark(&field("default_value"), given.default_value, 255).unwrap_or_default(),
        checked: flag("valid_enable", given.valid_enable, 2, rule),
        enumerations: rule.remark(&field("enumerations"), given.enumerations, 512).unwrap_or_default(),
        range: range(&field("min_num and max_num"), (given.min_num, given.max_num), i64::from(i32::MIN), rule),
        length: range(&field("min_size and max_size"), (given.min_size, given.max_size), 0, rule),
        pass_through,
        sample: rule.remark(&field("sample_value"), given.sample_value, 255).unwrap_or_default(),
        remark: rule.remark(&field("remark"), given.remark, 255).unwrap_or_default(),
        name,
    }
}

fn back_end(given: BackendParameter, parameters: &[Parameter], rule: &mut Rule<'_>) -> Mapping {
    let name = rule.required("backend_params.name", NAME, given.name, path::is_name);
    let field = |field: &str| format!("backend_params {} {field}", shown(&name));
    let must = "QUERY or HEADER: a function has no path of its own";
    let location = location(&field("location"), must, given.location, rule, |one| {
        matches!(one, Location::Query | Location::Header)
    });
    let reserved = location == Location::Header && is_reserved(&name);
    rule.wrong_unless(!reserved, || format!("{} must not be a header that the gateway writes itself", field("name")));
    let kinds = "REQUEST, CONSTANT or SYSTEM";
    let kind =
        rule.required(&field("origin"), kinds, given.origin, |kind| matches!(kind, "REQUEST" | "CONSTANT" | "SYSTEM"));
    let known = |value: &str| match kind.as_str() {
        "REQUEST" => parameters.iter().any(|parameter| parameter.name == value),
        "SYSTEM" => System::parse(value).is_some(),
        _ => value.chars().count() <= 255 && !value.chars().any(char::is_control),
    };
    let names: Vec<String> = System::ALL.iter().map(|one| format!("$context.{}", one.name())).collect();
    let must = match kind.as_str() {
        "REQUEST" => "the name of one of req_params".to_owned(),
        "SYSTEM" => format!("one of {}", names.join(", ")),
        _ => "a text of at most 255 characters".to_owned(),
    };
    let value = rule.required(&field("value"), &must, given.value, known);
    let origin = match (kind.as_str(), System::parse(&value)) {
        ("REQUEST", _) => Origin::Request(value),
        ("SYSTEM", Some(what)) => Origin::System(what),
        _ => Origin::Constant(value),
    };
    let remark = rule.remark(&field("remark"), given.remark, 255).unwrap_or_default();
    Mapping { id: auth::keys::id(), name, location, origin, remark }
}

fn location(
    field: &str,
    must: &str,
    given: Option<String>,
    rule: &mut Rule<'_>,
    fine: impl Fn(Location) -> bool,
) -> Location {
    let find = |text: &str| LOCATIONS.into_iter().find(|(name, _)| *name == text).map(|(_, location)| location);
    let text = rule.required(field, must, given, |text| find(text).is_some_and(&fine));
    find(&text).unwrap_or(Location::Query)
}

fn range(field: &str, (least, most): (Option<i64>, Option<i64>), floor: i64, rule: &mut Rule<'_>) -> (i32, i32) {
    let (lower, upper) = (least.unwrap_or_default(), most.unwrap_or_default());
    let fine = lower <= upper && lower >= floor && upper <= i64::from(i32::MAX);
    rule.wrong_unless(fine, || format!("{field} must be a range, not {lower} to {upper}"));
    (i32::try_from(lower).unwrap_or_default(), i32::try_from(upper).unwrap_or_default())
}

fn is_reserved(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    // Functions see underscores as hyphens in places.
    let plain = name.replace('_', "-");
    HeaderName::try_from(name.as_str()).is_err()
        || RESERVED.contains(&plain.as_str())
        || RESERVED_PREFIXES.iter().any(|prefix| plain.starts_with(prefix))
}
