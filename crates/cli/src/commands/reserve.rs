//! `funcd reserve`.

use anyhow::{Context as _, Result, bail};
use jiff::Timestamp;
use wire::fgs::reserves::{self, CronConfig, TacticsConfig, UpdateReservedRequest};

use super::{Context, function, info};
use crate::client::Call;
use crate::output::escape;

/// How long a policy holds when nobody says otherwise: ten years.
const USUAL_DAYS: i64 = 3650;
const DAY: i64 = 24 * 60 * 60;

/// Options of `funcd reserve`.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = "Examples:
  funcd reserve web 2                                  two instances, always
  funcd reserve web 1 --cron '10=0 0 9 * * MON-FRI' --cron '1=0 0 18 * * MON-FRI'
                                                       ten from nine to six, UTC
  funcd reserve web:v2 3 --idle                        three of version v2, frozen while nobody asks
  funcd reserve web 0                                  none any more")]
pub struct Arguments {
    /// Name of the function, `name:version`, `name:!alias`, or its URN.
    #[arg(value_name = "NAME")]
    function: String,
    /// Instances that are kept, whether somebody asks for them or not.
    #[arg(value_name = "COUNT")]
    count: i64,
    /// From these moments on COUNT instances: six fields (second minute hour day month weekday), UTC. May be repeated.
    #[arg(long, value_name = "COUNT=CRON")]
    cron: Vec<String>,
    /// How many days the policies hold.
    #[arg(long, value_name = "DAYS", default_value_t = USUAL_DAYS, requires = "cron")]
    days: i64,
    /// Freeze them while nobody asks for them.
    #[arg(long)]
    idle: bool,
}

pub(super) fn run(context: &Context<'_>, arguments: &Arguments) -> Result<()> {
    let now = Timestamp::now().as_second();
    let crons: Result<Vec<CronConfig>> =
        arguments.cron.iter().enumerate().map(|(at, text)| policy(at, text, now, arguments.days)).collect();
    let tactics_config = Some(TacticsConfig { cron_configs: Some(crons?), metric_configs: None });
    let request =
        UpdateReservedRequest { count: Some(arguments.count), idle_mode: Some(arguments.idle), tactics_config };
    let client = context.client()?;
    let urn = target(&info(&client)?.region, &client.connection().project_id, &arguments.function);
    let answer: UpdateReservedRequest = client
        .call(reserves::UPDATE, Call::of(&[&urn]).body(&request)?)
        .map_err(|error| function::or_absent(error, &arguments.function))?;
    context.output.data(&answer, || text(&arguments.function, &answer))
}

/// `3=0 0 9 * * *` as a policy from now on.
fn policy(at: usize, text: &str, now: i64, days: i64) -> Result<CronConfig> {
    let Some((count, cron)) = text.split_once('=') else {
        bail!("--cron {}: needs a number of instances before the moments, as in '3=0 0 9 * * *'", escape(text));
    };
    let count = count.trim().parse().with_context(|| format!("--cron {}: no number before '='", escape(text)))?;
    if !(1..=365_000).contains(&days) {
        bail!("--days must be 1 to 365000, not {days}");
    }
    Ok(CronConfig {
        name: Some(format!("cron-{}", at + 1)),
        cron: Some(cron.trim().to_owned()),
        count: Some(count),
        start_time: Some(now),
        expired_time: Some(now + days * DAY),
    })
}

/// The URN with version or alias, if one is named.
fn target(region: &str, project: &str, typed: &str) -> String {
    let parts: Vec<&str> = typed.split(':').collect();
    match parts.as_slice() {
        [name] => format!("urn:fss:{region}:{project}:function:default:{name}:latest"),
        [name, qualifier] => format!("urn:fss:{region}:{project}:function:default:{name}:{qualifier}"),
        _ => typed.to_owned(),
    }
}

fn text(typed: &str, answer: &UpdateReservedRequest) -> String {
    let count = answer.count.unwrap_or(0);
    let policies = answer.tactics_config.as_ref().and_then(|tactics| tactics.cron_configs.as_ref());
    let mut text = match count {
        1 => format!("{} keeps 1 instance", escape(typed)),
        count => format!("{} keeps {count} instances", escape(typed)),
    };
    if answer.idle_mode == Some(true) {
        text.push_str(", frozen while nobody asks");
    }
    for policy in policies.into_iter().flatten() {
        let (count, cron) = (policy.count.unwrap_or(0), policy.cron.as_deref().unwrap_or_default());
        text.push_str(&format!("\n  {count} from each {} (UTC) on", escape(cron)));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn policies_begin_now_and_have_their_count_before_the_moments() {
        let made = policy(0, "3 = 0 0 9 * * *", 1000, 2).unwrap();
        assert_eq!((made.count, made.cron.as_deref()), (Some(3), Some("0 0 9 * * *")));
        assert_eq!((made.start_time, made.expired_time), (Some(1000), Some(1000 + 2 * DAY)));
        for wrong in ["0 0 9 * * *", "x=0 0 9 * * *"] {
            assert!(policy(0, wrong, 0, 1).unwrap_err().to_string().contains("--cron"), "{wrong}");
        }
        assert!(policy(0, "1=* * * * * *", 0, 0).is_err());
    }

    #[test]
    fn versions_and_aliases_are_named_after_the_function() {
        let urn = |typed| target("r", "p", typed);
        assert_eq!(urn("web"), "urn:fss:r:p:function:default:web:latest");
        assert_eq!(urn("web:!prod"), "urn:fss:r:p:function:default:web:!prod");
        assert_eq!(urn("urn:fss:r:p:function:a:web:v1"), "urn:fss:r:p:function:a:web:v1");
    }

    #[test]
    fn what_is_kept_is_said_in_words() {
        let crons = vec![policy(0, "3=0 0 9 * * *", 0, 1).unwrap()];
        let tactics_config = Some(TacticsConfig { cron_configs: Some(crons), metric_configs: None });
        let answer = UpdateReservedRequest { count: Some(1), idle_mode: Some(true), tactics_config };
        assert_eq!(
            text("web", &answer),
            "web keeps 1 instance, frozen while nobody asks\n  3 from each 0 0 9 * * * (UTC) on"
        );
    }
}
