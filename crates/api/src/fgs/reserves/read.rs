//! The body of a change, with everything wrong about it.

use model::cron::Cron;
use model::limits;
use model::reserve::{Policy, Reserve};
use model::urn::Urn;
use wire::codes;
use wire::fgs::reserves::{CronConfig, UpdateReservedRequest};

use super::code_of;
use crate::body::{self, Rules};
use crate::error::Error;
use crate::problems::{Problems, quoted};

/// Reads it. The version may have `most` instances; -1 is no limit.
pub(super) fn read(json: &[u8], urn: Urn, most: i32) -> Result<Reserve, Error> {
    let mut problems = Problems::default();
    let request: UpdateReservedRequest = body::read(json, Rules::new("", code_of), &mut problems);
    let most = u32::try_from(most).map_or(*limits::RESERVED.end(), |most| most.min(*limits::RESERVED.end()));
    if request.count.is_none() {
        problems.missing("count", codes::INVALID, format!("count is missing: 0 to {most}"));
    }
    let count = request.count.unwrap_or(0);
    let count = number("count", count, (0, most), &mut problems);
    let tactics = request.tactics_config.unwrap_or_default();
    problems.unless(tactics.metric_configs.is_none_or(|metrics| metrics.is_empty()), codes::INVALID, || {
        "tactics_config.metric_configs is not supported yet, leave it out: cron_configs are".to_owned()
    });
    let crons = tactics.cron_configs.unwrap_or_default();
    problems.unless(crons.len() <= limits::POLICIES, codes::INVALID, || {
        format!("tactics_config.cron_configs must be at most {}, not {}", limits::POLICIES, crons.len())
    });
    let crons = crons.into_iter().take(limits::POLICIES).enumerate();
    let policies: Vec<_> = crons.map(|(at, cron)| policy(at, cron, (count, most), &mut problems)).collect();
    for (at, policy) in policies.iter().enumerate() {
        let twice = policies.iter().take(at).any(|other| other.name == policy.name && !policy.name.is_empty());
        problems.unless(!twice, codes::INVALID, || {
            format!("tactics_config.cron_configs[{at}].name {} is there twice", quoted(&policy.name))
        });
    }
    problems.finish()?;
    let idle_mode = request.idle_mode.unwrap_or(false);
    Ok(Reserve { function: urn.function, qualifier: urn.qualifier, count, idle_mode, policies })
}

fn policy(at: usize, given: CronConfig, (base, most): (u32, u32), problems: &mut Problems) -> Policy {
    let inside = |field: &str| format!("tactics_config.cron_configs[{at}].{field}");
    let name = given.name.unwrap_or_default();
    let chars = limits::POLICY_NAME_CHARS;
    problems.unless(chars.contains(&name.chars().count()) && !name.contains('\0'), codes::INVALID, || {
        format!("{} must have {} to {} characters", inside("name"), chars.start(), chars.end())
    });
    let cron = given.cron.unwrap_or_default();
    if let Err(error) = Cron::parse(&cron) {
        problems.add(codes::INVALID, format!("{}: {error}", inside("cron")));
    }
    let count = number(&inside("count"), given.count.unwrap_or(0), (base, most), problems);
    let (start, expired) = (given.start_time.unwrap_or(-1), given.expired_time.unwrap_or(-1));
    // Seconds: a time in milliseconds would be far in the future.
    const LATEST: i64 = 253_402_300_799;
    let fine = (0..=LATEST).contains(&start) && (0..=LATEST).contains(&expired) && start < expired;
    problems.unless(fine, codes::INVALID, || {
        format!("{} and expired_time must be seconds since 1970, the first before the second", inside("start_time"))
    });
    Policy { name, cron, count, start, expired }
}

fn number(field: &str, given: i64, (least, most): (u32, u32), problems: &mut Problems) -> u32 {
    let number = u32::try_from(given).ok().filter(|number| (least..=most).contains(number));
    problems.unless(number.is_some(), codes::INVALID, || format!("{field} must be {least} to {most}, not {given}"));
    number.unwrap_or(least)
}
