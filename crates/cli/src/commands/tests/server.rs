//! A server that answers as a test says, and remembers what it was asked.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};

/// A request as it was on the wire.
#[derive(Clone, Debug)]
pub(super) struct Received {
    pub(super) method: String,
    pub(super) path: String,
    pub(super) query: String,
    pub(super) headers: Vec<(String, Vec<u8>)>,
    pub(super) body: Vec<u8>,
}

impl Received {
    pub(super) fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map_or("", |(_, value)| std::str::from_utf8(value).unwrap().trim())
    }

    pub(super) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

/// What it answers.
#[derive(Clone, Debug, Default)]
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) body: String,
}

type Answer = Box<dyn FnMut(&Received) -> Reply + Send>;

pub(super) struct Server {
    pub(super) address: SocketAddr,
    received: Arc<Mutex<Vec<Received>>>,
    stop: Arc<AtomicBool>,
    accepting: Option<JoinHandle<()>>,
}

impl Server {
    pub(super) fn start(answer: impl FnMut(&Received) -> Reply + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (received, stop) = (Arc::default(), Arc::new(AtomicBool::new(false)));
        let answer: Arc<Mutex<Answer>> = Arc::new(Mutex::new(Box::new(answer)));
        let (seen, stopped) = (Arc::clone(&received), Arc::clone(&stop));
        let accepting = thread::spawn(move || {
            for stream in listener.incoming().take_while(|_| !stopped.load(Ordering::SeqCst)) {
                let (seen, answer) = (Arc::clone(&seen), Arc::clone(&answer));
                thread::spawn(move || serve(&stream.unwrap(), &seen, &answer));
            }
        });
        Self { address, received, stop, accepting: Some(accepting) }
    }

    pub(super) fn received(&self) -> Vec<Received> {
        self.received.lock().unwrap().clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(self.address);
        self.accepting.take().map(JoinHandle::join);
    }
}

fn serve(stream: &TcpStream, received: &Mutex<Vec<Received>>, answer: &Mutex<Answer>) {
    let mut reader = BufReader::new(stream);
    while let Some(request) = read(&mut reader) {
        received.lock().unwrap().push(request.clone());
        let reply = answer.lock().unwrap()(&request);
        let mut head = format!("HTTP/1.1 {} X\r\n", reply.status);
        for (name, value) in &reply.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        if reply.status != 204 {
            head.push_str(&format!("content-length: {}\r\n", reply.body.len()));
        }
        let mut stream = stream;
        stream.write_all(format!("{head}\r\n{}", reply.body).as_bytes()).unwrap();
    }
}

fn read(reader: &mut BufReader<&TcpStream>) -> Option<Received> {
    let mut line = String::new();
    reader.read_line(&mut line).ok().filter(|read| *read > 0)?;
    let mut words = line.split_whitespace();
    let (method, target) = (words.next()?.to_owned(), words.next()?.to_owned());
    let (path, query) = target.split_once('?').unwrap_or((&target, ""));
    let mut headers = Vec::new();
    loop {
        let mut field = Vec::new();
        reader.read_until(b'\n', &mut field).unwrap();
        let field = field.trim_ascii();
        let Some(colon) = field.iter().position(|byte| *byte == b':') else { break };
        headers.push((String::from_utf8(field[..colon].to_vec()).unwrap(), field[colon + 1..].to_vec()));
    }
    let mut received = Received { method, path: path.into(), query: query.into(), headers, body: Vec::new() };
    let length = received.header("content-length").parse().unwrap_or(0);
    received.body = vec![0; length];
    reader.read_exact(&mut received.body).unwrap();
    Some(received)
}
