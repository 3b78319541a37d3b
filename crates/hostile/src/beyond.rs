//! What lies beyond the host's link: every address there is something to win from, played by sockets in a network of their own.
//! Port 80 answers who calls, and everything that arrives is written down.

use std::io::Write as _;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener, UdpSocket};
use std::os::fd::{AsFd as _, OwnedFd};
use std::sync::{Arc, mpsc};
use std::time::Duration;

use anyhow::{Context as _, Result};
use parking_lot::Mutex;
use rustix::process::Pid;
use rustix::thread::{LinkNameSpaceType, UnshareFlags, gettid, move_into_link_name_space};

use crate::world::{HOST, NAMES, PUBLIC, leave};

/// Something that arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Heard {
    pub(crate) from: IpAddr,
    pub(crate) to: IpAddr,
}

impl Heard {
    /// Whether a function may do this: speak to a public address, as the host.
    pub(crate) fn is_allowed(self) -> bool {
        self.from == IpAddr::V4(HOST) && self.to == IpAddr::V4(PUBLIC)
    }
}

/// The network beyond. Its threads end with the process.
#[derive(Debug)]
pub(crate) struct Beyond {
    network: OwnedFd,
    thread: Pid,
    heard: Arc<Mutex<Vec<Heard>>>,
}

impl Beyond {
    /// Makes it; `prepare` gives it addresses.
    pub(crate) fn start(prepare: impl FnOnce() -> Result<()> + Send + 'static) -> Result<Self> {
        let heard = Arc::new(Mutex::new(Vec::new()));
        let (tell, told) = mpsc::sync_channel(1);
        let kept = Arc::clone(&heard);
        std::thread::spawn(move || {
            let (ready, listener) = match beyond(prepare, &kept) {
                Ok((network, listener)) => (Ok((network, gettid())), Some(listener)),
                Err(error) => (Err(error), None),
            };
            // This thread stays: it is the name under which the other end of the link is put here.
            if let (Ok(()), Some(listener)) = (tell.send(ready), listener) {
                answer(&listener, &kept);
            }
        });
        let (network, thread) = told.recv().context("the network beyond did not start")??;
        Ok(Self { network, thread, heard })
    }

    /// A thread in it.
    pub(crate) fn thread(&self) -> Pid {
        self.thread
    }

    /// Runs `act` in it.
    pub(crate) fn inside<T: Send>(&self, act: impl FnOnce() -> Result<T> + Send) -> Result<T> {
        std::thread::scope(|scope| {
            let there = scope.spawn(|| {
                move_into_link_name_space(self.network.as_fd(), Some(LinkNameSpaceType::Network))?;
                act()
            });
            there.join().unwrap_or_else(|_| anyhow::bail!("a thread beyond ended early"))
        })
    }

    /// What arrived since the last time this was asked.
    pub(crate) fn heard(&self) -> Vec<Heard> {
        std::mem::take(&mut *self.heard.lock())
    }
}

fn beyond(prepare: impl FnOnce() -> Result<()>, heard: &Arc<Mutex<Vec<Heard>>>) -> Result<(OwnedFd, TcpListener)> {
    leave(UnshareFlags::NEWNET).context("cannot make a network")?;
    prepare()?;
    let listener = TcpListener::bind("0.0.0.0:80")?;
    let datagrams = UdpSocket::bind((PUBLIC, 80))?;
    let names = UdpSocket::bind((NAMES, 53))?;
    let kept = Arc::clone(heard);
    std::thread::spawn(move || {
        while let Ok((_, from)) = datagrams.recv_from(&mut [0; 512]) {
            kept.lock().push(Heard { from: from.ip(), to: PUBLIC.into() });
        }
    });
    std::thread::spawn(move || name(&names));
    Ok((std::fs::File::open("/proc/thread-self/ns/net")?.into(), listener))
}

/// Tells everybody who calls that they got through.
fn answer(listener: &TcpListener, heard: &Mutex<Vec<Heard>>) {
    while let Ok((mut stream, from)) = listener.accept() {
        if let Ok(to) = stream.local_addr() {
            heard.lock().push(Heard { from: from.ip(), to: to.ip() });
        }
        // Who hangs up early missed it.
        let _ = stream.set_write_timeout(Some(Duration::from_secs(1)));
        let _ = stream.write_all(b"through");
    }
}

/// A name server whose names say what they stand for: `10-1-2-3.test` is 10.1.2.3.
fn name(socket: &UdpSocket) {
    let mut buffer = [0; 512];
    while let Ok((length, from)) = socket.recv_from(&mut buffer) {
        if let Some(reply) = buffer.get(..length).and_then(reply) {
            send(socket, &reply, from);
        }
    }
}

fn send(socket: &UdpSocket, reply: &[u8], to: SocketAddr) {
    // Who asked asks again.
    let _ = socket.send_to(reply, to);
}

/// RFC 1035, section 4: header, the question again, and for type A one answer.
fn reply(query: &[u8]) -> Option<Vec<u8>> {
    let (head, rest) = query.split_at_checked(12)?;
    let length = usize::from(*rest.first()?);
    let label = std::str::from_utf8(rest.get(1..=length)?).ok()?;
    let end = rest.iter().position(|byte| *byte == 0)? + 5;
    let question = rest.get(..end)?;
    let is_address = question.get(end - 4..)? == [0, 1, 0, 1];
    let address: Option<Ipv4Addr> = label.replace('-', ".").parse().ok().filter(|_| is_address);
    let mut reply = head.get(..2)?.to_vec();
    reply.extend([0x81, 0x80, 0, 1, 0, u8::from(address.is_some()), 0, 0, 0, 0]);
    reply.extend(question);
    if let Some(address) = address {
        reply.extend([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4]);
        reply.extend(address.octets());
    }
    Some(reply)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(name: &str, kind: u8) -> Vec<u8> {
        let mut query = vec![7, 9, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0];
        for label in name.split('.') {
            query.push(u8::try_from(label.len()).unwrap());
            query.extend(label.as_bytes());
        }
        query.extend([0, 0, kind, 0, 1]);
        query
    }

    #[test]
    fn a_name_says_its_address() {
        let reply = reply(&query("10-1-2-3.test", 1)).unwrap();
        assert_eq!(&reply[..8], [7, 9, 0x81, 0x80, 0, 1, 0, 1]);
        assert_eq!(&reply[reply.len() - 4..], [10, 1, 2, 3]);
    }

    #[test]
    fn other_questions_have_no_answer() {
        assert_eq!(reply(&query("10-1-2-3.test", 28)).unwrap()[6..8], [0, 0]);
        assert_eq!(reply(&query("nowhere.test", 1)).unwrap()[6..8], [0, 0]);
        assert_eq!(reply(b"short"), None);
    }
}
