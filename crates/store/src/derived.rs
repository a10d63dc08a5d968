//! Values that are read from a document by a list of rules: what one product calls a field can be in another field, or in
//! none, of another's events. An interface that shows such a value filters by the same rules.

use event::{Doc, NodeId};

use crate::document::field_texts;
use crate::terms::{Dimension, Term, is_whole};

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

/// Calls a function with every text that an event has in a field.
type Texts<'a> = &'a dyn Fn(&str, &mut dyn FnMut(&str));

/// What rules give for a document; empty where none does.
pub fn derive(doc: &Doc, root: NodeId, rules: &[Rule]) -> String {
    derive_from(rules, &|field, mut each| field_texts(doc, root, field, &mut each))
}

fn derive_from(rules: &[Rule], texts: Texts<'_>) -> String {
    let mut found = rules.iter().map(|rule| rule.text(texts));
    found.find(|text| !text.is_empty()).unwrap_or_default()
}

impl Rule {
    fn text(&self, texts: Texts<'_>) -> String {
        let gives_if = |gives: &str, field: &str, fits: &dyn Fn(&str) -> bool| {
            let mut found = false;
            texts(field, &mut |text| found |= fits(text));
            if found { gives.to_owned() } else { String::new() }
        };
        match *self {
            Self::Field(path) => {
                let mut first = String::new();
                texts(path, &mut |text| {
                    if first.is_empty() {
                        text.clone_into(&mut first);
                    }
                });
                first
            }
            Self::When { field, is, gives } => gives_if(gives, field, &|text| is.contains(&text)),
            Self::Begins { field, with, gives } => gives_if(gives, field, &|text| text.starts_with(with)),
            Self::Has { field, gives } => gives_if(gives, field, &|text| !text.is_empty()),
            Self::Always(text) => text.to_owned(),
        }
    }

    /// Whether the terms of a column tell what it gives.
    fn is_told_by(&self, dimension: Dimension) -> bool {
        let has = |field: &str| dimension.place(field).is_some();
        match *self {
            Self::Field(path) => has(path),
            Self::When { field, is, .. } => {
                has(field) && is.iter().all(|value| !value.is_empty() && is_whole(value))
            }
            Self::Begins { field, with, .. } => has(field) && !with.is_empty() && is_whole(with),
            Self::Has { field, .. } => has(field),
            Self::Always(_) => true,
        }
    }
}

/// A derived value that must be one of some.
///
/// Where the rules look at fields of one column ([`FieldFilter`](crate::FieldFilter)) they are answered from memory. Where all of
/// them are fields, the full-text index narrows down which documents are looked into; else every document that the
/// other filters let through is read, some 100,000 a second, and remembered while the same is asked.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct DerivedFilter {
    /// How the value is found.
    pub rules: &'static [Rule],
    /// The values, as they are.
    pub values: Vec<String>,
}

impl DerivedFilter {
    /// The column whose terms tell which events are meant; `None` when documents have to be looked into, or nothing is
    /// asked.
    pub(crate) fn column(&self) -> Option<Dimension> {
        if self.values.is_empty() || !self.values.iter().all(|value| is_whole(value)) {
            return None;
        }
        let told_by = |dimension: &Dimension| self.rules.iter().all(|rule| rule.is_told_by(*dimension));
        Dimension::COLUMNS.into_iter().find(told_by)
    }

    /// Whether events with a term of its column are meant.
    pub(crate) fn takes(&self, dimension: Dimension, term: Option<&Term>) -> bool {
        let texts = |field: &str, each: &mut dyn FnMut(&str)| {
            if let (Some(place), Some(term)) = (dimension.place(field), term) {
                term.values(place).iter().for_each(|value| each(value));
            }
        };
        self.values.contains(&derive_from(self.rules, &texts))
    }
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
