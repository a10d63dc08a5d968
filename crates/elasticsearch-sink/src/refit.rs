//! Makes a refused document fit its mapping, so that no value gets an event refused.
//!
//! Nothing is lost: an object where a text is expected becomes its JSON text; a scalar where a `flattened` object is
//! expected goes under `value`; what has no other place in its field is taken out, and `error.message` tells field and
//! value. Documents are refitted only after a server has refused them, so those that fit cost nothing.
//!
//! Fields that no mapping types get their type from the first document that has them, which nobody here knows. So a
//! document that is refused again has all of them taken out ([`Fit::TypedFieldsOnly`]); then nothing is left to refuse.

use event::{Data, Doc, Key, NodeId};

use crate::shape::Shape;

/// How deep a `flattened` field may be nested: `depth_limit` of the mappings.
const FLATTENED_DEPTH: usize = 100;

/// How deep fields may be nested that no mapping types; below `index.mapping.depth.limit`, which counts their parents.
const DYNAMIC_DEPTH: usize = 16;

/// The longest path of a value in a `flattened` field, in bytes: path, a separator and value are one term, which has at
/// most Lucene's 32,766 bytes. Values longer than `ignore_above` of the mappings are no terms; others have at most three
/// bytes for each of its characters.
const LONGEST_PATH: usize = 32_766 - 1 - 3 * 1024;

/// The most digits that a server reads of one number.
const MOST_DIGITS: usize = 1000;

/// How much is changed of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fit {
    /// Only what its mapping is known to refuse.
    Mapping,
    /// Also the fields that no mapping types, or whose type does not tell what they take.
    TypedFieldsOnly,
}

/// The document's source as it fits `shape`; `None` when there is nothing to change.
pub(crate) fn refit(source: &[u8], shape: &Shape, fit: Fit) -> Option<Vec<u8>> {
    let mut refit = Refit { doc: Doc::new(), notes: Vec::new(), changed: false, fit };
    let root = refit.doc.parse_str(std::str::from_utf8(source).ok()?).ok()?;
    if !matches!(refit.doc.data(root), Data::Object(_)) {
        return None;
    }
    refit.fields(root, Some(shape), "", 0);
    refit.tell(root);
    refit.changed.then(|| refit.doc.json(root).into_bytes())
}

struct Refit {
    doc: Doc,
    notes: Vec<String>,
    changed: bool,
    fit: Fit,
}

impl Refit {
    /// Goes through the fields of an object, or of each object of an array.
    fn fields(&mut self, id: NodeId, shape: Option<&Shape>, path: &str, depth: usize) {
        let mut next = self.doc.first_child(id);
        while let Some(child) = next {
            next = self.doc.next_sibling(child);
            if matches!(self.doc.data(id), Data::Array(_)) {
                self.value(id, child, shape, path, depth);
                continue;
            }
            let key = self.doc.key(child);
            let path = if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
            let typed = match shape {
                Some(Shape::Object(fields)) => fields.get(key),
                _ => None,
            };
            if typed.is_none() && !is_field_name(key) {
                self.take_out(id, child, &path, "has no name that a field can have");
            } else if matches!(typed, None | Some(Shape::Any)) && self.fit == Fit::TypedFieldsOnly {
                self.take_out(id, child, &path, "was refused");
            } else {
                self.value(id, child, typed, &path, depth + 1);
            }
        }
    }

    /// Fits one value: a field's, or an element of its array.
    fn value(&mut self, parent: NodeId, id: NodeId, shape: Option<&Shape>, path: &str, depth: usize) {
        let (data, shape) = (self.doc.data(id), shape.unwrap_or(&Shape::Any));
        if let Data::Number(text) = data
            && text.len() > MOST_DIGITS
        {
            let text = self.doc.text(text).to_owned();
            return self.replace_by_text(parent, id, &text);
        }
        match (data, shape) {
            (Data::Null, _) => {}
            (Data::Object(_), Shape::Flattened) => self.flattened(parent, id, path.len(), 1),
            (Data::Array(_), _) => self.fields(id, Some(shape), path, depth),
            (Data::Object(_), Shape::Text) => self.replace_by_json(parent, id),
            (Data::Object(_), Shape::Scalar | Shape::Boolean) => {
                self.take_out(parent, id, path, "can not be an object");
            }
            (Data::Object(_), Shape::Any) if depth > DYNAMIC_DEPTH => self.replace_by_json(parent, id),
            (Data::Object(_), _) => self.fields(id, Some(shape), path, depth),
            (_, Shape::Object(_)) => self.take_out(parent, id, path, "can only be an object"),
            (_, Shape::Flattened) => {
                let object = self.doc.node(Data::EMPTY_OBJECT);
                self.doc.replace(parent, id, object);
                self.doc.put(object, &Key::new("value"), id);
                self.changed = true;
            }
            (Data::Bool(_), Shape::Boolean) => {}
            (_, Shape::Boolean) if !matches!(self.doc.as_str(id), Some("true" | "false" | "")) => {
                self.take_out(parent, id, path, "can only be true or false");
            }
            _ => {}
        }
    }

    /// Fits what is inside a `flattened` field: what is too deep, or has keys that can not be indexed, becomes text.
    /// `path` has that many bytes; servers count it from the field on or from the document, so it is the whole one.
    fn flattened(&mut self, parent: NodeId, id: NodeId, path: usize, depth: usize) {
        let is_object = matches!(self.doc.data(id), Data::Object(_));
        // Elements of an array are at its path.
        let path_of = |key: &str| if is_object { path + 1 + key.len() } else { path };
        let bad_key = self.doc.children(id).any(|child| {
            let key = self.doc.key(child);
            key.contains('\0') || path_of(key) > LONGEST_PATH
        });
        if bad_key || depth > FLATTENED_DEPTH {
            if depth > 1 {
                return self.replace_by_json(parent, id);
            }
            let text = self.doc.json(id);
            let text = self.doc.string(&text);
            let object = self.doc.node(Data::EMPTY_OBJECT);
            self.doc.put(object, &Key::new("value"), text);
            self.doc.replace(parent, id, object);
            self.changed = true;
            return;
        }
        let mut next = self.doc.first_child(id);
        while let Some(child) = next {
            next = self.doc.next_sibling(child);
            match self.doc.data(child) {
                // arrays do not count as depth; going down them as objects errs on the safe side
                Data::Object(_) | Data::Array(_) => {
                    let path = path_of(self.doc.key(child));
                    self.flattened(id, child, path, depth + 1);
                }
                Data::Number(text) if text.len() > MOST_DIGITS => {
                    let text = self.doc.text(text).to_owned();
                    self.replace_by_text(id, child, &text);
                }
                _ => {}
            }
        }
    }

    fn replace_by_json(&mut self, parent: NodeId, id: NodeId) {
        let text = self.doc.json(id);
        self.replace_by_text(parent, id, &text);
    }

    fn replace_by_text(&mut self, parent: NodeId, id: NodeId, text: &str) {
        let text = self.doc.string(text);
        self.doc.replace(parent, id, text);
        self.changed = true;
    }

    fn take_out(&mut self, parent: NodeId, id: NodeId, path: &str, why: &str) {
        self.notes.push(format!("field [{path}] {why}: {}", self.doc.json(id)));
        self.doc.unlink(parent, id);
        self.changed = true;
    }

    /// Adds the notes to `error.message`.
    fn tell(&mut self, root: NodeId) {
        if self.notes.is_empty() {
            return;
        }
        let error = match self.doc.get_named(root, "error") {
            Some(error) if matches!(self.doc.data(error), Data::Object(_)) => error,
            _ => {
                let error = self.doc.node(Data::EMPTY_OBJECT);
                self.doc.put(root, &Key::new("error"), error);
                error
            }
        };
        let message = Key::new("message");
        let before = self.doc.get(error, &message);
        let list = self.doc.node(Data::EMPTY_ARRAY);
        self.doc.put(error, &message, list);
        let kept: Vec<NodeId> = match before.map(|before| (before, self.doc.data(before))) {
            Some((before, Data::Array(_))) => self.doc.children(before).collect(),
            Some((before, _)) => vec![before],
            None => Vec::new(),
        };
        for note in kept {
            self.doc.push(list, note);
        }
        for note in std::mem::take(&mut self.notes) {
            let note = self.doc.string(&note);
            self.doc.push(list, note);
        }
    }
}

/// Whether servers take a key as the name of a field that no mapping types: each part between dots has characters
/// other than white space.
fn is_field_name(key: &str) -> bool {
    key.split('.').all(|part| !part.trim().is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    const STREAM: &str = "logs-cursor.audit-default";

    fn refitted(json: &str) -> Option<String> {
        refit_to(json, Fit::Mapping)
    }

    fn refit_to(json: &str, fit: Fit) -> Option<String> {
        let fitted = refit(json.as_bytes(), Shape::of_stream(STREAM).unwrap(), fit);
        fitted.map(|bytes| String::from_utf8(bytes).unwrap())
    }

    #[test]
    fn at_last_only_typed_fields_are_left() {
        let json = r#"{"user":{"name":"a","x":1},"own":{"y":[2]}}"#;
        assert_eq!(refitted(json), None);
        assert_eq!(
            refit_to(json, Fit::TypedFieldsOnly).unwrap(),
            concat!(
                r#"{"user":{"name":"a"},"error":{"message":["field [user.x] was refused: 1","#,
                r#""field [own] was refused: {\"y\":[2]}"]}}"#
            )
        );
        assert_eq!(refit_to(r#"{"user":{"name":"a"}}"#, Fit::TypedFieldsOnly), None);
    }

    #[test]
    fn what_fits_is_left_as_it_is() {
        for json in [
            r#"{"user":{"name":"a"},"related":{"user":["a","b"]},"own":{"x":[{"y":1}]}}"#,
            r#"{"cursor":{"audit":{"event_data":{"a":[1,{"b":null}]},"success":"true"}},"tags":null}"#,
            r#"{"source":{"geo":{"location":{"lat":1,"lon":2}}},"cursor":{"audit":{"old_value":1e400}}}"#,
        ] {
            assert_eq!(refitted(json), None, "{json}");
        }
    }

    #[test]
    fn objects_in_texts_become_their_json() {
        assert_eq!(
            refitted(r#"{"user":{"name":{"a":[1,2.50]}},"tags":["x",{"y":1},[{"z":2}]]}"#).unwrap(),
            r#"{"user":{"name":"{\"a\":[1,2.50]}"},"tags":["x","{\"y\":1}",["{\"z\":2}"]]}"#
        );
    }

    #[test]
    fn what_has_no_place_is_told_in_error_message() {
        assert_eq!(
            refitted(r#"{"user":"joe","source":{"ip":["1.2.3.4",{"a":1}]},"error":{"message":"before"}}"#)
                .unwrap(),
            concat!(
                r#"{"source":{"ip":["1.2.3.4"]},"error":{"message":["before","#,
                r#""field [user] can only be an object: \"joe\"","#,
                r#""field [source.ip] can not be an object: {\"a\":1}"]}}"#
            )
        );
        assert_eq!(
            refitted(r#"{"error":"x","cursor":{"audit":{"success":"maybe","enabled":true}},"":1}"#).unwrap(),
            concat!(
                r#"{"cursor":{"audit":{"enabled":true}},"error":{"message":["field [error] can only be an object: \"x\"","#,
                r#""field [cursor.audit.success] can only be true or false: \"maybe\"","#,
                r#""field [] has no name that a field can have: 1"]}}"#
            )
        );
    }

    #[test]
    fn flattened_fields_hold_whatever_comes() {
        for (given, fitted) in [
            (r#""x""#.to_owned(), r#"{"value":"x"}"#.to_owned()),
            (r#"[1,{"a":2}]"#.to_owned(), r#"[{"value":1},{"a":2}]"#.to_owned()),
            (r#"{"a":{"b\u0000":1}}"#.to_owned(), r#"{"a":"{\"b\\u0000\":1}"}"#.to_owned()),
            (r#"{"b\u0000":1}"#.to_owned(), r#"{"value":"{\"b\\u0000\":1}"}"#.to_owned()),
            (format!(r#"{{"a":{}}}"#, "9".repeat(1001)), format!(r#"{{"a":"{}"}}"#, "9".repeat(1001))),
        ] {
            let document = |value: &str| format!(r#"{{"cursor":{{"audit":{{"event_data":{value}}}}}}}"#);
            assert_eq!(refitted(&document(&given)).unwrap(), document(&fitted));
        }
    }

    #[test]
    fn long_paths_become_text_before_a_term_is_too_long() {
        // What is put behind the field's own name, in bytes.
        let room = LONGEST_PATH - "cursor.audit.event_data".len();
        let nested = |keys: &[usize], value: &str| {
            let open: String =
                keys.iter().map(|length| format!(r#"{{"{}":"#, "k".repeat(length - 1))).collect();
            format!(r#"{{"cursor":{{"audit":{{"event_data":{open}{value}{}}}}}}}"#, "}".repeat(keys.len()))
        };
        let value = format!(r#"{{"v":"{}"}}"#, "x".repeat(9_000));
        // Lengths of keys, each with its dot; a value; how many objects are left of those.
        for (keys, value, left) in [
            (&[room][..], "1", None),
            (&[room + 1], "1", Some(0)),
            (&[10, room - 10], "1", None),
            (&[10, room - 9], "1", Some(1)),
            (&[10_000, 10_000, room - 20_000], r#"[1,["x"]]"#, None),
            (&[10_000, 10_000, room - 19_999], r#"[1,["x"]]"#, Some(2)),
            (&[20_000, 20_000], "1", Some(1)),
            (&[1_000; 28], &value, None),
            (&[1_000; 40], &value, Some(29)),
            (&[1_000; 29], r#"[[{"kkkkkkkkkk":1}]]"#, None),
            (&[10_000, 19_650], r#"[[{"kkkkkkkkkkkkkkkkkkkk":1}]]"#, Some(2)),
        ] {
            let document = nested(keys, value);
            let Some(left) = left else {
                assert_eq!(refitted(&document), None, "{keys:?}");
                continue;
            };
            let fitted = refitted(&document).unwrap();
            let read: serde_json::Value = serde_json::from_str(&fitted).unwrap();
            let mut at = &read["cursor"]["audit"]["event_data"];
            let mut levels = 0;
            while let Some(inner) = at.as_object().filter(|_| levels < left).and_then(|at| at.values().next())
            {
                (at, levels) = (inner, levels + 1);
            }
            assert_eq!(levels, left, "{keys:?}");
            longest_term(&read["cursor"]["audit"]["event_data"], "cursor.audit.event_data".len());
            assert_eq!(refitted(&fitted), None, "{keys:?}");
        }
    }

    /// Looks whether all terms of a `flattened` field fit.
    fn longest_term(value: &serde_json::Value, path: usize) {
        match value {
            serde_json::Value::Object(fields) => {
                fields.iter().for_each(|(key, value)| longest_term(value, path + 1 + key.len()));
            }
            serde_json::Value::Array(values) => values.iter().for_each(|value| longest_term(value, path)),
            serde_json::Value::String(text) if text.chars().count() > 1024 => {}
            leaf => assert!(path + 1 + leaf.to_string().len() <= 32_766, "{path}"),
        }
    }

    #[test]
    fn what_is_too_deep_becomes_text() {
        let deep = |levels: usize| format!("{}1{}", r#"{"n":"#.repeat(levels), "}".repeat(levels));
        let own = |levels| format!(r#"{{"own":{}}}"#, deep(levels));
        let data = |levels| format!(r#"{{"cursor":{{"audit":{{"event_data":{}}}}}}}"#, deep(levels));
        assert_eq!(refitted(&own(DYNAMIC_DEPTH)), None);
        assert!(refitted(&own(DYNAMIC_DEPTH + 1)).unwrap().contains(r#""{\"n\":1}""#));
        assert_eq!(refitted(&data(FLATTENED_DEPTH)), None);
        assert!(refitted(&data(FLATTENED_DEPTH + 1)).unwrap().contains(r#""{\"n\":1}""#));
    }
}
