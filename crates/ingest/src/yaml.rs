//! YAML that comes from outside.

use serde::de::DeserializeOwned;

/// How deep lists and objects may be nested: three for each level of processors, and values besides.
const MAX_DEPTH: usize = 128;

/// The stack that YAML is read on, which takes a frame of many kilobytes for each level.
const STACK: usize = 8 << 20;

/// Reads YAML, or JSON, of which YAML is a superset.
///
/// # Errors
/// What is wrong with the text, with line and column.
pub fn read<T: DeserializeOwned + Send>(text: &str) -> Result<T, String> {
    let read = || {
        let budget = serde_saphyr::budget! { max_depth: MAX_DEPTH };
        serde_saphyr::from_str_with_options(
            text,
            serde_saphyr::options! { strict_booleans: true, budget: budget },
        )
    };
    on_large_stack(read)
        .map_err(|cause| format!("there is no memory to read it: {cause}"))?
        .map_err(|error| format!("this is not YAML: {error}"))
}

/// Runs something where recursion to [`MAX_DEPTH`] fits, whatever thread asks for it.
fn on_large_stack<T: Send>(work: impl FnOnce() -> T + Send) -> std::io::Result<T> {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, work)?;
        thread.join().map_err(|_| std::io::Error::other("the reader broke"))
    })
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    // Found by the fuzz targets: this overflowed the stack of a thread.
    #[test]
    fn what_is_nested_deeply_is_an_error() {
        for (open, close) in [("{a: ", "}"), ("[", "]"), ("- ", ""), ("on_failure: {\"processors\":[", "")] {
            let text = format!("{}1{}", open.repeat(5_000), close.repeat(5_000));
            assert!(read::<Value>(&text).is_err(), "{open}");
        }
        let deep = format!("a: {}1{}", "[".repeat(100), "]".repeat(100));
        assert!(read::<Value>(&deep).is_ok());
    }
}
