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
mod tests {
    use std::io::Write;

    use flate2::{Compression, write::GzEncoder};
    use proptest::prelude::*;

    use super::*;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::new(6));
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    /// Text that does not shrink to nothing.
    fn text(bytes: usize) -> Vec<u8> {
        let mut seed = 7u64;
        let next = || {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            b"abcdefgh\n {}\"15:"[(seed >> 60) as usize]
        };
        std::iter::repeat_with(next).take(bytes).collect()
    }

    /// A reader that gives at most `size` bytes at once.
    struct Slow<'a>(&'a [u8], usize);

    impl Read for Slow<'_> {
        fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
            let size = self.1.min(out.len());
            self.0.read(&mut out[..size])
        }
    }

    fn drain<R: Read>(stream: &mut Inflate<R>, size: usize) -> (Vec<u8>, Option<InflateError>) {
        let mut all = Vec::new();
        let mut out = vec![0; size];
        loop {
            match stream.read(&mut out) {
                Ok(0) => return (all, None),
                Ok(read) => all.extend_from_slice(&out[..read]),
                Err(error) => return (all, Some(error)),
            }
        }
    }

    fn inflate(bytes: &[u8], limits: InflateLimits) -> (Vec<u8>, Option<InflateError>) {
        drain(&mut Inflate::new(bytes, limits), 1_000)
    }

    #[test]
    fn plain_bytes_pass_whatever_they_start_with() {
        for plain in [&b""[..], b"x", b"\x1f", b"\x1f\x8b\x07abc", b"\0\0", b"{\"a\":1}\n"] {
            let (all, error) = inflate(plain, InflateLimits::default());
            let is_cut_magic = plain == b"\x1f";
            assert_eq!(error.is_some(), is_cut_magic, "{plain:?}: {error:?}");
            assert_eq!(all, if is_cut_magic { b"" } else { plain });
        }
    }

    proptest! {
        #[test]
        fn members_are_joined(
            sizes in prop::collection::vec(0usize..300_000, 1..5),
            input in 1usize..70_000,
            output in 1usize..70_000,
            padding in 0usize..2_000,
        ) {
            let members: Vec<Vec<u8>> = sizes.iter().map(|size| text(*size)).collect();
            let mut stream: Vec<u8> = members.iter().flat_map(|member| gzip(member)).collect();
            stream.resize(stream.len() + padding, 0);
            let mut inflate = Inflate::new(Slow(&stream, input), InflateLimits::default());
            let (all, error) = drain(&mut inflate, output);
            prop_assert!(error.is_none(), "{error:?}");
            prop_assert_eq!(all, members.concat());
            prop_assert_eq!(inflate.compressed_offset(), stream.len() as u64);
        }

        #[test]
        fn a_cut_stream_gives_its_prefix_and_goes_on_when_it_has_grown(
            first in 0usize..200_000, second in 1usize..200_000, cut in 0.0f64..1.0,
        ) {
            let whole = [text(first), text(second)].concat();
            let head = gzip(&whole[..first]);
            let stream = [head.clone(), gzip(&whole[first..])].concat();
            let cut = (stream.len() as f64 * cut) as usize;
            let file = std::cell::RefCell::new(stream[..cut].to_vec());
            let mut inflate = Inflate::new(Growing(&file, 0), InflateLimits::default());
            let (good, error) = drain(&mut inflate, 8_192);
            prop_assert!(whole.starts_with(&good));
            match error {
                None => prop_assert!(cut == 0 || cut == head.len()),
                Some(InflateError::Truncated { compressed, inflated }) => {
                    prop_assert_eq!((compressed, inflated), (cut as u64, good.len() as u64));
                }
                Some(other) => prop_assert!(false, "{}", other),
            }
            *file.borrow_mut() = stream;
            let (rest, error) = drain(&mut inflate, 8_192);
            prop_assert!(error.is_none());
            prop_assert_eq!([good, rest].concat(), whole);
        }

        #[test]
        fn a_damaged_stream_is_never_taken_for_good(size in 1usize..100_000, at in 0.0f64..1.0, bit in 0u8..8) {
            let good = text(size);
            let mut stream = gzip(&good);
            // The header's time, flags for the reader and system (4 to 9) are covered by no check sum.
            let at = 10 + ((stream.len() - 10) as f64 * at) as usize;
            stream[at] ^= 1 << bit;
            let (all, error) = inflate(&stream, InflateLimits::default());
            let seen = match error {
                Some(InflateError::Corrupt { .. } | InflateError::Truncated { .. }) => true,
                Some(InflateError::Trailing { .. }) => true,
                // Two streams may inflate to the same: a repeat of text that stands in two places.
                None => all == good,
                Some(_) => false,
            };
            prop_assert!(seen);
        }
    }

    /// A file that somebody else appends to.
    struct Growing<'a>(&'a std::cell::RefCell<Vec<u8>>, usize);

    impl Read for Growing<'_> {
        fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
            let read = (&self.0.borrow()[self.1..]).read(out)?;
            self.1 += read;
            Ok(read)
        }
    }

    #[test]
    fn corruption_comes_after_the_good_bytes() {
        let (one, two) = (text(50_000), text(90_000));
        let mut stream = gzip(&one);
        let start = stream.len() as u64;
        stream.extend(gzip(&two));
        let end = stream.len();
        stream[end - 8] ^= 1; // the second member's CRC
        let (all, error) = inflate(&stream, InflateLimits::default());
        assert_eq!(all, [one, two].concat());
        let Some(InflateError::Corrupt { compressed, inflated, .. }) = error else { panic!("{error:?}") };
        assert!(compressed > start);
        assert_eq!(inflated, 140_000);
    }

    #[test]
    fn bytes_behind_the_stream_are_reported() {
        let mut stream = gzip(b"one\n");
        let end = stream.len() as u64;
        stream.extend(b"\0\0rubbish");
        let (all, error) = inflate(&stream, InflateLimits::default());
        assert_eq!(all, b"one\n");
        let Some(InflateError::Trailing { compressed, inflated: 4 }) = error else { panic!("{error:?}") };
        assert_eq!(compressed, end + 2);
    }

    #[test]
    fn limits_end_a_stream_that_grows_too_much() {
        let bomb = gzip(&vec![b'a'; 10 << 20]);
        let limits = InflateLimits { max_inflated_bytes: 1_000_000, ..InflateLimits::default() };
        let (all, error) = inflate(&bomb, limits);
        assert_eq!(all.len(), 1_000_000);
        assert!(error.unwrap().to_string().contains("raise max_inflated_bytes"));

        let exact = InflateLimits { max_inflated_bytes: 10 << 20, ..InflateLimits::default() };
        assert!(inflate(&bomb, exact).1.is_none());

        let ratio = InflateLimits { ratio_from_bytes: 1 << 20, max_ratio: 100, ..InflateLimits::default() };
        let (all, error) = inflate(&bomb, ratio);
        assert!((1 << 20..2 << 20).contains(&all.len()), "{}", all.len());
        assert!(matches!(error, Some(InflateError::Limit { setting: "max_ratio", limit: 100, .. })));
    }
}
