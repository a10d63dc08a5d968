//! What people type into a search box, and what it finds.
//!
//! - Words are found whole, in upper or lower case, and all of them must be there: `alice settings`.
//! - `sett*` finds words that begin so.
//! - A word with dots, dashes, slashes or an `@` in it is found as it is typed: an address, its domain, an IP
//!   address, a path or one name of it.
//! - `"added user"` finds words that follow each other in one field.
//! - Everything else separates words. There are no operators: `AND`, `NOT`, `NEAR`, `^`, `:` mean nothing.
//!
//! Indexed are all texts and whole numbers of a document but its times, `related`, `data_stream`, `ecs`,
//! `event.original` (it is indexed when the pipeline failed) and other fields that are the same in every event; fractions and
//! booleans for filters on fields alone.

use std::collections::BTreeSet;

use event::Doc;

use crate::QueryError;
use crate::derived::{DerivedFilter, Rule, derive};
use crate::document::{self, field_texts};
use crate::filter::{AnyFilter, FieldFilter, Filter};
use crate::words::{self, chunks, fold, is_letter, joiners_at_end, words_of};

/// More words than anybody types.
const MAX_WORDS: usize = 64;
/// So many words of a field's value are looked up; the document tells whether the others are there.
const VALUE_WORDS: usize = 8;
/// With more values than this the documents are asked alone.
const MAX_VALUES: usize = 256;

/// One word that must be there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Word {
    pub(crate) text: String,
    /// Whether longer words count too.
    pub(crate) prefix: bool,
}

/// Some ways to be found, each with words that must all be there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Clause(pub(crate) Vec<Vec<Word>>);

// The language of FTS5: quoted strings, stars, AND, OR and parentheses, nothing else.
impl Word {
    /// The word as a query of FTS5.
    pub(crate) fn fts(&self) -> String {
        let star = if self.prefix { " *" } else { "" };
        format!("\"{}\"{star}", self.text.replace('"', "\"\""))
    }
}

impl Clause {
    fn word(text: String, prefix: bool) -> Self {
        Self(vec![vec![Word { text, prefix }]])
    }

    /// All words of all ways.
    pub(crate) fn words(&self) -> impl Iterator<Item = &Word> {
        self.0.iter().flatten()
    }

    /// The clause as a query of FTS5.
    pub(crate) fn fts(&self) -> String {
        let way = |words: &Vec<Word>| words.iter().map(Word::fts).collect::<Vec<_>>().join(" AND ");
        let ways: Vec<_> = self.0.iter().map(|words| format!("({})", way(words))).collect();
        format!("({})", ways.join(" OR "))
    }
}

/// Words that must follow each other in one text of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Phrase {
    words: Vec<String>,
    /// All of these are in the index where the words follow each other as chunks.
    pub(crate) pairs: Vec<Word>,
    /// With one of these as well, the pairs may be of several places.
    pub(crate) again: Vec<Word>,
    /// With one of these, a word may be a part of a chunk.
    pub(crate) parts: Vec<Word>,
}

/// What the index says of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Says {
    No,
    Yes,
    /// The document has to be looked into.
    Perhaps,
}

impl Phrase {
    fn new(words: Vec<String>) -> Self {
        let whole = |text| Word { text, prefix: false };
        let middle = &words[1..words.len() - 1];
        Self {
            pairs: words.windows(2).map(|two| whole(words::pair(&two[0], &two[1]))).collect(),
            again: middle.iter().map(|word| whole(words::again(word))).collect(),
            parts: words.iter().map(|word| whole(words::part(word))).collect(),
            words,
        }
    }

    /// What terms, ` term term `, say of it.
    fn says(&self, holds: impl Fn(&Word) -> bool) -> Says {
        let may_be_elsewhere = || self.parts.iter().any(&holds);
        match self.pairs.iter().all(&holds) {
            true if !self.again.iter().any(&holds) => Says::Yes,
            true => Says::Perhaps,
            false if may_be_elsewhere() => Says::Perhaps,
            false => Says::No,
        }
    }
}

/// A text and filters on fields, ready to be looked up.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Query {
    /// What the index can say: one way of each clause must hold.
    clauses: Vec<Clause>,
    /// Words that must follow each other; the index tells of most documents whether they do.
    phrases: Vec<Phrase>,
    /// Fields without a column, looked up in the document.
    fields: Vec<FieldFilter>,
    /// Derived values that no column tells, looked up in the document.
    derived: Vec<DerivedFilter>,
    /// Values looked up in several fields of it.
    anywhere: Vec<AnyFilter>,
    /// Values of fields that it must not hold.
    not_fields: Vec<FieldFilter>,
    /// Values that several fields of it must not hold.
    nowhere: Vec<AnyFilter>,
}

impl Query {
    /// Reads the text of a filter, and what else no column answers.
    ///
    /// # Errors
    /// [`QueryError::Invalid`] for more than 64 words.
    pub(crate) fn new(filter: &Filter) -> Result<Self, QueryError> {
        let mut query = Self::default();
        for (at, part) in filter.text.split('"').enumerate() {
            if at % 2 == 1 { query.quoted(part) } else { query.typed(part) }
        }
        let words = query.clauses.len();
        if words > MAX_WORDS {
            return Err(QueryError::Invalid(format!(
                "the search has {words} words: search for at most {MAX_WORDS}"
            )));
        }
        for field in &filter.wanted.fields {
            if field.values.is_empty() || field.column().is_some() {
                continue;
            }
            let paths = Some(field.field.as_str()).filter(|path| document::is_indexed(path));
            query.narrow(&field.values, paths.as_slice());
            // Booleans are in the index with their field, so it tells.
            let is_told = paths.is_some()
                && field.values.iter().all(|value| {
                    value.parse::<bool>().is_ok() && words::value(&field.field, value).is_some()
                });
            if !is_told {
                query.fields.push(field.clone());
            }
        }
        for derived in &filter.derived {
            if derived.values.is_empty() || derived.column().is_some() {
                continue;
            }
            let path = |rule: &Rule| match rule {
                Rule::Field(path) if document::is_indexed(path) => Some(*path),
                _ => None,
            };
            let paths: Option<Vec<&str>> = derived.rules.iter().map(path).collect();
            query.narrow(&derived.values, &paths.unwrap_or_default());
            query.derived.push(derived.clone());
        }
        for any in filter.wanted.anywhere.iter().filter(|any| !any.values.is_empty()) {
            let are_indexed = any.fields.iter().all(|field| document::is_indexed(field));
            query.narrow(&any.values, if are_indexed { any.fields } else { &[] });
            query.anywhere.push(any.clone());
        }
        let without_column = filter.unwanted.fields.iter().filter(|field| field.column().is_none());
        query.not_fields.extend(without_column.cloned());
        query.nowhere.clone_from(&filter.unwanted.anywhere);
        Ok(query)
    }

    fn typed(&mut self, text: &str) {
        for piece in text.split_whitespace() {
            let (piece, prefix) = match piece.strip_suffix('*') {
                Some(piece) => (piece, true),
                None => (piece, false),
            };
            let mut words: Vec<Word> =
                chunks(piece).map(|chunk| Word { text: fold(chunk), prefix: false }).collect();
            if let Some(last) = words.last_mut().filter(|_| prefix) {
                // What stands before the star, with the joiner at its end: `192.168.*`.
                let joiners = joiners_at_end(piece);
                if piece[..piece.len() - joiners.len()].ends_with(is_letter) {
                    last.text.push_str(joiners);
                    last.prefix = true;
                }
            }
            self.clauses.extend(words.into_iter().map(|word| Clause(vec![vec![word]])));
        }
    }

    fn quoted(&mut self, text: &str) {
        let words: Vec<String> = chunks(text).map(fold).collect();
        self.clauses.extend(words.iter().map(|word| Clause::word(word.clone(), false)));
        if words.len() > 1 {
            self.phrases.push(Phrase::new(words));
        }
    }

    /// Lets the index find the documents that may hold one of some values in one of some fields, whose words are indexed; without
    /// fields it can not tell.
    fn narrow(&mut self, values: &[String], fields: &[&str]) {
        if fields.is_empty() || values.len() > MAX_VALUES {
            return;
        }
        let mut ways: Vec<Vec<Word>> = Vec::new();
        for value in values {
            if document::is_indexed_text(value) {
                let words = chunks(value).take(VALUE_WORDS);
                ways.push(words.map(|chunk| Word { text: fold(chunk), prefix: false }).collect());
                continue;
            }
            let terms = fields.iter().map(|field| words::value(field, value));
            let terms: Option<BTreeSet<String>> = terms.collect();
            let Some(terms) = terms else { return };
            ways.extend(terms.into_iter().map(|text| vec![Word { text, prefix: false }]));
        }
        if ways.iter().all(|words| !words.is_empty()) {
            self.clauses.push(Clause(ways));
        }
    }

    /// Whether each document that the index finds must be looked into.
    pub(crate) fn must_verify(&self) -> bool {
        !(self.fields.is_empty()
            && self.derived.is_empty()
            && self.anywhere.is_empty()
            && self.not_fields.is_empty()
            && self.nowhere.is_empty())
    }

    /// The phrases that are asked for.
    pub(crate) fn phrases(&self) -> &[Phrase] {
        &self.phrases
    }

    /// What the index is asked, each of which must hold; empty when it has nothing to say.
    pub(crate) fn clauses(&self) -> &[Clause] {
        &self.clauses
    }

    /// What words that wait for the index, ` word word `, say: the same as the index would.
    pub(crate) fn says(&self, words: &str) -> Says {
        let holds = |word: &Word| {
            words.match_indices(&word.text).any(|(at, _)| {
                let end = words.as_bytes().get(at + word.text.len());
                (at == 0 || words.as_bytes()[at - 1] == b' ')
                    && (word.prefix || end.is_none_or(|&b| b == b' '))
            })
        };
        if !self.clauses.iter().all(|clause| clause.0.iter().any(|way| way.iter().all(holds))) {
            return Says::No;
        }
        let all = self.phrases.iter().map(|phrase| phrase.says(holds));
        all.fold(Says::Yes, |before, own| match (before, own) {
            (Says::No, _) | (_, Says::No) => Says::No,
            (Says::Yes, Says::Yes) => Says::Yes,
            (Says::Perhaps, _) | (_, Says::Perhaps) => Says::Perhaps,
        })
    }

    /// Whether a document that the index has found is really meant.
    pub(crate) fn verify(&self, doc: &Doc, root: event::NodeId) -> bool {
        let holds = |field: &str, values: &[String]| {
            let mut found = false;
            field_texts(doc, root, field, &mut |text| found |= values.iter().any(|value| value == text));
            found
        };
        let holds_any = |any: &AnyFilter| any.fields.iter().any(|field| holds(field, &any.values));
        self.fields.iter().all(|field| holds(&field.field, &field.values))
            && self.anywhere.iter().all(holds_any)
            && !self.not_fields.iter().any(|field| holds(&field.field, &field.values))
            && !self.nowhere.iter().any(holds_any)
            && self.derived.iter().all(|own| own.values.contains(&derive(doc, root, own.rules)))
            && self.phrases.iter().all(|phrase| {
                let mut found = false;
                document::texts(doc, root, &mut |text| found |= follows(text, &phrase.words));
                found
            })
    }
}

/// Whether the chunks of a text hold these words one after the other.
fn follows(text: &str, phrase: &[String]) -> bool {
    // Most texts are too short; only letters that are not ASCII can be longer when they are folded.
    if text.is_ascii() && text.len() + 1 < phrase.iter().map(|word| word.len() + 1).sum() {
        return false;
    }
    let chunks: Vec<&str> = chunks(text).collect();
    let holds = |chunk: &str, word: &String| {
        let mut found = false;
        words_of(chunk, &mut |own| found |= fold(own) == *word);
        found
    };
    chunks
        .windows(phrase.len())
        .any(|window| window.iter().zip(phrase).all(|(chunk, word)| holds(chunk, word)))
}
