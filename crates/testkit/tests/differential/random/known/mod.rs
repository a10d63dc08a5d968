//! Where the two are known to differ, and why: each as narrow as it can be told.

mod when;

use std::collections::{BTreeMap, BTreeSet};

use self::when::{
    always, but_for_pipelines, foreach_failed, has, has_end_of_line, has_exponent, has_fraction,
    has_long_name, has_text_behind_json, in_another_order, is_far, names_no_element, refused,
    refuses_metadata, shared,
};
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
        theirs: "",
        when: |seen, _, _| has(seen, "remove") || has(seen, "kv"),
    },
    Known {
        why: "what is no JSON is told in the words of the parser",
        page: HERE,
        ours: "is not JSON: ",
        theirs: "org.opensearch.tools.jackson.core.",
        when: always,
    },
    Known {
        why: "OpenSearch's remove has words of its own",
        page: "https://www.elastic.co/docs/reference/enrich-processor/remove-processor",
        ours: "not present as part of path [",
        theirs: "doesn't exist",
        when: |seen, _, _| has(seen, "remove"),
    },
    Known {
        why: "OpenSearch's remove has words of its own",
        page: "https://www.elastic.co/docs/reference/enrich-processor/remove-processor",
        ours: "[keep] or [field] must be specified",
        theirs: "either field or exclude_field must be set",
        when: |_, ours, _| refused(ours),
    },
    Known {
        why: "OpenSearch's bytes reads whole numbers alone",
        page: "https://www.elastic.co/docs/reference/enrich-processor/bytes-processor",
        ours: "[Ingest Field]",
        theirs: "failed to parse [",
        when: |seen, _, _| has(seen, "bytes"),
    },
    Known {
        why: "OpenSearch's bytes reads whole numbers alone",
        page: "https://www.elastic.co/docs/reference/enrich-processor/bytes-processor",
        ours: "",
        theirs: "Fractional bytes values have been deprecated",
        when: |seen, _, _| has(seen, "bytes"),
    },
    Known {
        why: "a node of Elasticsearch 9.2 refuses metadata of the wrong type",
        page: "docs/proof.md",
        ours: "is wrong type, expected assignable to [",
        theirs: "",
        when: |_, _, _| true,
    },
    Known {
        why: "a node of Elasticsearch 9.2 refuses metadata of the wrong type",
        page: "docs/proof.md",
        ours: "",
        theirs: "",
        when: refuses_metadata,
    },
    Known {
        why: "what is no processor, and what is in a list of texts and none, is refused as what it is",
        page: HERE,
        ours: "No processor type exists with name [",
        theirs: "java.util.Map",
        when: |_, ours, theirs| refused(ours) && !refused(theirs),
    },
    Known {
        why: "OpenSearch has words of its own for a processor that is null",
        page: "https://www.elastic.co/docs/manage-data/ingest/transform-enrich/ingest-pipelines",
        ours: "",
        theirs: "the config of processor [",
        when: |_, ours, theirs| refused(ours) && refused(theirs),
    },
    Known {
        why: "an empty text of characters to trim is refused when the pipeline is loaded",
        page: HERE,
        ours: "",
        theirs: "pattern_syntax_exception",
        when: |seen, ours, _| has(seen, "kv") && refused(ours),
    },
    Known {
        why: "OpenSearch's dot_expander has no wildcard",
        page: "https://www.elastic.co/docs/reference/enrich-processor/dot-expand-processor",
        ours: "field does not contain a dot and is not a wildcard",
        theirs: "field does not contain a dot",
        when: |_, ours, _| refused(ours),
    },
    Known {
        why: "OpenSearch's user_agent has more properties",
        page: "https://www.elastic.co/docs/reference/enrich-processor/user-agent-processor",
        ours: "illegal property value [",
        theirs: "illegal property value [",
        when: |_, ours, _| refused(ours),
    },
    Known {
        why: "OpenSearch's bytes reads whole numbers alone",
        page: "https://www.elastic.co/docs/reference/enrich-processor/bytes-processor",
        ours: "[Ingest Field]",
        theirs: "number_format_exception",
        when: |seen, _, _| has(seen, "bytes"),
    },
    Known {
        why: "OpenSearch's bytes reads whole numbers alone",
        page: "https://www.elastic.co/docs/reference/enrich-processor/bytes-processor",
        ours: "",
        theirs: "",
        when: |seen, _, _| has(seen, "bytes") && has_fraction(&seen.document),
    },
    Known {
        why: "OpenSearch's remove has words of its own",
        page: "https://www.elastic.co/docs/reference/enrich-processor/remove-processor",
        ours: "as part of path [",
        theirs: "doesn't exist",
        when: |seen, _, _| has(seen, "remove"),
    },
    Known {
        why: "OpenSearch does not write a character into a document",
        page: HERE,
        ours: "",
        theirs: "cannot write xcontent for unknown value of type class java.lang.Character",
        when: always,
    },
    Known {
        why: "whether OpenSearch's painless throws at a truth value among numbers, and what, depends on what the same place of a script has seen before",
        page: HERE,
        ours: "",
        theirs: "Cannot cast java.lang.Boolean to java.lang.",
        when: always,
    },
    Known {
        why: "what is no processor, and what is in a list of texts and none, is refused as what it is",
        page: HERE,
        ours: "a processor is an object with one field: its type",
        theirs: "",
        when: |_, ours, _| refused(ours),
    },
    Known {
        why: "what is no processor, and what is in a list of texts and none, is refused as what it is",
        page: HERE,
        ours: "property isn't a string, but of type [",
        theirs: "",
        when: |_, ours, _| refused(ours),
    },
    Known {
        why: "names of months and days are read long and short, whichever of both a format has",
        page: HERE,
        ours: "",
        theirs: "",
        when: has_long_name,
    },
    Known {
        why: "a date that is no number (NaN) is an error",
        page: HERE,
        ours: "",
        theirs: "1970-01-01T00:00:00.000Z",
        when: |seen, _, _| seen.document.to_string().contains("NaN"),
    },
    Known {
        why: "numbers beyond 64 bits in dates, and empty texts, are told in other words",
        page: HERE,
        ours: "9223372036854775807",
        theirs: "could not be parsed",
        when: |seen, _, _| has(seen, "date") || has(seen, "date_index_name"),
    },
    Known {
        why: "numbers beyond 64 bits in dates, and empty texts, are told in other words",
        page: HERE,
        ours: "cannot parse empty date",
        theirs: "",
        when: |seen, _, theirs| {
            let text = format!("{theirs:?}");
            has(seen, "date_index_name")
                && ["out of bounds for length 0", "For input string: \\\"\\\""]
                    .iter()
                    .any(|it| text.contains(it))
        },
    },
    Known {
        why: "numbers beyond 64 bits in dates, and empty texts, are told in other words",
        page: HERE,
        ours: "9223372036854775809' could not be parsed at index 19",
        theirs: "9223372036854775809' could not be parsed at index 18",
        when: always,
    },
    Known {
        why: "OpenSearch's remove has words of its own",
        page: "https://www.elastic.co/docs/reference/enrich-processor/remove-processor",
        ours: "For input string: \\\"",
        theirs: "doesn't exist",
        when: |seen, _, _| has(seen, "remove"),
    },
    Known { why: "here dates end with the year 9999", page: HERE, ours: "", theirs: "", when: is_far },
    Known {
        why: "the date null has a message of its own in OpenSearch",
        page: HERE,
        ours: "",
        theirs: "",
        when: |_, _, theirs| {
            let text = format!("{theirs:?}");
            ["Cannot parse null string|", "because \\\"date\\\" is null|", "because \\\"in\\\" is null|"]
                .iter()
                .any(|words| text.contains(words))
        },
    },
    Known {
        why: "metadata in JSON that is added to the top stays in the source here: who sends a text does not choose its index",
        page: HERE,
        ours: "",
        theirs: "",
        when: |seen, _, _| has(seen, "json") && seen.document.to_string().contains("\\\"_id\\\""),
    },
    Known {
        why: "a mistake in a script is told with its place",
        page: HERE,
        ours: "compile error at line",
        theirs: "compile error",
        when: |_, ours, theirs| refused(ours) && refused(theirs),
    },
    Known {
        why: "a format of dates is refused with what is wrong with it",
        page: HERE,
        ours: "Invalid format: [",
        theirs: "invalid output format [",
        when: |_, ours, theirs| refused(ours) && refused(theirs),
    },
    Known {
        why: "a format of dates is refused with what is wrong with it",
        page: HERE,
        ours: "[index_name_format] Invalid format: [",
        theirs: "",
        when: |_, ours, _| refused(ours),
    },
    Known {
        why: "a brace that begins no repetition stands for itself in a regular expression",
        page: HERE,
        ours: "",
        theirs: "Illegal repetition",
        when: always,
    },
    Known {
        why: "a dot in a regular expression takes all ends of lines but \\n",
        page: HERE,
        ours: "",
        theirs: "",
        when: has_end_of_line,
    },
    Known {
        why: "an index that a list does not have, and a dot at the end, name nothing in templates",
        page: HERE,
        ours: "",
        theirs: "",
        when: names_no_element,
    },
    Known {
        why: "a locale that there is not is refused when the pipeline is loaded",
        page: HERE,
        ours: "[locale] Unknown locale [",
        theirs: "",
        when: |_, ours, _| refused(ours),
    },
    Known {
        why: "texts are cut by characters in messages of dates, and by 16 bits there",
        page: HERE,
        ours: "' could not be parsed at index ",
        theirs: "...' could not be parsed at index ",
        when: |_, ours, _| format!("{ours:?}").chars().any(|c| c > '\u{ffff}'),
    },
    Known {
        why: "a time zone that there is not is refused when the pipeline is loaded",
        page: HERE,
        ours: "Invalid ID for ",
        theirs: "",
        when: |_, ours, _| refused(ours),
    },
    Known {
        why: "what is no processor, and what is in a list of texts and none, is refused as what it is",
        page: HERE,
        ours: "property isn't a list, but of type [",
        theirs: "java.lang.ClassCastException",
        when: |_, ours, _| refused(ours),
    },
    Known {
        why: "OpenSearch refuses a database that it does not have",
        page: "https://www.elastic.co/docs/reference/enrich-processor/geoip-processor",
        ours: "",
        theirs: "[database_file] database file [",
        when: |_, _, theirs| refused(theirs),
    },
    Known {
        why: "OpenSearch has another name for the option override",
        page: "https://www.elastic.co/docs/reference/enrich-processor/rename-processor",
        ours: "[override] ",
        theirs: "[override_target] ",
        when: |_, ours, theirs| refused(ours) && refused(theirs),
    },
    Known {
        why: "OpenSearch's convert to ip has words of its own",
        page: "https://www.elastic.co/docs/reference/enrich-processor/convert-processor",
        ours: "Cannot invoke \\\"Object.toString()\\\" because",
        theirs: "is not a valid ipv4/ipv6 address",
        when: always,
    },
    Known {
        why: "OpenSearch's convert to ip has words of its own",
        page: "https://www.elastic.co/docs/reference/enrich-processor/convert-processor",
        ours: "null_pointer_exception",
        theirs: "is not a valid ipv4/ipv6 address",
        when: always,
    },
    Known {
        why: "here numbers are kept as they were written",
        page: "docs/reference/processors/json.md",
        ours: "",
        theirs: "",
        when: |seen, _, _| has(seen, "json") && has_exponent(&seen.document),
    },
    Known {
        why: "what a script casts has words of the place that it was cast at before",
        page: HERE,
        ours: "cannot implicitly cast def [",
        theirs: "Cannot cast ",
        when: always,
    },
    Known {
        why: "OpenSearch keeps the number of a match in a field that a second grok can not write to",
        page: HERE,
        ours: "",
        theirs: "_ingest._grok_match_index.",
        when: always,
    },
    Known {
        why: "an object or list that a script puts into two places is copied",
        page: "docs/reference/painless.md",
        ours: "",
        theirs: "",
        when: shared,
    },
    Known {
        why: "Java names its own variable, or a class of OpenSearch",
        page: HERE,
        ours: "java.lang.Comparable.compareTo",
        theirs: "java.lang.Comparable.compareTo",
        when: always,
    },
    Known {
        why: "what is no processor, and what is in a list of texts and none, is refused as what it is",
        page: HERE,
        ours: "] is no string",
        theirs: "cannot be cast to class java.lang.String",
        when: |_, ours, theirs| refused(ours) && refused(theirs),
    },
    Known {
        why: "letters for weeks and the like are refused",
        page: "docs/reference/processors/date.md",
        ours: "Unknown pattern letter: ",
        theirs: "",
        when: |seen, _, _| has(seen, "date") || has(seen, "date_index_name"),
    },
    Known {
        why: "a null in a list to join has a message here",
        page: HERE,
        ours: "] holds a null",
        theirs: "",
        when: |seen, _, _| has(seen, "join"),
    },
    Known {
        why: "OpenSearch names > where it compares by >=",
        page: HERE,
        ours: "Cannot apply [>=] operation to types [",
        theirs: "Cannot apply [>] operation to types [",
        when: always,
    },
    Known {
        why: "OpenSearch makes a text of metadata that is none",
        page: HERE,
        ours: "",
        theirs: "",
        when: |_, ours, _| matches!(ours, Outcome::Document { id, index, .. } if id.is_empty() || index.is_empty()),
    },
    Known {
        why: "Java names its own variable, or a class of OpenSearch",
        page: HERE,
        ours: "null_pointer_exception|",
        theirs: " is null|",
        when: always,
    },
    Known {
        why: "Java names its own variable, or a class of OpenSearch",
        page: HERE,
        ours: "",
        theirs: "cannot convert MethodHandle(",
        when: always,
    },
    Known {
        why: "a mistake in a template is told in words of the engine's own",
        page: HERE,
        ours: " is not closed\"",
        theirs: "",
        when: |_, ours, _| refused(ours),
    },
    Known {
        why: "a template that names nothing is refused",
        page: HERE,
        ours: "tag [] names no field",
        theirs: "",
        when: |_, ours, _| refused(ours),
    },
    Known {
        why: "in a section on a null the node's templates see all of the document",
        page: HERE,
        ours: "",
        theirs: "_ingest={pipeline=",
        when: always,
    },
    Known {
        why: "Java names its own variable, or a class of OpenSearch",
        page: HERE,
        ours: "Cannot invoke \\\"Object.getClass()\\\" because",
        theirs: "Cannot invoke \\\"Object.getClass()\\\" because",
        when: always,
    },
    Known {
        why: "Java names its own variable, or a class of OpenSearch",
        page: HERE,
        ours: "java.util.HashMap",
        theirs: "ConditionalProcessor.UnmodifiableIngestData",
        when: always,
    },
    Known {
        why: "Java names its own variable, or a class of OpenSearch",
        page: HERE,
        ours: "java.util.ArrayList",
        theirs: "ConditionalProcessor.UnmodifiableIngestList",
        when: always,
    },
    Known {
        why: "OpenSearch runs scripts on a copy, whose maps have another order",
        page: HERE,
        ours: "",
        theirs: "",
        when: in_another_order,
    },
    Known {
        why: "in handlers of a pipeline OpenSearch has no name for it",
        page: "https://www.elastic.co/docs/manage-data/ingest/transform-enrich/ingest-pipelines#handling-pipeline-failures",
        ours: "|_simulate_pipeline",
        theirs: "|",
        when: but_for_pipelines,
    },
    Known {
        why: "OpenSearch's json takes the first value and leaves the rest",
        page: "https://www.elastic.co/docs/reference/enrich-processor/json-processor",
        ours: "",
        theirs: "",
        when: has_text_behind_json,
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
        when: |_, ours, _| refused(ours),
    },
    Known {
        why: "a mistake in a regular expression is told in the words of the engine's parser",
        page: HERE,
        ours: "Invalid regex pattern. ",
        theirs: "",
        when: |_, ours, _| refused(ours),
    },
    Known {
        why: "the node names a class of its own",
        page: HERE,
        ours: "Unable to parse pattern: ",
        theirs: "org.opensearch.dissect.DissectException$PatternParse",
        when: |_, ours, _| refused(ours),
    },
    Known {
        why: "a time zone that there is not is refused when the pipeline is loaded",
        page: HERE,
        ours: "Unknown time-zone ID: ",
        theirs: "",
        when: |_, ours, _| refused(ours),
    },
];
/// What is known, a reason and the pages where it is documented.
pub(crate) fn reasons() -> BTreeMap<&'static str, BTreeSet<&'static str>> {
    let mut all: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for known in KNOWN {
        all.entry(known.why).or_default().insert(known.page);
    }
    all
}

/// The known difference that explains these two.
pub(super) fn of(seen: &Seen, ours: &Outcome, theirs: &Outcome) -> Option<&'static Known> {
    let (our_text, their_text) = (format!("{ours:?}"), format!("{theirs:?}"));
    KNOWN.iter().find(|known| {
        our_text.contains(known.ours) && their_text.contains(known.theirs) && (known.when)(seen, ours, theirs)
    })
}
