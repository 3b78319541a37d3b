//! Who calls, as far as it was proven; what policies and the function may know of it.

use std::sync::Arc;

/// What authentication found out. An API that asks for nothing has callers of whom nothing is known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Caller {
    /// The app whose key or code came with the request.
    pub(crate) app: Option<Named>,
    /// What a limit for each user counts by, as the vendor's manual has it ("Excluded Tenants"): of an app the project that it belongs
    /// to, of an IAM user the account, however many users it has.
    pub(crate) user: Option<Arc<str>>,
    /// The account, for access lists.
    pub(crate) account: Option<Named>,
}

/// Id and name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Named {
    pub(crate) id: Arc<str>,
    pub(crate) name: Arc<str>,
}
