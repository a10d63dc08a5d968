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
//! `event.original` (it is indexed when the pipeline failed) and other fields that are the same in every event.

use event::Doc;

use crate::QueryError;
use crate::derived::{DerivedFilter, Rule, derive};
use crate::document::{self, field_texts};
use crate::filter::{AnyFilter, FieldFilter, Filter};
use crate::words::{chunks, fold, is_letter, joiners_at_end, words_of};

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

/// A text and filters on fields, ready to be looked up.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Query {
    /// What the index can say: one way of each clause must hold.
    clauses: Vec<Clause>,
    /// Words that must follow each other, looked up in the document.
    phrases: Vec<Vec<String>>,
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
        for field in &filter.fields {
            if field.values.is_empty() || field.column().is_some() {
                continue;
            }
            query.narrow(&field.values, document::is_indexed(&field.field));
            query.fields.push(field.clone());
        }
        for derived in &filter.derived {
            if derived.values.is_empty() || derived.column().is_some() {
                continue;
            }
            let is_indexed = |rule: &Rule| matches!(rule, Rule::Field(path) if document::is_indexed(path));
            query.narrow(&derived.values, derived.rules.iter().all(is_indexed));
            query.derived.push(derived.clone());
        }
        for any in filter.anywhere.iter().filter(|any| !any.values.is_empty()) {
            query.narrow(&any.values, any.fields.iter().all(|field| document::is_indexed(field)));
            query.anywhere.push(any.clone());
        }
        let without_column = filter.except.fields.iter().filter(|field| field.column().is_none());
        query.not_fields.extend(without_column.cloned());
        query.nowhere.clone_from(&filter.except.anywhere);
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
            self.phrases.push(words);
        }
    }

    /// Lets the index find the documents that may hold one of some values, where all the words of values are indexed.
    fn narrow(&mut self, values: &[String], is_indexed: bool) {
        let way = |value: &String| {
            chunks(value).take(VALUE_WORDS).map(|chunk| Word { text: fold(chunk), prefix: false }).collect()
        };
        let ways: Vec<Vec<Word>> = values.iter().take(MAX_VALUES + 1).map(way).collect();
        if is_indexed
            && values.iter().all(|value| document::is_indexed_text(value))
            && ways.iter().all(|words| !words.is_empty())
            && ways.len() <= MAX_VALUES
        {
            self.clauses.push(Clause(ways));
        }
    }

    /// Whether what the index finds must be looked at once more.
    pub(crate) fn must_verify(&self) -> bool {
        !(self.phrases.is_empty()
            && self.fields.is_empty()
            && self.derived.is_empty()
            && self.anywhere.is_empty()
            && self.not_fields.is_empty()
            && self.nowhere.is_empty())
    }

    /// What the index is asked, each of which must hold; empty when it has nothing to say.
    pub(crate) fn clauses(&self) -> &[Clause] {
        &self.clauses
    }

    /// Whether words that wait for the index, ` word word `, hold what the index would find.
    pub(crate) fn matches_words(&self, words: &str) -> bool {
        let holds = |word: &Word| {
            words.match_indices(&word.text).any(|(at, _)| {
                let end = words.as_bytes().get(at + word.text.len());
                (at == 0 || words.as_bytes()[at - 1] == b' ')
                    && (word.prefix || end.is_none_or(|&b| b == b' '))
            })
        };
        self.clauses.iter().all(|clause| clause.0.iter().any(|way| way.iter().all(holds)))
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
                document::texts(doc, root, &mut |text| found |= follows(text, phrase));
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
