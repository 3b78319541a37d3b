//! Who may call at all: before anybody proves who they are by their address, afterwards by their account.

use std::net::IpAddr;

use model::apig::acls::AccessList;

use crate::caller::Caller;
use crate::failure::Failure;

/// Lets an address pass that every list lets pass.
pub(crate) fn admit_address(lists: &[AccessList], address: IpAddr) -> Result<(), Failure> {
    match lists.iter().all(|list| list.admits_address(address)) {
        true => Ok(()),
        false => Err(Failure::address_denied(address)),
    }
}

/// Lets an account pass that every list lets pass. Of a caller who proved nothing the account is unknown, so lists of those who may
/// do not have it.
pub(crate) fn admit_account(lists: &[AccessList], caller: &Caller) -> Result<(), Failure> {
    let account = caller.account.as_ref().map(|account| (&*account.id, &*account.name));
    match lists.iter().all(|list| list.admits_account(account)) {
        true => Ok(()),
        false => Err(Failure::account_denied()),
    }
}
