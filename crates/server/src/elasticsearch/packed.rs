//! Bodies that come packed, as clients send large ones when they are told to.

use std::borrow::Cow;
use std::io::Read;

use axum::http::StatusCode;
use flate2::read::MultiGzDecoder;

/// Why a body can not be unpacked.
#[derive(Debug, thiserror::Error)]
pub(super) enum PackedError {
    /// In a way that is not known.
    #[error("Content-Encoding [{0}] is not supported: send the body as it is, or with gzip")]
    Unknown(String),
    /// It is larger than it looks.
    #[error("the body is larger than {} MiB when it is unpacked: send less at once", .0 >> 20)]
    Large(usize),
    /// It is no gzip.
    #[error("the body is no gzip: {0}")]
    Broken(std::io::Error),
}

impl PackedError {
    pub(super) fn status(&self) -> u16 {
        let status = match self {
            Self::Unknown(_) => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Large(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Broken(_) => StatusCode::BAD_REQUEST,
        };
        status.as_u16()
    }
}

/// The body itself, of at most so many bytes.
pub(super) fn unpacked<'b>(
    encoding: Option<&str>,
    body: &'b [u8],
    most: usize,
) -> Result<Cow<'b, [u8]>, PackedError> {
    match encoding.map(str::trim) {
        None | Some("" | "identity") => Ok(body.into()),
        Some(encoding) if encoding.eq_ignore_ascii_case("gzip") => {
            let mut unpacked = Vec::new();
            let mut bounded = MultiGzDecoder::new(body).take(most as u64 + 1);
            bounded.read_to_end(&mut unpacked).map_err(PackedError::Broken)?;
            if unpacked.len() > most { Err(PackedError::Large(most)) } else { Ok(unpacked.into()) }
        }
        Some(other) => Err(PackedError::Unknown(other.chars().take(40).collect())),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn bodies_are_unpacked_within_limits() {
        let bomb = gzip(&vec![b' '; 1 << 20]);
        for (encoding, body, expected) in [
            (None, b"x".to_vec(), Ok(b"x".to_vec())),
            (Some("identity"), b"x".to_vec(), Ok(b"x".to_vec())),
            (Some("gzip"), gzip(b"{}"), Ok(b"{}".to_vec())),
            (Some("GZIP"), [gzip(b"{"), gzip(b"}")].concat(), Ok(b"{}".to_vec())),
            (Some("gzip"), gzip(&[b'x'; 1000]), Ok(vec![b'x'; 1000])),
            (Some("gzip"), gzip(&[b'x'; 1001]), Err(413)),
            (Some("gzip"), bomb, Err(413)),
            (Some("gzip"), b"{}".to_vec(), Err(400)),
            (Some("gzip"), gzip(b"{}")[..8].to_vec(), Err(400)),
            (Some("br"), b"{}".to_vec(), Err(415)),
        ] {
            let found = unpacked(encoding, &body, 1000).map(Cow::into_owned).map_err(|error| error.status());
            assert_eq!(found, expected, "{encoding:?}");
        }
    }
}
