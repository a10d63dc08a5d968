//! `kv`: the pairs of a text, each in a field of its own.

use std::borrow::Cow;
use std::collections::HashSet;

use event::doc::{AccessPattern, Place};
use event::{Data, Doc, FieldPath, NodeId};
use painless::pattern::{Needle, Pattern, Replacement};
use smallvec::SmallVec;

use super::append::add_to;
use super::string::wrong_class;
use super::{Compiled, Example, Info};
use crate::failure::Failure;
use crate::field::Field;
use crate::options::{OptionError, Options};
use crate::pipeline::{Flow, Processor, Run};
use crate::scratch;

pub(super) const INFO: Info = Info {
    name: "kv",
    summary: "Splits a text of key=value pairs into fields.",
    options: &[
        ("field", "", "text to split; may be a template"),
        ("field_split", "", "regular expression between pairs"),
        ("value_split", "", "regular expression between a key and its value"),
        ("target_field", "", "object that the fields go to; the top by default; may be a template"),
        ("include_keys", "", "keys that alone are taken; all by default"),
        ("exclude_keys", "", "keys that are left out"),
        ("prefix", "", "text that keys are given in front"),
        ("trim_key", "", "characters to remove from both ends of keys"),
        ("trim_value", "", "characters to remove from both ends of values"),
        ("strip_brackets", "false", "whether (), <>, [], ' and \" around values are removed"),
        ("ignore_missing", "false", "whether a missing or null field is no error"),
    ],
    examples: &[
        Example {
            about: "a key that comes again makes a list",
            processor: "kv: {field: m, field_split: ' ', value_split: '='}",
            before: r#"{"m":"ip=1.2.3.4 error=REFUSED ip=5.6.7.8"}"#,
            after: Ok(
                r#"{"m":"ip=1.2.3.4 error=REFUSED ip=5.6.7.8","ip":["1.2.3.4","5.6.7.8"],"error":"REFUSED"}"#,
            ),
        },
        Example {
            about: "keys are chosen, named and cleaned",
            processor: r#"kv: {field: m, field_split: '&', value_split: '\s*=\s*', target_field: q, prefix: p_, include_keys: [a, b], trim_value: ' ', strip_brackets: true}"#,
            before: r#"{"m":"a = (1)&b='2'&c=3"}"#,
            after: Ok(r#"{"m":"a = (1)&b='2'&c=3","q":{"p_a":"1","p_b":"2"}}"#),
        },
        Example {
            about: "a part that is no pair is an error",
            processor: "kv: {field: m, field_split: ' ', value_split: '='}",
            before: r#"{"m":"a=1 b"}"#,
            after: Err("field [m] does not contain value_split [=]"),
        },
        Example {
            about: "a missing field is an error",
            processor: "kv: {field: m, field_split: ' ', value_split: '='}",
            before: "{}",
            after: Err("field [m] doesn't exist"),
        },
    ],
    differences: &[
        "a pattern that takes too many steps fails, instead of running on; a mistake in one is told in words of the engine's own",
    ],
    compile,
};

struct Kv {
    field: Field,
    target: Option<Field>,
    field_split: Splitter,
    value_split: Splitter,
    value_split_source: String,
    include: Option<HashSet<String>>,
    exclude: HashSet<String>,
    prefix: String,
    trim_key: Option<Trim>,
    trim_value: Option<Trim>,
    strip_brackets: bool,
    ignore_missing: bool,
    pattern: AccessPattern,
}

fn compile(options: &mut Options<'_, '_>) -> Compiled {
    let set = |names: Option<Vec<String>>| names.map(|names| names.into_iter().collect::<HashSet<_>>());
    let field = options.field("field")?;
    let target = options.optional_field("target_field")?;
    let field_split = options.string("field_split")?;
    let value_split = options.string("value_split")?;
    Ok(Box::new(Kv {
        field,
        target,
        field_split: Splitter::compile("field_split", &field_split)?,
        value_split: Splitter::compile("value_split", &value_split)?,
        value_split_source: value_split,
        include: set(options.list("include_keys")?),
        exclude: set(options.list("exclude_keys")?).unwrap_or_default(),
        prefix: options.optional_string("prefix")?.unwrap_or_default(),
        trim_key: Trim::compile(options, "trim_key")?,
        trim_value: Trim::compile(options, "trim_value")?,
        strip_brackets: options.boolean("strip_brackets", false)?,
        ignore_missing: options.boolean("ignore_missing", false)?,
        pattern: options.pattern(),
    }))
}

impl Processor for Kv {
    fn run(&self, run: &mut Run<'_>) -> Result<Flow, Failure> {
        let doc = &mut *run.doc;
        let path = self.field.path(doc)?;
        let Some(node) = doc.find(&path) else {
            return match doc.resolve(&path) {
                Err(error @ event::PathError::OutOfBounds { .. }) => Err(error.into()),
                _ if self.ignore_missing => Ok(Flow::Continue),
                _ => Err(Failure::illegal_argument(format!("field [{}] doesn't exist", path.as_str()))),
            };
        };
        let text = match doc.data(node) {
            Data::Str(text) => text,
            Data::Null if self.ignore_missing => return Ok(Flow::Continue),
            Data::Null => {
                let reason = format!("field [{}] is null, cannot extract key-value pairs. ", path.as_str());
                return Err(Failure::illegal_argument(reason));
            }
            _ => return Err(wrong_class(path.as_str(), doc.class_name(node), "java.lang.String")),
        };
        let target = self.target.as_ref().map(|target| target.path(doc)).transpose()?;
        scratch::with(|copy| {
            copy.push_str(doc.text(text));
            self.pairs(doc, &path, target.as_deref(), copy)
        })
    }

    fn idle_without(&self) -> Place {
        let field = self.field.fixed().filter(|_| self.ignore_missing);
        field.map_or(Place::NONE, FieldPath::certain_place)
    }
}

impl Kv {
    /// Puts the pairs of a text where they go.
    fn pairs(
        &self,
        doc: &mut Doc,
        field: &FieldPath,
        target: Option<&FieldPath>,
        text: &str,
    ) -> Result<Flow, Failure> {
        let mut goal = Goal { path: target, object: None, pattern: self.pattern };
        for part in self.field_split.split(text)? {
            let Some((key, value)) = self.value_split.split_once(part)? else {
                let reason = format!(
                    "field [{}] does not contain value_split [{}]",
                    field.as_str(),
                    self.value_split_source
                );
                return Err(Failure::illegal_argument(reason));
            };
            let key = Trim::apply(self.trim_key.as_ref(), key)?;
            if self.include.as_ref().is_some_and(|keys| !keys.contains(&*key)) || self.exclude.contains(&*key)
            {
                continue;
            }
            let value = if self.strip_brackets { without_brackets(value) } else { value };
            let value = Trim::apply(self.trim_value.as_ref(), value)?;
            goal.append(doc, &self.prefix, &key, &value)?;
        }
        Ok(Flow::Continue)
    }
}

/// Where the pairs go.
struct Goal<'a> {
    /// The target; the top where there is none.
    path: Option<&'a FieldPath>,
    /// The object that is there, once it is known.
    object: Option<NodeId>,
    pattern: AccessPattern,
}

impl Goal<'_> {
    fn append(&mut self, doc: &mut Doc, prefix: &str, key: &str, value: &str) -> Result<(), Failure> {
        let name = if prefix.is_empty() { Cow::Borrowed(key) } else { Cow::Owned([prefix, key].concat()) };
        let value = doc.string(value);
        // A name that is no path, and that no metadata has, is looked for where it is; others as paths.
        let plain = !name.is_empty() && !name.contains('.') && !name.starts_with('_');
        if plain && let Some(object) = self.object(doc) {
            match doc.get_named(object, &name) {
                None => {
                    doc.put_named(object, &name, value);
                }
                Some(old) if matches!(doc.data(old), Data::Array(_)) => doc.push(old, value),
                Some(old) => {
                    let old = doc.copy(old);
                    let list = doc.node(Data::EMPTY_ARRAY);
                    doc.push(list, old);
                    doc.push(list, value);
                    doc.put_named(object, &name, list);
                }
            }
            return Ok(());
        }
        let path = match self.path {
            Some(path) => FieldPath::parse_as(&format!("{}.{name}", path.as_str()), self.pattern)?,
            None => FieldPath::parse_as(&name, self.pattern)?,
        };
        self.object = None;
        if doc.has(&path) { add_to(doc, &path, value) } else { Ok(doc.set(&path, value)?) }
    }

    fn object(&mut self, doc: &mut Doc) -> Option<NodeId> {
        if self.object.is_none() {
            self.object = match self.path {
                None => Some(Doc::SOURCE),
                Some(path) => match doc.find(path) {
                    Some(node) => Some(node).filter(|node| matches!(doc.data(*node), Data::Object(_))),
                    // A value then gets the target's name before its own.
                    None if self.pattern == AccessPattern::Flexible => None,
                    None => {
                        let made = doc.node(Data::EMPTY_OBJECT);
                        doc.set(path, made).ok().map(|()| made)
                    }
                },
            };
        }
        self.object
    }
}

/// What stands between: a text, or a pattern.
enum Splitter {
    Text(Needle),
    Pattern(Pattern),
}

/// What a regular expression gives a meaning of its own.
const META: [char; 14] = ['\\', '^', '$', '.', '|', '?', '*', '+', '(', ')', '[', ']', '{', '}'];

impl Splitter {
    fn compile(name: &str, source: &str) -> Result<Self, OptionError> {
        if !source.is_empty() && !source.contains(META) {
            return Ok(Self::Text(Needle::new(source.as_bytes())));
        }
        let pattern = Pattern::compile(source);
        pattern
            .map(Self::Pattern)
            .map_err(|reason| OptionError::of(name, format!("Invalid regex pattern. {reason}")))
    }

    /// The parts, without empty ones at the end; an empty text is one part.
    fn split<'a>(&self, text: &'a str) -> Result<SmallVec<[&'a str; 16]>, Failure> {
        let separator = match self {
            Self::Text(separator) => separator,
            Self::Pattern(pattern) => {
                let parts = pattern.split(text, false)?;
                return Ok(parts.into_iter().map(|part| &text[part]).collect());
            }
        };
        let mut parts: SmallVec<[&str; 16]> = SmallVec::new();
        let mut rest = text;
        while let Some((part, behind)) = cut(rest, separator) {
            parts.push(part);
            rest = behind;
        }
        parts.push(rest);
        if parts.len() > 1 {
            while parts.last().is_some_and(|part| part.is_empty()) {
                parts.pop();
            }
        }
        Ok(parts)
    }

    fn split_once<'a>(&self, text: &'a str) -> Result<Option<(&'a str, &'a str)>, Failure> {
        match self {
            Self::Text(separator) => Ok(cut(text, separator)),
            Self::Pattern(pattern) => Ok(pattern.split_once(text)?),
        }
    }
}

/// What is before a separator and behind it.
fn cut<'a>(text: &'a str, separator: &Needle) -> Option<(&'a str, &'a str)> {
    let at = separator.find(text.as_bytes())?;
    Some((&text[..at], &text[at + separator.length()..]))
}

/// Characters to remove from both ends.
enum Trim {
    Characters(Vec<char>),
    /// What Elasticsearch makes of them all: a class of a regular expression, in which some have a meaning.
    Class(Pattern),
}

impl Trim {
    fn compile(options: &mut Options<'_, '_>, name: &str) -> Result<Option<Self>, OptionError> {
        let Some(text) = options.optional_string(name)? else { return Ok(None) };
        if text.is_empty() {
            let reason = "names no characters to trim: name some, or leave the option away";
            return Err(OptionError::of(name, reason));
        }
        if !text.contains(['\\', '^', '-', '[', ']', '&']) {
            return Ok(Some(Self::Characters(text.chars().collect())));
        }
        let pattern = Pattern::compile(&format!("(^([{text}]+))|([{text}]+$)"));
        pattern
            .map(|pattern| Some(Self::Class(pattern)))
            .map_err(|reason| OptionError::of(name, format!("Invalid regex pattern. {reason}")))
    }

    fn apply<'a>(trim: Option<&Self>, text: &'a str) -> Result<Cow<'a, str>, Failure> {
        Ok(match trim {
            None => text.into(),
            Some(Self::Characters(characters)) => text.trim_matches(characters.as_slice()).into(),
            Some(Self::Class(pattern)) => match pattern.replace_all(text, &Replacement::compile(""))? {
                Some(trimmed) => trimmed.into(),
                None => text.into(),
            },
        })
    }
}

fn without_brackets(value: &str) -> &str {
    let value = value.strip_prefix(['(', '[', '<', '"', '\'']).unwrap_or(value);
    value.strip_suffix([')', ']', '>', '"', '\'']).unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::tests::run;

    proptest! {
        #[test]
        fn nothing_breaks_it(text in "([a-c._=& \\[\\]()'é]|\\PC){0,40}", target: bool, strip: bool) {
            let before = serde_json::json!({ "m": text, "a": {"b": 1} }).to_string();
            let target = if target { ", target_field: a.b" } else { "" };
            let processor = format!(
                "kv: {{field: m, field_split: '[& ]+', value_split: '=', trim_key: '_-', strip_brackets: {strip}{target}}}"
            );
            drop(run(&processor, &before));
        }
    }
}
