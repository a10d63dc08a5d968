//! The commands, one file each.

pub mod check;
pub mod demo;
pub mod doctor;
pub mod import;
pub mod init;
pub mod normalize;
pub mod quarantine;
pub mod run;
pub mod setup;
pub mod summary;
