//! What is said of a function's log: `enable_lts_log`, `log_config` and `lts_custom_tag`.

use std::collections::BTreeMap;

use model::function::Log;
use model::limits;
use wire::codes;
use wire::fgs::config::LogConfig;

use super::{set, text};
use crate::problems::{Problems, quoted};

/// The three settings, as a client sends them.
type Given = (Option<bool>, Option<LogConfig>, Option<BTreeMap<String, String>>);

/// Changes what is given.
pub(super) fn apply((enabled, place, tags): Given, log: &mut Log, problems: &mut Problems) {
    set(&mut log.enabled, enabled);
    let LogConfig { group_name, group_id, stream_name, stream_id } = place.unwrap_or_default();
    let mut label = |field, given| text(field, 0..=limits::LABEL_CHARS, given, problems);
    set(&mut log.group_id, label("log_config.group_id", group_id));
    set(&mut log.group_name, label("log_config.group_name", group_name));
    set(&mut log.stream_id, label("log_config.stream_id", stream_id));
    set(&mut log.stream_name, label("log_config.stream_name", stream_name));
    if let Some(tags) = tags {
        check(&tags, problems);
        log.tags = tags;
    }
}

fn check(tags: &BTreeMap<String, String>, problems: &mut Problems) {
    problems.unless(tags.len() <= limits::LOG_TAGS, codes::INVALID, || {
        format!("lts_custom_tag must have at most {} tags, not {}", limits::LOG_TAGS, tags.len())
    });
    let (least, most) = (limits::LOG_TAG_CHARS.start(), limits::LOG_TAG_CHARS.end());
    for text in tags.iter().flat_map(|(key, value)| [key, value]) {
        let fine = limits::LOG_TAG_CHARS.contains(&text.len())
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'));
        problems.unless(fine, codes::INVALID, || {
            let text = quoted(text);
            format!(
                "keys and values of lts_custom_tag must be {least} to {most} letters, digits, '_' and '-', not {text}"
            )
        });
    }
}
