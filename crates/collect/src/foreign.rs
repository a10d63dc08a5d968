//! Formats that are mistaken for events, told by their first bytes.

/// A stream that holds no lines or arrays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("holds {format}, which is not read: {cure}")]
pub struct Foreign {
    /// What it is.
    pub format: &'static str,
    /// What to do.
    pub cure: &'static str,
}

const UNPACK: &str = "unpack it first";
const RECODE: &str = "convert it to UTF-8 first";

/// First bytes, format, cure. A gzip shows here only inside another one.
const FORMATS: &[(&[u8], &str, &str)] = &[
    (b"\x1f\x8b\x08", "another gzip inside the gzip", UNPACK),
    (b"PK\x03\x04", "a zip archive", UNPACK),
    (b"\x28\xb5\x2f\xfd", "a zstd stream", UNPACK),
    (b"\xfd7zXZ\0", "an xz stream", UNPACK),
    (b"BZh", "a bzip2 stream", UNPACK),
    (b"\xff\xfe", "UTF-16 text", RECODE),
    (b"\xfe\xff", "UTF-16 text", RECODE),
    (b"PAR1", "a Parquet file", "export it as JSON lines"),
];

/// # Errors
/// [`Foreign`] when an inflated stream starts like something that holds no lines or arrays.
pub fn check(start: &[u8]) -> Result<(), Foreign> {
    match FORMATS.iter().find(|(magic, ..)| start.starts_with(magic)) {
        Some(&(_, format, cure)) => Err(Foreign { format, cure }),
        None => Ok(()),
    }
}
