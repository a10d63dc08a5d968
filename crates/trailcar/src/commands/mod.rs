//! The commands, one file each.

pub(crate) mod backfill;
pub(crate) mod check;
mod check_access;
pub(crate) mod demo;
pub(crate) mod doctor;
pub(crate) mod export;
mod health;
pub(crate) mod import;
pub(crate) mod init;
mod live;
pub(crate) mod normalize;
pub(crate) mod pipeline;
pub(crate) mod quarantine;
pub(crate) mod run;
pub(crate) mod setup;
mod summary;
mod told;
pub(crate) mod user;
