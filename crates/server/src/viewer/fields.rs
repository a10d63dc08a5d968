//! A document field by field, each value with the views that have it and that do not.

use event::{Data, Doc, NodeId};

use super::line::Cell;
use super::visible::cut;
use crate::question::{Field, Question};

/// More fields than this are not shown one by one; the whole document is beside them.
const MAX_FIELDS: usize = 500;
/// Longer values are cut, in characters.
const MAX_VALUE: usize = 2_000;
/// What is nested deeper is shown as it is written.
const DEEPEST: usize = 20;

/// A field with its values.
pub(crate) struct FieldLine {
    pub(crate) path: String,
    pub(crate) values: Vec<Cell>,
}

/// The fields of a document, in its order.
pub(crate) struct Fields {
    pub(crate) lines: Vec<FieldLine>,
    /// Whether there are more.
    pub(crate) is_cut: bool,
}

/// Lays a document out; its values narrow a view.
pub(crate) fn fields(doc: &Doc, root: NodeId, question: &Question) -> Fields {
    let mut walk = Walk { doc, question, fields: Fields { lines: Vec::new(), is_cut: false }, values: 0 };
    walk.below(root, "", true, 0);
    // It says once more what the others say, and at length.
    walk.fields.lines.sort_by_key(|line| line.path == "event.original");
    walk.fields.lines.iter_mut().for_each(|line| line.path = cut(&line.path, MAX_VALUE));
    walk.fields
}

struct Walk<'d> {
    doc: &'d Doc,
    question: &'d Question,
    fields: Fields,
    values: usize,
}

impl Walk<'_> {
    /// Adds what is at a path; `is_named` while a question can name it.
    fn below(&mut self, id: NodeId, path: &str, is_named: bool, depth: usize) {
        match self.doc.data(id) {
            Data::Object(_) if depth < DEEPEST => {
                for child in self.doc.children(id) {
                    let key = self.doc.key(child);
                    let is_named = is_named && !key.is_empty() && !key.contains(['.', ':']);
                    let path = if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
                    self.below(child, &path, is_named, depth + 1);
                }
            }
            Data::Array(_) if depth < DEEPEST => {
                for child in self.doc.children(id) {
                    self.below(child, path, is_named, depth + 1);
                }
            }
            Data::Null => {}
            _ => {
                let text = self.doc.scalar_text(id).unwrap_or_else(|| self.doc.json(id));
                self.add(path, &text, is_named);
            }
        }
    }

    fn add(&mut self, path: &str, text: &str, is_named: bool) {
        self.values += 1;
        if self.values > MAX_FIELDS {
            self.fields.is_cut = true;
            return;
        }
        let mut cell = Cell::new(Field::of(path), text, self.question);
        cell.text = cut(text, MAX_VALUE);
        if !is_named {
            cell.links = None;
        }
        match self.fields.lines.last_mut() {
            Some(last) if last.path == path => last.values.push(cell),
            _ => self.fields.lines.push(FieldLine { path: path.to_owned(), values: vec![cell] }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn laid_out(json: &str) -> Fields {
        let mut doc = Doc::new();
        let root = doc.parse_str(json).unwrap();
        fields(&doc, root, &Question::default())
    }

    #[test]
    fn values_lead_to_their_events_where_a_question_can_name_them() {
        let all = laid_out(
            r#"{"event":{"original":"x","action":"login","category":["iam","a"]},"source":{"ip":"::1"},"list":[{"a":1},{"a":2}],
                "a.b":"dotted","c:d":"x","related":{"ip":["::1"]},"flag":true,"none":null,"empty":{}}"#,
        );
        let told: Vec<_> = all
            .lines
            .iter()
            .map(|line| {
                let values = line.values.iter().map(|value| {
                    let only = value.links.as_ref().map(|links| links.only.as_str());
                    (value.text.as_str(), only.unwrap_or_default())
                });
                (line.path.as_str(), values.collect::<Vec<_>>())
            })
            .collect();
        assert_eq!(
            told,
            [
                ("event.action", vec![("login", "/?action=login")]),
                ("event.category", vec![("iam", "/?category=iam"), ("a", "/?category=a")]),
                ("source.ip", vec![("::1", "/?is=source.ip%3A%3A%3A1")]),
                ("list.a", vec![("1", "/?is=list.a%3A1"), ("2", "/?is=list.a%3A2")]),
                ("a.b", vec![("dotted", "")]),
                ("c:d", vec![("x", "")]),
                ("related.ip", vec![("::1", "")]),
                ("flag", vec![("true", "/?is=flag%3Atrue")]),
                ("event.original", vec![("x", "")]),
            ]
        );
    }

    #[test]
    fn what_is_shown_is_bounded() {
        let many = laid_out(&format!("{{\"a\":[{}1]}}", "1,".repeat(5_000)));
        assert!(many.is_cut && many.lines[0].values.len() == MAX_FIELDS);
        let long = laid_out(&format!("{{\"a\":\"{}\"}}", "x".repeat(100_000)));
        assert_eq!(long.lines[0].values[0].text.chars().count(), MAX_VALUE + 1);
        assert!(long.lines[0].values[0].links.is_none());
        let deep = laid_out(&format!("{{\"a\":{}1{}}}", "[".repeat(100), "]".repeat(100)));
        assert_eq!(deep.lines.len(), 1);
    }
}
