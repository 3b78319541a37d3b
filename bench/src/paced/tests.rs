use std::net::TcpListener;

use super::*;

/// A server that answers one connection, `stall` before the first answer.
fn server(stall: Duration) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        stream.set_nodelay(true).unwrap();
        let mut buffer = [0; 4096];
        let mut first = true;
        while stream.read(&mut buffer).is_ok_and(|count| count > 0) {
            if std::mem::take(&mut first) {
                crate::process::pause(stall);
            }
            if stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok").is_err() {
                return;
            }
        }
    });
    address
}

fn pace(address: SocketAddr) -> Pace<'static> {
    Pace { address, host: "x", path: "/", rate: 1000.0, time: Duration::from_millis(200), connections: 1 }
}

#[test]
fn those_who_wait_behind_a_stall_are_counted_as_waiting() {
    // 100 of 200 requests are due during the stall: their median wait is about half of it, though only one was sent.
    let latency = pace(server(Duration::from_millis(100))).run().unwrap();
    assert!(latency.p99 >= 90.0, "{latency:?}");
}

#[test]
fn a_closed_connection_is_an_error() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || drop(listener.accept()));
    assert!(pace(address).run().is_err());
}
