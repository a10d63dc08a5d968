//! API key or basic authentication, and the files they come from.

use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use elasticsearch::auth::Credentials;
use event::SecretPlace;

use crate::Secret;
use crate::config::{ElasticsearchConfig, Mistakes};

/// Reads the credentials of a configuration; what is wrong with them is noted. `None`: none are configured.
pub(crate) fn credentials(config: &ElasticsearchConfig, mistakes: &mut Mistakes) -> Option<Credentials> {
    let key = secret(("api_key", &config.api_key), ("api_key_file", &config.api_key_file), mistakes);
    let password = secret(("password", &config.password), ("password_file", &config.password_file), mistakes);
    match (key, &config.username, password) {
        (Some(_), Some(_), _) => {
            mistakes.add("api_key", "is given beside username: keep one of the two");
            None
        }
        (Some(key), None, _) => {
            mistakes.take("api_key", encode(key.expose())).map(Credentials::EncodedApiKey)
        }
        (None, Some(user), Some(password)) => {
            Some(Credentials::Basic(user.clone(), password.expose().to_owned()))
        }
        (None, Some(_), None) => {
            mistakes.add("username", "has no password: add password_file");
            None
        }
        (None, None, Some(_)) => {
            mistakes.add("password", "has no user name: add username");
            None
        }
        (None, None, None) => None,
    }
}

/// A secret given by value or by file, read.
fn secret(
    (key, value): (&str, &Option<Secret>),
    (file_key, file): (&str, &Option<PathBuf>),
    mistakes: &mut Mistakes,
) -> Option<Secret> {
    let file = match mistakes.take(key, SecretPlace::of(value.clone(), file_key, file.clone()))?? {
        SecretPlace::Value(secret) => return Some(secret),
        SecretPlace::File(file) => file,
    };
    let secret = mistakes.take(file_key, read(&file))?;
    if secret.expose().is_empty() {
        mistakes.add(file_key, "is empty");
        return None;
    }
    Some(secret)
}

fn read(file: &Path) -> Result<Secret, String> {
    let text = std::fs::read_to_string(file)
        .map_err(|error| format!("{} can not be read: {error}", file.display()))?;
    Ok(Secret::new(&text))
}

/// The form that goes into the `Authorization` header. Elasticsearch hands a key out as `id` and `api_key`, and
/// as `encoded`, the base64 of `id:api_key`.
fn encode(key: &str) -> Result<String, String> {
    if key.contains(':') {
        return Ok(STANDARD.encode(key));
    }
    let decoded = STANDARD.decode(key).ok().filter(|decoded| decoded.contains(&b':'));
    match decoded {
        Some(_) => Ok(key.to_owned()),
        None => Err(
            "is neither id:api_key nor the encoded form that Elasticsearch gives: it may be cut, or be the \
                     api_key part alone"
                .to_owned(),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_all(config: &ElasticsearchConfig) -> Result<Option<Credentials>, String> {
        let mut mistakes = Mistakes::default();
        let credentials = credentials(config, &mut mistakes);
        mistakes.finish().map(|()| credentials).map_err(|error| error.to_string())
    }

    #[test]
    fn both_forms_of_an_api_key_are_taken() {
        for key in ["id:key", "aWQ6a2V5", " aWQ6a2V5\n"] {
            let config = ElasticsearchConfig { api_key: Some(Secret::new(key)), ..Default::default() };
            let Ok(Some(Credentials::EncodedApiKey(encoded))) = read_all(&config) else { panic!("{key}") };
            assert_eq!(encoded, "aWQ6a2V5");
        }
    }

    #[test]
    fn mistakes_name_key_and_cure_but_no_secret() {
        let hush = || Some(Secret::new("hushhush"));
        for (config, part) in [
            (ElasticsearchConfig { api_key: hush(), ..Default::default() }, "may be cut"),
            (ElasticsearchConfig { password: hush(), ..Default::default() }, "add username"),
            (
                ElasticsearchConfig { username: Some("u".into()), ..Default::default() },
                "username: has no password",
            ),
            (
                ElasticsearchConfig {
                    password: hush(),
                    password_file: Some("/p".into()),
                    username: Some("u".into()),
                    ..Default::default()
                },
                "password: is given beside password_file",
            ),
            (
                ElasticsearchConfig {
                    api_key: Some(Secret::new("a:hushhush")),
                    username: Some("u".into()),
                    ..Default::default()
                },
                "beside username",
            ),
            (
                ElasticsearchConfig { api_key_file: Some("/no/such/file".into()), ..Default::default() },
                "api_key_file: /no/such/file can not be read",
            ),
            (
                ElasticsearchConfig { api_key: Some(Secret::new(" ")), ..Default::default() },
                "api_key: is empty",
            ),
        ] {
            let told = read_all(&config).unwrap_err();
            assert!(told.contains(part) && !told.contains("hushhush"), "{told}");
        }
    }
}
