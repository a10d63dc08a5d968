//! Mustache templates as ingest processors use them.
//!
//! `{{x}}` is escaped for the medium (JSON by default), `{{{x}}}` and `{{&x}}` are not; `{{#x}}…{{/x}}` repeats for
//! lists and enters objects, `{{^x}}…{{/x}}` is for what is missing, empty or false; `{{#toJson}}x{{/toJson}}`,
//! `{{#join}}x{{/join}}` and `{{#url}}…{{/url}}` are Elasticsearch's own. A name that leads nowhere is empty; a list is
//! written as a map from its indices, and has a `size`.
//! Names resolve as fields do: `_ingest.…`, `_source.…`, metadata, then the source.

use event::doc::{MAX_TEXT, PathRoot, Places, Text};
use event::{Data, Doc, FieldPath, Key, NodeId, doc};

/// How `{{x}}` is escaped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MediaType {
    /// `application/json`
    #[default]
    Json,
    /// `text/plain`
    Plain,
    /// `application/x-www-form-urlencoded`
    Form,
}

#[derive(Clone, Debug)]
enum Part {
    Literal(Box<str>),
    Variable { name: Name, escape: bool },
    Section { name: Name, inverted: bool, parts: Box<[Self]> },
    ToJson(Name),
    Join { name: Name, source: Box<str>, delimiter: Box<str> },
    Url(Box<[Self]>),
}

#[derive(Clone, Debug)]
enum Name {
    /// `.`: the element that a section stands at.
    This,
    Path(FieldPath),
    /// A path with dots, and the one name that it also is: a field of that name comes first.
    Dotted(FieldPath, Key),
}

impl Name {
    fn path(&self) -> Option<&FieldPath> {
        match self {
            Self::This => None,
            Self::Path(path) | Self::Dotted(path, _) => Some(path),
        }
    }
}

/// A compiled template.
#[derive(Clone, Debug)]
pub struct Template {
    parts: Box<[Part]>,
    media: MediaType,
}

/// Whether a text has anything to fill in.
pub fn is_template(text: &str) -> bool {
    text.contains("{{")
}

impl Template {
    /// Compiles a template.
    ///
    /// # Errors
    /// A sentence that names what is not closed or not open.
    pub fn compile(source: &str, media: MediaType, places: &mut Places) -> Result<Self, String> {
        let mut parser = Parser { rest: source, places };
        let parts = parser.parts(None, 0)?;
        Ok(Self { parts: parts.into(), media })
    }

    /// The text that a template of nothing but `{{{field}}}` gives, where it is a text of the document already.
    pub(crate) fn as_it_stands(&self, doc: &Doc) -> Option<Text> {
        let [Part::Variable { name, escape: false }] = &*self.parts else { return None };
        let found = match name {
            Name::This => None,
            Name::Path(path) => doc.find(path),
            Name::Dotted(path, whole) => doc.get(Doc::SOURCE, whole).or_else(|| doc.find(path)),
        };
        match doc.data(found?) {
            Data::Str(text) => Some(text),
            _ => None,
        }
    }

    /// Appends the filled template.
    pub fn render(&self, doc: &Doc, out: &mut String) {
        Renderer { doc, media: self.media, scopes: Vec::new(), turns: 0 }.parts(&self.parts, out);
    }
}

struct Parser<'a, 'p> {
    rest: &'a str,
    places: &'p mut Places,
}

impl<'a> Parser<'a, '_> {
    fn parts(&mut self, inside: Option<&str>, depth: usize) -> Result<Vec<Part>, String> {
        const MAX_SECTIONS: usize = 64;
        if depth > MAX_SECTIONS {
            return Err(format!("sections are nested deeper than {MAX_SECTIONS} levels"));
        }
        let mut parts = Vec::new();
        loop {
            let Some((before, tag)) = self.rest.split_once("{{") else {
                if let Some(name) = inside {
                    return Err(format!("section [{name}] is not closed"));
                }
                push_literal(&mut parts, self.rest);
                self.rest = "";
                return Ok(parts);
            };
            push_literal(&mut parts, before);
            let (close, raw) = if tag.starts_with('{') { ("}}}", true) } else { ("}}", false) };
            let Some((tag, rest)) = tag[usize::from(raw)..].split_once(close) else {
                return Err(format!("tag [{{{{{tag}] is not closed"));
            };
            self.rest = rest;
            let tag = tag.trim();
            let mut chars = tag.chars();
            let (kind, name) = match chars.next() {
                _ if raw => ('&', tag),
                Some(kind @ ('#' | '^' | '/' | '&' | '!')) => (kind, chars.as_str().trim()),
                _ => (' ', tag),
            };
            match kind {
                '!' => {}
                '/' if inside == Some(name) => return Ok(parts),
                '/' => return Err(format!("section [{name}] is closed and was not open")),
                '#' | '^' => parts.push(self.section(name, kind == '^', depth)?),
                _ => parts.push(Part::Variable { name: self.name(name)?, escape: kind == ' ' }),
            }
        }
    }

    fn section(&mut self, name: &'a str, inverted: bool, depth: usize) -> Result<Part, String> {
        let (function, argument) = name.split_once(char::is_whitespace).unwrap_or((name, ""));
        match function {
            "toJson" => Ok(Part::ToJson(self.argument(name)?.1)),
            "join" => {
                let delimiter =
                    argument.trim().strip_prefix("delimiter=").map_or(",", |text| text.trim_matches('\''));
                let (source, name) = self.argument(name)?;
                Ok(Part::Join { name, source: source.into(), delimiter: delimiter.into() })
            }
            "url" => Ok(Part::Url(self.parts(Some(name), depth + 1)?.into())),
            _ => {
                let parts = self.parts(Some(name), depth + 1)?;
                Ok(Part::Section { name: self.name(name)?, inverted, parts: parts.into() })
            }
        }
    }

    /// The text up to a function's end, and the name of its argument that it is.
    fn argument(&mut self, function: &str) -> Result<(&'a str, Name), String> {
        let word = function.split_whitespace().next().unwrap_or(function);
        for end in [format!("{{{{/{function}}}}}"), format!("{{{{/{word}}}}}")] {
            if let Some((name, rest)) = self.rest.split_once(end.as_str()) {
                self.rest = rest;
                return self.name(name.trim()).map(|parsed| (name, parsed));
            }
        }
        Err(format!("section [{function}] is not closed"))
    }

    fn name(&mut self, name: &str) -> Result<Name, String> {
        if name == "." {
            return Ok(Name::This);
        }
        let path = FieldPath::known(name, self.places).map_err(|_| format!("tag [{name}] names no field"))?;
        Ok(if path.root() == PathRoot::Source && path.segments().len() > 1 {
            Name::Dotted(path, Key::new(name))
        } else {
            Name::Path(path)
        })
    }
}

fn push_literal(parts: &mut Vec<Part>, text: &str) {
    if !text.is_empty() {
        parts.push(Part::Literal(text.into()));
    }
}

struct Renderer<'a> {
    doc: &'a Doc,
    media: MediaType,
    /// What the open sections stand at, outermost first.
    scopes: Vec<NodeId>,
    /// How often sections were filled.
    turns: u32,
}

/// Turns of sections in one template, beyond which nothing more is filled in: a hundred nested ones never end.
const MAX_TURNS: u32 = 1_000_000;

impl Renderer<'_> {
    fn parts(&mut self, parts: &[Part], out: &mut String) {
        for part in parts {
            // The document is refused for its size, then.
            if out.len() > MAX_TEXT {
                return;
            }
            match part {
                Part::Literal(text) => out.push_str(text),
                Part::Variable { name, escape } => self.variable(name, *escape, out),
                Part::Section { name, inverted, parts } => self.section(name, *inverted, parts, out),
                Part::ToJson(name) => {
                    // A text is written as it is, without quotes.
                    if let Some(id) = self.find(name) {
                        match self.doc.as_str(id) {
                            Some(text) => out.push_str(text),
                            None if self.doc.data(id) == Data::Null => {}
                            None => out.push_str(&self.doc.json(id)),
                        }
                    }
                }
                Part::Join { name, source, delimiter } => self.join(name, source, delimiter, out),
                Part::Url(parts) => {
                    let mut text = String::new();
                    self.parts(parts, &mut text);
                    form_encode(&text, out);
                }
            }
        }
    }

    fn find(&self, name: &Name) -> Option<NodeId> {
        let Some(path) = name.path() else { return self.scopes.last().copied() };
        let whole = |object: NodeId| match name {
            Name::Dotted(_, key) => self.doc.get(object, key),
            _ => None,
        };
        if path.root() == PathRoot::Source {
            for scope in self.scopes.iter().rev() {
                if let Some(found) = whole(*scope) {
                    return Some(found);
                }
                if self.doc.get(*scope, &path.segments()[0].key).is_some() {
                    return path.segments().iter().try_fold(*scope, |at, part| self.doc.get(at, &part.key));
                }
            }
        }
        whole(Doc::SOURCE).or_else(|| self.doc.find(path))
    }

    fn variable(&self, name: &Name, escape: bool, out: &mut String) {
        let Some(id) = self.find(name) else {
            out.push_str(&self.size(name).map(|size| size.to_string()).unwrap_or_default());
            return;
        };
        if let Some(text) = self.doc.as_str(id) {
            if escape {
                escape_for(self.media, text, out);
            } else {
                out.push_str(text);
            }
            return;
        }
        let write = |out: &mut String| match self.doc.data(id) {
            Data::Array(_) => self.list(id, out),
            _ => java_text(self.doc, id, true, out),
        };
        if !escape {
            return write(out);
        }
        let mut text = String::new();
        write(&mut text);
        escape_for(self.media, &text, out);
    }

    fn section(&mut self, name: &Name, inverted: bool, parts: &[Part], out: &mut String) {
        let found = self.find(name).filter(|id| match self.doc.data(*id) {
            Data::Null => false,
            Data::Bool(value) => value.get(),
            Data::Str(text) => !text.is_empty(),
            Data::Array(_) => !self.doc.is_empty(*id),
            _ => true,
        });
        match found {
            None if inverted => self.parts(parts, out),
            Some(id) if !inverted => {
                let scopes: Vec<NodeId> = match self.doc.data(id) {
                    Data::Array(_) => self.doc.children(id).collect(),
                    _ => vec![id],
                };
                for scope in scopes {
                    self.turns += 1;
                    if self.turns > MAX_TURNS {
                        return;
                    }
                    self.scopes.push(scope);
                    self.parts(parts, out);
                    self.scopes.pop();
                }
            }
            _ => {}
        }
    }

    /// `list.size`
    fn size(&self, name: &Name) -> Option<usize> {
        let path = name.path()?;
        let list = FieldPath::parse(path.as_str().strip_suffix(".size")?).ok()?;
        let list = self.find(&Name::Path(list))?;
        matches!(self.doc.data(list), Data::Array(_)).then(|| self.doc.len(list))
    }

    /// A list as a map from its indices, which is what templates see in it.
    fn list(&self, id: NodeId, out: &mut String) {
        out.push('{');
        for (at, child) in self.doc.children(id).enumerate() {
            out.push_str(if at > 0 { ", " } else { "" });
            out.push_str(&format!("{at}="));
            java_text(self.doc, child, false, out);
        }
        out.push('}');
    }

    /// Joins a list; what is none leaves the function's text as it stands.
    fn join(&self, name: &Name, source: &str, delimiter: &str, out: &mut String) {
        let list = self.find(name).filter(|id| matches!(self.doc.data(*id), Data::Array(_)));
        let Some(id) = list else {
            out.push_str(source);
            return;
        };
        for (at, child) in self.doc.children(id).enumerate() {
            if at > 0 {
                out.push_str(delimiter);
            }
            java_text(self.doc, child, true, out);
        }
    }
}

/// Appends what Java's `toString` gives; a null gives nothing at the `top`, as templates want it.
pub fn java_text(doc: &Doc, id: NodeId, top: bool, out: &mut String) {
    if !top || doc.data(id) != Data::Null {
        doc.append_text(id, out);
    }
}

fn escape_for(media: MediaType, text: &str, out: &mut String) {
    match media {
        MediaType::Plain => out.push_str(text),
        MediaType::Form => form_encode(text, out),
        MediaType::Json if !text.bytes().any(|byte| byte < b' ' || matches!(byte, b'"' | b'\\')) => {
            out.push_str(text);
        }
        MediaType::Json => {
            let mut quoted = Vec::with_capacity(text.len() + 2);
            doc::write_string(text, &mut quoted);
            out.push_str(std::str::from_utf8(&quoted[1..quoted.len() - 1]).unwrap_or(text));
        }
    }
}

/// `application/x-www-form-urlencoded`, as Java's `URLEncoder` does it.
fn form_encode(text: &str, out: &mut String) {
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'.' | b'-' | b'*' | b'_' => out.push(char::from(byte)),
            b' ' => out.push('+'),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_are_filled_as_elasticsearch_fills_them() {
        let mut doc = Doc::new();
        let root = doc
            .parse_str(r#"{"a":{"b":"x\"y"},"p.q":"whole","p":{"q":1},"n":5,"d":1.50,"l":["p",null,{"k":1}],"t":true,"f":false,"e":"","o":[{"v":1},{"v":2}]}"#)
            .unwrap();
        doc.set_data(Doc::SOURCE, doc.data(root));
        for (template, text) in [
            ("plain", "plain"),
            ("{{a.b}} {{{a.b}}} {{&a.b}}", "x\\\"y x\"y x\"y"),
            ("{{n}}/{{d}}/{{t}}/{{missing}}/{{a.b.c}}", "5/1.5/true//"),
            ("{{l.size}}{{a.size}}", "3"),
            ("{{l}} {{l.0}} {{{a}}}", "{0=p, 1=null, 2={k=1}} p {b=x\"y}"),
            ("{{#o}}<{{v}}{{n}}>{{/o}}", "<15><25>"),
            ("{{#a}}{{b}}{{/a}}{{^e}}none{{/e}}{{#f}}no{{/f}}", "x\\\"ynone"),
            ("{{#l}}{{.}},{{/l}}", "p,,{k=1},"),
            ("{{#toJson}}a{{/toJson}}", "{\"b\":\"x\\\"y\"}"),
            ("{{#join}}l{{/join}} {{#join delimiter='|'}}l{{/join delimiter='|'}}", "p,,{k=1} p||{k=1}"),
            ("{{#url}}a b&{{n}}{{/url}}", "a+b%265"),
            ("{{! a comment }}x", "x"),
            ("{{_source.n}}", "5"),
            ("{{p.q}} {{{p.q}}} {{_source.p.q}}", "whole whole 1"),
        ] {
            let mut out = String::new();
            let mut places = Places::default();
            let compiled = Template::compile(template, MediaType::Json, &mut places).unwrap();
            doc.adopt(&places.into());
            compiled.render(&doc, &mut out);
            assert_eq!(out, text, "{template}");
        }
    }

    #[test]
    fn broken_templates_say_what_is_open() {
        for (template, error) in [
            ("{{a", "tag [{{a] is not closed"),
            ("{{#a}}x", "section [a] is not closed"),
            ("{{/a}}", "section [a] is closed and was not open"),
            ("{{}}", "tag [] names no field"),
        ] {
            assert_eq!(
                Template::compile(template, MediaType::Json, &mut Places::default()).unwrap_err(),
                error
            );
        }
        assert!(Template::compile(&"{{#a}}".repeat(1000), MediaType::Json, &mut Places::default()).is_err());
    }
}
