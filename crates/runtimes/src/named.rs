//! Which runtimes a bootstrap names. Pure.

/// What stands before a runtime's id in every path to one.
const PREFIX: &[u8] = b"/opt/function/runtime/";
/// Longer ones are no ids, whatever they are.
const ID_BYTES: usize = 64;

/// Ids under `/opt/function/runtime/<id>/` in a bootstrap, each once, in the order they appear, known or not. Comment lines do not
/// count, a binary has none.
pub(crate) fn named_in(bootstrap: &[u8]) -> Vec<String> {
    if bootstrap.contains(&0) {
        return Vec::new();
    }
    let mut ids = Vec::new();
    for line in bootstrap.split(|byte| *byte == b'\n').filter(|line| !is_comment(line)) {
        let mut rest = line;
        while let Some(at) = position(rest, PREFIX) {
            rest = rest.get(at + PREFIX.len()..).unwrap_or_default();
            let named = id(rest);
            if named.as_ref().is_some_and(|id| !ids.contains(id)) {
                ids.extend(named);
            }
        }
    }
    ids
}

fn is_comment(line: &[u8]) -> bool {
    let text = line.trim_ascii_start();
    text.starts_with(b"#") && !text.starts_with(b"#!")
}

/// The id a path goes on with, when a slash ends it.
fn id(rest: &[u8]) -> Option<String> {
    let end = rest.iter().take(ID_BYTES + 1).position(|byte| *byte == b'/')?;
    let id = rest.get(..end)?;
    let is_id = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
    let names_something = id.iter().any(u8::is_ascii_alphanumeric);
    (names_something && id.iter().all(is_id)).then(|| String::from_utf8_lossy(id).into_owned())
}

fn position(text: &[u8], wanted: &[u8]) -> Option<usize> {
    text.windows(wanted.len()).position(|window| window == wanted)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(bootstrap: &str, expect: &[&str]) {
        assert_eq!(named_in(bootstrap.as_bytes()), expect, "{bootstrap:?}");
    }

    #[test]
    fn the_seeds_command_lines_name_theirs() {
        check("/opt/function/runtime/nodejs12.13/rtsp/nodejs/bin/node $RUNTIME_CODE_ROOT/index.js", &["nodejs12.13"]);
        check("/opt/function/runtime/python3.6/rtsp/python/bin/python3 -u $RUNTIME_CODE_ROOT/index.py", &["python3.6"]);
        check("\"/opt/function/runtime/java8/rtsp/jre/bin/java\" -jar app.jar\r\n", &["java8"]);
    }

    #[test]
    fn an_interpreter_line_names_one_and_a_comment_does_not() {
        check("#!/opt/function/runtime/nodejs18.15/rtsp/nodejs/bin/node\n", &["nodejs18.15"]);
        check("  # was /opt/function/runtime/java8/rtsp/jre/bin/java\n", &[]);
    }

    #[test]
    fn each_is_named_once_and_unknown_ones_too() {
        let path = |id: &str| format!("/opt/function/runtime/{id}/x");
        let bootstrap = format!("PATH={}:{}\n{}", path("nodejs99"), path("java17"), path("nodejs99"));
        check(&bootstrap, &["nodejs99", "java17"]);
    }

    #[test]
    fn what_is_no_id_is_not_named() {
        for tail in ["", "/", "nodejs12.13", "../../etc/", "a b/", "$V/", "é/", "./x", "/rtsp"] {
            check(&format!("exec /opt/function/runtime/{tail}"), &[]);
        }
        check(&format!("/opt/function/runtime/{}/", "x".repeat(65)), &[]);
    }

    #[test]
    fn a_binary_names_none() {
        check("\u{7f}ELF\0/opt/function/runtime/nodejs12.13/rtsp/nodejs/bin/node\0", &[]);
    }

    proptest! {
        #[test]
        fn any_bytes_give_ids_without_slashes(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            let _ = named_in(&bytes);
            let mut text = b"/opt/function/runtime/".to_vec();
            text.extend_from_slice(&bytes);
            for id in named_in(&text) {
                prop_assert!(!id.is_empty() && id.len() <= ID_BYTES && !id.contains('/') && id != ".." && id != ".");
            }
        }

        #[test]
        fn an_id_is_found_wherever_it_stands(
            before in "[a-z \t\"'=:$(]{0,20}",
            id in "[a-z]{1,8}[0-9]{1,2}(\\.[0-9]{1,2})?",
            after in "[ -~]{0,20}",
        ) {
            let bootstrap = format!("{before}/opt/function/runtime/{id}/{after}");
            prop_assert_eq!(named_in(bootstrap.as_bytes()), vec![id]);
        }
    }
}
