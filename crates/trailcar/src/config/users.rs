//! `users`: the section as it is written, and what becomes of it.

use std::collections::BTreeMap;
use std::path::PathBuf;

use event::{Secret, SecretPlace};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use store::Role;
use users::{Configured, Hash, Name, Proof};

use super::resolve::Checks;

/// An element of `users`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct UserFile {
    name: String,
    #[serde(deserialize_with = "role")]
    role: Role,
    token: Option<Secret>,
    token_file: Option<PathBuf>,
    token_sha256: Option<String>,
}

fn role<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Role, D::Error> {
    let text = String::deserialize(deserializer)?;
    parse_role(&text).map_err(|cure| D::Error::custom(format!("[{text}] is no role: {cure}")))
}

/// Reads a role, from the file or the command line.
///
/// # Errors
/// The roles that there are.
pub(crate) fn parse_role(text: &str) -> Result<Role, String> {
    Role::parse(text).ok_or_else(|| "it is owner, admin or member".to_owned())
}

impl Checks<'_> {
    /// Those who may log in.
    pub(super) fn users(&mut self, files: Vec<UserFile>) -> Vec<Configured> {
        let places: Vec<String> = self.places("users", files.len());
        let mut known: BTreeMap<Name, String> = BTreeMap::new();
        let mut users = Vec::new();
        for (file, path) in files.into_iter().zip(places) {
            let Ok(name) = Name::new(&file.name)
                .map_err(|error| self.mistake(&format!("{path}.name"), error.to_string()))
            else {
                continue;
            };
            if let Some(first) = known.insert(name.clone(), path.clone()) {
                self.mistake(
                    &format!("{path}.name"),
                    format!("is {name} like that of {first}: name each user once"),
                );
            }
            let role = file.role;
            match proof(file) {
                Ok(proof) => users.push(Configured { name, role, proof }),
                Err((key, message)) => {
                    let dot = if key.is_empty() { "" } else { "." };
                    self.mistake(&format!("{path}{dot}{key}"), message);
                }
            }
        }
        users
    }
}

/// What a user proves it with, or the key that is wrong and why.
fn proof(file: UserFile) -> Result<Proof, (&'static str, String)> {
    let place =
        SecretPlace::of(file.token, "token_file", file.token_file).map_err(|error| ("token", error))?;
    match (place, file.token_sha256) {
        (Some(_), Some(_)) => Err(("token_sha256", "is given beside a token: keep one of the two".to_owned())),
        (None, None) => Err((
            "",
            "lacks a token: name the file that holds it with token_file, or give token or token_sha256; make a token with \
             `echo tc_$(openssl rand -hex 32)`"
                .to_owned(),
        )),
        (None, Some(text)) => Hash::parse(text.trim()).map(Proof::Hash).ok_or_else(|| {
            let cure = "write the 64 digits that `printf %s \"$TOKEN\" | sha256sum` shows";
            ("token_sha256", format!("is no SHA-256: {cure}"))
        }),
        (Some(place), None) => {
            if let SecretPlace::Value(secret) = &place {
                users::Token::own(secret.expose()).map_err(|weak| ("token", weak.to_string()))?;
            }
            Ok(Proof::Token(place))
        }
    }
}
