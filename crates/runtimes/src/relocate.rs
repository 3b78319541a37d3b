//! Making a program of a folder work where instances see the folder, when it looks for its libraries under the folder's path on
//! the host: pyenv's shared builds do.

use std::io;
use std::path::{Path, PathBuf};

use crate::verify;

/// What a program needs from its own folder.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Needs {
    /// Nothing that it would not find anywhere.
    Nothing,
    /// Libraries under this path on the host, which is the folder's subfolder of that name.
    Libraries { path: PathBuf, subfolder: PathBuf },
}

/// What the program of `home` needs to be moved, or why it cannot be.
pub(crate) fn needs(home: &Path, program: &Path) -> Result<Needs, String> {
    let (libraries, missing) = verify::libraries(program)?;
    if !missing.is_empty() {
        return Err(format!("{} needs libraries that are not on this host: {}", program.display(), missing.join(", ")));
    }
    let bytes = std::fs::read(program).map_err(|error| format!("{}: {error}", program.display()))?;
    let mut needs = Needs::Nothing;
    for library in libraries {
        let real = std::fs::canonicalize(&library).map_err(|error| format!("{}: {error}", library.display()))?;
        if real.starts_with("/usr") || real.starts_with("/lib") {
            continue;
        }
        let (Ok(inside), Some(path)) = (real.strip_prefix(home), library.parent()) else {
            return Err(format!("{} needs {}, which instances do not see", program.display(), library.display()));
        };
        // Found by a path relative to the program, it is found in instances too.
        if is_named(&bytes, path) {
            let subfolder = inside.parent().unwrap_or(Path::new("")).to_owned();
            needs = Needs::Libraries { path: path.to_owned(), subfolder };
        }
    }
    Ok(needs)
}

/// Copies the program so that it looks for its libraries in `subfolder` beside its own folder instead of under `path`.
pub(crate) fn copy(program: &Path, to: &Path, path: &Path, subfolder: &Path) -> io::Result<()> {
    let mut bytes = std::fs::read(program)?;
    let moved = format!("$ORIGIN/../{}", subfolder.display());
    replace(&mut bytes, path, &moved)
        .ok_or_else(|| io::Error::other(format!("{} is too short to be replaced", path.display())))?;
    std::fs::write(to, bytes)?;
    std::fs::set_permissions(to, std::fs::metadata(program)?.permissions())
}

/// Puts the string in the place of the path in the program's string table (its RUNPATH), filled up with zeros, which end it.
fn replace(bytes: &mut [u8], path: &Path, with: &str) -> Option<()> {
    let length = path.as_os_str().len();
    let at = position(bytes, path)?;
    let place = bytes.get_mut(at..at + length)?;
    let (text, rest) = place.split_at_mut_checked(with.len())?;
    text.copy_from_slice(with.as_bytes());
    rest.fill(0);
    Some(())
}

fn is_named(bytes: &[u8], path: &Path) -> bool {
    position(bytes, path).is_some()
}

/// Where the path stands as a whole string.
fn position(bytes: &[u8], path: &Path) -> Option<usize> {
    let whole = [b"\0", path.as_os_str().as_encoded_bytes(), b"\0"].concat();
    Some(bytes.windows(whole.len()).position(|window| window == whole)? + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(before: &[u8], expect: Option<&[u8]>) {
        let mut bytes = before.to_vec();
        let done = replace(&mut bytes, Path::new("/home/me/p/lib"), "$ORIGIN/../li");
        assert_eq!(done.map(|()| bytes.as_slice()), expect);
    }

    #[test]
    fn a_whole_string_is_replaced_and_no_byte_moves() {
        check(b"a\0/home/me/p/lib\0b", Some(b"a\0$ORIGIN/../li\0\0b"));
    }

    #[test]
    fn a_part_of_a_string_is_not() {
        check(b"\0/home/me/p/lib64\0", None);
        check(b"\0x/home/me/p/lib\0", None);
        check(b"", None);
    }

    #[test]
    fn a_path_shorter_than_what_replaces_it_stays() {
        let mut bytes = b"\0/p/lib\0".to_vec();
        assert_eq!(replace(&mut bytes, Path::new("/p/lib"), "$ORIGIN/../lib"), None);
        assert_eq!(bytes, b"\0/p/lib\0");
    }
}
