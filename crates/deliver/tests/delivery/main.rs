//! Delivery against a world of scripted sources and destinations.

mod behaviour;
mod oracle;
mod world;
