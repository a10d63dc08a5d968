//! `trailcar check --health`: asks a running sidecar whether it is alive, for images that have no other client.

use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream};
use std::time::Duration;

use anyhow::Context;

use crate::cli::Outcome;

/// Longest wait for each step.
const WAIT: Duration = Duration::from_secs(3);

/// Asks `/healthz`.
///
/// # Errors
/// Nobody answers there.
pub(super) fn ask(listen: SocketAddr) -> anyhow::Result<Outcome> {
    let address = SocketAddr::new(reachable(listen.ip()), listen.port());
    let status = status(address).with_context(|| format!("no sidecar answers on {address}"))?;
    writeln!(std::io::stdout().lock(), "{address} answers {status}")?;
    Ok(Outcome::of(status == "200"))
}

/// An address that means all addresses is reached by loopback.
fn reachable(listen: IpAddr) -> IpAddr {
    match listen {
        IpAddr::V4(address) if address.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(address) if address.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        address => address,
    }
}

fn status(address: SocketAddr) -> std::io::Result<String> {
    let mut stream = TcpStream::connect_timeout(&address, WAIT)?;
    stream.set_read_timeout(Some(WAIT))?;
    stream.set_write_timeout(Some(WAIT))?;
    write!(stream, "GET /healthz HTTP/1.0\r\nHost: {address}\r\n\r\n")?;
    let mut answer = Vec::new();
    stream.take(4096).read_to_end(&mut answer)?;
    let answer = String::from_utf8_lossy(&answer);
    Ok(answer.split(' ').nth(1).unwrap_or("nothing that is HTTP").to_owned())
}
