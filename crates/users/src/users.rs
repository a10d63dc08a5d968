//! The users of the configuration and those of the data directory, as one.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use event::{Secret, SecretPlace};
use jiff::Timestamp;
use store::Role;

use crate::registry::{Registry, RegistryError, State};
use crate::{Hash, Name, Token};

/// A user of the configuration.
#[derive(Clone, Debug)]
pub struct Configured {
    /// By which they log in.
    pub name: Name,
    /// What they may.
    pub role: Role,
    /// What they prove it with.
    pub proof: Proof,
}

/// Where the hash of a token comes from.
#[derive(Clone, Debug)]
pub enum Proof {
    /// It is configured itself.
    Hash(Hash),
    /// From the token, which is read again each time when it is in a file.
    Token(SecretPlace),
}

/// Where a user stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// In the configuration, and is changed there.
    Configuration,
    /// In the data directory, and is changed with `trailcar user`.
    DataDir,
}

/// A user, as of now.
#[derive(Clone, Debug)]
pub struct User {
    /// By which they log in.
    pub name: Name,
    /// What they may.
    pub role: Role,
    /// Of their token; there is none while it can not be read.
    pub hash: Option<Hash>,
    /// Whether they may come in.
    pub state: State,
    /// Where they stand.
    pub place: Place,
    /// When they were added, to the data directory.
    pub created: Option<Timestamp>,
}

impl User {
    fn proves(&self, hash: &Hash) -> bool {
        let same = self.hash.as_ref().is_some_and(|own| own == hash);
        same && self.state == State::Active
    }
}

/// All users, asked anew each time. Where both places have one of a name, that of the configuration counts.
#[derive(Clone, Debug, Default)]
pub struct Users {
    configured: Arc<[Configured]>,
    registry: Option<Registry>,
    /// Whether there was a user once: then there is no way back while this runs, whatever becomes of the file.
    seen: Arc<AtomicBool>,
}

impl Users {
    /// Those of both places.
    pub fn new(configured: Vec<Configured>, registry: Option<Registry>) -> Self {
        Self { configured: configured.into(), registry, seen: Arc::default() }
    }

    /// The file of the data directory.
    pub fn registry(&self) -> Option<&Registry> {
        self.registry.as_ref()
    }

    /// Everybody, by name.
    ///
    /// # Errors
    /// The data directory's can not be read.
    pub fn list(&self) -> Result<Vec<User>, RegistryError> {
        let mut all: Vec<User> = self.configured.iter().map(Configured::user).collect();
        let registered = self.registry.as_ref().map(Registry::list).transpose()?.unwrap_or_default();
        for user in registered {
            if self.configured.iter().all(|own| own.name != user.name) {
                all.push(User {
                    name: user.name,
                    role: user.role,
                    hash: Some(user.hash),
                    state: user.state,
                    place: Place::DataDir,
                    created: Some(user.created),
                });
            }
        }
        all.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(all)
    }

    /// Whether there are any, be they disabled: then nobody comes in without a token.
    ///
    /// # Errors
    /// As [`list`](Self::list).
    pub fn exist(&self) -> Result<bool, RegistryError> {
        if self.seen.load(Ordering::Relaxed) {
            return Ok(true);
        }
        let exist = !self.list()?.is_empty();
        self.seen.fetch_or(exist, Ordering::Relaxed);
        Ok(exist)
    }

    /// Whose token a text is. Every user is compared, in constant time.
    ///
    /// # Errors
    /// As [`list`](Self::list).
    pub fn by_token(&self, text: &str) -> Result<Option<User>, RegistryError> {
        let hash = Hash::of(text);
        let found = |found: Option<User>, user: User| if user.proves(&hash) { Some(user) } else { found };
        Ok(self.list()?.into_iter().fold(None, found))
    }

    /// The user of a name, as long as they may come in with the token of a hash.
    ///
    /// # Errors
    /// As [`list`](Self::list).
    pub fn still(&self, name: &Name, hash: &Hash) -> Result<Option<User>, RegistryError> {
        Ok(self.list()?.into_iter().find(|user| user.name == *name && user.proves(hash)))
    }

    /// Names of the active owners.
    ///
    /// # Errors
    /// As [`list`](Self::list).
    pub fn owners(&self) -> Result<Vec<Name>, RegistryError> {
        let owns = |user: &User| user.role == Role::Owner && user.state == State::Active;
        Ok(self.list()?.into_iter().filter(owns).map(|user| user.name).collect())
    }

    /// Whether the configuration has an owner.
    pub fn configuration_owns(&self) -> bool {
        self.configured.iter().any(|user| user.role == Role::Owner)
    }

    /// Whether a name stands in the configuration.
    pub fn is_configured(&self, name: &Name) -> bool {
        self.configured.iter().any(|user| user.name == *name)
    }
}

impl Configured {
    fn user(&self) -> User {
        User {
            name: self.name.clone(),
            role: self.role,
            hash: self.hash(),
            state: State::Active,
            place: Place::Configuration,
            created: None,
        }
    }

    fn hash(&self) -> Option<Hash> {
        match &self.proof {
            Proof::Hash(hash) => Some(*hash),
            Proof::Token(place) => self
                .token(place)
                .inspect_err(|reason| tracing::warn!("the token of user {} {reason}", self.name))
                .ok()
                .map(|token| token.hash()),
        }
    }

    /// Reads the token.
    ///
    /// # Errors
    /// What is wrong with it, with the cure.
    pub fn check(&self) -> Result<(), String> {
        match &self.proof {
            Proof::Hash(_) => Ok(()),
            Proof::Token(place) => self.token(place).map(drop),
        }
    }

    fn token(&self, place: &SecretPlace) -> Result<Token, String> {
        let secret = match place {
            SecretPlace::Value(secret) => secret.clone(),
            SecretPlace::File(path) => {
                let text = std::fs::read_to_string(path);
                Secret::new(
                    &text.map_err(|error| format!("can not be read from {}: {error}", path.display()))?,
                )
            }
        };
        Token::own(secret.expose()).map_err(|weak| weak.to_string())
    }
}
