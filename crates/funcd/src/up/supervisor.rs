//! What the service supervisor hears (sd_notify(3)): that the service is ready, and which process it is now.

use std::os::linux::net::SocketAddrExt as _;
use std::os::unix::net::{SocketAddr, UnixDatagram};

/// Says that this process serves. Nothing where there is no supervisor that wants to know.
pub(crate) fn ready() {
    let Some(place) = std::env::var_os("NOTIFY_SOCKET") else { return };
    let text = format!("MAINPID={}\nREADY=1\nSTATUS=serving", std::process::id());
    if let Err(error) = tell(place.as_encoded_bytes(), &text) {
        tracing::warn!(%error, "service.supervisor_not_told");
    }
}

fn tell(place: &[u8], text: &str) -> std::io::Result<()> {
    let address = match place.strip_prefix(b"@") {
        Some(name) => SocketAddr::from_abstract_name(name)?,
        None => SocketAddr::from_pathname(std::path::Path::new(std::str::from_utf8(place).unwrap_or_default()))?,
    };
    UnixDatagram::unbound()?.send_to_addr(text.as_bytes(), &address).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(address: &SocketAddr, place: &[u8]) {
        let supervisor = UnixDatagram::bind_addr(address).unwrap();
        tell(place, "READY=1").unwrap();
        let mut heard = [0; 32];
        let length = supervisor.recv(&mut heard).unwrap();
        assert_eq!(&heard[..length], b"READY=1");
    }

    #[test]
    fn a_supervisor_is_reached_by_path_and_by_abstract_name() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("notify");
        check(&SocketAddr::from_pathname(&path).unwrap(), path.to_str().unwrap().as_bytes());
        let name = format!("funcd-test-{}", std::process::id());
        check(&SocketAddr::from_abstract_name(&name).unwrap(), format!("@{name}").as_bytes());
    }

    #[test]
    fn one_that_is_not_there_is_an_error() {
        tell(b"/nowhere/notify", "READY=1").unwrap_err();
    }
}
