//! The life of a sandbox's init, top to bottom, in the order in which things happen and must happen.
//!
//! Ahead of any request, as real root: 1. enter the cgroups, 2. leave the host's namespaces (cgroups first, so that the
//! namespace's root is the instance's own group), 3. bring the loopback up, 4. build the root and move into it, 5. make
//! the user's process in a user namespace of its own, which owns none of the above, and let it wall itself in. What the
//! daemon looks after the instance by is handed to the launcher then, so that nobody waits for it later.
//! With the request: 6. set up the link, where there is none yet, mount what the instance needs, make the root read-only,
//! 7. give up root, 8. let the user's process exec, 9. say so. Then it is [`init`](crate::init).

use crate::cgroup::{Group, Reads};
use crate::egress::Link;
use crate::error::{Failure, Step};
use crate::machine::{self, Machine};
use crate::netlink::Routes;
use crate::spec::Outline;
use crate::user::{self, Report, Streams};
use crate::{Bind, Egress, Error, Event, Limits, etc, ids, init, message, mounts, netns, privilege, procfs, sys};
use rustix::fs::{Mode, OFlags};
use rustix::pipe::PipeFlags;
use rustix::process::Signal;
use rustix::thread::{LinkNameSpaceType, UnshareFlags};
use serde::{Deserialize, Serialize};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::{Path, PathBuf};

/// What a blank is made of; everything else comes with the request.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) group: Group,
    /// Host id of the instance's root.
    pub(crate) base: u32,
    /// An empty folder on the host to mount the new root on.
    pub(crate) root: PathBuf,
    /// Its link, should it want egress; `None` where the host has none to give.
    pub(crate) link: Option<Link>,
    /// Whether that is made now.
    pub(crate) linked: bool,
    /// The limits that will probably be asked for.
    pub(crate) limits: Option<Limits>,
    /// What will probably be shared.
    pub(crate) shared: Vec<Bind>,
    pub(crate) reads: Reads,
    pub(crate) machine: Machine,
    /// Which of the machine's processors is its first.
    pub(crate) home: usize,
}

/// What a blank tells the launcher.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Readiness {
    /// With the descriptors that its parts count.
    Ready(Parts),
    Failed(Failure),
}

/// What the daemon is told when it asked for an instance. With [`Reply::Started`] come init's descriptor and those that its
/// parts count; what is said on the lease after that is an [`Event`].
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Reply {
    Started { parts: Parts, group: Group },
    Failed(Failure),
}

/// What an instance is looked after by.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct Parts {
    /// Init's, in the host's numbers.
    pub(crate) pid: i32,
    /// Four descriptors always come: user, network, stdout, stderr. These two may follow.
    pub(crate) has_listens: bool,
    pub(crate) has_oom: bool,
}

/// A finished blank.
#[derive(Debug)]
struct Blank {
    user: User,
    oom: Option<OwnedFd>,
    link: Option<Link>,
    linked: bool,
    limits: Option<Limits>,
    shared: Vec<Bind>,
    machine: Machine,
    home: usize,
    /// When its clocks began, in seconds since 1970.
    begun: i64,
}

/// The user's process, as its init knows it.
#[derive(Debug)]
struct User {
    pid: rustix::process::Pid,
    socket: OwnedFd,
    namespace: OwnedFd,
}

/// A request: what it asks for, the socket to answer on, the program (for the user's process alone to read), and the binds
/// as detached mounts in the order of the outline.
struct Order {
    outline: Outline,
    lease: OwnedFd,
    program: OwnedFd,
    binds: Vec<OwnedFd>,
}

/// Runs a blank in the process just forked; `control` leads to the launcher.
pub(crate) fn main(plan: Plan, control: OwnedFd) -> ! {
    let Ok([control]) = sys::keep_only([control]) else { sys::exit(1) };
    // Made before it is needed; it is given back when nobody waits any more.
    let mut buffer = vec![0; message::MAX_BYTES];
    let blank = match prepare(plan, &control) {
        Ok(blank) => blank,
        Err(error) => {
            tell(&control, &Readiness::Failed(error.into()), &[]);
            sys::exit(1)
        }
    };
    // No request any more: the launcher is gone.
    let Ok(Some(order)) = next_order(&control, &mut buffer) else { sys::exit(0) };
    if let Err(error) = start(&blank, &order) {
        tell(&order.lease, &Event::Failed(error.into()), &[]);
        sys::exit(1)
    }
    tell(&order.lease, &Event::Executed, &[]);
    drop((control, buffer));
    let Order { lease, .. } = order;
    init::main(blank.user.pid, lease, blank.oom)
}

fn tell(socket: &OwnedFd, what: &impl Serialize, fds: &[BorrowedFd<'_>]) {
    let bytes = serde_json::to_vec(what).unwrap_or_default();
    // Who is gone needs no telling; init notices by itself.
    let _ = message::send(socket, &bytes, fds);
}

/// Builds the sandbox and tells the launcher that it is ready.
fn prepare(plan: Plan, control: &OwnedFd) -> Result<Blank, Error> {
    // Should the launcher die, so does the sandbox, and with it everything inside.
    die_with_parent()?;
    let pid = host_pid()?;
    // Files made here are for others to read, whatever the daemon's umask.
    rustix::process::umask(Mode::from_raw_mode(0o022));
    // Out of memory is to cost the user's processes their lives, not the one who reports it. Needs CAP_SYS_RESOURCE;
    // without, the instance dies as surely, but its last event may be missing.
    let _ = std::fs::write("/proc/self/oom_score_adj", "-1000");
    privilege::fixed_rlimits()?;

    plan.group.enter()?;
    let oom = plan.group.oom_event()?;
    if let Some(limits) = &plan.limits {
        plan.group.limit(limits, None)?;
    }
    plan.group.limit_reads(&plan.reads)?;
    let host = Routes::open().step(|| "open a netlink socket")?;
    sys::unshare(
        UnshareFlags::NEWCGROUP
            | UnshareFlags::NEWNS
            | UnshareFlags::NEWNET
            | UnshareFlags::NEWIPC
            | UnshareFlags::NEWUTS,
    )
    .step(|| "leave the host's namespaces")?;
    netns::bring_up_loopback()?;
    netns::bound_buffers()?;
    if let Some(link) = plan.link.as_ref().filter(|_| plan.linked) {
        link.make(&host)?;
    }
    drop(host);
    let network = netns::current().step(|| "open the network namespace")?;
    let begun = machine::begin_clocks()?;
    mounts::build(&plan.root, &plan.group.views(), &plan.shared, &plan.machine, begun)?;

    let input =
        rustix::fs::open("/dev/null", OFlags::RDWR | OFlags::CLOEXEC, Mode::empty()).step(|| "open /dev/null")?;
    quiet(&input).step(|| "leave the daemon's streams")?;
    let (stdout, output) = stream(plan.base)?;
    let (stderr, error) = stream(plan.base)?;
    let (user, pidfd, listens) = make_user(&Streams { input, output, error }, plan.base)?;
    let parts = Parts { pid, has_listens: listens.is_some(), has_oom: oom.is_some() };
    let Plan { link, linked, limits, shared, machine, home, .. } = plan;
    let blank = Blank { user, oom, link, linked, limits, shared, machine, home, begun };
    etc::prepare(blank.egress())?;
    blank.limits.as_ref().map_or(Ok(()), |limits| blank.suit(limits))?;
    Outline::rehearse();
    let always = [&pidfd, &network, &stdout, &stderr];
    let fds: Vec<_> = always.into_iter().chain(&listens).chain(&blank.oom).map(AsFd::as_fd).collect();
    tell(control, &Readiness::Ready(parts), &fds);
    Ok(blank)
}

fn die_with_parent() -> Result<(), Error> {
    rustix::process::set_parent_process_death_signal(Some(Signal::KILL)).step(|| "tie init to the launcher")
}

/// Our pid as the daemon knows it: the host's procfs, still mounted, answers in its own numbers.
fn host_pid() -> Result<i32, Error> {
    let link = std::fs::read_link("/proc/self").step(|| "read /proc/self")?;
    let pid = link.to_str().and_then(|pid| pid.parse().ok());
    pid.ok_or_else(|| std::io::Error::other(format!("it is {}", link.display()))).step(|| "read the own pid")
}

fn quiet(null: &OwnedFd) -> std::io::Result<()> {
    rustix::stdio::dup2_stdin(null)?;
    rustix::stdio::dup2_stdout(null)?;
    rustix::stdio::dup2_stderr(null)?;
    Ok(())
}

/// A pipe for one output stream: read end non-blocking for the daemon, and owned by the user, who may then also open it
/// by name (`echo x > /dev/stderr`).
fn stream(base: u32) -> Result<(OwnedFd, OwnedFd), Error> {
    let (read, write) = rustix::pipe::pipe_with(PipeFlags::CLOEXEC).step(|| "make a pipe")?;
    rustix::fs::fcntl_setfl(&read, OFlags::NONBLOCK).step(|| "make a pipe non-blocking")?;
    let (uid, gid) = (rustix::fs::Uid::from_raw(base + 1), rustix::fs::Gid::from_raw(base + 1));
    rustix::fs::fchown(&write, Some(uid), Some(gid)).step(|| "give a pipe to the user")?;
    Ok((read, write))
}

/// Forks the user's process into a new user namespace, maps its two ids and waits until it has walled itself in. With it
/// come its descriptor and that of its calls of `listen`, where there is one.
fn make_user(streams: &Streams, base: u32) -> Result<(User, OwnedFd, Option<OwnedFd>), Error> {
    let (socket, inner) = message::pair().step(|| "make a socket pair")?;
    let (pid, pidfd) = match sys::fork(libc::CLONE_NEWUSER as u64, None).step(|| "fork into a user namespace")? {
        sys::Forked::Child => user::main(inner, streams),
        sys::Forked::Parent { pid, pidfd } => (pid, pidfd),
    };
    drop(inner);
    let process = Path::new("/proc").join(pid.as_raw_nonzero().to_string());
    ids::map(&process, base)?;
    // Not -1000 as init's: users die before the daemon. Set with CAP_SYS_RESOURCE it cannot be lowered from inside.
    std::fs::write(process.join("oom_score_adj"), "500").step(|| "set the user's oom_score_adj")?;
    let namespace = rustix::fs::open(process.join("ns/user"), OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty())
        .step(|| "open the user namespace")?;
    message::send(&socket, b"mapped", &[]).step(|| "talk to the user's process")?;
    let listens = sealed(&socket)?;
    Ok((User { pid, socket, namespace }, pidfd, listens))
}

fn sealed(socket: &OwnedFd) -> Result<Option<OwnedFd>, Error> {
    let mut buffer = [0; 4096];
    let Some((length, fds)) = message::receive(socket, &mut buffer).step(|| "hear from the user's process")? else {
        return Err(Error::Gone { what: "the user's process ended while it walled itself in".to_owned() });
    };
    match serde_json::from_slice(buffer.get(..length).unwrap_or_default()) {
        Ok(Report::Sealed) => Ok(fds.into_iter().next()),
        Ok(Report::Failed(failure)) => Err(failure.into()),
        Err(error) => Err(std::io::Error::other(error)).step(|| "understand the user's process"),
    }
}

fn next_order(control: &OwnedFd, buffer: &mut [u8]) -> Result<Option<Order>, Error> {
    let Some((length, fds)) = message::receive(control, buffer).step(|| "hear from the launcher")? else {
        return Ok(None);
    };
    let outline = Outline::read(buffer.get(..length).unwrap_or_default())?;
    let mut fds = fds.into_iter();
    let order = (fds.next(), fds.next());
    let (Some(lease), Some(program)) = order else { return Ok(None) };
    Ok(Some(Order { outline, lease, program, binds: fds.collect() }))
}

fn start(blank: &Blank, order: &Order) -> Result<(), Error> {
    let spec = &order.outline;
    rustix::system::sethostname(spec.hostname.as_bytes()).step(|| "set the host name")?;
    etc::finish(&spec.hostname)?;
    blank.join_network(spec.egress)?;
    if blank.limits.as_ref() != Some(&spec.limits) {
        blank.suit(&spec.limits)?;
    }
    let targets = spec.binds_beyond(&blank.shared).map(|bind| bind.target.as_path());
    let binds: Vec<_> = order.binds.iter().map(AsFd::as_fd).zip(targets).collect();
    mounts::finish(&binds)?;
    name_process(&spec.name);
    give_up_root(&blank.user.namespace)?;

    message::send(&blank.user.socket, b"program", &[order.program.as_fd()])
        .step(|| "hand the program to the user's process")?;
    let mut buffer = [0; 4096];
    match message::receive(&blank.user.socket, &mut buffer).step(|| "hear from the user's process")? {
        // Closed by exec, or by a death that init reports in a moment.
        None => Ok(()),
        Some((length, _)) => match serde_json::from_slice(buffer.get(..length).unwrap_or_default()) {
            Ok(Report::Failed(failure)) => Err(failure.into()),
            _ => Err(std::io::Error::other("it said something else")).step(|| "understand the user's process"),
        },
    }
}

impl Blank {
    /// What it has of a network.
    fn egress(&self) -> Egress {
        if self.linked { Egress::Internet } else { Egress::None }
    }

    /// Where a link is wanted and was not there, the launcher has made it; where one was there and is not wanted, the launcher
    /// has taken it away.
    fn join_network(&self, wanted: Egress) -> Result<(), Error> {
        match (wanted, &self.link) {
            (Egress::Internet, Some(link)) if !self.linked => {
                link.join()?;
                etc::resolve(Egress::Internet)
            }
            (Egress::None, _) if self.linked => etc::resolve(Egress::None),
            _ => Ok(()),
        }
    }

    /// Everything inside that depends on the limits.
    fn suit(&self, limits: &Limits) -> Result<(), Error> {
        procfs::describe(&self.machine, self.begun, limits)?;
        mounts::size(limits)?;
        self.give_processors(limits.cpu_millicores)
    }

    /// Lets the user's process run on as many processors as it is told of. Its quota is what limits it: should it widen this
    /// again from inside, it gains no time.
    fn give_processors(&self, millicores: u32) -> Result<(), Error> {
        let count = self.machine.share(millicores);
        self.machine.places(self.home, count).map_or(Ok(()), |places| {
            rustix::thread::sched_setaffinity(Some(self.user.pid), &places).step(|| "choose the user's processors")
        })
    }
}

/// For `ps` on the host. Of the name, which is longer than the kernel's 15 bytes, the end tells more.
fn name_process(name: &str) {
    let tail = name.len().saturating_sub(12);
    let name = format!("fn:{}", name.get(tail..).unwrap_or_default());
    if let Ok(name) = std::ffi::CString::new(name) {
        // Only for show.
        let _ = rustix::thread::set_name(&name);
    }
}

/// From here on init is root of nothing: uid 0 of the instance's user namespace, without capabilities even there.
fn give_up_root(namespace: &OwnedFd) -> Result<(), Error> {
    rustix::thread::move_into_link_name_space(namespace.as_fd(), Some(LinkNameSpaceType::User))
        .step(|| "enter the user namespace")?;
    privilege::drop_to(0)?;
    // Forgotten by the kernel when ids change.
    die_with_parent()
}
