//! Tests that can not run here: said loudly, counted, and a failure where everything must run.

use std::fs::OpenOptions;
use std::io::Write;

/// Something a test needs and can not have here: what, and the cure.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{what} is not to be had here: {cure}")]
pub struct Unavailable {
    /// What is missing.
    pub what: String,
    /// What to do about it.
    pub cure: String,
}

/// Says that the test running on this thread is skipped: on standard error past the capture of test output, and as a
/// line of the file that `TRAILCAR_TEST_SKIPPED` names, which `tests/run` counts.
///
/// # Panics
/// With `CI=true`, where every test must run.
pub fn skipped(reason: &Unavailable) {
    assert!(std::env::var("CI").as_deref() != Ok("true"), "in CI nothing is skipped: {reason}");
    let test = std::thread::current().name().unwrap_or("a test").to_owned();
    let line = format!("SKIPPED {test}: {reason}\n");
    let told = std::io::stderr().lock().write_all(line.as_bytes());
    let noted = match std::env::var_os("TRAILCAR_TEST_SKIPPED") {
        Some(path) => OpenOptions::new()
            .create(true)
            .append(true)
            .open(path)
            .and_then(|mut file| file.write_all(line.as_bytes())),
        None => Ok(()),
    };
    assert!(told.and(noted).is_ok(), "the skip could not be written down: {line}");
}

/// Takes what a test needs out of a `Result<_, Unavailable>`, or skips the test (see [`skipped`](fn@skipped)).
///
/// ```no_run
/// # fn test() {
/// let node = testkit::require!(testkit::servers::elasticsearch().shared());
/// # let _ = node.url();
/// # }
/// ```
#[macro_export]
macro_rules! require {
    ($needed:expr) => {
        match $needed {
            Ok(had) => had,
            Err(reason) => {
                $crate::skipped(&reason);
                return;
            }
        }
    };
}
