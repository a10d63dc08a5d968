//! Tokens, and the hashes that are kept of them.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use event::Secret;
use rand::TryRng;
use rand::rngs::SysRng;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// What tokens begin with, so that scanners for secrets find them.
const PREFIX: &str = "tc_";
/// Random bytes of a token.
const RANDOM: usize = 32;
/// Somebody's own token has at least so many bytes: as many as 256 random bits have in base64.
const SHORTEST: usize = 43;
/// Nothing longer is a token.
const LONGEST: usize = 512;

/// A new token, to be shown once.
#[derive(Clone, Debug)]
pub struct Token(Secret);

/// The SHA-256 of a token.
#[derive(Clone, Copy)]
pub struct Hash([u8; 32]);

/// A token of somebody's own that could be guessed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "has {0} characters, and a token needs {SHORTEST} to {LONGEST} random ones without spaces: make one with `echo tc_$(openssl rand -hex \
     32)`"
)]
pub struct WeakToken(usize);

impl Token {
    /// Makes one of 256 bits of the operating system's random numbers.
    ///
    /// # Errors
    /// The system gives none.
    pub fn random() -> std::io::Result<Self> {
        let mut bytes = [0; RANDOM];
        SysRng.try_fill_bytes(&mut bytes).map_err(std::io::Error::other)?;
        Ok(Self(Secret::new(&format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(bytes)))))
    }

    /// Takes a token that somebody made.
    ///
    /// # Errors
    /// It is too short to have enough of chance in it, or none at all.
    pub fn own(text: &str) -> Result<Self, WeakToken> {
        let fits =
            (SHORTEST..=LONGEST).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
        if fits { Ok(Self(Secret::new(text))) } else { Err(WeakToken(text.chars().count())) }
    }

    /// A text without the tokens that stand in it, for logs of what others sent. Those that somebody made without
    /// `tc_` can not be told from other words.
    pub fn hidden(text: &str) -> String {
        let mut shown = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(at) = rest.find(PREFIX) {
            let (before, token) = rest.split_at(at);
            let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '=' | '%');
            let end = token.find(|c| !is_part(c)).unwrap_or(token.len());
            shown.push_str(before);
            shown.push_str(if end < SHORTEST { &token[..end] } else { "[token]" });
            rest = &token[end..];
        }
        shown.push_str(rest);
        shown
    }

    /// The token itself, for the one place that shows it.
    pub fn expose(&self) -> &str {
        self.0.expose()
    }

    /// What is kept of it.
    pub fn hash(&self) -> Hash {
        Hash::of(self.expose())
    }
}

impl Hash {
    /// Of whatever somebody says is a token.
    pub fn of(text: &str) -> Self {
        Self(Sha256::digest(text.as_bytes()).into())
    }

    /// Reads 64 hexadecimal digits.
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.as_bytes();
        if digits.len() != 64 {
            return None;
        }
        let mut hash = [0; 32];
        for (byte, pair) in hash.iter_mut().zip(digits.chunks_exact(2)) {
            let digit = |at: usize| char::from(pair[at]).to_digit(16);
            *byte = u8::try_from(digit(0)? * 16 + digit(1)?).ok()?;
        }
        Some(Self(hash))
    }

    /// Its bytes.
    pub fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    pub(crate) fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

/// In constant time.
impl PartialEq for Hash {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl Eq for Hash {}

/// A hash is no secret of its own, but nobody needs it in a log.
impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[hash]")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_random_and_long_and_not_shown_by_accident() {
        let (one, two) = (Token::random().unwrap(), Token::random().unwrap());
        assert!(one.expose().starts_with("tc_") && one.expose().len() == 46);
        assert_ne!(one.hash(), two.hash());
        assert_eq!(one.hash(), Hash::of(one.expose()));
        let shown = format!("{one:?} {:?}", one.hash());
        assert_eq!(shown, "Token([redacted]) [hash]");
        Token::own(one.expose()).unwrap();
    }

    #[test]
    fn tokens_are_taken_out_of_texts() {
        let token = Token::random().unwrap();
        for (text, shown) in [
            (format!("a={}&b=1", token.expose()), "a=[token]&b=1"),
            (format!("{0} {0}", token.expose()), "[token] [token]"),
            (format!("x{}", token.expose()), "x[token]"),
            ("q=tc_short&tc_".to_owned(), "q=tc_short&tc_"),
            ("ünothing".to_owned(), "ünothing"),
        ] {
            assert_eq!(Token::hidden(&text), shown);
        }
    }

    #[test]
    fn what_could_be_guessed_is_refused() {
        let fits = "x".repeat(43);
        Token::own(&fits).unwrap();
        for weak in ["", "secret", &fits[1..], &format!("{fits} "), &"ä".repeat(43), &"x".repeat(513)] {
            let error = Token::own(weak).unwrap_err().to_string();
            assert!(error.contains("openssl rand") && !error.contains("secret"), "{error}");
        }
    }

    #[test]
    fn hashes_are_read_as_sha256sum_writes_them() {
        let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(Hash::parse(abc), Some(Hash::of("abc")));
        assert_eq!(Hash::parse(&abc.to_uppercase()), Some(Hash::of("abc")));
        for bad in
            ["", "abc", &abc[1..], &abc.replace('b', "g"), &abc.replace("ba", "ü"), &format!("{abc}00")]
        {
            assert_eq!(Hash::parse(bad), None, "{bad}");
        }
    }
}
