//! A client that speaks bytes, and what it gets back.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpStream};

use crate::support::{PATIENCE, Seen};

/// A client that speaks bytes.
pub(crate) struct Client {
    pub(crate) stream: TcpStream,
    arrived: Vec<u8>,
}

impl Client {
    pub(crate) fn connect(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_write_timeout(Some(PATIENCE)).unwrap();
        stream.set_nodelay(true).unwrap();
        Self { stream, arrived: Vec::new() }
    }

    pub(crate) fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.stream.write_all(bytes.as_ref()).unwrap();
    }

    pub(crate) fn end(&self) {
        self.stream.shutdown(Shutdown::Write).unwrap();
    }

    /// Reads until `text` has come, and returns everything up to its end.
    pub(crate) fn until(&mut self, text: &str) -> String {
        loop {
            if let Some(at) = find(&self.arrived, text.as_bytes()) {
                let rest = self.arrived.split_off(at + text.len());
                return String::from_utf8_lossy(&std::mem::replace(&mut self.arrived, rest)).into_owned();
            }
            let read = self.read();
            assert!(read > 0, "closed before {text:?}: {:?}", String::from_utf8_lossy(&self.arrived));
        }
    }

    fn read(&mut self) -> usize {
        let mut buffer = [0; 16 * 1024];
        let read = self.stream.read(&mut buffer).expect("the gateway says nothing");
        self.arrived.extend_from_slice(&buffer[..read]);
        read
    }

    /// The next response, whole.
    pub(crate) fn reply(&mut self) -> Reply {
        self.reply_to("GET")
    }

    /// The response to a request with this method.
    pub(crate) fn reply_to(&mut self, method: &str) -> Reply {
        let mut reply = Reply::parse(&self.until("\r\n\r\n"));
        let bodiless = method == "HEAD" || matches!(reply.status, 100..=199 | 204 | 304);
        reply.body = if bodiless {
            String::new()
        } else if reply.header("transfer-encoding") == Some("chunked") {
            self.chunks()
        } else if let Some(length) = reply.header("content-length") {
            let length = length.parse().unwrap();
            self.take(length)
        } else {
            self.rest()
        };
        reply
    }

    /// Exactly this many bytes.
    pub(crate) fn take(&mut self, length: usize) -> String {
        while self.arrived.len() < length {
            assert!(self.read() > 0, "closed in a body");
        }
        let rest = self.arrived.split_off(length);
        String::from_utf8_lossy(&std::mem::replace(&mut self.arrived, rest)).into_owned()
    }

    /// A chunked body without trailers.
    fn chunks(&mut self) -> String {
        let mut body = String::new();
        loop {
            let size = self.until("\r\n");
            let size = usize::from_str_radix(size.trim_end(), 16).unwrap();
            if size == 0 {
                self.until("\r\n");
                return body;
            }
            body.push_str(&self.take(size));
            assert_eq!(self.take(2), "\r\n");
        }
    }

    /// Everything until the gateway closes.
    pub(crate) fn rest(&mut self) -> String {
        while self.read() > 0 {}
        String::from_utf8_lossy(&std::mem::take(&mut self.arrived)).into_owned()
    }

    /// Nothing more comes, and the connection is closed: in order, or by a reset.
    #[track_caller]
    pub(crate) fn assert_closed(&mut self) {
        assert_eq!(String::from_utf8_lossy(&self.arrived), "");
        let mut buffer = [0; 1024];
        match self.stream.read(&mut buffer) {
            Ok(0) => {}
            Ok(read) => panic!("not closed: {:?}", String::from_utf8_lossy(&buffer[..read])),
            Err(error) => assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset),
        }
    }
}

fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).position(|window| window == what)
}

/// A response.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Reply {
    pub(crate) fn parse(head: &str) -> Self {
        let mut lines = head.trim_end().split("\r\n");
        let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
        let field = |line: &str| {
            let (name, value) = line.split_once(": ").unwrap();
            (name.to_owned(), value.to_owned())
        };
        Self { status, headers: lines.map(field).collect(), body: String::new() }
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str())
    }

    /// What the function saw.
    #[track_caller]
    pub(crate) fn seen(&self) -> Seen {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// `error_code` of an answer that the gateway made itself.
    #[track_caller]
    pub(crate) fn error(&self) -> Error {
        let error: Error = serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"));
        assert_eq!(self.header("x-funcd-error"), Some(error.error_code.as_str()));
        assert_eq!(self.header("x-request-id"), Some(error.request_id.as_str()));
        assert_eq!(self.header("content-type"), Some("application/json"));
        error
    }
}

/// The vendor's error body.
#[derive(Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Error {
    pub(crate) error_code: String,
    pub(crate) error_msg: String,
    pub(crate) request_id: String,
}
