//! Bodies that are written as they are sent, by a thread that may wait: memory stays flat, whatever their length.

use std::io::{self, Write};

use axum::body::{Body, Bytes};
use futures::stream::poll_fn;
use tokio::sync::{Semaphore, mpsc};

use crate::page::PageError;

/// So much is sent at once.
const CHUNK: usize = 64 << 10;
/// So many chunks may wait for a slow reader.
const AHEAD: usize = 4;
/// So many bodies may be written at the same time.
const AT_ONCE: usize = 8;

static FREE: Semaphore = Semaphore::const_new(AT_ONCE);

/// Takes one of the few places for long work, until the permit is dropped.
///
/// # Errors
/// There is none.
pub(crate) fn permit() -> Result<tokio::sync::SemaphorePermit<'static>, PageError> {
    let busy = |_| {
        PageError::Busy(format!(
            "{AT_ONCE} exports are being made already: ask again when one of them has ended."
        ))
    };
    FREE.try_acquire().map_err(busy)
}

/// A body that `write` writes. When it fails, the connection breaks off, so that nobody takes what came for the whole.
pub(crate) fn body<E: std::error::Error + Send + Sync + 'static>(
    permit: tokio::sync::SemaphorePermit<'static>,
    write: impl FnOnce(&mut dyn Write) -> Result<(), E> + Send + 'static,
) -> Body {
    let (sender, mut receiver) = mpsc::channel(AHEAD);
    tokio::task::spawn_blocking(move || {
        let mut chunks = Chunks { sender, buffer: Vec::new() };
        let done = write(&mut chunks).map_err(io::Error::other).and_then(|()| chunks.flush());
        // Before the body ends, so that who has read one to its end finds a place for the next.
        drop(permit);
        if let Err(error) = done {
            tracing::warn!("a download was broken off: {error}");
            // Nobody is left to be told when the reader is gone.
            drop(chunks.sender.blocking_send(Err(error)));
        }
    });
    Body::from_stream(poll_fn(move |context| receiver.poll_recv(context)))
}

/// Collects what is written and sends it in pieces.
struct Chunks {
    sender: mpsc::Sender<io::Result<Bytes>>,
    buffer: Vec<u8>,
}

impl Write for Chunks {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.buffer.extend_from_slice(bytes);
        if self.buffer.len() >= CHUNK {
            self.flush()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.buffer.is_empty() {
            return Ok(());
        }
        let chunk = Bytes::from(std::mem::take(&mut self.buffer));
        self.sender.blocking_send(Ok(chunk)).map_err(|_| io::Error::from(io::ErrorKind::BrokenPipe))
    }
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt;

    use super::*;

    #[tokio::test]
    async fn a_body_is_whole_or_an_error() {
        let text = "0123456789".repeat(100_000);
        let sent = text.clone();
        let whole = body(permit().unwrap(), move |out| out.write_all(sent.as_bytes()));
        assert_eq!(whole.collect().await.unwrap().to_bytes(), text);
        let broken = body(permit().unwrap(), move |out| {
            out.write_all(b"something")?;
            Err(io::Error::other("the disk is gone"))
        });
        assert!(broken.collect().await.is_err());
    }
}
