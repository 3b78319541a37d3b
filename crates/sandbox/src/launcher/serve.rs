//! The launcher's loop: one thread, one epoll, and for each thing that can happen to a slot one function.

use super::Config;
use super::pace::Pace;
use super::slots::{Init, Kind, Shared, Slot, Slots, State};
use super::turn::turn;
use super::waiting::{Request, Waiting, refuse};
use crate::blank::{self, Plan, Readiness, Reply};
use crate::cgroup::{self, Group, Reads, Tree};
use crate::egress::Network;
use crate::error::{Failure, Step};
use crate::machine::Machine;
use crate::spec::Outline;
use crate::{Egress, Error, ids, message, mounts, privilege, sys};
use rustix::buffer::spare_capacity;
use rustix::event::{Timespec, epoll};
use rustix::net::Shutdown;
use rustix::process::{Signal, WaitId, WaitIdOptions, WaitIdStatus};
use std::io::Write;
use std::os::fd::{AsFd, OwnedFd};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// After so many failures in a row blanks are only made on demand.
const GIVE_UP: u32 = 3;

/// What an epoll event is about: a kind in the low bits, the slot's number above.
const CLIENT: u64 = 0;
const CONTROL: u64 = 1;
const INIT: u64 = 2;
const LEASE: u64 = 3;
/// In the place of a slot's number, beside the one client there is: the host's network policies changed.
const POLICIES: u32 = 1;

pub(super) struct Server {
    installation: String,
    blanks: usize,
    root: PathBuf,
    tree: Tree,
    /// `None` where this host has none to give.
    network: Option<Network>,
    machine: Machine,
    reads: Reads,
    /// The right to clear up; see [`turn`].
    _turn: OwnedFd,
    epoll: OwnedFd,
    slots: Slots,
    waiting: Waiting,
    failures: u32,
    /// What the next blank shall be: what was asked for last, as most hosts run one kind of function.
    likely: Kind,
    pace: Pace,
    buffer: Vec<u8>,
}

impl Server {
    /// Prepares the host: limits, the mount point, the cgroup subtree without leftovers, the network where there can be one.
    pub(super) fn open(config: &Config, buffer: Vec<u8>) -> Result<Self, Error> {
        privilege::raise_files();
        let root = config.run_dir.join("root");
        mounts::make_dirs(&root)?;
        let turn = turn(&config.run_dir)?;
        let tree = Tree::open(&config.cgroup)?;
        tree.reap()?;
        if let Err(error) = tree.fence_devices() {
            // Three walls stand before this one.
            complain(&error);
        }
        let reads = tree.limit_reads(config.read_rate, cgroup::disks(Path::new("/sys/block")));
        if let Err(error) = &reads {
            let _ = writeln!(std::io::stderr(), "funcd launcher: instances read from disks without limit: {error}");
        }
        let network = Network::open(&config.cgroup);
        if let Err(error) = &network {
            let _ = writeln!(std::io::stderr(), "funcd launcher: instances have no network: {error}");
        }
        let epoll = epoll::create(epoll::CreateFlags::CLOEXEC).step(|| "make an epoll")?;
        Ok(Self {
            installation: config.cgroup.clone(),
            blanks: config.blanks,
            root,
            tree,
            likely: Kind { linked: network.is_ok(), limits: None, shared: Vec::new() },
            network: network.ok(),
            machine: Machine::read(),
            reads: reads.unwrap_or_default(),
            _turn: turn,
            epoll,
            slots: Slots::default(),
            waiting: Waiting::default(),
            failures: 0,
            pace: Pace::new(Instant::now()),
            buffer,
        })
    }

    /// Serves until the daemon closes `client`, then clears up.
    pub(super) fn run(mut self, client: &OwnedFd) -> Result<(), Error> {
        self.watch(client, CLIENT, 0)?;
        if let Some(network) = &self.network {
            self.watch(network.changes(), CLIENT, POLICIES)?;
        }
        let mut events = Vec::with_capacity(64);
        loop {
            let timeout = self.refill();
            events.clear();
            match epoll::wait(&self.epoll, spare_capacity(&mut events), timeout.as_ref()) {
                Ok(_) | Err(rustix::io::Errno::INTR) => {}
                Err(error) => return Err(error).step(|| "wait for events"),
            }
            // `all` stops at the first that says so: what else happened does not matter then.
            if !events.iter().all(|event| self.happened(event.data.u64(), client)) {
                return self.finish();
            }
            self.remove_leaving();
        }
    }

    /// Deals with one event; `false` when the daemon is gone.
    fn happened(&mut self, about: u64, client: &OwnedFd) -> bool {
        let (kind, number) = (about & 3, (about >> 2) as u32);
        match kind {
            CLIENT if number == POLICIES => self.policies(),
            CLIENT => return self.request(client),
            CONTROL => self.readiness(number),
            INIT => self.ended(number),
            _ => self.released(number),
        }
        true
    }

    /// One message of the daemon; `false` when it is gone.
    fn request(&mut self, client: &OwnedFd) -> bool {
        let received = message::receive(client, &mut self.buffer);
        let Ok(Some((length, fds))) = received else { return false };
        let Ok([lease, program]) = <[OwnedFd; 2]>::try_from(fds) else { return true };
        let bytes = self.buffer.get(..length).unwrap_or_default().to_vec();
        let outline = match Outline::read(&bytes) {
            Ok(outline) => outline,
            Err(error) => {
                refuse(&lease, error.into());
                return true;
            }
        };
        self.pace.asked(Instant::now());
        let linked = outline.egress == Egress::Internet && self.network.is_some();
        let shared = Shared::all(&outline.shared);
        self.likely = Kind { linked, limits: Some(outline.limits.clone()), shared: shared.clone() };
        let request = Request { bytes, outline, shared, lease, program };
        match self.stocked() {
            Some(number) => self.hand_over(number, request),
            None => {
                self.waiting.push(request);
                let shared = &self.likely.shared;
                let made = |state: &State| matches!(state, State::Warming { kind, .. } if kind.shared == *shared);
                if self.slots.count(made) < self.waiting.count(shared) {
                    self.warm();
                }
            }
        }
        true
    }

    /// The blank that is the most like what was just asked for. Those that are of no use to it are of none to anybody: a folder
    /// that was shared is no more.
    fn stocked(&mut self) -> Option<u32> {
        let likely = self.likely.clone();
        self.discard(|kind| !kind.suits(&likely));
        let blanks = self.slots.iter().filter_map(|(number, slot)| match &slot.state {
            State::Blank { kind, .. } => Some((kind.alike(&likely), std::cmp::Reverse(number))),
            _ => None,
        });
        blanks.max().map(|(_, number)| number.0)
    }

    /// Ends blanks.
    fn discard(&mut self, which: impl Fn(&Kind) -> bool) {
        while let Some(number) = self.slots.find(|state| matches!(state, State::Blank { kind, .. } if which(kind))) {
            let Some(Slot { group, state }) = self.slots.remove(number) else { return };
            let State::Blank { init, .. } = state else { return };
            kill(&init);
            self.slots.insert(number, Slot { group, state: State::Doomed { _init: init } });
        }
    }

    /// Somebody changed the host's network policies; ours must stand. Where it cannot, all links are gone, those of blanks too.
    fn policies(&mut self) {
        let Some(Err(error)) = self.network.as_ref().map(Network::look) else { return };
        complain(&error);
        self.discard(|kind| kind.linked);
    }

    /// Keeps as many blanks as configured. Returns after which time to look again, if at all.
    fn refill(&mut self) -> Option<Timespec> {
        if self.slots.count(|state| matches!(state, State::Leaving)) > 0 {
            return Some(timespec(Duration::from_millis(5)));
        }
        let warming = self.slots.count(|state| matches!(state, State::Warming { .. }));
        let ready = self.slots.count(|state| matches!(state, State::Blank { .. }));
        if ready >= self.blanks {
            self.pace.full();
        }
        if warming > 0 || ready >= self.blanks || self.failures >= GIVE_UP {
            return None;
        }
        let now = Instant::now();
        let wait = self.pace.wait(now);
        if !wait.is_zero() {
            return Some(timespec(wait));
        }
        self.pace.made(now);
        self.warm();
        None
    }

    /// Begins a blank; its failure goes to whoever waits.
    fn warm(&mut self) {
        if let Err(error) = self.fork() {
            self.failed(error.into(), &self.likely.clone());
        }
    }

    fn fork(&mut self) -> Result<(), Error> {
        let number = self
            .slots
            .free(self.machine.processors())
            .ok_or(rustix::io::Errno::USERS)
            .step(|| "find a free user id")?;
        let group = self.tree.create(number)?;
        let (control, inner) = message::pair().step(|| "make a socket pair")?;
        let entrance = group.entrance()?;
        let init = match sys::fork(libc::CLONE_NEWPID as u64, entrance.as_ref()).step(|| "fork a sandbox")? {
            sys::Forked::Child => blank::main(self.plan(number, group), inner),
            sys::Forked::Parent { pid, pidfd } => Init { pid, pidfd },
        };
        self.watch(&init.pidfd, INIT, number)?;
        self.watch(&control, CONTROL, number)?;
        // The fork made all memory shared: it is taken apart again now, and not with the next request.
        Outline::rehearse();
        let kind = self.likely.clone();
        self.slots.insert(number, Slot { group, state: State::Warming { init, control, kind } });
        Ok(())
    }

    fn plan(&self, number: u32, group: Group) -> Plan {
        let (Kind { linked, limits, .. }, shared) = (self.likely.clone(), self.likely.binds());
        let link = self.network.as_ref().map(|network| network.link(number));
        let (base, root) = (ids::base(&self.installation, number), self.root.clone());
        let (machine, home) = (self.machine.clone(), number as usize);
        Plan { group, base, root, link, linked, limits, shared, reads: self.reads.clone(), machine, home }
    }

    /// A blank is ready, or says why it never will be.
    fn readiness(&mut self, number: u32) {
        let Some(slot) = self.slots.remove(number) else { return };
        let State::Warming { init, control, kind } = slot.state else {
            // A blank has nothing more to say: its end shows as the end of its init.
            self.slots.insert(number, slot);
            return;
        };
        let mut buffer = [0; 4096];
        let said = message::receive(&control, &mut buffer).ok().flatten();
        let said = said.and_then(|(length, fds)| Some((serde_json::from_slice(buffer.get(..length)?).ok()?, fds)));
        self.unwatch(&control);
        match said {
            Some((Readiness::Ready(parts), fds)) => {
                self.failures = 0;
                let request = self.waiting.take(&kind);
                let state = State::Blank { init, control, kind, parts, fds };
                self.slots.insert(number, Slot { group: slot.group, state });
                if let Some(request) = request {
                    self.hand_over(number, request);
                }
            }
            failed => {
                kill(&init);
                self.slots.insert(number, Slot { group: slot.group, state: State::Doomed { _init: init } });
                let silent = || Failure::Gone("a sandbox ended while it was built".to_owned());
                let failure = match failed {
                    Some((Readiness::Failed(failure), _)) => failure,
                    _ => silent(),
                };
                self.failed(failure, &kind);
            }
        }
    }

    /// A blank could not be made: who has waited longest is told why.
    fn failed(&mut self, failure: Failure, kind: &Kind) {
        self.failures = self.failures.saturating_add(1);
        match self.waiting.take(kind) {
            Some(request) => refuse(&request.lease, failure),
            // Nobody asked. The next request tries again and hears of it.
            None => complain(&Error::from(failure)),
        }
    }

    /// Gives a blank its request, and the daemon what to look after the instance by; from here on it answers for itself.
    fn hand_over(&mut self, number: u32, request: Request) {
        let Some(Slot { group, state }) = self.slots.remove(number) else { return };
        let State::Blank { init, control, kind, parts, fds } = state else {
            self.slots.insert(number, Slot { group, state });
            return;
        };
        let Request { bytes, outline, lease, program, .. } = request;
        let sent = self.equip(number, &init, (&group, &kind), &outline).and_then(|binds| {
            // First, so that nothing the instance says overtakes it.
            let started = Reply::Started { parts, group: group.clone() };
            let shared: Vec<_> = [&init.pidfd].into_iter().chain(&fds).map(AsFd::as_fd).collect();
            let started = serde_json::to_vec(&started).map_err(std::io::Error::other).step(|| "write an answer")?;
            message::send(&lease, &started, &shared).step(|| "answer the daemon")?;
            let given: Vec<_> = [&lease, &program].into_iter().chain(&binds).map(AsFd::as_fd).collect();
            message::send(&control, &bytes, &given).step(|| "talk to the sandbox")
        });
        let state = match sent.and_then(|()| self.watch_release(&lease, number)) {
            Ok(()) => State::Leased { init, lease },
            Err(error) => {
                refuse(&lease, error.into());
                // It may have limits of a request that failed half-way, or be dead.
                kill(&init);
                State::Doomed { _init: init }
            }
        };
        self.slots.insert(number, Slot { group, state });
    }

    /// What only the launcher can do for an instance: its limits, its link, and its binds as detached mounts.
    fn equip(
        &self,
        number: u32,
        init: &Init,
        (group, kind): (&Group, &Kind),
        outline: &Outline,
    ) -> Result<Vec<OwnedFd>, Error> {
        if let Some(network) = &self.network {
            match (outline.egress, kind.linked) {
                (Egress::Internet, true) => network.admit()?,
                (Egress::Internet, false) => {
                    network.connect(number, init.pid)?;
                    network.admit()?;
                }
                (Egress::None, true) => network.disconnect(number)?,
                (Egress::None, false) => {}
            }
        }
        group.limit(&outline.limits, kind.limits.as_ref())?;
        super::binds(outline, &kind.binds())
    }

    /// An init is dead, and every process of its sandbox with it.
    fn ended(&mut self, number: u32) {
        let Some(Slot { group, state }) = self.slots.remove(number) else { return };
        let state = match state {
            State::Leased { init, lease } => {
                self.reap(&init);
                // What was sent is read first; then the daemon sees the end.
                let _ = rustix::net::shutdown(&lease, Shutdown::Write);
                State::Ended { _lease: lease }
            }
            State::Warming { init, kind, .. } | State::Blank { init, kind, .. } => {
                let signal = self.reap(&init).and_then(|status| status.terminating_signal());
                let failure = Failure::Gone(format!("a blank sandbox {}", end_of(group.usage().oom_kills, signal)));
                self.failed(failure, &kind);
                State::Leaving
            }
            State::Doomed { _init: init } => {
                self.reap(&init);
                State::Leaving
            }
            over => over,
        };
        self.slots.insert(number, Slot { group, state });
    }

    /// The daemon dropped its handle.
    fn released(&mut self, number: u32) {
        let Some(Slot { group, state }) = self.slots.remove(number) else { return };
        let state = match state {
            State::Leased { init, lease } => {
                self.unwatch(&lease);
                kill(&init);
                group.let_die();
                State::Doomed { _init: init }
            }
            State::Ended { _lease: lease } => {
                self.unwatch(&lease);
                State::Leaving
            }
            other => other,
        };
        self.slots.insert(number, Slot { group, state });
    }

    fn reap(&self, init: &Init) -> Option<WaitIdStatus> {
        self.unwatch(&init.pidfd);
        // It is dead: this only collects it. A failure means that somebody else did.
        rustix::process::waitid(WaitId::Pid(init.pid), WaitIdOptions::EXITED | WaitIdOptions::NOHANG).ok().flatten()
    }

    /// Removes what the dead left; their numbers are free then.
    fn remove_leaving(&mut self) {
        while let Some(number) = self.slots.find(|state| matches!(state, State::Leaving)) {
            let Some(slot) = self.slots.remove(number) else { return };
            match slot.group.remove() {
                Ok(true) => {}
                Ok(false) => {
                    // The kernel is not done with it: look again in a moment.
                    self.slots.insert(number, slot);
                    return;
                }
                // Its folders stay, and so does nothing that runs.
                Err(error) => complain(&error),
            }
        }
    }

    /// The daemon is gone: so goes everything.
    fn finish(self) -> Result<(), Error> {
        for (_, slot) in self.slots.iter() {
            match &slot.state {
                State::Warming { init, .. }
                | State::Blank { init, .. }
                | State::Leased { init, .. }
                | State::Doomed { _init: init } => {
                    kill(init);
                    slot.group.let_die();
                }
                State::Ended { .. } | State::Leaving => {}
            }
        }
        let reaped = self.tree.reap();
        let closed = self.network.as_ref().map_or(Ok(()), Network::close);
        self.tree.remove();
        reaped.and(closed)
    }

    fn watch(&self, fd: impl AsFd, kind: u64, number: u32) -> Result<(), Error> {
        let data = epoll::EventData::new_u64(kind | u64::from(number) << 2);
        epoll::add(&self.epoll, fd, data, epoll::EventFlags::IN).step(|| "watch a descriptor")
    }

    /// A lease only ever tells that its other end is gone.
    fn watch_release(&self, lease: &OwnedFd, number: u32) -> Result<(), Error> {
        let data = epoll::EventData::new_u64(LEASE | u64::from(number) << 2);
        epoll::add(&self.epoll, lease, data, epoll::EventFlags::HUP).step(|| "watch a lease")
    }

    fn unwatch(&self, fd: impl AsFd) {
        // A closed one is gone from the set by itself; others must not wake us for ever.
        let _ = epoll::delete(&self.epoll, fd);
    }
}

fn timespec(duration: Duration) -> Timespec {
    Timespec { tv_sec: i64::from(duration.as_secs() as u32), tv_nsec: i64::from(duration.subsec_nanos()) }
}

fn kill(init: &Init) {
    // Gone already is fine.
    let _ = rustix::process::pidfd_send_signal(&init.pidfd, Signal::KILL);
}

/// How a sandbox that nobody used yet came to its end, as the end of a sentence about it. Only the kernel's own count says
/// that memory was the reason: a SIGKILL may be anybody's.
fn end_of(oom_kills: u64, signal: Option<i32>) -> String {
    match (oom_kills, signal) {
        (1.., _) => "was killed because the host, or funcd's own cgroup, ran out of memory".to_owned(),
        (0, Some(signal)) => format!("was killed by somebody on this host (signal {signal})"),
        (0, None) => "ended by itself".to_owned(),
    }
}

/// What nobody asked for goes to standard error, which is the daemon's.
fn complain(error: &Error) {
    let _ = writeln!(std::io::stderr(), "funcd launcher: {error}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kill_is_told_from_a_lack_of_memory() {
        assert!(end_of(0, Some(9)).contains("by somebody on this host (signal 9)"));
        assert!(end_of(1, Some(9)).contains("ran out of memory"));
        assert_eq!(end_of(0, None), "ended by itself");
    }
}
