//! The key, and what looks odd about it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use event::{Secret, SecretPlace};

/// Characters behind `crsr_`, as far as such keys were seen.
const CRSR_LENGTH: usize = 64;

/// Fewer hexadecimal digits behind `key_` look cut.
const SHORTEST_HEX: usize = 32;

/// An Admin API key with what looks odd about it. Nothing odd is a reason not to use it.
#[derive(Clone, Debug)]
pub struct Key {
    secret: Secret,
    oddities: Vec<&'static str>,
}

impl Key {
    /// Takes a key as it was written; line breaks at its end do not count, as every editor leaves one.
    pub fn new(text: &str) -> Self {
        let written = text.trim_end_matches(['\r', '\n']);
        let secret = Secret::new(written);
        let mut oddities = Vec::new();
        if written.contains(char::is_whitespace) {
            oddities.push("the key has white space in it or around it: copy the key alone");
        }
        let key = secret.expose();
        if let Some(rest) = key.strip_prefix("crsr_") {
            if rest.len() < CRSR_LENGTH {
                oddities.push("the key is shorter than keys that begin with crsr_ are: it looks cut");
            }
        } else if let Some(rest) = key.strip_prefix("key_") {
            if rest.len() < SHORTEST_HEX {
                oddities.push("the key is shorter than keys that begin with key_ are: it looks cut");
            }
        } else {
            oddities.push(
                "the key begins neither with key_ nor with crsr_: is it an Admin API key? Those of the Analytics and \
                 Cloud Agents APIs do not work here",
            );
        }
        Self { secret, oddities }
    }

    /// Reads the key from where it is.
    ///
    /// # Errors
    /// Why there is none, with the cure.
    pub async fn read(place: &SecretPlace) -> Result<Self, String> {
        let key = match place {
            // White space is gone already, as it is from every secret of the configuration.
            SecretPlace::Value(secret) => Self::new(secret.expose()),
            SecretPlace::File(path) => {
                let text = tokio::fs::read_to_string(path).await;
                let shown = path.display();
                Self::new(&text.map_err(|error| {
                    format!("api_key_file {shown} can not be read: {error}: put the key there, readable for this user")
                })?)
            }
        };
        if key.secret.expose().is_empty() {
            return Err(
                "the key is empty: create one at cursor.com/dashboard, Settings, Advanced, Admin API Keys"
                    .to_owned(),
            );
        }
        Ok(key)
    }

    /// What looks odd, in words that do not show the key.
    pub fn oddities(&self) -> &[&'static str] {
        &self.oddities
    }

    /// The key itself.
    pub(crate) fn secret(&self) -> &Secret {
        &self.secret
    }

    /// Takes the key out of a text, as it is and as a request carries it.
    pub(crate) fn redact(&self, text: &str) -> String {
        let key = self.secret.expose();
        let encoded = STANDARD.encode(format!("{key}:"));
        text.replace(&encoded, "[redacted]").replace(key, "[redacted]")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn odd_keys_get_a_word_and_are_taken() {
        let crsr = format!("crsr_{}", "a".repeat(64));
        let hex = format!("key_{}", "0".repeat(64));
        for (text, part) in [
            (crsr.clone(), None),
            (format!("{hex}\r\n"), None),
            (format!(" {crsr}"), Some("white space")),
            (format!("{crsr} {crsr}"), Some("white space")),
            (crsr[..40].to_owned(), Some("looks cut")),
            (hex[..20].to_owned(), Some("looks cut")),
            ("sk-12345678".to_owned(), Some("neither with key_")),
        ] {
            let key = Key::new(&text);
            assert_eq!(key.oddities().len(), usize::from(part.is_some()), "{text}: {:?}", key.oddities());
            assert!(key.oddities().iter().all(|oddity| oddity.contains(part.unwrap())), "{text}");
            assert!(!format!("{key:?}").contains(&text));
        }
    }

    #[test]
    fn a_key_is_taken_out_of_texts_in_both_forms() {
        let key = Key::new("key_c4n4ry");
        let text = format!("Basic {} and key_c4n4ry", STANDARD.encode("key_c4n4ry:"));
        assert_eq!(key.redact(&text), "Basic [redacted] and [redacted]");
    }
}
