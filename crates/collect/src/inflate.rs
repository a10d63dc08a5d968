//! Reads a stream that is plain or gzip, told apart by the magic bytes, within a bound on its inflated size.
//!
//! A gzip stream may have several members (RFC 1952, 2.2) and zero bytes after the last one, as tape and block
//! writers leave them. An error comes after the last good byte; one about a stream that ends too early is not final:
//! when the stream has grown, reading goes on where it stopped.

use std::io::{self, Read};

use flate2::{Decompress, FlushDecompress, Status};

use crate::foreign::Foreign;

/// The first bytes of a gzip member: the magic and the only method there is.
const MAGIC: [u8; 3] = [0x1f, 0x8b, 8];
/// `deflate`'s largest window, in bits.
const WINDOW_BITS: u8 = 15;
/// Compressed bytes read at once.
const INPUT: usize = 64 << 10;

/// Bounds that keep a small compressed stream from becoming an endless one. Plain streams have none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InflateLimits {
    /// Inflated bytes that a stream may have.
    pub max_inflated_bytes: u64,
    /// How many times its compressed size the inflated stream may be. Audit events shrink 10 to 30 times, a
    /// stream of one repeated byte about 1,030 times.
    pub max_ratio: u64,
    /// Inflated bytes from which on the ratio counts.
    pub ratio_from_bytes: u64,
}

impl Default for InflateLimits {
    fn default() -> Self {
        Self { max_inflated_bytes: 4 << 30, max_ratio: 250, ratio_from_bytes: 64 << 20 }
    }
}

/// Why no more bytes come. `compressed` and `inflated` are offsets from the start of the stream.
#[derive(Debug, thiserror::Error)]
pub enum InflateError {
    /// The stream below could not be read. May be asked again.
    #[error("could not be read: {0}")]
    Io(#[from] io::Error),
    /// The stream ends inside a member. May be asked again when it has grown.
    #[error(
        "the gzip stream ends too early, at byte {compressed} (inflated {inflated}); everything before is read: \
         write or copy it again, the rest is then read from here"
    )]
    Truncated {
        /// Where it ends.
        compressed: u64,
        /// Bytes that were inflated.
        inflated: u64,
    },
    /// The stream is no valid gzip from here on.
    #[error(
        "the gzip stream is corrupt at byte {compressed} (inflated {inflated}): {reason}; everything before is \
         read: get an intact copy"
    )]
    Corrupt {
        /// Where that was noticed.
        compressed: u64,
        /// Bytes that were inflated.
        inflated: u64,
        /// The decoder's word.
        reason: String,
    },
    /// Something that is no gzip follows the last member, which was complete.
    #[error(
        "bytes that are no gzip follow the complete gzip stream at byte {compressed} (inflated {inflated}); they \
         are not read"
    )]
    Trailing {
        /// Where they start.
        compressed: u64,
        /// Bytes that were inflated.
        inflated: u64,
    },
    /// The stream holds something that is no text.
    #[error(transparent)]
    Foreign(#[from] Foreign),
    /// A bound is reached.
    #[error(
        "inflates to more than {setting} allows ({limit}), seen at byte {compressed} (inflated {inflated}); \
         what is before is read: raise {setting} if the stream can be trusted"
    )]
    Limit {
        /// The setting that says so.
        setting: &'static str,
        /// Its value.
        limit: u64,
        /// Compressed bytes that were read.
        compressed: u64,
        /// Bytes that were inflated.
        inflated: u64,
    },
}

enum State {
    /// Not enough bytes seen to tell.
    Unknown,
    Plain,
    /// Before a member, or at the end.
    Between,
    Member,
    /// For good.
    Failed(Failure),
}

/// An error that stays.
#[derive(Clone)]
enum Failure {
    Corrupt(String),
    Trailing,
    Limit(&'static str, u64),
}

/// Reads `R`, inflating it where it is gzip.
pub struct Inflate<R> {
    input: R,
    buffer: Vec<u8>,
    /// What of `buffer` is unread.
    unread: std::ops::Range<usize>,
    decoder: Option<Box<Decompress>>,
    state: State,
    compressed: u64,
    inflated: u64,
    limits: InflateLimits,
}

impl<R: Read> Inflate<R> {
    /// Reads a stream from its start.
    pub fn new(input: R, limits: InflateLimits) -> Self {
        Self {
            input,
            buffer: Vec::new(),
            unread: 0..0,
            decoder: None,
            state: State::Unknown,
            compressed: 0,
            inflated: 0,
            limits,
        }
    }

    /// Reads a stream that is known to be plain, from `offset` on; `input` already stands there.
    pub fn plain(input: R, offset: u64) -> Self {
        let mut stream = Self::new(input, InflateLimits::default());
        (stream.state, stream.compressed, stream.inflated) = (State::Plain, offset, offset);
        stream
    }

    /// Bytes of the stream below that were used up.
    pub fn compressed_offset(&self) -> u64 {
        self.compressed
    }

    /// Bytes that were given out, and skipped by [`Inflate::plain`].
    pub fn inflated_offset(&self) -> u64 {
        self.inflated
    }

    /// Whether the stream is gzip, as far as is known.
    pub fn is_gzip(&self) -> bool {
        !matches!(self.state, State::Unknown | State::Plain)
    }

    /// The next bytes; 0 at the end of the stream (or of `out`). A stream that has grown goes on after that.
    ///
    /// # Errors
    /// [`InflateError`], after all good bytes were given out.
    pub fn read(&mut self, out: &mut [u8]) -> Result<usize, InflateError> {
        if out.is_empty() {
            return Ok(0);
        }
        loop {
            let read = match &self.state {
                State::Unknown => self.sniff()?,
                State::Plain => return self.read_plain(out),
                State::Between => self.next_member()?,
                State::Member => self.read_member(out)?,
                State::Failed(failure) => return Err(self.error(failure.clone())),
            };
            if let Some(read) = read {
                return Ok(read);
            }
        }
    }

    /// Tells gzip from plain. A stream that ends inside the magic bytes is taken for a gzip that is being written.
    fn sniff(&mut self) -> Result<Option<usize>, InflateError> {
        let seen = &self.buffer[self.unread.clone()];
        let same = seen.iter().zip(MAGIC).take_while(|(a, b)| **a == *b).count();
        if same == MAGIC.len() {
            self.state = State::Between;
        } else if same < seen.len() {
            self.state = State::Plain;
        } else if self.fill()? == 0 {
            return if same == 0 { Ok(Some(0)) } else { Err(self.truncated()) };
        }
        Ok(None)
    }

    fn read_plain(&mut self, out: &mut [u8]) -> Result<usize, InflateError> {
        let read = if self.unread.is_empty() {
            read_some(&mut self.input, out)?
        } else {
            let read = self.unread.len().min(out.len());
            out[..read].copy_from_slice(&self.buffer[self.unread.start..][..read]);
            self.unread.start += read;
            read
        };
        self.compressed += read as u64;
        self.inflated += read as u64;
        Ok(read)
    }

    /// Finds the start of the next member, past zero bytes.
    fn next_member(&mut self) -> Result<Option<usize>, InflateError> {
        let seen = &self.buffer[self.unread.clone()];
        let zeros = if self.compressed == 0 { 0 } else { seen.iter().take_while(|b| **b == 0).count() };
        self.unread.start += zeros;
        self.compressed += zeros as u64;
        match self.buffer[self.unread.clone()].first().copied() {
            None if self.fill()? == 0 => return Ok(Some(0)),
            None => {}
            Some(b) if b == MAGIC[0] => {
                match &mut self.decoder {
                    Some(decoder) => decoder.reset(true),
                    none => *none = Some(Box::new(Decompress::new_gzip(WINDOW_BITS))),
                }
                self.state = State::Member;
            }
            Some(_) => self.state = State::Failed(Failure::Trailing),
        }
        Ok(None)
    }

    /// Inflates into `out`; nothing when the state changed without a byte.
    fn read_member(&mut self, out: &mut [u8]) -> Result<Option<usize>, InflateError> {
        let Some(decoder) = &mut self.decoder else { return Ok(None) };
        // At the limit one byte more is asked for, to tell a stream that ends there from one that goes on.
        let room = self.limits.max_inflated_bytes.saturating_sub(self.inflated);
        let mut spare = [0];
        let target = match usize::try_from(room) {
            Ok(0) => &mut spare[..],
            Ok(room) if room < out.len() => &mut out[..room],
            _ => out,
        };
        let before = (decoder.total_in(), decoder.total_out());
        let result = decoder.decompress(&self.buffer[self.unread.clone()], target, FlushDecompress::None);
        let used = decoder.total_in() - before.0;
        let produced = (decoder.total_out() - before.1) as usize;
        self.unread.start += used as usize;
        self.compressed += used;
        match result {
            Ok(Status::StreamEnd) => self.state = State::Between,
            // The decoder holds nothing back any more: it needs input.
            Ok(Status::Ok | Status::BufError) if used == 0 && produced == 0 => {
                return if self.fill()? == 0 { Err(self.truncated()) } else { Ok(None) };
            }
            Ok(Status::Ok | Status::BufError) => {}
            Err(error) => {
                let reason = error.message().unwrap_or("it can not be inflated").to_owned();
                self.state = State::Failed(Failure::Corrupt(reason));
            }
        }
        if room == 0 && produced > 0 {
            let limit = self.limits.max_inflated_bytes;
            self.state = State::Failed(Failure::Limit("max_inflated_bytes", limit));
            return Ok(None);
        }
        self.inflated += produced as u64;
        let bound = self.compressed.saturating_mul(self.limits.max_ratio);
        if self.inflated > self.limits.ratio_from_bytes && self.inflated > bound {
            self.state = State::Failed(Failure::Limit("max_ratio", self.limits.max_ratio));
        }
        Ok((produced > 0).then_some(produced))
    }

    fn fill(&mut self) -> Result<usize, InflateError> {
        Ok(fill(&mut self.input, &mut self.buffer, &mut self.unread)?)
    }

    fn truncated(&self) -> InflateError {
        // Bytes that wait for the rest of the magic count as read.
        let compressed = self.compressed + self.unread.len() as u64;
        InflateError::Truncated { compressed, inflated: self.inflated }
    }

    fn error(&self, failure: Failure) -> InflateError {
        let (compressed, inflated) = (self.compressed, self.inflated);
        match failure {
            Failure::Corrupt(reason) => InflateError::Corrupt { compressed, inflated, reason },
            Failure::Trailing => InflateError::Trailing { compressed, inflated },
            Failure::Limit(setting, limit) => InflateError::Limit { setting, limit, compressed, inflated },
        }
    }
}

/// Reads more behind what is unread; 0 at the end.
fn fill(
    input: &mut impl Read,
    buffer: &mut Vec<u8>,
    unread: &mut std::ops::Range<usize>,
) -> io::Result<usize> {
    buffer.resize(INPUT, 0);
    buffer.copy_within(unread.clone(), 0);
    *unread = 0..unread.len();
    let read = read_some(input, &mut buffer[unread.end..])?;
    unread.end += read;
    Ok(read)
}

fn read_some(input: &mut impl Read, out: &mut [u8]) -> io::Result<usize> {
    loop {
        match input.read(out) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            result => return result,
        }
    }
}

#[cfg(test)]
mod tests;
