//! The node-wide start queue: a few starts at a time, first come first served within a function, in turn between functions.

use std::collections::VecDeque;
use std::sync::Arc;

use model::urn::FunctionId;
use parking_lot::Mutex;
use tokio::sync::oneshot;

/// Hands out turns to start an instance.
#[derive(Clone, Debug)]
pub(crate) struct StartQueue(Arc<Mutex<Queue>>);

#[derive(Debug)]
struct Queue {
    free: usize,
    /// Functions with waiting starts; the first is the next to be served.
    functions: VecDeque<(FunctionId, VecDeque<oneshot::Sender<Turn>>)>,
}

/// The right to start an instance now; given back when dropped.
#[derive(Debug)]
pub(crate) struct Turn(Option<StartQueue>);

impl StartQueue {
    pub(crate) fn new(places: usize) -> Self {
        Self(Arc::new(Mutex::new(Queue { free: places.max(1), functions: VecDeque::new() })))
    }

    /// Waits for a turn. Who stops waiting loses the place and blocks nobody.
    pub(crate) async fn turn(&self, function: &FunctionId) -> Turn {
        let waiting = {
            let mut queue = self.0.lock();
            if queue.free > 0 {
                queue.free -= 1;
                return Turn(Some(self.clone()));
            }
            queue.push(function)
        };
        // The sender is only dropped unused together with the queue, which `self` keeps.
        waiting.await.unwrap_or(Turn(None))
    }

    fn give_back(&self) {
        loop {
            let next = self.0.lock().next_or_free();
            let Some(next) = next else { return };
            match next.send(Turn(Some(self.clone()))) {
                Ok(()) => return,
                // Nobody waits there any more; the turn goes on, without being given back a second time.
                Err(mut turn) => turn.0 = None,
            }
        }
    }
}

impl Queue {
    fn push(&mut self, function: &FunctionId) -> oneshot::Receiver<Turn> {
        let (sender, receiver) = oneshot::channel();
        match self.functions.iter_mut().find(|(id, _)| id == function) {
            Some((_, waiting)) => {
                waiting.retain(|sender| !sender.is_closed());
                waiting.push_back(sender);
            }
            None => self.functions.push_back((function.clone(), VecDeque::from([sender]))),
        }
        receiver
    }

    /// Who gets a place that was given back; with nobody waiting it is free.
    fn next_or_free(&mut self) -> Option<oneshot::Sender<Turn>> {
        let next = self.pop();
        self.free += usize::from(next.is_none());
        next
    }

    /// The longest waiting start of the function whose turn it is; the function goes to the end of the line.
    fn pop(&mut self) -> Option<oneshot::Sender<Turn>> {
        let (function, mut waiting) = self.functions.pop_front()?;
        let next = waiting.pop_front();
        if !waiting.is_empty() {
            self.functions.push_back((function, waiting));
        }
        next
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        if let Some(queue) = self.0.take() {
            queue.give_back();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::Future;
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    use super::*;

    fn function(name: &str) -> FunctionId {
        FunctionId { region: "r".into(), project: "p".into(), package: "default".into(), name: name.into() }
    }

    /// Starts queue up as named by the letters of `arrivals`, one place; they are served in the order of `expect`.
    /// An upper-case letter is a start of the same function that gives up before its turn.
    #[track_caller]
    fn check(arrivals: &str, expect: &str) {
        let queue = StartQueue::new(1);
        let mut cx = Context::from_waker(Waker::noop());
        let own = function("first");
        let mut first = Box::pin(queue.turn(&own));
        let Poll::Ready(turn) = first.as_mut().poll(&mut cx) else { panic!("an empty queue makes nobody wait") };
        let mut turn = Some(turn);
        let names: Vec<FunctionId> = arrivals.chars().map(|c| function(&c.to_ascii_lowercase().to_string())).collect();
        let mut waiting: Vec<_> = names.iter().map(|name| (name, Box::pin(queue.turn(name)))).collect();
        for (_, start) in &mut waiting {
            assert!(start.as_mut().poll(&mut cx).is_pending());
        }
        let mut gives_up = arrivals.chars().map(|c| c.is_ascii_uppercase());
        waiting.retain(|_| !gives_up.next().unwrap());
        let mut served = String::new();
        while !waiting.is_empty() {
            turn = None;
            let at = waiting.iter_mut().position(|(_, start)| match start.as_mut().poll(&mut cx) {
                Poll::Ready(next) => {
                    turn = Some(next);
                    true
                }
                Poll::Pending => false,
            });
            served.push_str(&waiting.remove(at.expect("a turn was lost")).0.name);
        }
        assert_eq!(served, expect);
        drop(turn);
        assert!(pin!(queue.turn(&function("last"))).poll(&mut cx).is_ready(), "a place was lost");
    }

    #[test]
    fn functions_take_turns_however_many_starts_each_has() {
        check("aaaab", "abaaa");
        check("aabbcc", "abcabc");
    }

    #[test]
    fn who_gave_up_blocks_nobody() {
        check("aAab", "aba");
        check("Ab", "b");
        check("AAB", "");
    }
}
