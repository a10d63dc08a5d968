//! Bytes that come asynchronously, for a reader that does not wait: it is told to come back.

use std::collections::VecDeque;
use std::io::{self, ErrorKind, Read};
use std::sync::Arc;

use bytes::{Buf, Bytes};
use parking_lot::Mutex;

/// What has come and is not read yet. Clones are two ends of the same.
#[derive(Clone, Debug, Default)]
pub(crate) struct Feed(Arc<Mutex<Inner>>);

#[derive(Debug, Default)]
struct Inner {
    chunks: VecDeque<Bytes>,
    ended: bool,
}

impl Feed {
    /// Adds what has come.
    pub(crate) fn push(&self, chunk: Bytes) {
        self.0.lock().chunks.push_back(chunk);
    }

    /// Nothing more will come.
    pub(crate) fn end(&self) {
        self.0.lock().ended = true;
    }
}

impl Read for Feed {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let inner = &mut *self.0.lock();
        while let Some(first) = inner.chunks.front_mut() {
            if first.is_empty() {
                inner.chunks.pop_front();
                continue;
            }
            let read = first.len().min(out.len());
            out[..read].copy_from_slice(&first[..read]);
            first.advance(read);
            return Ok(read);
        }
        if inner.ended { Ok(0) } else { Err(ErrorKind::WouldBlock.into()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_gives_what_has_come_and_then_says_come_back() {
        let feed = Feed::default();
        let mut out = [0; 4];
        assert_eq!(feed.clone().read(&mut out).unwrap_err().kind(), ErrorKind::WouldBlock);
        feed.push(Bytes::new());
        feed.push(Bytes::from_static(b"abcde"));
        assert_eq!((feed.clone().read(&mut out).unwrap(), &out), (4, b"abcd"));
        assert_eq!((feed.clone().read(&mut out).unwrap(), out[0]), (1, b'e'));
        feed.end();
        let mut feed = feed;
        assert_eq!(feed.read(&mut out).unwrap(), 0);
    }
}
