//! Who comes in, and what they may.

mod caller;

pub(crate) use caller::{Caller, open};
