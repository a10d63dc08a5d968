//! Pipeline definitions as they are written: YAML or JSON, not yet checked.

use serde_json::{Map, Value};

use crate::failure::LoadError;

/// How deep lists and objects of a definition may be nested: three for each level of processors, and values besides.
const MAX_DEPTH: usize = 128;

/// The stack that definitions are read on, which takes a frame of many kilobytes for each level.
const STACK: usize = 8 << 20;

/// A definition with the id that other pipelines call it by.
#[derive(Clone, Debug)]
pub struct Definition {
    /// The pipeline's id.
    pub id: String,
    /// File it comes from, for messages; the id where there is none.
    pub origin: String,
    /// What it says.
    pub body: Map<String, Value>,
}

impl Definition {
    /// Reads YAML or JSON, of which YAML is a superset.
    ///
    /// # Errors
    /// A [`LoadError`] with line and column of what is no YAML.
    pub fn parse(id: &str, origin: &str, text: &str) -> Result<Self, Box<LoadError>> {
        let error = |reason: String| {
            Box::new(LoadError {
                pipeline: origin.to_owned(),
                place: String::new(),
                processor_type: None,
                tag: None,
                property: None,
                kind: "parse_exception",
                reason,
                cure: None,
                script: None,
            })
        };
        match on_large_stack(|| read(text))
            .map_err(|cause| error(format!("there is no memory to read it: {cause}")))?
        {
            Ok(Value::Object(body)) => Ok(Self { id: id.to_owned(), origin: origin.to_owned(), body }),
            Ok(_) => Err(error("a pipeline is an object with the field [processors]".to_owned())),
            Err(cause) => Err(error(format!("this is not YAML: {cause}"))),
        }
    }
}

fn read(text: &str) -> Result<Value, serde_saphyr::Error> {
    let budget = serde_saphyr::budget! { max_depth: MAX_DEPTH };
    serde_saphyr::from_str_with_options(
        text,
        serde_saphyr::options! { strict_booleans: true, budget: budget },
    )
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
    use super::*;

    // Found by the fuzz targets: this overflowed the stack of a thread.
    #[test]
    fn definitions_are_not_nested_deeply() {
        for (open, close) in [("{a: ", "}"), ("[", "]"), ("- ", ""), ("on_failure: {\"processors\":[", "")] {
            let text = format!("{}1{}", open.repeat(5_000), close.repeat(5_000));
            assert!(Definition::parse("p", "p", &text).is_err(), "{open}");
        }
        let deep = format!("a: {}1{}", "[".repeat(100), "]".repeat(100));
        assert!(Definition::parse("p", "p", &deep).is_ok());
    }
}
