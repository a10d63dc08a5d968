//! Signals that end the process.

use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// Ends a run: the first signal asks it to finish what is under way, the second leaves that as it is.
#[derive(Clone, Debug, Default)]
pub(crate) struct Stop {
    /// Finish what is under way.
    pub(crate) drain: CancellationToken,
    /// Do not wait for it.
    pub(crate) now: CancellationToken,
}

impl Stop {
    /// Listens to SIGTERM and SIGINT.
    ///
    /// # Errors
    /// The system does not let signals be listened to.
    pub(crate) fn on_signals() -> std::io::Result<Self> {
        let stop = Self::default();
        let mut terminate = signal(SignalKind::terminate())?;
        let mut interrupt = signal(SignalKind::interrupt())?;
        let asked = stop.clone();
        tokio::spawn(async move {
            for (token, words) in [
                (
                    &asked.drain,
                    "stopping: what is under way is finished, a second signal leaves it for the next start",
                ),
                (&asked.now, "stopping at once: what is under way is collected again at the next start"),
            ] {
                tokio::select! {
                    _ = terminate.recv() => {}
                    _ = interrupt.recv() => {}
                }
                tracing::info!("{words}");
                token.cancel();
            }
        });
        Ok(stop)
    }
}
