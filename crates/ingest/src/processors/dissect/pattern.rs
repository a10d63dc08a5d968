//! A dissect pattern: keys and delimiters, and how they are found in a text.

use std::ops::Range;

use painless::pattern::Needle;
use smallvec::SmallVec;

/// By key of the pattern: where its value stands in the text.
pub(super) type Found = SmallVec<[Range<usize>; 16]>;

/// A compiled pattern.
pub(super) struct Pattern {
    /// What the text begins with.
    leading: Box<str>,
    keys: Vec<Key>,
    /// The fields that come of it.
    pub(super) outputs: Vec<Output>,
    /// Places of keys: a name that the text gives, and its value.
    pub(super) references: Vec<(usize, usize)>,
}

/// What is to be found: a value, and behind it the delimiter.
struct Key {
    delimiter: Box<str>,
    /// The delimiter, to be looked for.
    needle: Needle,
    /// Whether delimiters that repeat count as one.
    padded: bool,
}

/// A field, and the keys whose values it is made of.
pub(super) struct Output {
    pub(super) name: String,
    pub(super) parts: Vec<usize>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Modifier {
    None,
    Append,
    Skip,
    Name,
    Value,
}

/// A key as it is written.
struct Written<'a> {
    name: &'a str,
    modifier: Modifier,
    order: i64,
    padded: bool,
}

impl<'a> Written<'a> {
    fn parse(text: &'a str) -> Result<Self, String> {
        let wrong = |reason: &str| format!("Unable to parse key: {text} Reason: {reason}");
        let (body, padded) = text.strip_suffix("->").map_or((text, false), |body| (body, true));
        if body.is_empty() {
            return Ok(Self { name: "", modifier: Modifier::Skip, order: -1, padded });
        }
        let signs: Vec<char> = body.chars().take_while(|c| "+*&?".contains(*c)).collect();
        let (modifier, name) = match signs.as_slice() {
            [] => (Modifier::None, body),
            [sign] => {
                let modifier = match sign {
                    '+' => Modifier::Append,
                    '*' => Modifier::Name,
                    '&' => Modifier::Value,
                    _ => Modifier::Skip,
                };
                (modifier, &body[1..])
            }
            _ => return Err(wrong("multiple modifiers are not allowed.")),
        };
        let (name, order) = match name.split_once('/') {
            None => (name, -1),
            Some((name, order)) if modifier == Modifier::Append => match order.parse::<u32>() {
                Ok(number) if order.bytes().all(|digit| digit.is_ascii_digit()) => (name, i64::from(number)),
                _ => return Err(wrong("The key name could be determined")),
            },
            Some(_) if matches!(modifier, Modifier::Name | Modifier::Value | Modifier::Skip) => {
                return Err(wrong("multiple modifiers are not allowed."));
            }
            Some(_) => return Err(wrong("The key name could be determined")),
        };
        if name.is_empty() && modifier != Modifier::Skip {
            return Err(wrong("The key name could be determined"));
        }
        Ok(Self { name, modifier, order, padded })
    }
}

impl Pattern {
    /// Reads a pattern.
    ///
    /// # Errors
    /// What is wrong with it, in Elasticsearch's words.
    pub(super) fn compile(source: &str) -> Result<Self, String> {
        let wrong = |reason: &str| format!("Unable to parse pattern: {source} Reason: {reason}");
        let mut written = Vec::new();
        let mut keys = Vec::new();
        let leading = source.find("%{").map_or(source, |at| &source[..at]);
        let mut rest = source;
        while let Some(at) = rest.find("%{")
            && let Some(end) = rest[at..].find('}')
        {
            let key = Written::parse(&rest[at + 2..at + end])?;
            rest = &rest[at + end + 1..];
            let delimiter = &rest[..rest.find('%').unwrap_or(rest.len())];
            let needle = Needle::new(delimiter.as_bytes());
            keys.push(Key { delimiter: delimiter.into(), needle, padded: key.padded });
            written.push(key);
        }
        if written.iter().all(|key| key.modifier == Modifier::Skip) {
            return Err(wrong("Unable to find any keys or delimiters."));
        }
        let references = references(&written).map_err(|names| {
            wrong(&format!(
                "Found invalid key/reference associations: '{names}' Please ensure each '*<key>' is matched with a \
                 matching '&<key>"
            ))
        })?;
        Ok(Self { leading: leading.into(), keys, outputs: outputs(&written), references })
    }

    /// Finds the values of a text; `None` when it does not match.
    pub(super) fn find(&self, text: &str) -> Option<Found> {
        let mut rest = text.strip_prefix(&*self.leading).filter(|rest| !rest.is_empty())?;
        let mut found = Found::new();
        let mut keys = self.keys.iter().peekable();
        while let Some(key) = keys.next() {
            let start = text.len() - rest.len();
            if key.delimiter.is_empty() {
                // Only the last key may take what is left.
                found.push(start..text.len());
                break;
            }
            let length = key.needle.find(rest.as_bytes())?;
            found.push(start..start + length);
            rest = &rest[length + key.delimiter.len()..];
            // Delimiters at once behind the first are padding, or stand around empty values of the keys that follow.
            let mut current = key;
            while let Some(next) = rest.strip_prefix(&*key.delimiter) {
                rest = next;
                if !current.padded {
                    let Some(empty) = keys.next() else { break };
                    let at = text.len() - rest.len();
                    found.push(at..at);
                    current = empty;
                }
            }
        }
        (found.len() == self.keys.len()).then_some(found)
    }
}

/// The pairs of a name and its value, or the names that have no single partner.
fn references(written: &[Written<'_>]) -> Result<Vec<(usize, usize)>, String> {
    let of = |modifier: Modifier| written.iter().enumerate().filter(move |(_, key)| key.modifier == modifier);
    let mut pairs = Vec::new();
    let mut wrong = Vec::new();
    for (at, key) in written.iter().enumerate() {
        if !matches!(key.modifier, Modifier::Name | Modifier::Value) {
            continue;
        }
        let same = |modifier| {
            of(modifier).filter(|(_, other)| other.name == key.name).map(|(at, _)| at).collect::<Vec<_>>()
        };
        match (same(Modifier::Name).as_slice(), same(Modifier::Value).as_slice()) {
            ([name], [value]) => {
                if *name == at {
                    pairs.push((*name, *value));
                }
            }
            _ => wrong.push(key.name),
        }
    }
    if wrong.is_empty() { Ok(pairs) } else { Err(wrong.join(",")) }
}

/// The fields of a pattern: all keys of a name when one of them appends, else the last of them.
fn outputs(written: &[Written<'_>]) -> Vec<Output> {
    let mut outputs: Vec<Output> = Vec::new();
    for (at, key) in written.iter().enumerate() {
        if !matches!(key.modifier, Modifier::None | Modifier::Append) {
            continue;
        }
        match outputs.iter_mut().find(|output| output.name == key.name) {
            Some(output) => output.parts.push(at),
            None => outputs.push(Output { name: key.name.to_owned(), parts: vec![at] }),
        }
    }
    for output in &mut outputs {
        if output.parts.iter().any(|part| written[*part].modifier == Modifier::Append) {
            output.parts.sort_by_key(|part| written[*part].order);
        } else {
            output.parts.drain(..output.parts.len() - 1);
        }
    }
    outputs
}
