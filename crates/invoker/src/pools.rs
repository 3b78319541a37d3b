//! The pools of all versions, found without a lock.

use std::collections::BTreeMap;
use std::sync::Arc;

use arc_swap::ArcSwap;
use model::function::Version;
use model::snapshot::Snapshots;
use parking_lot::Mutex;

use crate::pool::Pool;
use crate::site::Site;

/// Pools by revision; as a rule one for each.
type Map = BTreeMap<u64, Vec<Arc<Pool>>>;

/// All pools of this node.
pub(crate) struct Pools {
    pub(crate) site: Arc<Site>,
    pub(crate) snapshots: Arc<Snapshots>,
    map: ArcSwap<Map>,
    /// Held while the map is replaced.
    change: Mutex<()>,
}

impl Pools {
    pub(crate) fn new(site: Arc<Site>, snapshots: Arc<Snapshots>) -> Self {
        Self { site, snapshots, map: ArcSwap::default(), change: Mutex::default() }
    }

    /// The pool of a version; made when it is asked for the first time. If the version is superseded already, and only a
    /// request that was under way still names it, that is the newer one's.
    pub(crate) fn of(&self, version: &Arc<Version>) -> Arc<Pool> {
        if let Some(pool) = find(&self.map.load(), version) {
            return pool;
        }
        let newer = self.newer(version);
        let version = newer.as_ref().unwrap_or(version);
        let _changing = self.change.lock();
        let map = self.map.load();
        if let Some(pool) = find(&map, version) {
            return pool;
        }
        let pool = Arc::new(Pool::new(Arc::clone(version), Arc::clone(&self.site)));
        let mut map = Map::clone(&map);
        map.entry(version.revision).or_default().push(Arc::clone(&pool));
        self.map.store(Arc::new(map));
        pool
    }

    /// The version that took the place of `version`, if one did.
    pub(crate) fn newer(&self, version: &Version) -> Option<Arc<Version>> {
        let current = self.snapshots.load().resolve(&version.function, &version.qualifier)?;
        (current.revision > version.revision).then_some(current)
    }

    pub(crate) fn all(&self) -> Vec<Arc<Pool>> {
        self.map.load().values().flatten().cloned().collect()
    }

    /// Takes a pool off the list.
    pub(crate) fn remove(&self, pool: &Arc<Pool>) {
        let _changing = self.change.lock();
        let mut map = Map::clone(&self.map.load());
        if let Some(same) = map.get_mut(&pool.version.revision) {
            same.retain(|other| !Arc::ptr_eq(other, pool));
            if same.is_empty() {
                map.remove(&pool.version.revision);
            }
        }
        self.map.store(Arc::new(map));
    }
}

fn find(map: &Map, version: &Arc<Version>) -> Option<Arc<Pool>> {
    // The same version may be asked for with another memory size; its instances are others.
    let same = |pool: &&Arc<Pool>| {
        let own = &pool.version;
        // As a rule it is the one that the pool was made for.
        Arc::ptr_eq(own, version)
            || (own.qualifier == version.qualifier
                && own.function == version.function
                && own.config.memory_mb == version.config.memory_mb)
    };
    map.get(&version.revision)?.iter().find(same).cloned()
}
