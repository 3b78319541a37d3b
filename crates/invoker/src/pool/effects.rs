//! What follows from decisions; carried out after the pool's lock is released, because it may take other locks.

use std::sync::Arc;
use std::time::Duration;

use model::instance::Action;
use model::instances::Ended;
use tokio::sync::oneshot;

use super::{Grant, Pool};
use crate::instance::{Instance, Settling};

pub(super) struct Effects {
    /// The time of the decisions.
    pub(super) now: Duration,
    pub(super) grants: Vec<(oneshot::Sender<Grant>, Grant)>,
    pub(super) thawed: Vec<oneshot::Sender<()>>,
    pub(super) orders: Vec<(Arc<Instance>, Option<Action>)>,
    pub(super) starts: Vec<(Arc<Instance>, Settling)>,
    pub(super) ended: Vec<Ended>,
}

impl Effects {
    pub(super) fn at(now: Duration) -> Self {
        let (grants, thawed, orders) = (Vec::new(), Vec::new(), Vec::new());
        Self { now, grants, thawed, orders, starts: Vec::new(), ended: Vec::new() }
    }

    pub(super) fn run(self, pool: &Arc<Pool>) {
        for (sender, grant) in self.grants {
            // A lease that nobody waits for any more gives its slot back by being dropped here.
            drop(sender.send(grant));
        }
        for sender in self.thawed {
            // Who does not wait any more has given its slot back.
            let _gone = sender.send(());
        }
        for (instance, action) in self.orders {
            instance.order(action);
        }
        for (instance, settling) in self.starts {
            pool.site.drive(pool, instance, settling);
        }
        for ended in self.ended {
            pool.site.ends.keep(&pool.urn, ended);
        }
    }
}
