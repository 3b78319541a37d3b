//! The harness's own HTTP/1.1 client: blocking, one connection, and it knows when the first byte of an answer came.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

/// No answer that is measured here takes longer.
const LIMIT: Duration = Duration::from_secs(120);

/// A kept connection.
#[derive(Debug)]
pub(crate) struct Connection {
    stream: TcpStream,
    host: String,
}

/// An answer.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Vec<u8>,
    /// From the start of sending to the first byte received.
    pub(crate) first_byte: Duration,
    /// From the start of sending to the last byte received.
    pub(crate) whole: Duration,
}

impl Connection {
    pub(crate) fn open(address: SocketAddr, host: &str) -> Result<Self> {
        Self::over(TcpStream::connect(address).with_context(|| format!("cannot connect to {address}"))?, host)
    }

    /// Over a connected socket.
    pub(crate) fn over(stream: TcpStream, host: &str) -> Result<Self> {
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(LIMIT))?;
        Ok(Self { stream, host: host.to_owned() })
    }

    /// GET, until the first bytes came; what came is returned with the time it took.
    pub(crate) fn begin(&mut self, path: &str) -> Result<(Vec<u8>, Duration)> {
        self.send(&request(path, &self.host))
    }

    /// As [`Connection::begin`], and funcd says in `Server-Timing` what the time was for.
    pub(crate) fn begin_timed(&mut self, path: &str) -> Result<(Vec<u8>, Duration)> {
        self.send(format!("GET {path} HTTP/1.1\r\nHost: {}\r\nX-Funcd-Timing: 1\r\n\r\n", self.host).as_bytes())
    }

    fn send(&mut self, request: &[u8]) -> Result<(Vec<u8>, Duration)> {
        let began = Instant::now();
        self.stream.write_all(request)?;
        let mut first = vec![0; 4096];
        let count = self.stream.read(&mut first)?;
        let first_byte = began.elapsed();
        if count == 0 {
            bail!("the connection was closed without an answer");
        }
        first.truncate(count);
        Ok((first, first_byte))
    }

    /// GET and the whole answer.
    pub(crate) fn get(&mut self, path: &str) -> Result<Answer> {
        self.exchange(&request(path, &self.host))
    }

    /// A request as bytes, and its whole answer.
    pub(crate) fn exchange(&mut self, request: &[u8]) -> Result<Answer> {
        let began = Instant::now();
        let (mut bytes, first_byte) = self.send(request)?;
        let mut buffer = vec![0; 64 << 10];
        loop {
            if let Some(head) = Head::parse(&bytes)?
                && let Some(body) = bytes.get(head.bytes..head.bytes + head.body)
            {
                return Ok(Answer { status: head.status, body: body.to_vec(), first_byte, whole: began.elapsed() });
            }
            let count = self.stream.read(&mut buffer)?;
            if count == 0 {
                bail!("the connection was closed within an answer");
            }
            bytes.extend_from_slice(buffer.get(..count).unwrap_or_default());
        }
    }
}

/// One GET on a connection of its own, that must be answered with 200.
pub(crate) fn get(address: SocketAddr, host: &str, path: &str) -> Result<Answer> {
    let answer = Connection::open(address, host)?.get(path)?;
    if answer.status != 200 {
        bail!("{host}{path} answered {}: {}", answer.status, String::from_utf8_lossy(&answer.body));
    }
    Ok(answer)
}

/// A request as bytes.
pub(crate) fn request(path: &str, host: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n").into_bytes()
}

/// The head of an answer whose body has a length; other answers are not measured.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Head {
    pub(crate) status: u16,
    /// Length of the head with its empty line.
    pub(crate) bytes: usize,
    /// Length of the body.
    pub(crate) body: usize,
}

impl Head {
    /// `None` while its end has not come.
    pub(crate) fn parse(bytes: &[u8]) -> Result<Option<Self>> {
        let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else { return Ok(None) };
        let text = std::str::from_utf8(bytes.get(..end).unwrap_or_default()).context("the head is not text")?;
        let status = text.get(9..12).and_then(|code| code.parse().ok()).context("the answer has no status")?;
        if status == 204 {
            return Ok(Some(Self { status, bytes: end + 4, body: 0 }));
        }
        let length = text.lines().skip(1).filter_map(|line| line.split_once(':')).find_map(|(name, value)| {
            name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok())?
        });
        let body = length.with_context(|| format!("the answer has no content-length: {text}"))?;
        Ok(Some(Self { status, bytes: end + 4, body }))
    }
}

#[cfg(test)]
mod tests;
