//! The open-loop load generator: requests are due at a fixed rate whether or not earlier ones were answered, and the latency of
//! each counts from when it was due. A server that stalls is charged for everybody it kept waiting, which closed-loop generators
//! forget ("coordinated omission").
//!
//! One thread and one epoll rather than hyper on tokio: tokio's timers tick once a millisecond, and at 20,000 requests a second
//! that is twenty requests in one burst.

use std::collections::VecDeque;
use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::num::NonZeroU64;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use rustix::event::{Timespec, epoll};

use crate::http::{Head, request};
use crate::stats::quantile;

/// How long the last answers may take after the last request was due.
const TAIL: Duration = Duration::from_secs(10);

/// One run.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pace<'a> {
    pub(crate) address: SocketAddr,
    pub(crate) host: &'a str,
    pub(crate) path: &'a str,
    /// Requests a second.
    pub(crate) rate: f64,
    pub(crate) time: Duration,
    /// Requests that can be under way at once; when all are, the next wait, and their waiting counts.
    pub(crate) connections: usize,
}

/// Milliseconds from when a request was due to its last byte.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Latency {
    pub(crate) p50: f64,
    pub(crate) p99: f64,
}

/// An answer, whatever it says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Answered {
    pub(crate) status: u16,
    /// Since the first request was due.
    pub(crate) at: Duration,
    /// Since it was due itself.
    pub(crate) latency: Duration,
}

struct Client<'a> {
    pace: Pace<'a>,
    request: Vec<u8>,
    epoll: rustix::fd::OwnedFd,
    connections: Vec<Connection>,
    idle: Vec<usize>,
    /// Requests that are due and have no connection.
    due: VecDeque<Instant>,
    began: Instant,
    answers: Vec<Answered>,
}

struct Connection {
    stream: TcpStream,
    due: Instant,
    head: Vec<u8>,
    status: u16,
    /// Bytes of the body that have not come; `None` until the head has.
    left: Option<usize>,
}

impl Pace<'_> {
    /// Runs it on this thread; an answer of another status than 200 is an error.
    pub(crate) fn run(&self) -> Result<Latency> {
        let answers = self.answers()?;
        if let Some(other) = answers.iter().find(|answer| answer.status != 200) {
            bail!("a request was answered with {}", other.status);
        }
        let mut latencies: Vec<f64> = answers.iter().map(|answer| answer.latency.as_secs_f64()).collect();
        latencies.sort_by(f64::total_cmp);
        let at = |q| quantile(&latencies, q).context("no request was answered");
        Ok(Latency { p50: at(0.5)? * 1e3, p99: at(0.99)? * 1e3 })
    }

    /// Runs it on this thread; every answer, in the order in which they came.
    pub(crate) fn answers(&self) -> Result<Vec<Answered>> {
        rustix::thread::set_current_timer_slack(NonZeroU64::new(1))?;
        let mut client = Client::connect(*self)?;
        client.drive()?;
        Ok(client.answers)
    }

    /// When request number `number` is due.
    fn due(&self, began: Instant, number: usize) -> Instant {
        began + Duration::from_secs_f64(number as f64 / self.rate)
    }
}

impl<'a> Client<'a> {
    fn connect(pace: Pace<'a>) -> Result<Self> {
        let epoll = epoll::create(epoll::CreateFlags::CLOEXEC)?;
        let mut connections = Vec::new();
        for number in 0..pace.connections {
            let stream = TcpStream::connect(pace.address)?;
            stream.set_nodelay(true)?;
            stream.set_nonblocking(true)?;
            epoll::add(&epoll, &stream, epoll::EventData::new_u64(number as u64), epoll::EventFlags::IN)?;
            connections.push(Connection { stream, due: Instant::now(), head: Vec::new(), status: 0, left: None });
        }
        let idle = (0..pace.connections).collect();
        let request = request(pace.path, pace.host);
        let (due, began, answers) = (VecDeque::new(), Instant::now(), Vec::new());
        Ok(Self { pace, request, epoll, connections, idle, due, began, answers })
    }

    fn drive(&mut self) -> Result<()> {
        let began = Instant::now();
        self.began = began;
        let total = (self.pace.rate * self.pace.time.as_secs_f64()) as usize;
        let (mut asked, mut events) = (0, Vec::with_capacity(self.pace.connections.max(1)));
        while self.answers.len() < total {
            let now = Instant::now();
            while asked < total && self.pace.due(began, asked) <= now {
                self.due.push_back(self.pace.due(began, asked));
                asked += 1;
            }
            self.send()?;
            let next = if asked < total { self.pace.due(began, asked) } else { began + self.pace.time + TAIL };
            if now > began + self.pace.time + TAIL {
                bail!("{} of {total} requests were not answered", total - self.answers.len());
            }
            let wait = next.saturating_duration_since(Instant::now());
            let wait = Timespec { tv_sec: wait.as_secs() as i64, tv_nsec: i64::from(wait.subsec_nanos()) };
            events.clear();
            epoll::wait(&self.epoll, rustix::buffer::spare_capacity(&mut events), Some(&wait))?;
            for event in &events {
                self.receive(event.data.u64() as usize)?;
            }
        }
        Ok(())
    }

    fn send(&mut self) -> Result<()> {
        while let (Some(due), Some(number)) = (self.due.front().copied(), self.idle.last().copied()) {
            let connection = self.connections.get_mut(number).context("no such connection")?;
            connection.stream.write_all(&self.request)?;
            connection.due = due;
            self.due.pop_front();
            self.idle.pop();
        }
        Ok(())
    }

    fn receive(&mut self, number: usize) -> Result<()> {
        let connection = self.connections.get_mut(number).context("no such connection")?;
        if let Some(status) = connection.receive()? {
            let (at, latency) = (self.began.elapsed(), connection.due.elapsed());
            self.answers.push(Answered { status, at, latency });
            self.idle.push(number);
        }
        Ok(())
    }
}

impl Connection {
    /// Reads what is there; the status when that ends the answer.
    fn receive(&mut self) -> Result<Option<u16>> {
        let mut buffer = [0; 64 << 10];
        loop {
            let count = match self.stream.read(&mut buffer) {
                Ok(0) => bail!("a connection was closed"),
                Ok(count) => count,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(None),
                Err(error) => return Err(error.into()),
            };
            if self.take(buffer.get(..count).unwrap_or_default())? {
                return Ok(Some(self.status));
            }
        }
    }

    fn take(&mut self, bytes: &[u8]) -> Result<bool> {
        let left = match self.left {
            Some(left) => left.checked_sub(bytes.len()),
            None => {
                self.head.extend_from_slice(bytes);
                let Some(head) = Head::parse(&self.head)? else { return Ok(false) };
                self.status = head.status;
                (head.bytes + head.body).checked_sub(self.head.len())
            }
        };
        let left = left.context("more came than was asked for")?;
        self.left = (left > 0).then_some(left);
        if left == 0 {
            self.head.clear();
        }
        Ok(left == 0)
    }
}

#[cfg(test)]
mod tests;
