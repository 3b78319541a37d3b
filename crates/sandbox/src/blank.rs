//! The life of a sandbox's init, top to bottom, in the order in which things happen and must happen.
//!
//! Ahead of any request, as real root: 1. enter the cgroups, 2. leave the host's namespaces (cgroups first, so that the
//! namespace's root is the instance's own group), 3. bring the loopback up, 4. build the root and move into it, 5. make
//! the user's process in a user namespace of its own, which owns none of the above, and let it wall itself in.
//! With the request: 6. set up the link, where it has one, mount what the instance needs, make the root read-only, 7. give up root, 8. let the user's
//! process exec, 9. answer. Then it is [`init`](crate::init).

use crate::cgroup::Group;
use crate::error::{Failure, Step};
use crate::machine::{self, Machine};
use crate::spec::Outline;
use crate::user::{self, Report, Streams};
use crate::{Egress, Error, egress, etc, ids, init, message, mounts, netns, privilege, procfs, sys};
use rustix::fs::{Mode, OFlags};
use rustix::pipe::PipeFlags;
use rustix::process::Signal;
use rustix::thread::{LinkNameSpaceType, UnshareFlags};
use serde::{Deserialize, Serialize};
use std::net::Ipv4Addr;
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
    /// Its address, should it want egress; `None` where the host has none to give.
    pub(crate) address: Option<Ipv4Addr>,
    pub(crate) machine: Machine,
    /// Which of the machine's processors is its first.
    pub(crate) home: usize,
}

/// What a blank tells the launcher.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Readiness {
    Ready,
    Failed(Failure),
}

/// What an instance answers to who asked for it. The descriptors travel beside, in the order of [`Started::order`].
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Reply {
    Started(Started),
    Failed(Failure),
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Started {
    pub(crate) pid: i32,
    pub(crate) group: Group,
    /// Five descriptors always come: init, user, network, stdout, stderr. These two may follow.
    pub(crate) has_listens: bool,
    pub(crate) has_oom: bool,
}

/// A finished blank.
#[derive(Debug)]
struct Blank {
    pid: i32,
    group: Group,
    network: OwnedFd,
    stdout: OwnedFd,
    stderr: OwnedFd,
    oom: Option<OwnedFd>,
    user: User,
    address: Option<Ipv4Addr>,
    machine: Machine,
    home: usize,
    /// When its clocks began, in seconds since 1970.
    begun: i64,
}

#[derive(Debug)]
struct User {
    pid: rustix::process::Pid,
    pidfd: OwnedFd,
    socket: OwnedFd,
    namespace: OwnedFd,
    listens: Option<OwnedFd>,
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
    let blank = match prepare(plan) {
        Ok(blank) => blank,
        Err(error) => {
            tell(&control, &Readiness::Failed(error.into()), &[]);
            sys::exit(1)
        }
    };
    tell(&control, &Readiness::Ready, &[]);
    // No request any more: the launcher is gone.
    let Ok(Some(order)) = next_order(&control) else { sys::exit(0) };
    drop(control);
    if let Err(error) = start(&blank, &order) {
        tell(&order.lease, &Reply::Failed(error.into()), &[]);
        sys::exit(1)
    }
    answer(&blank, &order.lease);
    let Order { lease, .. } = order;
    init::main(blank.user.pid, lease, blank.oom)
}

fn tell(socket: &OwnedFd, what: &impl Serialize, fds: &[BorrowedFd<'_>]) {
    let bytes = serde_json::to_vec(what).unwrap_or_default();
    // Who is gone needs no telling; init notices by itself.
    let _ = message::send(socket, &bytes, fds);
}

fn prepare(plan: Plan) -> Result<Blank, Error> {
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
    sys::unshare(
        UnshareFlags::NEWCGROUP
            | UnshareFlags::NEWNS
            | UnshareFlags::NEWNET
            | UnshareFlags::NEWIPC
            | UnshareFlags::NEWUTS,
    )
    .step(|| "leave the host's namespaces")?;
    netns::bring_up_loopback()?;
    let network = netns::current().step(|| "open the network namespace")?;
    let begun = machine::begin_clocks()?;
    mounts::build(&plan.root, &plan.group.views(), &plan.machine, begun)?;

    let input =
        rustix::fs::open("/dev/null", OFlags::RDWR | OFlags::CLOEXEC, Mode::empty()).step(|| "open /dev/null")?;
    quiet(&input).step(|| "leave the daemon's streams")?;
    let (stdout, output) = stream(plan.base)?;
    let (stderr, error) = stream(plan.base)?;
    let user = make_user(&Streams { input, output, error }, plan.base)?;
    let Plan { group, address, machine, home, .. } = plan;
    Ok(Blank { pid, group, network, stdout, stderr, oom, user, address, machine, home, begun })
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

/// Forks the user's process into a new user namespace, maps its two ids and waits until it has walled itself in.
fn make_user(streams: &Streams, base: u32) -> Result<User, Error> {
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
    Ok(User { pid, pidfd, socket, namespace, listens })
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

fn next_order(control: &OwnedFd) -> Result<Option<Order>, Error> {
    let mut buffer = vec![0; message::MAX_BYTES];
    let Some((length, fds)) = message::receive(control, &mut buffer).step(|| "hear from the launcher")? else {
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
    etc::finish(&spec.hostname, join_network(blank, spec.egress)?)?;
    procfs::describe(&blank.machine, blank.begun, &spec.limits)?;
    give_processors(blank, spec.limits.cpu_millicores)?;
    let binds: Vec<_> =
        order.binds.iter().map(AsFd::as_fd).zip(spec.binds.iter().map(|bind| bind.target.as_path())).collect();
    mounts::finish(&spec.limits, &binds)?;
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

/// The launcher has made the link, where one is wanted and the host can. Returns what the instance really has.
fn join_network(blank: &Blank, wanted: Egress) -> Result<Egress, Error> {
    match (wanted, blank.address) {
        (Egress::Internet, Some(address)) => egress::join(address).map(|()| Egress::Internet),
        _ => Ok(Egress::None),
    }
}

/// Lets the user's process run on as many processors as it is told of. Its quota is what limits it: should it widen this
/// again from inside, it gains no time.
fn give_processors(blank: &Blank, millicores: u32) -> Result<(), Error> {
    let count = blank.machine.share(millicores);
    blank.machine.places(blank.home, count).map_or(Ok(()), |places| {
        rustix::thread::sched_setaffinity(Some(blank.user.pid), &places).step(|| "choose the user's processors")
    })
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

fn answer(blank: &Blank, lease: &OwnedFd) {
    let User { pidfd, listens, .. } = &blank.user;
    let Ok(init) = rustix::process::pidfd_open(rustix::process::getpid(), rustix::process::PidfdFlags::empty()) else {
        // Without a handle on us the daemon could not look after the instance.
        sys::exit(1)
    };
    let always = [&init, pidfd, &blank.network, &blank.stdout, &blank.stderr];
    let fds: Vec<_> = always.into_iter().chain(listens).chain(&blank.oom).map(AsFd::as_fd).collect();
    let started = Started {
        pid: blank.pid,
        group: blank.group.clone(),
        has_listens: listens.is_some(),
        has_oom: blank.oom.is_some(),
    };
    tell(lease, &Reply::Started(started), &fds);
}
