//! Members, cuts, damage and bombs.

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
