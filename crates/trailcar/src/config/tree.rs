//! YAML as a tree that knows where every value stands in the file.
//!
//! Values stay text until somebody asks for a type, so `1e3` and `no` are texts where texts are wanted, and booleans
//! are `true` and `false` alone.

use serde_saphyr::granit_parser::{Event, Parser, ScalarStyle, ScanError, Span, StrInput};

use super::mistakes::Mistakes;

/// Line and column, both from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    /// From 1.
    pub(crate) line: usize,
    /// From 1.
    pub(crate) column: usize,
}

impl From<&Span> for Place {
    fn from(span: &Span) -> Self {
        Self { line: span.start.line(), column: span.start.col() + 1 }
    }
}

/// A value.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Node {
    pub(super) place: Place,
    pub(super) value: Value,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    Null,
    Scalar(Scalar),
    Sequence(Vec<Node>),
    Mapping(Vec<(Key, Node)>),
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Scalar {
    pub(super) text: String,
    /// Quoted, so a text whatever it looks like.
    pub(super) quoted: bool,
    /// Comes from environment variables, so it is not to be shown.
    pub(super) hidden: bool,
}

impl Scalar {
    /// The text, for messages.
    pub(super) fn shown(&self) -> &str {
        if self.hidden { "the value of an environment variable" } else { &self.text }
    }
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Key {
    pub(super) name: String,
    pub(super) place: Place,
    /// The beginning of a key with dots: more of the section may stand elsewhere.
    pub(super) dotted: bool,
}

/// Keys and elements are joined as they are written in messages.
pub(super) fn join(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

impl Node {
    /// An empty value at the start of a file.
    pub(super) fn empty() -> Self {
        Self { place: Place { line: 1, column: 1 }, value: Value::Null }
    }

    /// The entry of a key, when this is a mapping that has it.
    pub(super) fn entry(&self, name: &str) -> Option<(&Key, &Self)> {
        match &self.value {
            Value::Mapping(entries) => {
                entries.iter().find(|(key, _)| key.name == name).map(|(key, node)| (key, node))
            }
            _ => None,
        }
    }

    /// Calls `each` with every value that is not to be shown.
    pub(super) fn hidden(&self, each: &mut impl FnMut(&str)) {
        match &self.value {
            Value::Scalar(scalar) if scalar.hidden => each(&scalar.text),
            Value::Null | Value::Scalar(_) => {}
            Value::Sequence(items) => items.iter().for_each(|item| item.hidden(each)),
            Value::Mapping(entries) => entries.iter().for_each(|(_, value)| value.hidden(each)),
        }
    }

    /// Where a key stands, or the innermost of those around it that is there.
    pub(super) fn nearest(&self, path: &str) -> Place {
        let mut node = self;
        let mut place = self.place;
        for part in path.split(['.', '[']) {
            let found = match (&node.value, part.strip_suffix(']')) {
                (Value::Sequence(items), Some(index)) => index
                    .parse::<usize>()
                    .ok()
                    .and_then(|index| items.get(index))
                    .map(|item| (item.place, item)),
                _ => node.entry(part).map(|(key, value)| (key.place, value)),
            };
            let Some(found) = found else { break };
            (place, node) = found;
        }
        place
    }
}

/// Reads a file. What is no YAML ends it; keys that are given twice are noted.
pub(super) fn parse(text: &str, mistakes: &mut Mistakes) -> Option<Node> {
    let mut reader = Reader { events: Parser::new_from_str(text), mistakes };
    match reader.document() {
        Ok(node) => Some(node),
        Err(Refusal { place, mut message }) => {
            let line = text.lines().nth(place.line.saturating_sub(1)).unwrap_or_default();
            if line.contains("${") {
                message.push_str("; inside { } and [ ] a variable needs quotes: \"${NAME}\"");
            }
            mistakes.add(Some(place), "", message);
            None
        }
    }
}

const NO_ALIASES: &str =
    "aliases (*name) are not taken here: write the value out, in quotes where the * is meant";

struct Reader<'a, 'm> {
    events: Parser<'a, StrInput<'a>>,
    mistakes: &'m mut Mistakes,
}

struct Refusal {
    place: Place,
    message: String,
}

impl From<ScanError> for Refusal {
    fn from(error: ScanError) -> Self {
        let marker = error.marker();
        let place = Place { line: marker.line(), column: marker.col() + 1 };
        let message = match error.info() {
            info if info.contains("unknown anchor") => NO_ALIASES.to_owned(),
            info => format!("this is not YAML: {info}"),
        };
        Self { place, message }
    }
}

type Read<T> = Result<T, Refusal>;

impl<'a> Reader<'a, '_> {
    fn next(&mut self) -> Read<(Event<'a>, Place)> {
        loop {
            match self.events.next_event() {
                Some(Ok((Event::Comment(..), _))) => {}
                Some(Ok((event, span))) => return Ok((event, Place::from(&span))),
                Some(Err(error)) => return Err(error.into()),
                None => return Ok((Event::StreamEnd, Place { line: 1, column: 1 })),
            }
        }
    }

    fn document(&mut self) -> Read<Node> {
        let mut root = None;
        loop {
            match self.next()? {
                (Event::StreamStart | Event::DocumentEnd, _) => {}
                (Event::DocumentStart(..), place) if root.is_some() => {
                    let message = "a second document begins here: write everything into the first";
                    return Err(Refusal { place, message: message.to_owned() });
                }
                (Event::DocumentStart(..), _) => {
                    let (event, place) = self.next()?;
                    root = Some(self.node("", event, place)?);
                }
                (Event::StreamEnd, _) => return Ok(root.unwrap_or_else(Node::empty)),
                (_, place) => return Err(Refusal { place, message: "this is not YAML".to_owned() }),
            }
        }
    }

    fn node(&mut self, path: &str, event: Event<'a>, place: Place) -> Read<Node> {
        if event.anchor_id().is_some() || event.tag().is_some() {
            let message = "begins with & or !, which YAML takes for itself: put the value in quotes";
            self.mistakes.add(Some(place), path, message);
            self.mistakes.give_up(path);
        }
        let value = match event {
            Event::Scalar(text, style, ..) => scalar(&text, style),
            Event::SequenceStart(..) => self.sequence(path)?,
            Event::MappingStart(..) => self.mapping(path)?,
            Event::Alias(_) => {
                return Err(Refusal { place, message: NO_ALIASES.to_owned() });
            }
            _ => return Err(Refusal { place, message: "a value is missing here".to_owned() }),
        };
        Ok(Node { place, value })
    }

    fn sequence(&mut self, path: &str) -> Read<Value> {
        let mut items = Vec::new();
        loop {
            match self.next()? {
                (Event::SequenceEnd, _) => return Ok(Value::Sequence(items)),
                (event, place) => items.push(self.node(&format!("{path}[{}]", items.len()), event, place)?),
            }
        }
    }

    fn mapping(&mut self, path: &str) -> Read<Value> {
        let mut entries: Vec<(Key, Node)> = Vec::new();
        loop {
            let (name, place) = match self.next()? {
                (Event::MappingEnd, _) => return Ok(Value::Mapping(entries)),
                (Event::Scalar(name, ..), place) => (name.into_owned(), place),
                (_, place) => {
                    return Err(Refusal { place, message: "a key must be a word".to_owned() });
                }
            };
            if let Some((word, _)) = name.split_once(':') {
                // What stands behind it may be a secret.
                let message = format!("the key {word} needs a space behind its colon");
                return Err(Refusal { place, message });
            }
            let (event, at) = self.next()?;
            let node = self.node(&join(path, &name), event, at)?;
            self.insert(&mut entries, path, Key { name, place, dotted: false }, node);
        }
    }

    /// Adds an entry to a section. A key with dots is a path, `output.elasticsearch` for instance, as in the Elastic
    /// Stack's own files; only names of networks are the user's own.
    fn insert(&mut self, entries: &mut Vec<(Key, Node)>, path: &str, key: Key, node: Node) {
        let place = key.place;
        if let Some((first, rest)) = key.name.split_once('.').filter(|_| path != "networks") {
            let inner = Key { name: rest.to_owned(), ..key };
            let node = Node { place, value: Value::Mapping(vec![(inner, node)]) };
            return self.insert(entries, path, Key { name: first.to_owned(), place, dotted: true }, node);
        }
        let inner = join(path, &key.name);
        let Some((first, there)) = entries.iter_mut().find(|(other, _)| other.name == key.name) else {
            let Value::Mapping(parts) = node.value else { return entries.push((key, node)) };
            let mut whole = Vec::with_capacity(parts.len());
            for (name, part) in parts {
                self.insert(&mut whole, &inner, name, part);
            }
            return entries.push((key, Node { value: Value::Mapping(whole), ..node }));
        };
        match (&mut there.value, node.value) {
            (Value::Mapping(whole), Value::Mapping(parts)) if first.dotted || key.dotted => {
                for (name, part) in parts {
                    self.insert(whole, &inner, name, part);
                }
            }
            _ => {
                let line = first.place.line;
                let message = format!("is given twice, first in line {line}: keep one of the two");
                self.mistakes.add(Some(place), &inner, message);
            }
        }
    }
}

/// Plain scalars that stand for nothing are null, as in YAML's core schema.
fn scalar(text: &str, style: ScalarStyle) -> Value {
    let quoted = style != ScalarStyle::Plain;
    if !quoted && matches!(text, "" | "~" | "null" | "Null" | "NULL") {
        Value::Null
    } else {
        Value::Scalar(Scalar { text: text.to_owned(), quoted, hidden: false })
    }
}
