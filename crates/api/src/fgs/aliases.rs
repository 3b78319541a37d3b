//! Aliases of versions: list, create, show, update, delete.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::{FromRequestParts, State as Extract};
use http::StatusCode;
use http::request::Parts;
use model::alias::{Additional, Alias, Combine, Op, Place, Rule, Share};
use model::function::Function;
use model::limits;
use model::time::wire_text;
use model::urn::Qualifier;
use wire::codes::{self, Code};
use wire::fgs::aliases::{self as shape, CreateAliasRequest, UpdateAliasRequest, VersionStrategy, VersionStrategyRule};

use super::check::name_rule;
use super::versions::description;
use crate::body::{self, Payload, Rules};
use crate::error::Error;
use crate::problems::{Problems, quoted};
use crate::router::Routes;
use crate::state::State;
use crate::target::{Target, parameter};

pub(crate) fn routes(routes: &mut Routes) {
    routes
        .on(shape::LIST, list)
        .on(shape::CREATE, create)
        .on(shape::SHOW, show)
        .on(shape::UPDATE, update)
        .on(shape::DELETE, delete);
}

async fn list(Extract(state): Extract<State>, target: Target) -> Result<Json<Vec<shape::Alias>>, Error> {
    let (function, _) = target.version(&state)?;
    Ok(Json(function.aliases.values().map(|alias| view(&function, alias)).collect()))
}

async fn create(Extract(state): Extract<State>, target: Target, payload: Payload) -> Result<Json<shape::Alias>, Error> {
    let function = target.function(&state)?;
    let mut problems = Problems::default();
    let request: CreateAliasRequest = body::read(&payload.0, Rules::new("", code_of), &mut problems);
    let name = name(request.name, &mut problems);
    let second = (request.additional_version_weights, request.additional_version_strategy);
    let wanted = Wanted { version: request.version, description: request.description, second };
    let alias = wanted.alias(&function, name, problems)?;
    let alias = state.store.create_alias(&function.id, alias).await?;
    Ok(Json(view(&function, &alias)))
}

async fn show(
    Extract(state): Extract<State>,
    target: Target,
    AliasName(name): AliasName,
) -> Result<Json<shape::Alias>, Error> {
    let (function, _) = target.version(&state)?;
    Ok(Json(view(&function, find(&function, &name)?)))
}

async fn update(
    Extract(state): Extract<State>,
    target: Target,
    AliasName(name): AliasName,
    payload: Payload,
) -> Result<Json<shape::Alias>, Error> {
    let _turn = state.changing.lock().await;
    let function = target.function(&state)?;
    let current = find(&function, &name)?;
    let mut problems = Problems::default();
    let request: UpdateAliasRequest = body::read(&payload.0, Rules::new("", code_of), &mut problems);
    let second = (request.additional_version_weights, request.additional_version_strategy);
    let description = request.description.or_else(|| Some(current.description.clone()));
    let wanted = Wanted { version: request.version, description, second };
    let alias = wanted.alias(&function, name, problems)?;
    let alias = state.store.update_alias(&function.id, alias).await?;
    Ok(Json(view(&function, &alias)))
}

async fn delete(
    Extract(state): Extract<State>,
    target: Target,
    AliasName(name): AliasName,
) -> Result<StatusCode, Error> {
    let function = target.function(&state)?;
    state.store.delete_alias(&function.id, &name).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The alias a path names, with or without the `!` of a URN.
struct AliasName(String);

impl<S: Sync> FromRequestParts<S> for AliasName {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Error> {
        let name = parameter(parts, &["alias_name"]).await?;
        Ok(Self(name.strip_prefix('!').map(str::to_owned).unwrap_or(name)))
    }
}

fn find<'a>(function: &'a Function, name: &str) -> Result<&'a Alias, Error> {
    let urn = || function.id.urn(&Qualifier::Alias(name.to_owned()));
    function.aliases.get(name).ok_or_else(|| store::Error::AliasMissing(urn()).into())
}

fn code_of(field: &str) -> Code {
    match field {
        "name" => codes::ALIAS,
        "version" => codes::VERSION,
        "description" => codes::DESCRIPTION,
        "additional_version_weights" => codes::WEIGHT,
        "additional_version_strategy" => codes::ADDITIONAL_VERSION,
        _ => codes::INVALID,
    }
}

fn name(given: Option<String>, problems: &mut Problems) -> String {
    let Some(name) = given else {
        problems.missing("name", codes::ALIAS, "name of the alias is missing");
        return String::new();
    };
    name_rule("name", codes::ALIAS, limits::ALIAS_NAME_CHARS, (&name, problems));
    name
}

/// An alias as asked for.
struct Wanted {
    version: Option<String>,
    description: Option<String>,
    second: Second,
}

/// Weights or rules of the additional version, by its name.
type Second = (Option<BTreeMap<String, i64>>, Option<BTreeMap<String, VersionStrategy>>);

impl Wanted {
    fn alias(self, function: &Function, name: String, mut problems: Problems) -> Result<Alias, Error> {
        let version = self.version.filter(|version| !version.is_empty());
        if version.is_none() {
            problems.missing("version", codes::VERSION, "version is missing: the alias's main version");
        }
        let version = version.as_deref().map(Qualifier::from).unwrap_or_default();
        let additional = second(self.second, &mut problems);
        if let Some(additional) = &additional {
            check_second(function, &version, &additional.version, &mut problems);
        }
        let description = description(self.description.unwrap_or_default(), &mut problems);
        problems.finish()?;
        let now = model::time::now();
        Ok(Alias { name, version, additional, description, created: now, modified: now })
    }
}

fn check_second(function: &Function, main: &Qualifier, second: &str, problems: &mut Problems) {
    let qualifier = Qualifier::from(second);
    if qualifier == *main {
        let text = format!("the additional version must not be the main one: {second}");
        return problems.add(codes::SAME_VERSION, text);
    }
    problems.unless(function.versions.contains_key(second), codes::ADDITIONAL_VERSION, || match qualifier {
        Qualifier::Latest => "latest cannot be the additional version: publish it first".to_owned(),
        _ => format!("the additional version {} is not a published version of {}", quoted(second), function.id),
    });
}

fn second((weights, strategies): Second, problems: &mut Problems) -> Option<Additional> {
    let (weights, strategies) = (weights.unwrap_or_default(), strategies.unwrap_or_default());
    if weights.len() + strategies.len() > 1 {
        let text = "an alias has one additional version, by additional_version_weights or additional_version_strategy";
        problems.add(codes::ADDITIONAL_VERSION, text);
        return None;
    }
    if let Some((version, weight)) = weights.into_iter().next() {
        let share = u8::try_from(weight).ok().filter(|weight| limits::ALIAS_WEIGHT.contains(weight));
        problems.unless(share.is_some(), codes::WEIGHT, || {
            let (least, most) = (limits::ALIAS_WEIGHT.start(), limits::ALIAS_WEIGHT.end());
            format!("additional_version_weights must be {least} to {most}, not {weight}")
        });
        return share.map(|weight| Additional { version, share: Share::Weight(weight) });
    }
    let (version, strategy) = strategies.into_iter().next()?;
    let rules = rules(strategy, problems);
    Some(Additional { version, share: Share::Rules(rules) })
}

fn rules(strategy: VersionStrategy, problems: &mut Problems) -> model::alias::Rules {
    const FIELD: &str = "additional_version_strategy";
    let combine = match strategy.combine_type.as_deref().unwrap_or_default().to_ascii_lowercase().as_str() {
        "and" | "" => Combine::And,
        "or" => Combine::Or,
        other => {
            problems.add(
                codes::ADDITIONAL_VERSION,
                format!("{FIELD}.combine_type must be and or or, not {}", quoted(other)),
            );
            Combine::And
        }
    };
    let count = strategy.rules.len();
    problems.unless((1..=limits::ALIAS_RULES).contains(&count), codes::ADDITIONAL_VERSION, || {
        format!("{FIELD}.rules must be 1 to {} rules, not {count}", limits::ALIAS_RULES)
    });
    let rules = strategy.rules.into_iter().filter_map(|given| rule(given, problems)).collect();
    model::alias::Rules { combine, rules }
}

fn rule(given: VersionStrategyRule, problems: &mut Problems) -> Option<Rule> {
    let VersionStrategyRule { rule_type, param, op, value } = given;
    let mut wrong = |field: &str, must: &str, given: &str| {
        let text = format!("additional_version_strategy.rules.{field} must be {must}, not {}", quoted(given));
        problems.add(codes::ADDITIONAL_VERSION, text);
    };
    let place = match rule_type.to_ascii_lowercase().as_str() {
        "header" => Some(Place::Header),
        "cookie" => Some(Place::Cookie),
        _ => {
            wrong("rule_type", "header or cookie", &rule_type);
            None
        }
    };
    let legal = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    let most = limits::ALIAS_RULE_CHARS;
    if param.is_empty() || param.len() > most || !param.chars().all(legal) {
        wrong("param", &format!("1 to {most} letters, digits, '_' and '-'"), &param);
    }
    let known = Op::ALL.into_iter().find(|own| own.text() == op.trim());
    if known.is_none() {
        wrong("op", "'=' or 'in' ('!=', '>', '<', '>=' and '<=' are known too)", &op);
    }
    if value.trim().is_empty() || value.chars().count() > most || value.chars().any(char::is_control) {
        wrong("value", &format!("1 to {most} characters without control characters"), &value);
    }
    Some(Rule { place: place?, rule_type, param, op: known?, value })
}

fn view(function: &Function, alias: &Alias) -> shape::Alias {
    let (weights, strategy) = match &alias.additional {
        None => (None, None),
        Some(Additional { version, share: Share::Weight(weight) }) => {
            (Some([(version.clone(), i64::from(*weight))].into()), None)
        }
        Some(Additional { version, share: Share::Rules(rules) }) => {
            (None, Some([(version.clone(), strategy_of(rules))].into()))
        }
    };
    shape::Alias {
        name: alias.name.clone(),
        version: alias.version.to_string(),
        description: alias.description.clone(),
        last_modified: wire_text(alias.modified),
        alias_urn: function.id.urn(&Qualifier::Alias(alias.name.clone())),
        additional_version_weights: weights,
        additional_version_strategy: strategy,
    }
}

fn strategy_of(rules: &model::alias::Rules) -> VersionStrategy {
    let rule = |rule: &Rule| VersionStrategyRule {
        rule_type: rule.rule_type.clone(),
        param: rule.param.clone(),
        op: rule.op.text().to_owned(),
        value: rule.value.clone(),
    };
    let combine = match rules.combine {
        Combine::And => "and",
        Combine::Or => "or",
    };
    VersionStrategy { rules: rules.rules.iter().map(rule).collect(), combine_type: Some(combine.to_owned()) }
}
