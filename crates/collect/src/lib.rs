//! What collectors share: a stream of bytes, inflated within bounds ([`Inflate`]) and split into events
//! ([`Splitter`]); [`EventReader`] is the two together.
//!
//! They work on one stream at a time, whatever it comes from: a file, an object of a bucket, the body of a request.
//! They keep bounded memory at any input, count offsets in the inflated stream, and report what is wrong with it
//! only after all that is good has been given out.
//!
//! What is asked of a service page by page instead is held to an [`Allowance`] of requests.

pub mod allowance;
pub mod foreign;
pub mod framing;
pub mod inflate;
pub mod mistake;
pub mod nest;
mod page;
pub mod reader;
pub mod splitter;
pub mod table;

pub use allowance::{Allowance, Allowances};
pub use framing::Framing;
pub use inflate::{Inflate, InflateError, InflateLimits};
pub use mistake::Mistake;
pub use reader::{EventReader, Paused, limits};
pub use splitter::{Ending, Piece, SplitLimits, SplitProblem, Splitter};
pub use table::Table;
