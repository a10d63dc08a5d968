//! Who comes in, and what they may.
//!
//! Pages and interfaces stand behind the [`Door`]. Without users it is open on loopback and closed elsewhere; with users it
//! asks for a session's cookie ([`login`], [`sessions`]) or a token, asks the users anew at each request, and
//! refuses members. The store's queries refuse them once more. What was looked at is written to the journal before the answer
//! goes out; when that fails, so does the answer.

mod account;
mod address;
mod caller;
mod credentials;
mod door;
mod login;
mod looks;
mod refusal;
mod sessions;
#[cfg(test)]
mod tests;
mod throttle;

pub use caller::exported;
pub(crate) use caller::{Caller, Standing, standing};
pub(crate) use door::{Door, local_host, pass};
pub(crate) use login::routes;
pub(crate) use refusal::Refusal;
