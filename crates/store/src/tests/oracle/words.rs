//! Words, found naively.

use std::sync::LazyLock;

use regex::Regex;
use serde_json::Value;

/// The texts that are indexed.
fn texts(document: &Value) -> Vec<String> {
    fn leaves(value: &Value, out: &mut Vec<String>) {
        match value {
            Value::String(text) => out.push(text.clone()),
            Value::Number(number) if number.is_i64() => out.push(number.to_string()),
            Value::Array(values) => values.iter().for_each(|value| leaves(value, out)),
            Value::Object(fields) => fields.values().for_each(|value| leaves(value, out)),
            _ => {}
        }
    }
    let mut document = document.clone();
    for hidden in ["@timestamp", "data_stream"] {
        document.as_object_mut().unwrap().remove(hidden);
    }
    for hidden in ["kind", "module"] {
        document["event"].as_object_mut().unwrap().remove(hidden);
    }
    let mut out = Vec::new();
    leaves(&document, &mut out);
    out
}

static CHUNK: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"[\p{Alphabetic}\p{N}\x{300}-\x{36f}@._:/\\+#%~$-]+").unwrap());
static ID: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"^[0-9a-f-]{20,}$").unwrap());
const JOINERS: &str = r"@._:/\+#%~$-";

/// The words of each chunk of a text.
fn chunks(text: &str) -> Vec<Vec<String>> {
    let text = text.to_lowercase();
    let trim = |part: &str| part.trim_matches(|c| JOINERS.contains(c)).to_owned();
    let chunks = CHUNK.find_iter(&text).map(|found| trim(found.as_str())).filter(|chunk| !chunk.is_empty());
    let words = |chunk: String| {
        let segments: Vec<String> = if ID.is_match(&chunk) {
            Vec::new()
        } else {
            chunk.split(|c| r"@/\:".contains(c)).map(trim).collect()
        };
        let parts = segments
            .iter()
            .filter(|segment| !ID.is_match(segment))
            .flat_map(|segment| segment.split(|c| JOINERS.contains(c)).map(str::to_owned));
        let words: Vec<String> = std::iter::once(chunk).chain(segments.clone()).chain(parts).collect();
        words.into_iter().filter(|word| !word.is_empty()).collect()
    };
    chunks.map(words).collect()
}

/// Whether a document has what is typed into the search box.
pub(super) fn text_matches(document: &Value, query: &str) -> bool {
    let texts: Vec<_> = texts(document).iter().map(|text| chunks(text)).collect();
    let has = |word: &str| texts.iter().flatten().flatten().any(|own| own == word);
    let has_prefix = |prefix: &str| texts.iter().flatten().flatten().any(|own| own.starts_with(prefix));
    query.split('"').enumerate().all(|(at, part)| {
        if at % 2 == 1 {
            let phrase: Vec<String> = chunks(part).into_iter().map(|words| words[0].clone()).collect();
            return phrase.is_empty()
                || texts.iter().any(|text| {
                    text.windows(phrase.len())
                        .any(|at| at.iter().zip(&phrase).all(|(words, word)| words.contains(word)))
                });
        }
        part.split_whitespace().all(|piece| match piece.strip_suffix('*') {
            Some(prefix) if prefix.contains(char::is_alphanumeric) => has_prefix(&prefix.to_lowercase()),
            _ => chunks(piece).iter().all(|words| has(&words[0])),
        })
    })
}
