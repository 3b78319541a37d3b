//! Places for handshakes that are under way: so many, as each costs memory before anything is known of its client.
//!
//! Who begins a handshake and says no more would keep others out for as long as a handshake may take. So the one that has had its place
//! for longest gives it up to somebody who waits, but not before [`GRACE`]: those that are only slow, or many, get through.

use std::collections::BTreeMap;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::{Semaphore, SemaphorePermit, oneshot};
use tokio::time::{Instant, sleep, sleep_until};

/// How long a handshake keeps its place whoever waits.
const GRACE: Duration = Duration::from_secs(1);

/// How long who made one go waits for a place before another must.
const PAUSE: Duration = Duration::from_millis(50);

/// All places.
#[derive(Debug)]
pub(super) struct Room {
    places: Semaphore,
    taken: Mutex<Taken>,
}

/// Who is there, by number, the first to come first.
#[derive(Debug, Default)]
struct Taken {
    next: u64,
    since: BTreeMap<u64, (Instant, oneshot::Sender<()>)>,
}

/// One of them, free again when it is dropped.
#[derive(Debug)]
pub(super) struct Place<'a> {
    room: &'a Room,
    number: u64,
    needed: oneshot::Receiver<()>,
    _permit: SemaphorePermit<'a>,
}

impl Room {
    pub(super) fn new(places: usize) -> Self {
        Self { places: Semaphore::new(places), taken: Mutex::default() }
    }

    /// Waits for a place; `None` is not reached, as the room is never closed.
    pub(super) async fn enter(&self) -> Option<Place<'_>> {
        let mut free = std::pin::pin!(self.places.acquire());
        loop {
            // The place that is given up may be somebody else's who waits for longer, and who then makes nobody go: so again and again.
            let again = async {
                self.give_up_one().await;
                sleep(PAUSE).await;
            };
            tokio::select! {
                biased;
                permit = &mut free => return Some(self.sit(permit.ok()?)),
                () = again => {}
            }
        }
    }

    fn sit<'a>(&'a self, permit: SemaphorePermit<'a>) -> Place<'a> {
        let (sender, needed) = oneshot::channel();
        let mut taken = self.taken.lock();
        let number = taken.next;
        taken.next += 1;
        taken.since.insert(number, (Instant::now(), sender));
        Place { room: self, number, needed, _permit: permit }
    }

    /// Makes the one that has been there for longest go, once it has been for long enough.
    async fn give_up_one(&self) {
        loop {
            let now = Instant::now();
            let until = {
                let mut taken = self.taken.lock();
                match taken.since.first_entry() {
                    // Dropping the sender tells it.
                    Some(first) if first.get().0 + GRACE <= now => return drop(first.remove()),
                    Some(first) => first.get().0 + GRACE,
                    None => now + GRACE,
                }
            };
            sleep_until(until).await;
        }
    }
}

impl Place<'_> {
    /// Waits until somebody else needs it.
    pub(super) async fn needed(&mut self) {
        // An error is what says so: nobody sends.
        let _ = (&mut self.needed).await;
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.room.taken.lock().since.remove(&self.number);
    }
}

#[cfg(test)]
mod tests;
