//! Delivery against a world of scripted sources and destinations.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that can not go on has failed")]

mod behaviour;
mod oracle;
mod told;
mod world;
