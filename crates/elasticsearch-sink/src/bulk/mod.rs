//! `_bulk`: from documents to verdicts.

mod answers;
mod body;
mod outcome;
mod progress;
mod response;

pub(crate) use answers::read;
pub(crate) use body::{body, chunks};
pub(crate) use outcome::{Outcome, Whole, whole};
pub(crate) use progress::{Attempts, Progress};
pub(crate) use response::failure;
