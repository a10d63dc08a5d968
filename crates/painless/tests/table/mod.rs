//! Scripts in tables: source, document before, and the document after or the exception.
//!
//! The results were compared with a real server's `_simulate`, but for what the crate's documentation says to differ.

use event::doc::Places;
use event::{Doc, Key};
use painless::Script;

/// The source after the script, or the exception's kind and message.
pub(crate) fn run(source: &str, json: &str) -> Result<String, String> {
    let params = serde_json::json!({"n": 5, "l": [1], "t": {"x": ["y"]}});
    let mut places = Places::default();
    let script =
        Script::compile(source, &params, &mut places).unwrap_or_else(|error| panic!("{source}: {error}"));
    let mut doc = Doc::new();
    doc.adopt(&places.into());
    let root = doc.parse_str(json).unwrap();
    doc.set_data(Doc::SOURCE, doc.data(root));
    for (key, value) in [("_index", "i"), ("_id", "d1")] {
        let node = doc.string(value);
        doc.put(Doc::METADATA, &Key::new(key), node);
    }
    script.run(&mut doc).map_err(|error| format!("{}: {error}", error.kind))?;
    Ok(doc.json(Doc::SOURCE))
}

pub(crate) fn check(table: &[(&str, &str, Result<&str, &str>)]) {
    for (source, json, after) in table {
        let after = after.map(str::to_owned).map_err(str::to_owned);
        assert_eq!(run(source, json), after, "{source} on {json}");
    }
}
