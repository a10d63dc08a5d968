//! Questions to the store, asked where they may take their time.

use store::Store;

use crate::page::PageError;

/// Asks the store on a thread that may wait.
pub(crate) async fn ask<T: Send + 'static>(
    store: &Store,
    question: impl FnOnce(&Store) -> Result<T, PageError> + Send + 'static,
) -> Result<T, PageError> {
    let store = store.clone();
    tokio::task::spawn_blocking(move || question(&store)).await?
}
