//! Where the two are known to differ, and why: each as narrow as it can be told.

use serde_json::{Value, json};

use super::shrink::Seen;
use crate::compare::Outcome;

/// A known difference.
pub(crate) struct Known {
    /// Why they differ.
    pub(crate) why: &'static str,
    /// Where Elasticsearch documents what the engine does, or this project what it does otherwise.
    pub(crate) page: &'static str,
    /// Words in what the engine gave.
    ours: &'static str,
    /// Words in what the node gave.
    theirs: &'static str,
    /// What else must be so.
    when: fn(&Seen, &Outcome, &Outcome) -> bool,
}

const HERE: &str = "docs/proof.md";

fn always(_: &Seen, _: &Outcome, _: &Outcome) -> bool {
    true
}

const KNOWN: &[Known] = &[
    Known {
        why: "OpenSearch tells no handler of a foreach that its field is missing, null or no list",
        page: "https://www.elastic.co/docs/reference/enrich-processor/foreach-processor",
        ours: "",
        theirs: "Failed",
        when: foreach_failed,
    },
    Known {
        why: "OpenSearch's convert to ip has words of its own",
        page: "https://www.elastic.co/docs/reference/enrich-processor/convert-processor",
        ours: "is not an IP string literal.",
        theirs: "is not a valid ipv4/ipv6 address",
        when: always,
    },
    Known {
        why: "OpenSearch's remove has words of its own",
        page: "https://www.elastic.co/docs/reference/enrich-processor/remove-processor",
        ours: "path cannot be null nor empty",
        theirs: "field path cannot be null nor empty",
        when: always,
    },
    Known {
        why: "what is no JSON is told in the words of the parser",
        page: HERE,
        ours: "is not JSON: ",
        theirs: "JsonParseException",
        when: always,
    },
    Known {
        why: "OpenSearch's json takes the first value and leaves the rest",
        page: "https://www.elastic.co/docs/reference/enrich-processor/json-processor",
        ours: "there is more text behind the end",
        theirs: "",
        when: always,
    },
    Known {
        why: "an empty path is refused when the pipeline is loaded",
        page: HERE,
        ours: "path cannot be null nor empty",
        theirs: "",
        when: refused,
    },
    Known {
        why: "a mistake in a regular expression is told in the words of the engine's parser",
        page: HERE,
        ours: "Invalid regex pattern. ",
        theirs: "",
        when: refused,
    },
    Known {
        why: "the node names a class of its own",
        page: HERE,
        ours: "Unable to parse pattern: ",
        theirs: "org.opensearch.dissect.DissectException$PatternParse",
        when: refused,
    },
    Known {
        why: "a time zone that there is not is refused when the pipeline is loaded",
        page: HERE,
        ours: "Unknown time-zone ID: ",
        theirs: "",
        when: refused,
    },
];

fn refused(_: &Seen, ours: &Outcome, _: &Outcome) -> bool {
    matches!(ours, Outcome::Refused { .. })
}

/// Whether the node's failure is that of a loop's field.
fn foreach_failed(seen: &Seen, _: &Outcome, theirs: &Outcome) -> bool {
    let Outcome::Failed { reason, .. } = theirs else { return false };
    let mut fields = Vec::new();
    loops(&json!([seen.processors, seen.on_failure, seen.pipelines]), &mut fields);
    fields.iter().any(|field| {
        [" not present as part of path [", " of type [", " is null, cannot loop over its elements."]
            .iter()
            .any(|words| {
                reason.contains(words)
                    && (reason.contains(&format!("field [{field}]"))
                        || reason.contains(&format!("path [{field}]")))
            })
    })
}

/// The fields of all loops.
fn loops(value: &Value, fields: &mut Vec<String>) {
    match value {
        Value::Array(list) => list.iter().for_each(|inner| loops(inner, fields)),
        Value::Object(object) => {
            if let Some(field) = object.get("foreach").and_then(|options| options["field"].as_str()) {
                fields.push(field.to_owned());
            }
            object.values().for_each(|inner| loops(inner, fields));
        }
        _ => {}
    }
}

/// The known difference that explains these two.
pub(super) fn of(seen: &Seen, ours: &Outcome, theirs: &Outcome) -> Option<&'static Known> {
    let (our_text, their_text) = (format!("{ours:?}"), format!("{theirs:?}"));
    KNOWN.iter().find(|known| {
        our_text.contains(known.ours) && their_text.contains(known.theirs) && (known.when)(seen, ours, theirs)
    })
}
