//! A writer that counts and hashes what passes.

use std::io::{self, Write};

use sha2::{Digest, Sha256};

/// Passes everything on.
#[derive(Debug)]
pub struct Hashed<W> {
    out: W,
    hash: Sha256,
    bytes: u64,
}

impl<W: Write> Hashed<W> {
    /// Passes on to `out`.
    pub fn new(out: W) -> Self {
        Self { out, hash: Sha256::new(), bytes: 0 }
    }

    /// How many bytes passed, and their SHA-256 in hexadecimal digits.
    pub fn finish(self) -> (u64, String) {
        let digest = self.hash.finalize();
        (self.bytes, digest.iter().map(|byte| format!("{byte:02x}")).collect())
    }
}

impl<W: Write> Write for Hashed<W> {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        let written = self.out.write(buffer)?;
        self.hash.update(&buffer[..written]);
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}
