//! What is wrong with a package, all of it at once, but never a page of it.

/// How many problems are spelt out.
const LISTED: usize = 20;
/// Bytes of a name that a message shows.
const SHOWN: usize = 120;

/// Problems as they are found.
#[derive(Debug, Default)]
pub(super) struct Problems {
    listed: Vec<String>,
    more: usize,
    backslashes: Option<(String, usize)>,
}

/// All problems as the user reads them.
#[derive(Debug)]
pub(super) struct Refusal(pub(super) Vec<String>);

impl Problems {
    pub(super) fn push(&mut self, problem: impl Into<String>) {
        if self.listed.len() < LISTED {
            self.listed.push(problem.into());
        } else {
            self.more += 1;
        }
    }

    /// A path with a backslash: where there is one, all are, so they are counted and said once.
    pub(super) fn backslash(&mut self, path: &str) {
        self.backslashes.get_or_insert_with(|| (show(path), 0)).1 += 1;
    }

    pub(super) fn is_empty(&self) -> bool {
        self.listed.is_empty() && self.backslashes.is_none()
    }

    /// Ends the collection.
    pub(super) fn take(&mut self) -> Refusal {
        let mut all = Vec::new();
        if let Some((first, count)) = self.backslashes.take() {
            let others = if count > 1 { format!(" and {} more paths have", count - 1) } else { " has".to_owned() };
            all.push(format!(
                "{first}{others} a backslash: the archive was made on Windows by an old tool; make it with one that writes forward \
                 slashes, such as `funcd deploy FOLDER`, `tar -a -c -f code.zip *` or PowerShell 7"
            ));
        }
        all.append(&mut self.listed);
        if self.more > 0 {
            all.push(format!("and {} more", self.more));
        }
        Refusal(all)
    }
}

/// A name of the archive in a message: quoted, control characters escaped, long ones cut.
pub(super) fn show(name: &str) -> String {
    if name.len() <= SHOWN {
        return format!("{name:?}");
    }
    format!("{:?}... ({} bytes)", name.get(..name.floor_char_boundary(SHOWN)).unwrap_or_default(), name.len())
}
