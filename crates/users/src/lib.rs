//! Who may see events: names, roles and tokens.
//!
//! Users stand in the configuration ([`Configured`]) or in `users.db` in the data directory ([`Registry`]), which other
//! processes may change while the sidecar runs. [`Users`] is both together, asked anew each time, so that what was changed
//! counts at once.
//!
//! # Tokens
//! A token is 256 random bits, so a fast hash ([`struct@Hash`], SHA-256) is as good as a slow one: slow hashes are for passwords, which
//! can be guessed. Only the hash is kept, and it is compared in constant time. There are no passwords.

mod name;
mod registry;
#[cfg(test)]
mod tests;
mod token;
mod users;

pub use name::{InvalidName, Name};
pub use registry::{Registered, Registry, RegistryError, State, Tell};
pub use token::{Hash, Token, WeakToken};
pub use users::{Configured, Place, Proof, User, Users};
