//! Names of functions: the rule, a name made from a folder's, and the host that goes with it.

use anyhow::{Result, ensure};

/// The vendor's rule (`func_name`, FSS.1002).
pub(crate) const RULE: &str = "1 to 60 letters, digits, '-' and '_', the first a letter, the last a letter or digit";
const LONGEST: usize = 60;

/// Accepts a name that somebody chose.
pub(crate) fn check(name: &str) -> Result<()> {
    ensure!(is_valid(name), "'{name}' is no function name: it must be {RULE}");
    Ok(())
}

fn is_valid(name: &str) -> bool {
    name.len() <= LONGEST
        && name.starts_with(|first: char| first.is_ascii_alphabetic())
        && name.ends_with(|last: char| last.is_ascii_alphanumeric())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

/// A name made from a folder's or archive's: lower case, everything else that a name cannot have becomes one `-`.
///
/// # Errors
/// When nothing is left of it.
pub(crate) fn derive(from: &str) -> Result<String> {
    let mut name = String::new();
    for character in from.chars() {
        match character.to_ascii_lowercase() {
            kept @ ('a'..='z' | '0'..='9' | '_') => name.push(kept),
            _ if name.ends_with('-') => {}
            _ => name.push('-'),
        }
    }
    let name = name.trim_start_matches(|first: char| !first.is_ascii_alphabetic());
    let name = name.get(..LONGEST).unwrap_or(name).trim_end_matches(['-', '_']);
    ensure!(is_valid(name), "no function name can be made from '{from}': give one with --name ({RULE})");
    Ok(name.to_owned())
}

/// The host of a function's own: `my_App` answers at `my-app.localhost`.
///
/// `.localhost` is loopback by itself for browsers and curl (RFC 6761 section 6.3), without any name server.
pub(crate) fn domain(name: &str) -> String {
    format!("{}.localhost", name.to_ascii_lowercase().replace('_', "-"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn derived(from: &str, expect: Option<&str>) {
        assert_eq!(derive(from).ok().as_deref(), expect, "from {from:?}");
    }

    #[test]
    fn a_good_name_stays() {
        derived("web", Some("web"));
        derived("my_app-2", Some("my_app-2"));
    }

    #[test]
    fn a_folders_name_is_made_valid() {
        derived("My App (v2)", Some("my-app-v2"));
        derived("shop.example.com", Some("shop-example-com"));
        derived("2024-report", Some("report"));
        derived("app_", Some("app"));
        derived(&"a".repeat(70), Some(&"a".repeat(60)));
    }

    #[test]
    fn a_name_with_nothing_usable_is_refused_with_the_rule() {
        for from in ["", "123", "数据", "..", "--"] {
            derived(from, None);
        }
        assert!(derive("数据").unwrap_err().to_string().contains(RULE));
    }

    #[test]
    fn a_chosen_name_is_never_changed() {
        for good in ["a", "A1", "a-b_c9", &"a".repeat(60)] {
            assert!(check(good).is_ok(), "{good}");
        }
        for bad in ["", "1a", "-a", "a-", "a_", "a.b", "a b", "é", &"a".repeat(61)] {
            assert!(check(bad).unwrap_err().to_string().contains(RULE), "{bad}");
        }
    }

    #[test]
    fn every_name_gives_a_host() {
        assert_eq!(domain("My_App"), "my-app.localhost");
    }
}
