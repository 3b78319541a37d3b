//! One installation: obtain, put together, run once, put in place, in that order; nothing is in place before it has run.

use std::io;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use model::function::Mount;
use tempfile::TempDir;

use crate::catalogue::{Entry, Language};
use crate::find::{Candidate, Home, Host, is_trusted};
use crate::manifest::Manifest;
use crate::relocate::{self, Needs};
use crate::runtimes::Error;
use crate::{debian, npm, unpack, verify};

#[cfg(test)]
mod tests;

/// Takes lines for the user.
pub(crate) type Progress<'a> = &'a mut dyn FnMut(&str);

/// Why something cannot be had, and what to do.
#[derive(Debug)]
pub(crate) struct Refusal {
    pub(crate) why: String,
    pub(crate) remedy: String,
}

impl Refusal {
    pub(crate) fn new(why: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { why: why.into(), remedy: remedy.into() }
    }
}

/// What to install where.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Order<'o> {
    pub(crate) entry: &'o Entry,
    /// `<data>/runtimes`
    pub(crate) folder: &'o Path,
    pub(crate) host: &'o Host,
}

/// Installs it and gives its manifest. An earlier installation stays as it is until the new one has run.
pub(crate) fn install(order: Order<'_>, from: Option<&Path>, progress: Progress<'_>) -> Result<Manifest, Error> {
    let staging = order.staging()?;
    let Obtained { home, source } = match from {
        Some(path) => order.named(path, staging.path()),
        None if order.entry.npm.is_some() => order.fetched(staging.path(), progress),
        None => order.found(progress),
    }
    .map_err(|refusal| order.refused(refusal))?;
    progress("trying it on this host");
    let built = order.build(&home, staging.path())?;
    let version = verify::version(order.entry, &built.executable).map_err(|why| order.unfit(why))?;
    let manifest = order.put_in_place(built, source, version, staging.path())?;
    progress(&format!("{} {} is installed, from {}", manifest.id, manifest.version, manifest.source));
    Ok(manifest)
}

/// Files of the runtime, somewhere.
struct Obtained {
    home: Home,
    /// For people.
    source: String,
}

/// A runtime as instances will see it, but not yet where it will be.
struct Built {
    /// On the host, now.
    executable: PathBuf,
    /// Subfolders of the home that instances mount, and where they are on the host; an empty one is the whole home.
    parts: Vec<(PathBuf, PathBuf)>,
}

impl Order<'_> {
    /// A folder of its own for this installation, on the same disk; those that crashed ones left are removed.
    fn staging(self) -> Result<TempDir, Error> {
        let prefix = format!(".new-{}-", self.entry.id);
        let failed = Error::io("prepare an installation in", self.folder);
        let left_over = |name: &std::ffi::OsStr| name.to_str().is_some_and(|name| name.starts_with(&prefix));
        for entry in std::fs::read_dir(self.folder).map_err(&failed)?.flatten() {
            if left_over(&entry.file_name()) {
                std::fs::remove_dir_all(entry.path()).map_err(&failed)?;
            }
        }
        tempfile::Builder::new().prefix(&prefix).tempdir_in(self.folder).map_err(&failed)
    }

    /// The folder, in place, or the archive, unpacked, that the user names.
    fn named(self, path: &Path, staging: &Path) -> Result<Obtained, Refusal> {
        let expect = format!("name a folder that has {}, or an archive of one", self.entry.executable.display());
        let real = std::fs::canonicalize(path)
            .map_err(|error| Refusal::new(format!("{}: {error}", path.display()), &expect))?;
        if real.is_dir() {
            if !crate::command::is_executable(&real.join(&self.entry.executable)) {
                let why = format!("{} has no executable {}", real.display(), self.entry.executable.display());
                return Err(Refusal::new(why, expect));
            }
            return Ok(Obtained { source: format!("folder {}", real.display()), home: Home::Folder(real) });
        }
        if !real.is_file() {
            // Nobody may ever write into a pipe.
            return Err(Refusal::new(format!("{} is neither a folder nor a file", real.display()), expect));
        }
        let source = format!("archive {}", real.display());
        Ok(Obtained { home: self.unpacked(&real, staging)?, source })
    }

    fn fetched(self, staging: &Path, progress: Progress<'_>) -> Result<Obtained, Refusal> {
        let Some(npm) = &self.entry.npm else {
            return Err(Refusal::new("there is no npm package of it", "use --from"));
        };
        let source = format!("npm package {}@{}", npm.package, npm.version);
        let fetched = staging.join("fetched");
        std::fs::create_dir(&fetched).map_err(|error| unwritable(staging, &error))?;
        progress(&format!("fetching the {source}"));
        let archive = npm::fetch(npm, &fetched, self.host)?;
        progress("its digest is right; unpacking");
        Ok(Obtained { home: self.unpacked(&archive, staging)?, source })
    }

    /// Unpacks into the folder that will be put in place.
    fn unpacked(self, archive: &Path, staging: &Path) -> Result<Home, Refusal> {
        let (unpacked, home) = (staging.join("unpacked"), self.built_home(staging));
        std::fs::create_dir(&unpacked).map_err(|error| unwritable(staging, &error))?;
        let found = unpack::unpack(archive, &unpacked, &self.entry.executable)?;
        let parent = home.parent().unwrap_or(staging);
        std::fs::create_dir_all(parent).map_err(|error| unwritable(staging, &error))?;
        std::fs::rename(&found, &home).map_err(|error| unwritable(staging, &error))?;
        unpack::make_readable(&home).map_err(|error| unwritable(staging, &error))?;
        Ok(Home::Folder(home))
    }

    /// From what the host has, and if need be from what its distribution has.
    fn found(self, progress: Progress<'_>) -> Result<Obtained, Refusal> {
        let mut passed_over = match self.first_fit() {
            Ok(found) => return Ok(found),
            Err(passed_over) => passed_over,
        };
        let refusal = match &self.entry.debian {
            None => Refusal::new("it is taken only from a folder or archive", self.otherwise()),
            Some(package) => match debian::install(package, self.host, &self.otherwise(), progress) {
                Err(refusal) => refusal,
                Ok(()) => match self.first_fit() {
                    Ok(found) => return Ok(found),
                    Err(still) => {
                        passed_over = still;
                        Refusal::new(format!("the package {package} did not bring it"), self.otherwise())
                    }
                },
            },
        };
        let why = std::iter::once(refusal.why).chain(passed_over).collect::<Vec<_>>().join("; ");
        Err(Refusal { why, remedy: refusal.remedy })
    }

    /// The first candidate that is what is wanted, or why each is not.
    fn first_fit(self) -> Result<Obtained, Vec<String>> {
        let mut passed_over = Vec::new();
        for Candidate { home, source } in self.host.candidates(self.entry) {
            let executable = home.executable(self.entry);
            if !is_trusted(&executable) {
                passed_over.push(format!("{} belongs to another user; trust it with --from", executable.display()));
                continue;
            }
            match verify::version(self.entry, &executable) {
                Ok(_) => return Ok(Obtained { home, source }),
                Err(why) => passed_over.push(why),
            }
        }
        Err(passed_over)
    }

    /// Puts together what instances will see; a folder that works as it is, is left where it is.
    fn build(self, home: &Home, staging: &Path) -> Result<Built, Error> {
        let real = std::fs::canonicalize(home.executable(self.entry));
        let real = real.map_err(Error::io("find", &home.executable(self.entry)))?;
        let built = self.built_home(staging);
        match home {
            Home::Program(program) => {
                relocate::needs(Path::new("/usr"), &real).map_err(|why| self.unfit(why))?;
                let link = built.join(&self.entry.executable);
                self.linked(&built, &link, program).map_err(Error::io("link the runtime in", &built))?;
                Ok(Built { executable: link, parts: vec![(PathBuf::new(), built)] })
            }
            Home::Folder(folder) => match relocate::needs(folder, &real).map_err(|why| self.unfit(why))? {
                Needs::Nothing => {
                    let executable = folder.join(&self.entry.executable);
                    Ok(Built { executable, parts: vec![(PathBuf::new(), folder.clone())] })
                }
                Needs::Libraries { path, subfolder } => self
                    .relocated(folder, &real, (&path, &subfolder), &built)
                    .map_err(Error::io("copy the runtime to", &built)),
            },
        }
    }

    fn linked(self, built: &Path, link: &Path, program: &Path) -> io::Result<()> {
        std::fs::create_dir_all(link.parent().unwrap_or(built))?;
        symlink(program, link)?;
        unpack::make_readable(built)
    }

    /// A folder with a copy of the program, its other names, and a link to its libraries, which instances mount in their place.
    fn relocated(self, folder: &Path, program: &Path, libraries: (&Path, &Path), built: &Path) -> io::Result<Built> {
        let (path, subfolder) = libraries;
        let programs = self.entry.executable.parent().unwrap_or(Path::new(""));
        let name = program.file_name().unwrap_or_default();
        std::fs::create_dir_all(built.join(programs))?;
        relocate::copy(program, &built.join(programs).join(name), path, subfolder)?;
        for other in std::fs::read_dir(folder.join(programs))?.flatten() {
            let is_other_name =
                other.file_name() != name && std::fs::canonicalize(other.path()).is_ok_and(|real| real == program);
            if is_other_name {
                symlink(name, built.join(programs).join(other.file_name()))?;
            }
        }
        // So that it runs on the host too, where it is tried.
        symlink(folder.join(subfolder), built.join(subfolder))?;
        unpack::make_readable(built)?;
        let parts = vec![(programs.to_owned(), built.join(programs)), (subfolder.to_owned(), folder.join(subfolder))];
        Ok(Built { executable: built.join(&self.entry.executable), parts })
    }

    /// Moves what was built to its place and writes the manifest, which makes it installed.
    fn put_in_place(self, built: Built, source: String, version: String, staging: &Path) -> Result<Manifest, Error> {
        let (new, place) = (staging.join("built"), self.folder.join(&self.entry.id));
        let failed = Error::io("put the runtime in place at", &place);
        let moved = |path: PathBuf| match path.strip_prefix(&new) {
            Ok(below) => place.join(below),
            Err(_) => path,
        };
        let target = self.entry.target();
        let mount = |(part, source): (PathBuf, PathBuf)| {
            // Joining an empty part would add a slash.
            let target = if part.as_os_str().is_empty() { target.clone() } else { target.join(part) };
            Mount { source: moved(source), target }
        };
        let manifest = Manifest {
            id: self.entry.id.clone(),
            version,
            source,
            executable: moved(built.executable),
            mounts: built.parts.into_iter().map(mount).collect(),
        };
        Manifest::remove(self.folder, &self.entry.id).map_err(&failed)?;
        rename_if_there(&place, &staging.join("old")).map_err(&failed)?;
        rename_if_there(&new, &place).map_err(&failed)?;
        manifest.write(self.folder).map_err(&failed)?;
        Ok(manifest)
    }

    /// What the user can do where neither host nor distribution has it.
    fn otherwise(self) -> String {
        let version = &self.entry.version;
        match self.entry.language {
            Language::Python => format!(
                "install Python {version}, for example with pyenv (pyenv install {version}), and try again, or name the folder or an archive of one with --from"
            ),
            Language::Java => format!(
                "install a Java {version} below /usr/lib/jvm and try again, or name the folder or an archive of one with --from"
            ),
            Language::Nodejs | Language::Php | Language::Dotnet => {
                format!(
                    "name a folder or archive of version {version} that has {} with --from",
                    self.entry.executable.display()
                )
            }
        }
    }

    fn built_home(self, staging: &Path) -> PathBuf {
        staging.join("built").join(&self.entry.home)
    }

    fn refused(self, refusal: Refusal) -> Error {
        Error::Install { id: self.entry.id.clone(), why: refusal.why, remedy: refusal.remedy }
    }

    /// What was obtained is not what was wanted.
    fn unfit(self, why: String) -> Error {
        let remedy = format!("name a folder or archive of version {} for this host with --from", self.entry.version);
        self.refused(Refusal { why, remedy })
    }
}

fn rename_if_there(from: &Path, to: &Path) -> io::Result<()> {
    match std::fs::rename(from, to) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        done => done,
    }
}

fn unwritable(folder: &Path, error: &io::Error) -> Refusal {
    Refusal::new(format!("{}: {error}", folder.display()), "free some space, or give funcd the right to write there")
}
