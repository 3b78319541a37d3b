//! What applies to calls of a published API beside its route.

use std::sync::Arc;

use crate::apig::acls::AccessList;
use crate::apig::plugins::{Cors, ResponseHeaders};
use crate::apig::responses::Templates;
use crate::apig::throttles::Throttle;

/// The policies of one API in one environment. An API without any has none of these, so that it costs its calls nothing.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Policies {
    /// Who may call it; all of them must let a call pass.
    pub access: Vec<AccessList>,
    /// How often it may be called.
    pub throttle: Option<Throttle>,
    /// From which pages it may be called.
    pub cors: Option<Cors>,
    /// What is changed of its responses.
    pub headers: Option<ResponseHeaders>,
    /// What its group answers in place of the gateway's errors.
    pub responses: Option<Arc<Templates>>,
}
