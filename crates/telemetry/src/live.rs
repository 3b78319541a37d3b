//! What was said lately, in memory: the tail of each function's lines, and those who follow them.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use parking_lot::Mutex;
use tokio::sync::broadcast;

use crate::line::Line;

/// Lines kept for a function's tail.
const TAIL_LINES: usize = 500;
/// Bytes kept for a function's tail; one line stays in any case.
const TAIL_BYTES: usize = 128 * 1024;
/// Functions with a tail; the one that has been quiet longest loses its.
const TAILS: usize = 1024;
/// Lines a follower may be behind before some are skipped.
const FOLLOW_LINES: usize = 1024;

/// The recent lines of all functions.
#[derive(Debug, Default)]
pub(crate) struct Live {
    feeds: Mutex<Feeds>,
}

#[derive(Debug, Default)]
struct Feeds {
    by_function: HashMap<String, Feed>,
    /// Those who follow all functions.
    all: Followers,
}

#[derive(Debug, Default)]
struct Feed {
    tail: VecDeque<Arc<Line>>,
    bytes: usize,
    followers: Followers,
}

/// A channel as long as somebody listens.
#[derive(Debug, Default)]
struct Followers(Option<broadcast::Sender<Arc<Line>>>);

impl Followers {
    fn subscribe(&mut self) -> broadcast::Receiver<Arc<Line>> {
        self.0.get_or_insert_with(|| broadcast::Sender::new(FOLLOW_LINES)).subscribe()
    }

    fn send(&mut self, line: &Arc<Line>) {
        // An error says that nobody follows any more.
        if self.0.as_ref().is_some_and(|followers| followers.send(Arc::clone(line)).is_err()) {
            self.0 = None;
        }
    }

    fn is_there(&self) -> bool {
        self.0.as_ref().is_some_and(|followers| followers.receiver_count() > 0)
    }
}

impl Live {
    pub(crate) fn push(&self, line: &Arc<Line>) {
        let mut feeds = self.feeds.lock();
        feeds.all.send(line);
        if let Some(feed) = feeds.by_function.get_mut(&line.function) {
            return feed.push(line);
        }
        make_room(&mut feeds.by_function);
        feeds.by_function.entry(line.function.clone()).or_default().push(line);
    }

    pub(crate) fn tail(&self, function: &str, limit: usize) -> Vec<Line> {
        let feeds = self.feeds.lock();
        let Some(feed) = feeds.by_function.get(function) else { return Vec::new() };
        let older = feed.tail.len().saturating_sub(limit);
        feed.tail.iter().skip(older).map(|line| Line::clone(line)).collect()
    }

    pub(crate) fn follow(&self, function: &str) -> broadcast::Receiver<Arc<Line>> {
        let mut feeds = self.feeds.lock();
        make_room(&mut feeds.by_function);
        feeds.by_function.entry(function.to_owned()).or_default().followers.subscribe()
    }

    pub(crate) fn follow_all(&self) -> broadcast::Receiver<Arc<Line>> {
        self.feeds.lock().all.subscribe()
    }

    /// Followers see the end of the stream.
    pub(crate) fn forget(&self, function: &str) {
        self.feeds.lock().by_function.remove(function);
    }
}

impl Feed {
    fn push(&mut self, line: &Arc<Line>) {
        self.bytes += line.weight();
        self.tail.push_back(Arc::clone(line));
        while self.tail.len() > 1 && (self.tail.len() > TAIL_LINES || self.bytes > TAIL_BYTES) {
            self.bytes -= self.tail.pop_front().map_or(0, |gone| gone.weight());
        }
        self.followers.send(line);
    }
}

/// Takes the tail of the function that has been quiet longest, where there are too many.
fn make_room(feeds: &mut HashMap<String, Feed>) {
    if feeds.len() < TAILS {
        return;
    }
    let quiet = feeds.iter().filter(|(_, feed)| !feed.followers.is_there());
    let quietest = quiet.min_by_key(|(_, feed)| feed.tail.back().map(|line| line.at)).map(|(name, _)| name.clone());
    if let Some(name) = quietest {
        feeds.remove(&name);
    }
}
