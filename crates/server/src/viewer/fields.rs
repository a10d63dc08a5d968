//! A document field by field, each value with the views that have it and that do not.

use event::{Data, Doc, NodeId};

use super::line::Cell;
use super::visible::cut;
use crate::question::{Field, Question, is_found};

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

/// Lays a document out.
pub(crate) fn fields(doc: &Doc, root: NodeId) -> Fields {
    let mut walk = Walk { doc, fields: Fields { lines: Vec::new(), is_cut: false }, values: 0 };
    walk.below(root, "", true, 0);
    walk.fields
}

struct Walk<'d> {
    doc: &'d Doc,
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
        let mut cell = Cell::new(Field::of(path), text, &Question::default());
        cell.text = cut(text, MAX_VALUE);
        if !is_named || !is_found(path, text) {
            cell.links = None;
        }
        match self.fields.lines.last_mut() {
            Some(last) if last.path == path => last.values.push(cell),
            _ => self.fields.lines.push(FieldLine { path: path.to_owned(), values: vec![cell] }),
        }
    }
}
