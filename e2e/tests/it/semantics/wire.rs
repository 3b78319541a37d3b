//! A client on a raw socket: what it sends is sent as it is written, what it gets is judged as it came.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use super::certificate::Certificate;

/// How long anything that should come may take. Nobody waits that long unless something never comes.
pub(crate) const PATIENCE: Duration = Duration::from_secs(8);

/// What is said when the other side closes before what should come.
pub(crate) const CLOSED: &str = "the connection was closed";

/// With TLS or without.
trait Stream: Read + Write + Send {}

impl<S: Read + Write + Send> Stream for S {}

/// A connection.
pub(crate) struct Wire {
    stream: Box<dyn Stream>,
    buffer: Vec<u8>,
}

/// A response head.
#[derive(Debug)]
pub(crate) struct Head {
    pub(crate) status: u16,
    pub(crate) text: String,
}

/// A whole response.
#[derive(Debug)]
pub(crate) struct Response {
    pub(crate) head: Head,
    pub(crate) body: Vec<u8>,
    /// The trailer section as it came.
    pub(crate) trailers: String,
}

impl Head {
    /// All values of a field, in order.
    pub(crate) fn all(&self, name: &str) -> Vec<&str> {
        let fields = self.text.lines().skip(1).filter_map(|line| line.split_once(':'));
        fields.filter(|(have, _)| have.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim()).collect()
    }

    /// Whether the sender says that nothing follows on this connection.
    pub(crate) fn closes(&self) -> bool {
        self.all("connection").iter().any(|value| value.eq_ignore_ascii_case("close"))
    }
}

impl Response {
    /// The body as text.
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

fn patient(stream: TcpStream) -> TcpStream {
    stream.set_nodelay(true).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.set_write_timeout(Some(PATIENCE)).unwrap();
    stream
}

impl Wire {
    pub(crate) fn open(address: SocketAddr) -> Self {
        Self::over(TcpStream::connect(address).unwrap())
    }

    /// Over TLS, for HTTP/1.1.
    pub(crate) fn open_tls(address: SocketAddr, certificate: &Certificate) -> Self {
        let stream = patient(TcpStream::connect(address).unwrap());
        let client = certificate.client(b"http/1.1");
        Self { stream: Box::new(rustls::StreamOwned::new(client, stream)), buffer: Vec::new() }
    }

    /// Over a connection that is open already.
    pub(crate) fn over(stream: TcpStream) -> Self {
        Self { stream: Box::new(patient(stream)), buffer: Vec::new() }
    }

    pub(crate) fn send(&mut self, bytes: impl AsRef<[u8]>) -> Result<(), String> {
        self.stream.write_all(bytes.as_ref()).map_err(|error| format!("cannot send: {error}"))
    }

    /// A GET without more.
    pub(crate) fn get(&mut self, path: &str) -> Result<Response, String> {
        self.send(format!("GET {path} HTTP/1.1\r\nHost: a\r\n\r\n"))?;
        self.response()
    }

    /// Reads more; false at the end.
    fn more(&mut self) -> Result<bool, String> {
        let mut piece = [0; 16 * 1024];
        match self.stream.read(&mut piece) {
            Ok(read) => {
                self.buffer.extend_from_slice(&piece[..read]);
                Ok(read > 0)
            }
            // A close of TLS that is not announced is as much as a reset.
            Err(error) if matches!(error.kind(), ErrorKind::ConnectionReset | ErrorKind::UnexpectedEof) => Ok(false),
            Err(error) if error.kind() == ErrorKind::WouldBlock => Err(format!("nothing came within {PATIENCE:?}")),
            Err(error) => Err(error.to_string()),
        }
    }

    fn need(&mut self) -> Result<(), String> {
        if self.more()? {
            return Ok(());
        }
        Err(CLOSED.to_owned())
    }

    /// Takes what ends with `end`.
    pub(crate) fn until(&mut self, end: &[u8]) -> Result<Vec<u8>, String> {
        loop {
            if let Some(at) = self.buffer.windows(end.len()).position(|have| have == end) {
                return Ok(self.buffer.drain(..at + end.len()).collect());
            }
            self.need()?;
        }
    }

    /// Takes this many bytes.
    pub(crate) fn take(&mut self, count: usize) -> Result<Vec<u8>, String> {
        while self.buffer.len() < count {
            self.need()?;
        }
        Ok(self.buffer.drain(..count).collect())
    }

    /// Takes everything until the end; an error when there is none.
    pub(crate) fn rest(&mut self) -> Result<Vec<u8>, String> {
        while self.more()? {}
        Ok(std::mem::take(&mut self.buffer))
    }

    /// The next head.
    pub(crate) fn head(&mut self) -> Result<Head, String> {
        let text = String::from_utf8_lossy(&self.until(b"\r\n\r\n")?).into_owned();
        let status = text.strip_prefix("HTTP/1.").and_then(|rest| rest.get(2..5)).and_then(|code| code.parse().ok());
        match status {
            Some(status) => Ok(Head { status, text }),
            None => Err(format!("not a response: {text:?}")),
        }
    }

    /// The next response to anything but HEAD, informational ones skipped.
    pub(crate) fn response(&mut self) -> Result<Response, String> {
        let mut head = self.head()?;
        while (100..200).contains(&head.status) {
            head = self.head()?;
        }
        let (body, trailers) = self.body(&head)?;
        Ok(Response { head, body, trailers })
    }

    /// The body behind a head, and its trailers.
    pub(crate) fn body(&mut self, head: &Head) -> Result<(Vec<u8>, String), String> {
        let mut body = Vec::new();
        if matches!(head.status, 204 | 304) {
            return Ok((body, String::new()));
        }
        if head.all("transfer-encoding").iter().any(|value| value.eq_ignore_ascii_case("chunked")) {
            while let Some(chunk) = self.chunk()? {
                body.extend(chunk);
            }
            return Ok((body, self.trailers()?));
        }
        let body = match head.all("content-length").first() {
            Some(length) => self.take(length.parse().map_err(|_| format!("content-length {length}"))?)?,
            None => self.rest()?,
        };
        Ok((body, String::new()))
    }

    /// The next chunk, `None` for the last one, whose trailers are still to come.
    pub(crate) fn chunk(&mut self) -> Result<Option<Vec<u8>>, String> {
        let line = String::from_utf8_lossy(&self.until(b"\r\n")?).into_owned();
        let size = usize::from_str_radix(line.trim(), 16).map_err(|_| format!("not a chunk size: {line:?}"))?;
        if size == 0 {
            return Ok(None);
        }
        let mut data = self.take(size + 2)?;
        data.truncate(size);
        Ok(Some(data))
    }

    /// The trailer section after the last chunk.
    pub(crate) fn trailers(&mut self) -> Result<String, String> {
        let mut section = String::new();
        loop {
            let line = String::from_utf8_lossy(&self.until(b"\r\n")?).into_owned();
            if line == "\r\n" {
                return Ok(section);
            }
            section.push_str(&line);
        }
    }
}
