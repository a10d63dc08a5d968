//! The proxy's faults strike at the byte they are set for.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests, with their helper functions")]

use std::io::ErrorKind;
use std::net::SocketAddr;
use std::time::Duration;

use testkit::proxy::{Fault, FaultyProxy, Way};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// Sends back what it is sent, until its end.
async fn echo() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let (mut from, mut to) = stream.split();
                // A fault ends this early; what matters is seen at the client.
                if tokio::io::copy(&mut from, &mut to).await.is_ok() {
                    to.shutdown().await.ok();
                }
            });
        }
    });
    address
}

/// Sends ten bytes, ends, and reads what comes back; how the reading ended.
async fn round(proxy: &FaultyProxy) -> (usize, Option<ErrorKind>) {
    let mut stream = TcpStream::connect(proxy.url().replace("http://", "")).await.unwrap();
    stream.write_all(b"0123456789").await.unwrap();
    stream.shutdown().await.ok();
    let mut back = Vec::new();
    let ended = stream.read_to_end(&mut back).await;
    (back.len(), ended.err().map(|error| error.kind()))
}

#[tokio::test]
async fn faults_strike_one_connection_each() {
    let faults = [
        Fault::None,
        Fault::Cut(Way::Response, 4),
        Fault::HalfClose(Way::Request, 3),
        Fault::HalfClose(Way::Response, 5),
        Fault::Delay(Way::Request, Duration::from_millis(1)),
    ];
    let proxy = FaultyProxy::start(echo().await, faults).await.unwrap();
    for came_back in [10, 4, 3, 5, 10, 10] {
        assert_eq!(round(&proxy).await, (came_back, None));
    }
    assert_eq!((proxy.connections(), proxy.unused()), (6, 0));
}

#[tokio::test]
async fn a_reset_is_an_error_on_the_other_side() {
    let proxy = FaultyProxy::start(echo().await, [Fault::Reset(Way::Response, 4)]).await.unwrap();
    let (_, error) = round(&proxy).await;
    assert_eq!(error, Some(ErrorKind::ConnectionReset));
}

#[tokio::test]
async fn a_stalled_connection_stays_open() {
    let proxy = FaultyProxy::start(echo().await, [Fault::Stall(Way::Response, 4)]).await.unwrap();
    let mut stream = TcpStream::connect(proxy.url().replace("http://", "")).await.unwrap();
    stream.write_all(b"0123456789").await.unwrap();
    let mut four = [0; 4];
    stream.read_exact(&mut four).await.unwrap();
    assert_eq!(&four, b"0123");
    let more = tokio::time::timeout(Duration::from_millis(50), stream.read_u8()).await;
    assert!(more.is_err(), "nothing more and no end: {more:?}");
}
