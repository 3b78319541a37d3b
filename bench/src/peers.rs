//! The proxies that are measured beside funcd, configured for the same work.

use std::fmt::Write as _;
use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, Result};

use crate::process::{Running, wait_for};

/// A proxy between a port of its own and one of the server.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Hop {
    pub(crate) listen: SocketAddr,
    pub(crate) server: SocketAddr,
}

/// Starts nginx with `workers` processes; with `log` it writes a line for each request, as funcd does.
pub(crate) fn nginx(folder: &Path, hops: &[Hop], workers: usize, log: bool, cores: Option<&str>) -> Result<Running> {
    start_nginx(folder, &nginx_config(folder, hops, workers, log), hops, cores)
}

/// Starts nginx with a configuration of these hops.
pub(crate) fn start_nginx(folder: &Path, text: &str, hops: &[Hop], cores: Option<&str>) -> Result<Running> {
    fs::create_dir_all(folder)?;
    let config = folder.join("nginx.conf");
    fs::write(&config, text)?;
    let mut command = Command::new("nginx");
    command.arg("-c").arg(&config).arg("-e").arg(folder.join("error.log"));
    up(Running::start("nginx", command, cores, &folder.join("output.log"))?, folder, hops)
}

/// Starts HAProxy with `threads` threads.
pub(crate) fn haproxy(folder: &Path, hops: &[Hop], threads: usize, cores: Option<&str>) -> Result<Running> {
    start_haproxy(folder, &haproxy_config(hops, threads), hops, cores)
}

/// Starts HAProxy with a configuration of these hops.
pub(crate) fn start_haproxy(folder: &Path, text: &str, hops: &[Hop], cores: Option<&str>) -> Result<Running> {
    fs::create_dir_all(folder)?;
    let config = folder.join("haproxy.cfg");
    fs::write(&config, text)?;
    let mut command = Command::new("haproxy");
    command.arg("-db").arg("-f").arg(&config);
    up(Running::start("haproxy", command, cores, &folder.join("output.log"))?, folder, hops)
}

fn up(mut running: Running, folder: &Path, hops: &[Hop]) -> Result<Running> {
    wait_for(Duration::from_secs(10), Duration::from_millis(20), || {
        running.check()?;
        Ok(hops.iter().all(|hop| std::net::TcpStream::connect(hop.listen).is_ok()))
    })
    .with_context(|| format!("see {}", folder.join("output.log").display()))?;
    Ok(running)
}

/// Connections are kept on both sides; everything else is as nginx has it.
pub(crate) fn nginx_config(folder: &Path, hops: &[Hop], workers: usize, log: bool) -> String {
    let folder = folder.display();
    let access = if log { format!("{folder}/access.log combined buffer=64k flush=1s") } else { "off".to_owned() };
    let mut text = format!(
        "daemon off;\nuser root;\npid {folder}/nginx.pid;\nworker_processes {workers};\n\
         events {{ worker_connections 4096; }}\n\
         http {{\n  access_log {access};\n  keepalive_requests 1000000000;\n"
    );
    for (scratch, name) in
        [("client_body", "body"), ("proxy", "proxy"), ("fastcgi", "f"), ("uwsgi", "u"), ("scgi", "s")]
    {
        writeln!(text, "  {scratch}_temp_path {folder}/{name};").unwrap_or_default();
    }
    for (number, hop) in hops.iter().enumerate() {
        let Hop { listen, server } = hop;
        write!(
            text,
            "  upstream s{number} {{ server {server}; keepalive 256; keepalive_requests 1000000000; }}\n  \
             server {{ listen {listen}; location / {{ proxy_pass http://s{number}; proxy_http_version 1.1; \
             proxy_set_header Connection \"\"; }} }}\n"
        )
        .unwrap_or_default();
    }
    text.push_str("}\n");
    text
}

/// Connections are kept on both sides (`http-reuse always`); no log.
pub(crate) fn haproxy_config(hops: &[Hop], threads: usize) -> String {
    let mut text = format!(
        "global\n  nbthread {threads}\n  maxconn 4096\ndefaults\n  mode http\n  http-reuse always\n  \
         timeout connect 5s\n  timeout client 60s\n  timeout server 60s\n"
    );
    for (number, hop) in hops.iter().enumerate() {
        let Hop { listen, server } = hop;
        write!(
            text,
            "frontend f{number}\n  bind {listen}\n  default_backend b{number}\nbackend b{number}\n  server s {server}\n"
        )
        .unwrap_or_default();
    }
    text
}

#[cfg(test)]
mod tests;
