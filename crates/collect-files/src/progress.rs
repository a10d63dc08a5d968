//! How far reading is, for a progress bar.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// Bytes of files as they lie on disk (compressed ones count compressed). Standard input has no total.
#[derive(Debug, Default)]
pub struct Progress {
    total: AtomicU64,
    read: AtomicU64,
}

impl Progress {
    /// Bytes that all files found so far have.
    pub fn total_bytes(&self) -> u64 {
        self.total.load(Relaxed)
    }

    /// Bytes of them that are read, or need not be.
    pub fn read_bytes(&self) -> u64 {
        self.read.load(Relaxed)
    }

    pub(crate) fn add(&self, total: u64, read: u64) {
        self.total.fetch_add(total, Relaxed);
        self.read.fetch_add(read, Relaxed);
    }
}
