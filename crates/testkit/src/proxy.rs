//! A TCP proxy whose connections go wrong after a given number of bytes.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use anyhow::Result;
use parking_lot::Mutex;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{ReadHalf, WriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// Which way bytes go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// From the client to the server.
    Request,
    /// From the server to the client.
    Response,
}

/// What happens to a connection once a number of bytes has gone one way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Nothing.
    None,
    /// Both sides are closed in order (FIN).
    Cut(Way, u64),
    /// Both sides are reset (RST).
    Reset(Way, u64),
    /// This way is closed, the other goes on.
    HalfClose(Way, u64),
    /// This way passes nothing more and stays open.
    Stall(Way, u64),
    /// Every piece of this way comes so much later.
    Delay(Way, Duration),
}

/// The proxy. It ends, with its connections, when this is dropped.
#[derive(Debug)]
pub struct FaultyProxy {
    address: SocketAddr,
    faults: Arc<Mutex<VecDeque<Fault>>>,
    connections: Arc<AtomicUsize>,
    task: JoinHandle<()>,
}

impl FaultyProxy {
    /// Starts it before `upstream`. Each connection takes the next fault; after the last one they are sound.
    ///
    /// # Errors
    /// When no port can be had.
    pub async fn start(upstream: SocketAddr, faults: impl IntoIterator<Item = Fault>) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let faults = Arc::new(Mutex::new(faults.into_iter().collect::<VecDeque<_>>()));
        let connections = Arc::new(AtomicUsize::new(0));
        let (plan, count) = (Arc::clone(&faults), Arc::clone(&connections));
        let task = tokio::spawn(async move {
            let mut open = tokio::task::JoinSet::new();
            while let Ok((client, _)) = listener.accept().await {
                count.fetch_add(1, Ordering::SeqCst);
                let fault = plan.lock().pop_front().unwrap_or(Fault::None);
                open.spawn(connection(client, upstream, fault));
            }
        });
        Ok(Self { address, faults, connections, task })
    }

    /// `http://127.0.0.1:PORT`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Adds faults for the next connections.
    pub fn then(&self, faults: impl IntoIterator<Item = Fault>) {
        self.faults.lock().extend(faults);
    }

    /// Connections so far.
    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    /// Faults that no connection has had yet.
    pub fn unused(&self) -> usize {
        self.faults.lock().len()
    }
}

impl Drop for FaultyProxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// How one way of a connection ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// Its sender closed it, or the fault is one of this way alone: the other goes on.
    Way,
    /// The fault ends the connection in order.
    Cut,
    /// The fault resets the connection.
    Reset,
}

async fn connection(mut client: TcpStream, upstream: SocketAddr, fault: Fault) {
    let Ok(mut server) = TcpStream::connect(upstream).await else { return };
    let reset = matches!(fault, Fault::Reset(..));
    if reset && (client.set_zero_linger().is_err() || server.set_zero_linger().is_err()) {
        tracing::warn!("a socket without linger: this reset will be a close");
    }
    // Borrowed halves: dropping them sends nothing, so that a reset is not preceded by an end.
    let (from_client, to_client) = client.split();
    let (from_server, to_server) = server.split();
    let request = way(Way::Request, from_client, to_server, fault);
    let response = way(Way::Response, from_server, to_client, fault);
    tokio::pin!(request, response);
    // A fault of the whole connection drops both halves of both sockets by leaving this function.
    tokio::select! {
        end = &mut request => if end == End::Way { response.await; },
        end = &mut response => if end == End::Way { request.await; },
    }
}

/// Passes bytes one way until its sender closes or the fault strikes.
async fn way(way: Way, mut from: ReadHalf<'_>, mut to: WriteHalf<'_>, fault: Fault) -> End {
    let (mut left, end) = match fault {
        Fault::Cut(which, bytes) if which == way => (bytes, Some(End::Cut)),
        Fault::Reset(which, bytes) if which == way => (bytes, Some(End::Reset)),
        Fault::HalfClose(which, bytes) | Fault::Stall(which, bytes) if which == way => {
            (bytes, Some(End::Way))
        }
        _ => (u64::MAX, None),
    };
    let mut buffer = vec![0; 16 * 1024];
    while left > 0 {
        let room = buffer.len().min(usize::try_from(left).unwrap_or(usize::MAX));
        let Ok(read @ 1..) = from.read(&mut buffer[..room]).await else {
            // The other side may still have something to say.
            return if to.shutdown().await.is_ok() { End::Way } else { End::Cut };
        };
        if let Fault::Delay(which, wait) = fault
            && which == way
        {
            tokio::time::sleep(wait).await;
        }
        if to.write_all(&buffer[..read]).await.is_err() {
            return End::Cut;
        }
        left -= read as u64;
    }
    match fault {
        Fault::Stall(..) => std::future::pending().await,
        Fault::HalfClose(..) if to.shutdown().await.is_err() => End::Cut,
        _ => end.unwrap_or(End::Way),
    }
}
