//! Texts that are put together before a document takes them: in one buffer for each thread, which is kept.

use std::cell::Cell;

/// A buffer that has grown beyond this is not kept.
const MOST: usize = 1 << 16;

thread_local! {
    static BUFFER: Cell<String> = const { Cell::new(String::new()) };
}

/// Gives an empty buffer; one that is asked for while another is in use is a new one.
pub(crate) fn with<R>(work: impl FnOnce(&mut String) -> R) -> R {
    let mut text = BUFFER.take();
    text.clear();
    let result = work(&mut text);
    if text.capacity() <= MOST {
        BUFFER.set(text);
    }
    result
}
