//! Runtimes that are on the host already: pyenv's Pythons, JVM folders, interpreters on the search path.

use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use crate::catalogue::{Entry, Language};
use crate::command::{is_executable, which};
use crate::verify;

#[cfg(test)]
mod tests;

/// Where the host is looked through; from the environment, or made up by tests.
#[derive(Clone, Debug, Default)]
pub(crate) struct Host {
    /// The folders of `PATH`.
    pub(crate) path: Vec<PathBuf>,
    /// Folders with pyenv's `versions/`.
    pub(crate) pyenv: Vec<PathBuf>,
    /// JVM folders.
    pub(crate) java_home: Vec<PathBuf>,
    /// Folders of JVM folders.
    pub(crate) jvm: Vec<PathBuf>,
}

/// Where a runtime's files are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Home {
    /// A folder with the layout instances expect; mounted as it is where possible.
    Folder(PathBuf),
    /// A program below /usr, which instances see: it needs only a link.
    Program(PathBuf),
}

impl Home {
    pub(crate) fn executable(&self, entry: &Entry) -> PathBuf {
        match self {
            Self::Folder(folder) => folder.join(&entry.executable),
            Self::Program(program) => program.clone(),
        }
    }
}

/// A place that may have what is looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Candidate {
    pub(crate) home: Home,
    /// For people: `pyenv, /home/me/.pyenv/versions/3.9.18`.
    pub(crate) source: String,
}

impl Host {
    /// The host as this process's environment shows it.
    pub(crate) fn of_environment() -> Self {
        let variable = |name| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
        let path = std::env::var_os("PATH").unwrap_or_else(|| "/usr/local/bin:/usr/bin:/bin".into());
        let home = variable("HOME").map(|home| home.join(".pyenv"));
        Self {
            path: std::env::split_paths(&path).filter(|folder| folder.is_absolute()).collect(),
            pyenv: variable("PYENV_ROOT").into_iter().chain(home).chain([PathBuf::from("/opt/pyenv")]).collect(),
            java_home: variable("JAVA_HOME").into_iter().collect(),
            jvm: vec!["/usr/lib/jvm".into()],
        }
    }

    /// Places worth trying, best first, each once. Nothing is run.
    pub(crate) fn candidates(&self, entry: &Entry) -> Vec<Candidate> {
        let found = match entry.language {
            Language::Python => {
                [self.pyenv_versions(entry), self.programs(entry, &[format!("python{}", entry.version)])].concat()
            }
            Language::Java => self.jvms(entry),
            Language::Php => self.programs(entry, &[format!("php{}", entry.version), "php".to_owned()]),
            // Node.js is fetched in the vendor's exact version; .NET comes from where the user says.
            Language::Nodejs | Language::Dotnet => Vec::new(),
        };
        let mut once: Vec<Candidate> = Vec::new();
        for candidate in found {
            if !once.iter().any(|other| other.home == candidate.home) {
                once.push(candidate);
            }
        }
        once
    }

    /// pyenv's folders of exactly that minor version, newest patch first.
    fn pyenv_versions(&self, entry: &Entry) -> Vec<Candidate> {
        let version = |folder: PathBuf| {
            let name = folder.file_name()?.to_str()?;
            let numbers: Vec<u32> = name.split('.').map(|part| part.parse().ok()).collect::<Option<_>>()?;
            // A virtual environment has only links to another Python.
            let is_python = is_executable(&folder.join(&entry.executable)) && !folder.join("pyvenv.cfg").is_file();
            (is_python && verify::is_version(&entry.version, name)).then_some((numbers, canonical(&folder)?))
        };
        let folders = self.pyenv.iter().flat_map(|root| subfolders(&root.join("versions")));
        let mut versions: Vec<_> = folders.filter_map(version).collect();
        versions.sort_by(|left, right| right.0.cmp(&left.0));
        let candidate = |(_, folder): (_, PathBuf)| Candidate {
            source: format!("pyenv, {}", folder.display()),
            home: Home::Folder(folder),
        };
        versions.into_iter().map(candidate).collect()
    }

    fn jvms(&self, entry: &Entry) -> Vec<Candidate> {
        let folders = self.jvm.iter().flat_map(|root| subfolders(root));
        // bin/java of a JVM: the program's folder's folder.
        let on_path =
            which(&self.path, "java").and_then(|java| canonical(&java)?.parent()?.parent().map(Path::to_owned));
        let all = self.java_home.iter().cloned().chain(folders).chain(on_path);
        let candidate = |folder: PathBuf| {
            let folder = canonical(&folder)?;
            let is_java = is_executable(&folder.join(&entry.executable)) && release_allows(&folder, &entry.version);
            is_java.then(|| Candidate { source: format!("JVM, {}", folder.display()), home: Home::Folder(folder) })
        };
        all.filter_map(candidate).collect()
    }

    /// Binaries of these names on the search path.
    fn programs(&self, entry: &Entry, names: &[String]) -> Vec<Candidate> {
        let files = names.iter().flat_map(|name| self.path.iter().map(move |folder| folder.join(name)));
        let candidate = |file: PathBuf| {
            let program = canonical(&file)?;
            if !is_executable(&program)
                || !verify::is_binary(&program)
                || names_another_version(&program, &entry.version)
            {
                return None;
            }
            let source = format!("found on this host, {}", program.display());
            let home = if program.starts_with("/usr") {
                Home::Program(program)
            } else {
                Home::Folder(program.parent()?.parent()?.to_owned())
            };
            Some(Candidate { home, source })
        };
        files.filter_map(candidate).collect()
    }
}

/// Whether the program says in its name that it is another version, as `php8.2` does behind Debian's `php`.
fn names_another_version(program: &Path, wanted: &str) -> bool {
    let name = program.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let version = name.trim_start_matches(|c: char| !c.is_ascii_digit());
    version.contains('.') && !verify::is_version(wanted, version)
}

/// Whether root may run it without having been told to: nobody but root and this process's user can have put it there.
pub(crate) fn is_trusted(executable: &Path) -> bool {
    let user = rustix::process::geteuid().as_raw();
    std::fs::metadata(executable)
        .is_ok_and(|metadata| (metadata.uid() == 0 || metadata.uid() == user) && metadata.mode() & 0o002 == 0)
}

/// JVMs say their version in a file, which spares starting each; those without one are tried.
fn release_allows(folder: &Path, wanted: &str) -> bool {
    let Ok(release) = std::fs::read_to_string(folder.join("release")) else { return true };
    let version = release.lines().find_map(|line| line.strip_prefix("JAVA_VERSION="));
    version.is_none_or(|version| verify::is_version(wanted, version.trim_matches('"')))
}

fn subfolders(folder: &Path) -> Vec<PathBuf> {
    let mut folders: Vec<PathBuf> = std::fs::read_dir(folder)
        .map(|entries| entries.flatten().map(|entry| entry.path()).filter(|path| path.is_dir()).collect())
        .unwrap_or_default();
    folders.sort();
    folders
}

fn canonical(path: &Path) -> Option<PathBuf> {
    std::fs::canonicalize(path).ok()
}
