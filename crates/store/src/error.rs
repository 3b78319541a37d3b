//! What the caller of the store can act on.

use std::error::Error as Cause;
use std::io;

use crate::apig;

/// Why the store did not do what it was asked; then it has changed nothing.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No function of this URN.
    #[error("no function {0}")]
    FunctionMissing(String),
    /// The URN is taken.
    #[error("function {0} exists")]
    FunctionExists(String),
    /// No such version of the function; the URN says which.
    #[error("no version {0}")]
    VersionMissing(String),
    /// The name is taken.
    #[error("version {0} exists")]
    VersionExists(String),
    /// There is nothing to publish: the version last published is the same.
    #[error("nothing changed since {0} was published: change code or configuration first")]
    Unchanged(String),
    /// The version cannot be deleted.
    #[error("version {version} is the additional version of alias {alias}: change the alias first")]
    VersionInUse {
        /// Its name.
        version: String,
        /// Who uses it.
        alias: String,
    },
    /// No such alias of the function; the URN says which.
    #[error("no alias {0}")]
    AliasMissing(String),
    /// The name is taken.
    #[error("alias {0} exists")]
    AliasExists(String),
    /// A version is the main one of one alias only.
    #[error("version {version} has an alias: {alias}")]
    VersionAliased {
        /// Its name.
        version: String,
        /// Who has it.
        alias: String,
    },
    /// The alias cannot be deleted.
    #[error("alias {alias} has triggers ({triggers}): delete them first")]
    AliasTriggers {
        /// Its name.
        alias: String,
        /// How many.
        triggers: u64,
    },
    /// An alias and the version that it names cannot both have reserved instances.
    #[error("{0} has reserved instances already, and both stand for the same version: set those to 0 first")]
    ReservedElsewhere(String),
    /// No trigger of this id at that function.
    #[error("no trigger {0}")]
    TriggerMissing(String),
    /// Another trigger publishes the same path, or another group has the id or the domain; the text names which.
    #[error("{0}")]
    TriggerExists(String),
    /// What the gateway's management refuses; the text says what is wrong with which resource.
    #[error("{1}")]
    Apig(apig::What, String),
    /// No dependency of this id, or no such version of it.
    #[error("no dependency {0}")]
    DependencyMissing(String),
    /// The name or the link of a dependency is taken; the text says by which.
    #[error("{0}")]
    DependencyExists(String),
    /// Versions of functions are made with it: their URNs.
    #[error("the dependency is in use by {}", .0.join(", "))]
    DependencyInUse(Vec<String>),
    /// No test event of this id at that function.
    #[error("no test event {0}")]
    EventMissing(String),
    /// The function has a test event of this name.
    #[error("test event {0} exists")]
    EventExists(String),
    /// No user, group, project, role, agency or access key of this id or name; the text names it.
    #[error("{0}")]
    IdentityMissing(String),
    /// The name of a user, group, project, role or agency is taken, or something is in the way; the text says what.
    #[error("{0}")]
    IdentityConflict(String),
    /// What nobody may do, such as delete the last administrator.
    #[error("{0}")]
    IdentityProtected(String),
    /// No policy of this kind and id in the project, or nothing that it could be bound to; `what` is one of [`crate::policy`].
    #[error("{what} {id} does not exist")]
    PolicyMissing {
        /// What is missing.
        what: &'static str,
        /// What it was called.
        id: String,
    },
    /// The name is taken, or the app or user has a limit of its own already; `what` is one of [`crate::policy`].
    #[error("{what} {name} exists")]
    PolicyExists {
        /// What there is.
        what: &'static str,
        /// What it is called.
        name: String,
    },
    /// A policy that is bound cannot be deleted; `what` is one of [`crate::policy`].
    #[error("{what} {name} is bound to {count} APIs: unbind it first")]
    PolicyInUse {
        /// What there is.
        what: &'static str,
        /// What it is called.
        name: String,
        /// How many APIs.
        count: usize,
    },
    /// A change that a policy does not take; the text says why.
    #[error("{0}")]
    PolicyRefused(String),
    /// No such domain or certificate; the text names it.
    #[error("{0}")]
    DomainMissing(String),
    /// The domain is somebody's already; the text says whose, as far as the caller may know.
    #[error("{0}")]
    DomainTaken(String),
    /// No app, AppCode, authorization, authorizer or signature key of this id in the project.
    #[error("{what} {id} does not exist")]
    CallerMissing {
        /// What it would be.
        what: &'static str,
        /// The id.
        id: String,
    },
    /// Another one has the name, the key or the code; the text says which.
    #[error("{0}")]
    NameTaken(String),
    /// A quota of [`model::limits`] would be passed; `what` is one of [`crate::quota`].
    #[error("at most {limit} {what}")]
    Quota {
        /// What is limited.
        what: &'static str,
        /// How much of it there may be.
        limit: u64,
    },
    /// Everything wrong with a package, each with a hint.
    #[error("the package is refused: {}", .0.join("; "))]
    Package(Vec<String>),
    /// The package itself, before anything is unpacked.
    #[error("the package is {size} bytes, more than {limit}")]
    PackageTooLarge {
        /// Its bytes.
        size: u64,
        /// How many it may have.
        limit: u64,
    },
    /// Nothing was stored; the same request succeeds once there is room.
    #[error("no space left on the data folder's disk")]
    DiskFull,
    /// The platform's fault, or the operator's: `what` says what to do where something can be done.
    #[error("{what}")]
    Internal {
        /// What happened.
        what: String,
        /// Why.
        #[source]
        source: Box<dyn Cause + Send + Sync>,
    },
}

impl Error {
    /// A write into a file of the data folder that failed.
    pub fn write(cause: io::Error) -> Self {
        internal("cannot write to the data folder", cause)
    }
}

/// A cause that says what happened; a full disk, wherever in the chain it shows, is [`Error::DiskFull`].
pub(crate) fn internal(what: impl Into<String>, source: impl Into<Box<dyn Cause + Send + Sync>>) -> Error {
    let source = source.into();
    if disk_full(&*source) {
        return Error::DiskFull;
    }
    Error::Internal { what: what.into(), source }
}

fn disk_full(error: &(dyn Cause + 'static)) -> bool {
    let mut next = Some(error);
    while let Some(cause) = next {
        if let Some(io) = cause.downcast_ref::<io::Error>()
            && matches!(io.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
        {
            return true;
        }
        if let Some(sqlx::Error::Database(error)) = cause.downcast_ref::<sqlx::Error>()
            && error.code().is_some_and(|code| matches!(&*code, SQLITE_FULL | SQLITE_IOERR_SHMSIZE))
        {
            return true;
        }
        next = cause.source();
    }
    false
}

/// <https://www.sqlite.org/rescode.html#full>
const SQLITE_FULL: &str = "13";
/// The shared-memory file beside the log could not grow: <https://www.sqlite.org/rescode.html#ioerr_shmsize>
const SQLITE_IOERR_SHMSIZE: &str = "4874";

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(source: impl Into<Box<dyn Cause + Send + Sync>>, expect: &str) {
        assert_eq!(internal("it broke", source).to_string(), expect);
    }

    #[test]
    fn a_full_disk_is_seen_through_the_layers_above_it() {
        let full = || io::Error::from_raw_os_error(rustix::io::Errno::NOSPC.raw_os_error());
        check(full(), "no space left on the data folder's disk");
        check(
            object_store::Error::Generic { store: "LocalFileSystem", source: full().into() },
            "no space left on the data folder's disk",
        );
        check(sqlx::Error::Io(full()), "no space left on the data folder's disk");
        check(io::Error::from(io::ErrorKind::PermissionDenied), "it broke");
    }
}
