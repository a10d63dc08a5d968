//! Work that is divided among all cores.

use std::num::NonZero;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use crate::StoreError;

/// How many threads have something to do at once.
pub(crate) fn count() -> usize {
    thread::available_parallelism().map_or(1, NonZero::get)
}

/// Runs `work` on every core, each with the numbers below `tasks` that come to it; gives what each has made of its own.
///
/// # Errors
/// The first of `work`.
pub(crate) fn divide<T: Send>(
    tasks: usize,
    work: impl Fn(&mut dyn Iterator<Item = usize>) -> Result<T, StoreError> + Sync,
) -> Result<Vec<T>, StoreError> {
    let next = AtomicUsize::new(0);
    let run = || {
        let claim = || Some(next.fetch_add(1, Ordering::Relaxed)).filter(|task| *task < tasks);
        work(&mut std::iter::from_fn(claim))
    };
    thread::scope(|scope| {
        let others: Vec<_> = (1..count().min(tasks)).map(|_| scope.spawn(run)).collect();
        let mut made = vec![run()];
        made.extend(
            others
                .into_iter()
                .map(|other| other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))),
        );
        made.into_iter().collect()
    })
}
