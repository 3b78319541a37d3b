//! Byte code made of a package's sources, kept beside them: where Python looks for it, and nowhere else. It is made by a program
//! that nobody trusts, so the store takes bytes and names from it, not files, and looks at the names again.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use model::limits;

/// One file of byte code.
#[derive(Clone, Debug)]
pub struct Compiled {
    /// Its place below the package's root, such as `app/__pycache__/main.cpython-311.pyc`.
    pub path: String,
    /// What is in it.
    pub bytes: Bytes,
}

/// Makes byte code of what is unpacked in a folder.
type Make = dyn Fn(PathBuf) -> BoxFuture<'static, Vec<Compiled>> + Send + Sync;

/// How byte code is made, where it is. It never fails: what cannot be compiled is left out.
#[derive(Clone, Default)]
pub struct Compile(Option<Arc<Make>>);

impl Compile {
    /// Makes it with `make`, which is given the folder of an unpacked package.
    pub fn with(make: impl Fn(PathBuf) -> BoxFuture<'static, Vec<Compiled>> + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(make)))
    }

    /// The byte code of the package unpacked in `root`.
    pub(super) async fn compile(&self, root: PathBuf) -> Vec<Compiled> {
        match &self.0 {
            Some(make) => make(root).await,
            None => Vec::new(),
        }
    }
}

impl fmt::Debug for Compile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Compile").field(&self.0.is_some()).finish()
    }
}

/// Those of `files` that may be added to a package whose content takes `bytes`: with the name of byte code, in a cache's folder,
/// and together not more than an instance could be given anyway.
pub(super) fn fit(files: Vec<Compiled>, bytes: u64) -> impl Iterator<Item = Compiled> {
    let mut room = limits::UNPACKED_BYTES.saturating_sub(bytes);
    files.into_iter().take(limits::PACKAGE_ENTRIES).filter(move |file| {
        let size = file.bytes.len() as u64;
        let fits = is_byte_code(&file.path) && size <= room;
        room -= if fits { size } else { 0 };
        fits
    })
}

/// `…/__pycache__/NAME.pyc`, relative and without detours.
fn is_byte_code(path: &str) -> bool {
    let plain = path.split('/').all(|part| !matches!(part, "" | "." | "..") && !part.contains('\0'));
    let path = Path::new(path);
    let cached = path.parent().and_then(Path::file_name).is_some_and(|folder| folder == "__pycache__");
    plain && cached && path.extension().is_some_and(|extension| extension == "pyc")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_byte_code_in_its_folder_is_taken() {
        for (path, expect) in [
            ("__pycache__/app.cpython-311.pyc", true),
            ("a/b/__pycache__/app.pyc", true),
            ("app.pyc", false),
            ("__pycache__/bootstrap", false),
            ("/__pycache__/app.pyc", false),
            ("../__pycache__/app.pyc", false),
            ("a/./__pycache__/app.pyc", false),
            ("a//__pycache__/app.pyc", false),
            ("__pycache__/a\0.pyc", false),
            ("", false),
        ] {
            assert_eq!(is_byte_code(path), expect, "{path:?}");
        }
    }

    #[test]
    fn no_more_is_taken_than_a_package_may_hold() {
        let file = |size| Compiled { path: "__pycache__/x.pyc".to_owned(), bytes: Bytes::from(vec![0; size]) };
        let taken: Vec<_> = fit(vec![file(60), file(60), file(40)], limits::UNPACKED_BYTES - 100).collect();
        assert_eq!(taken.iter().map(|file| file.bytes.len()).collect::<Vec<_>>(), [60, 40]);
    }
}
