//! Clients that take their time: ten thousand that say nothing, two hundred that send or read a byte at a time, two hundred with
//! heads as large as allowed. Asserted are errors and memory; speed is measured in alternating runs and printed, and written to
//! `docs/http-semantics.md` with `UPDATE_DOCS=1`.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4, TcpStream};
use std::os::fd::OwnedFd;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use libtest_mimic::{Failed, Trial};
use rustix::net::{AddressFamily, SocketFlags, SocketType, bind, connect, socket_with};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::harness::{rewrite, wait};
use crate::semantics::wire::Wire;
use crate::semantics::world::{InFuncd, Play};

/// Connections that idle.
const IDLE: usize = 10_000;
/// Bytes of the daemon's memory that one of them may cost.
const IDLE_BYTES: usize = 16 * 1024;
/// Descriptors of a daemon that has few of them; an instance may have 2,048 itself.
const FEW_FILES: u32 = 2_600;
/// Addresses they come from, below any limit of connections of one client.
const SOURCES: usize = 64;
/// Slow clients of each kind.
const SLOW: usize = 200;
/// Runs with and without them, alternating.
const RUNS: usize = 3;
/// Clients that are served meanwhile, and what each asks for in a run.
const ACTIVE: usize = 4;
const REQUESTS: usize = 400;

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        Trial::test("slow::10,000 idle connections cost little memory and no one else's time", idle),
        Trial::test("slow::clients cannot take the descriptors that instances need", few_files),
        Trial::test("slow::heads sent a byte at a time are given up, others are served", heads),
        Trial::test("slow::bodies sent a byte at a time hold nobody else up", bodies),
        Trial::test("slow::answers read a byte at a time are not gathered in memory", answers),
        Trial::test("slow::heads as large as allowed and never complete are bounded in memory", large_heads),
    ]
}

/// What the active clients of one run saw.
#[derive(Clone, Copy)]
struct Run {
    per_second: f64,
    p99: Duration,
}

/// A row of the table in the document.
struct Row {
    name: String,
    memory: String,
    kernel: String,
    without: Vec<Run>,
    with: Vec<Run>,
}

/// One kind of client at a time: what it costs is seen in the memory of a daemon of its own.
fn start() -> InFuncd {
    let world = InFuncd::start("");
    // The pools, the allocator's arenas and the function's threads are there before anything is measured.
    active(world.front.address);
    active(world.front.address);
    world
}

fn idle() -> Result<(), Failed> {
    let count = room_for(IDLE);
    let world = start();
    let (mut without, mut with, mut growth, mut in_kernel) = (Vec::new(), Vec::new(), 0, 0);
    for _ in 0..RUNS {
        without.push(active(world.front.address));
        let (before, kernel_before) = (world.memory(), kernel());
        let connections = idle_connections(world.front.address, count);
        growth = growth.max(world.memory().saturating_sub(before));
        in_kernel = in_kernel.max(kernel().saturating_sub(kernel_before));
        with.push(active(world.front.address));
        let closed = world.files() - connections.len() + ACTIVE;
        still_served(connections)?;
        wait("the daemon has closed them", Duration::from_secs(30), || world.files() <= closed);
    }
    let each = growth / count;
    let (memory, kernel) = (against(each, IDLE_BYTES), kib(in_kernel / count));
    report(Row { name: format!("{count} idle"), memory, kernel, without, with });
    Ok(bounded(each, IDLE_BYTES)?)
}

/// More clients come than there are descriptors: some are turned away, the others are served by instances that start then.
fn few_files() -> Result<(), Failed> {
    let world = InFuncd::start_with_files(FEW_FILES);
    assert_eq!(world.file_limit(), u64::from(FEW_FILES));
    let mut first = Wire::open(world.front.address);
    first.get("/first")?;
    let mut connections: Vec<TcpStream> =
        (0..FEW_FILES).map(|_| TcpStream::connect(world.front.address).unwrap()).collect();
    wait("clients are turned away", Duration::from_secs(30), || {
        world.said().contains("gateway.connection_turned_away")
    });
    // Whoever came last hears so last: nobody waits any more who would take the places that become free.
    let last = connections.last_mut().unwrap();
    last.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    let heard = last.read_to_end(&mut Vec::new());
    assert!(!heard.is_err_and(|error| error.kind() == std::io::ErrorKind::WouldBlock), "the last one was let in");
    // Those who came first are in; a few leave for the command that deploys.
    let full = world.files();
    connections.drain(..20);
    wait("they are gone", Duration::from_secs(30), || world.files() + 20 <= full);
    world.redeploy("256");
    let response = first.get("/second")?;
    assert_eq!(response.head.status, 200, "{response:?}");
    drop(connections);
    Ok(())
}

/// Makes room for descriptors here and in the daemons that are started from here; how many connections fit.
fn room_for(wanted: usize) -> usize {
    let needed = wanted as u64 + 4_000;
    let now = getrlimit(Resource::Nofile);
    let most = now.maximum.unwrap_or(u64::MAX);
    let raised = Rlimit { current: Some(needed.max(now.current.unwrap_or(0))), maximum: Some(most.max(needed)) };
    if now.current.is_some_and(|current| current < needed) && setrlimit(Resource::Nofile, raised).is_err() {
        setrlimit(Resource::Nofile, Rlimit { current: now.maximum, maximum: now.maximum }).unwrap();
    }
    let have = getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX).saturating_sub(4_000);
    let fits = wanted.min(usize::try_from(have).unwrap_or(usize::MAX));
    if fits < wanted {
        eprintln!("ONLY {fits} OF {wanted} IDLE CONNECTIONS FIT INTO THE LIMIT OF OPEN FILES OF THIS MACHINE");
    }
    fits
}

/// Connections from many addresses, each of which was served once.
fn idle_connections(to: SocketAddr, count: usize) -> Vec<TcpStream> {
    std::thread::scope(|scope| {
        let openers: Vec<_> = (0..ACTIVE)
            .map(|opener| {
                let numbers = (opener..count).step_by(ACTIVE);
                scope.spawn(move || numbers.map(|number| served_once(to, number)).collect::<Vec<_>>())
            })
            .collect();
        openers.into_iter().flat_map(|opener| opener.join().unwrap()).collect()
    })
}

fn served_once(to: SocketAddr, number: usize) -> TcpStream {
    let from = Ipv4Addr::new(127, 7, 0, u8::try_from(number % SOURCES + 1).unwrap());
    // Another trial that starts a process must not keep it open.
    let flags = SocketFlags::CLOEXEC;
    let fd: OwnedFd = socket_with(AddressFamily::INET, SocketType::STREAM, flags, None).unwrap();
    bind(&fd, &SocketAddrV4::new(from, 0)).unwrap();
    connect(&fd, &to).unwrap();
    let mut stream = TcpStream::from(fd);
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    stream.write_all(b"GET /idle HTTP/1.1\r\nHost: a\r\n\r\n").unwrap();
    let mut answer = Vec::new();
    while !answer.windows(10).any(|have| have == b"GET /idle ") || !answer.ends_with(b"\r\n\r\n") {
        let mut piece = [0; 2048];
        let read = stream.read(&mut piece).unwrap_or_else(|error| panic!("{error}: {}", answer.escape_ascii()));
        assert_ne!(read, 0, "{}", answer.escape_ascii());
        answer.extend_from_slice(&piece[..read]);
    }
    stream
}

/// None of them was given up, and each can ask again.
fn still_served(connections: Vec<TcpStream>) -> Result<(), String> {
    let count = connections.len();
    for (number, stream) in connections.into_iter().enumerate() {
        if number % (count / 100).max(1) == 0 {
            let response =
                Wire::over(stream).get("/again").map_err(|why| format!("idle connection {number}: {why}"))?;
            assert_eq!(response.head.status, 200, "{response:?}");
        }
    }
    Ok(())
}

fn against(each: usize, bound: usize) -> String {
    format!("{} of {}", kib(each), kib(bound))
}

fn bounded(each: usize, bound: usize) -> Result<(), String> {
    if each <= bound {
        return Ok(());
    }
    Err(format!("one costs {each} bytes of the daemon's memory, {bound} is the bound"))
}

fn heads() -> Result<(), Failed> {
    let answers = beside("heads, a byte at a time", 48 * 1024, |number| Drip {
        at_once: b"GET / HTTP/1.1\r\nHost: a\r\n".to_vec(),
        slowly: format!("X-{number}: {}", "x".repeat(4000)).into_bytes(),
        read: false,
    })?;
    Ok(given_up(&answers)?)
}

/// Whoever is over the time for a head is told so.
fn given_up(answers: &[String]) -> Result<(), String> {
    let refused = answers.iter().filter(|answer| answer.starts_with("HTTP/1.1 408 ")).count();
    if refused == answers.len() {
        return Ok(());
    }
    Err(format!("{refused} of {} slow heads were answered 408: {:?}", answers.len(), answers.first()))
}

fn bodies() -> Result<(), Failed> {
    beside("bodies, a byte at a time", 96 * 1024, |_| Drip {
        at_once: b"POST /sum HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n".to_vec(),
        slowly: vec![b'x'; 4000],
        read: false,
    })?;
    Ok(())
}

fn answers() -> Result<(), Failed> {
    let large = Play::new().send("HTTP/1.1 200 OK\r\nContent-Length: 16000000\r\n\r\n").repeat(16_000, [b'x'; 1000]);
    let request = format!("GET {} HTTP/1.1\r\nHost: a\r\n\r\n", large.path()).into_bytes();
    let drip = |_| Drip { at_once: request.clone(), slowly: Vec::new(), read: true };
    beside("answers, read a byte at a time", 256 * 1024, drip)?;
    Ok(())
}

fn large_heads() -> Result<(), Failed> {
    let head = format!("GET / HTTP/1.1\r\nHost: a\r\nX: {}", "x".repeat(31_000)).into_bytes();
    let drip = |_| Drip { at_once: head.clone(), slowly: Vec::new(), read: false };
    let answers = beside("heads of 31 KB, never complete", 96 * 1024, drip)?;
    Ok(given_up(&answers)?)
}

/// What a slow client does: a beginning at once, the rest a byte at a time, and reading a byte at a time or nothing.
struct Drip {
    at_once: Vec<u8>,
    slowly: Vec<u8>,
    read: bool,
}

/// Serves active clients with and without [`SLOW`] slow ones, in turn. What the slow ones of the last run got.
fn beside(name: &str, bound: usize, drip: impl Fn(usize) -> Drip) -> Result<Vec<String>, String> {
    let world = start();
    let (mut without, mut with, mut answers) = (Vec::new(), Vec::new(), Vec::new());
    let (mut growth, mut in_kernel) = (0, 0);
    for run in 0..RUNS {
        without.push(active(world.front.address));
        let (before, kernel_before) = (world.memory(), kernel());
        let stop = AtomicBool::new(false);
        let mut clients: Vec<_> = (0..SLOW).map(|number| Slow::begin(world.front.address, drip(number))).collect();
        std::thread::scope(|scope| {
            let dripping = scope.spawn(|| drip_all(&mut clients, &stop));
            let stop = Stop(&stop);
            wait("the slow ones are under way", Duration::from_secs(30), || world.connections() >= SLOW);
            with.push(active(world.front.address));
            growth = growth.max(world.memory().saturating_sub(before));
            in_kernel = in_kernel.max(kernel().saturating_sub(kernel_before));
            if run + 1 == RUNS && name.starts_with("heads") {
                // The last ones stay until they are given up.
                wait("the slow ones are given up", Duration::from_secs(30), || world.connections() < SLOW / 10);
            }
            drop(stop);
            dripping.join().unwrap();
        });
        answers = clients.into_iter().map(Slow::answer).collect();
    }
    let each = growth / SLOW;
    let (memory, kernel) = (against(each, bound), kib(in_kernel / SLOW));
    report(Row { name: format!("{SLOW} {name}"), memory, kernel, without, with });
    bounded(each, bound)?;
    Ok(answers)
}

/// Ends the slow ones when it is dropped, also by a failure.
struct Stop<'a>(&'a AtomicBool);

impl Drop for Stop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Release);
    }
}

struct Slow {
    stream: TcpStream,
    drip: Drip,
    sent: usize,
    got: Vec<u8>,
}

impl Slow {
    fn begin(to: SocketAddr, drip: Drip) -> Self {
        let mut stream = TcpStream::connect(to).unwrap();
        stream.set_nodelay(true).unwrap();
        stream.write_all(&drip.at_once).unwrap();
        stream.set_nonblocking(true).unwrap();
        Self { stream, drip, sent: 0, got: Vec::new() }
    }

    fn one_more(&mut self) {
        if let Some(byte) = self.drip.slowly.get(self.sent..=self.sent) {
            // An error is the end of it, which the answer shows.
            self.sent += self.stream.write(byte).unwrap_or(0);
        }
        if self.drip.read {
            let mut byte = [0];
            let read = self.stream.read(&mut byte).unwrap_or(0);
            self.got.extend_from_slice(&byte[..read]);
        }
    }

    fn answer(mut self) -> String {
        let mut piece = [0; 512];
        let read = self.stream.read(&mut piece).unwrap_or(0);
        self.got.extend_from_slice(&piece[..read]);
        String::from_utf8_lossy(&self.got).into_owned()
    }
}

/// A byte for each, ten times a second.
fn drip_all(clients: &mut [Slow], stop: &AtomicBool) {
    while !stop.load(Ordering::Acquire) {
        for client in &mut *clients {
            client.one_more();
        }
        pause();
    }
}

#[expect(clippy::disallowed_methods, reason = "slowness is what is made here")]
fn pause() {
    std::thread::sleep(Duration::from_millis(100));
}

/// A run of the clients that are not slow; a failed request ends the trial.
fn active(to: SocketAddr) -> Run {
    let begin = now();
    let mut times: Vec<Duration> = std::thread::scope(|scope| {
        let clients: Vec<_> = (0..ACTIVE).map(|_| scope.spawn(move || one_active(to))).collect();
        clients.into_iter().flat_map(|client| client.join().unwrap()).collect()
    });
    let total = now() - begin;
    times.sort_unstable();
    Run { per_second: times.len() as f64 / total.as_secs_f64(), p99: times[times.len() * 99 / 100] }
}

fn one_active(to: SocketAddr) -> Vec<Duration> {
    let mut wire = Wire::open(to);
    (0..REQUESTS)
        .map(|_| {
            let begin = now();
            let response = wire.get("/active").expect("clients that are not slow are served");
            assert_eq!(response.head.status, 200, "{response:?}");
            now() - begin
        })
        .collect()
}

fn now() -> Instant {
    Instant::now()
}

/// Bytes that the kernel holds for TCP, of all sockets of the host. Others use some of it, too, so it is only reported.
fn kernel() -> usize {
    let text = std::fs::read_to_string("/proc/net/sockstat").unwrap();
    let line = text.lines().find(|line| line.starts_with("TCP:")).unwrap_or_default();
    let pages = line.rsplit_once("mem ").and_then(|(_, pages)| pages.trim().parse::<usize>().ok()).unwrap_or(0);
    pages * 4096
}

fn kib(bytes: usize) -> String {
    format!("{:.1} KiB", bytes as f64 / 1024.0)
}

impl Row {
    fn cells(&self) -> String {
        let mut cells = vec![self.name.clone(), self.memory.clone(), self.kernel.clone()];
        for runs in [&self.without, &self.with] {
            cells.push(spread(runs.iter().map(|run| run.per_second), 0));
            cells.push(spread(runs.iter().map(|run| run.p99.as_secs_f64() * 1000.0), 2));
        }
        format!("| {} |", cells.join(" | "))
    }
}

/// The median, and the least and the most.
fn spread(values: impl Iterator<Item = f64>, digits: usize) -> String {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    let [first, .., last] = values[..] else { return String::new() };
    format!("{:.digits$} ({first:.digits$}–{last:.digits$})", values[values.len() / 2])
}

/// Prints a row, and puts it into the document when asked to.
fn report(row: Row) {
    let new = row.cells();
    eprintln!("{new}");
    if std::env::var_os("UPDATE_DOCS").is_none() {
        return;
    }
    // The kind of client, without its count, is the row's key.
    let kind =
        |line: &str| line.split('|').nth(1).map(|name| name.trim_matches(|c: char| !c.is_alphabetic()).to_owned());
    rewrite("docs/http-semantics.md", "slow", |rows| {
        let mut rows: Vec<&str> = rows.lines().filter(|line| kind(line) != kind(&new)).collect();
        rows.push(&new);
        rows.join("\n")
    });
}
