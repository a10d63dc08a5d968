//! The key, and what looks odd about it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use event::{Secret, SecretPlace};

use crate::service::Service;

/// What is wrong with a key that a header holds as it is.
pub fn fault_in_header(key: &str) -> Option<&'static str> {
    let fits = key.chars().all(|c| c == '\t' || (' '..='~').contains(&c));
    (!fits).then_some("holds a character that no HTTP header takes, a line break for instance: copy it alone")
}

/// A key with what looks odd about it. Nothing odd is a reason not to use it.
#[derive(Clone, Debug)]
pub struct Key {
    secret: Secret,
    oddities: Vec<&'static str>,
}

impl Key {
    /// Takes a key as it was written; line breaks at its end do not count, as every editor leaves one.
    pub fn new<S: Service>(text: &str) -> Self {
        let written = text.trim_end_matches(['\r', '\n']);
        Self { secret: Secret::new(written), oddities: (S::rules().key.oddities)(written) }
    }

    /// Reads the key from where it is.
    ///
    /// # Errors
    /// Why there is none, with the cure.
    pub async fn read<S: Service>(place: &SecretPlace) -> Result<Self, String> {
        let rules = &S::rules().key;
        let key = match place {
            // White space is gone already, as it is from every secret of the configuration.
            SecretPlace::Value(secret) => Self::new::<S>(secret.expose()),
            SecretPlace::File(path) => {
                let text = tokio::fs::read_to_string(path).await;
                let shown = path.display();
                Self::new::<S>(&text.map_err(|error| {
                    format!(
                        "{} {shown} can not be read: {error}: put the {} there, readable for this user",
                        rules.file, rules.noun
                    )
                })?)
            }
        };
        if key.secret.expose().is_empty() {
            return Err(format!("the {} is empty: {}", rules.noun, rules.cure));
        }
        if let Some(fault) = (rules.fault)(key.secret.expose()) {
            return Err(format!("the {} {fault}", rules.noun));
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

    /// Takes the key out of a text: as it is, as Basic authentication carries it, and without a header's name.
    pub(crate) fn redact(&self, text: &str) -> String {
        let key = self.secret.expose();
        let encoded = STANDARD.encode(format!("{key}:"));
        let text = text.replace(&encoded, "[redacted]").replace(key, "[redacted]");
        match key.split_once(':') {
            Some((_, value)) if !value.trim().is_empty() => text.replace(value.trim(), "[redacted]"),
            _ => text,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_taken_out_of_texts_in_both_forms() {
        let key = Key { secret: Secret::new("key_c4n4ry"), oddities: Vec::new() };
        let text = format!("Basic {} and key_c4n4ry", STANDARD.encode("key_c4n4ry:"));
        assert_eq!(key.redact(&text), "Basic [redacted] and [redacted]");
        let header = Key { secret: Secret::new("Cookie: session=c4n4ry"), oddities: Vec::new() };
        assert_eq!(header.redact("Cookie: session=c4n4ry, session=c4n4ry"), "[redacted], [redacted]");
    }
}
