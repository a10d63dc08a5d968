//! Values that are read from a document by a list of rules: what one product calls a field can be in another field, or in
//! none, of another's events. An interface that shows such a value filters by the same rules.

use event::{Doc, NodeId};

use crate::document::{field_texts, first_text};

/// How a value is found. Of a list of rules the first that gives a text counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Rule {
    /// The first text at a dotted path.
    Field(&'static str),
    /// A text of its own where a field holds one of some values.
    When {
        /// Dotted path.
        field: &'static str,
        /// The values, as they are.
        is: &'static [&'static str],
        /// What it is called then.
        gives: &'static str,
    },
    /// A text of its own where a field begins in some way.
    Begins {
        /// Dotted path.
        field: &'static str,
        /// The beginning.
        with: &'static str,
        /// What it is called then.
        gives: &'static str,
    },
    /// A text of its own where a field has any text.
    Has {
        /// Dotted path.
        field: &'static str,
        /// What it is called then.
        gives: &'static str,
    },
    /// A text for all that are left.
    Always(&'static str),
}

/// What rules give for a document; empty where none does.
pub fn derive(doc: &Doc, root: NodeId, rules: &[Rule]) -> String {
    let mut texts = rules.iter().map(|rule| rule.text(doc, root));
    texts.find(|text| !text.is_empty()).unwrap_or_default()
}

impl Rule {
    fn text(&self, doc: &Doc, root: NodeId) -> String {
        let gives_if = |gives: &str, field: &str, fits: &dyn Fn(&str) -> bool| {
            let mut found = false;
            field_texts(doc, root, field, &mut |text| found |= fits(text));
            if found { gives.to_owned() } else { String::new() }
        };
        match *self {
            Self::Field(path) => first_text(doc, root, path),
            Self::When { field, is, gives } => gives_if(gives, field, &|text| is.contains(&text)),
            Self::Begins { field, with, gives } => gives_if(gives, field, &|text| text.starts_with(with)),
            Self::Has { field, gives } => gives_if(gives, field, &|text| !text.is_empty()),
            Self::Always(text) => text.to_owned(),
        }
    }
}

/// A derived value that must be one of some.
///
/// Where all rules are fields, the full-text index narrows down which documents are looked into; else every document
/// that the other filters let through is read, some 100,000 a second, and remembered while the same is asked.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct DerivedFilter {
    /// How the value is found.
    pub rules: &'static [Rule],
    /// The values, as they are.
    pub values: Vec<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_rule_that_gives_a_text_counts() {
        const RULES: &[Rule] = &[
            Rule::Field("a.id"),
            Rule::When { field: "type", is: &["x", "y"], gives: "when" },
            Rule::Begins { field: "name", with: "cloud_", gives: "begins" },
            Rule::Has { field: "b", gives: "has" },
            Rule::Always("always"),
        ];
        for (json, expected) in [
            (r#"{"a":{"id":7},"type":"x"}"#, "7"),
            (r#"{"a":{"id":""},"type":["w","y"]}"#, "when"),
            (r#"{"type":"z","name":"cloud_agent"}"#, "begins"),
            (r#"{"name":"a cloud_","b":[null,"1"]}"#, "has"),
            (r#"{"b":{"c":1}}"#, "always"),
        ] {
            let mut doc = Doc::new();
            let root = doc.parse_str(json).unwrap();
            assert_eq!(derive(&doc, root, RULES), expected, "{json}");
        }
        let mut doc = Doc::new();
        let root = doc.parse_str("{}").unwrap();
        assert_eq!(derive(&doc, root, &RULES[..4]), "");
    }
}
