//! What processors of texts share: `field`, `target_field`, `ignore_missing`, lists of texts.

use event::doc::Place;
use event::{Data, Doc, FieldPath, NodeId, doc::Text};

use crate::failure::Failure;
use crate::field::value_of;
use crate::options::{OptionError, Options};
use crate::pipeline::{Flow, Processor, Run};

/// The options of a processor of texts, as its users read them.
pub(super) const OPTIONS: &[(&str, &str, &str)] = &[
    ("field", "", "text, or list of texts"),
    ("target_field", "field", "where the result goes"),
    ("ignore_missing", "false", "whether a missing or null field is no error"),
];

/// What a text becomes.
pub(super) trait TextChange: Send + Sync {
    /// The new data of a text; `None` keeps it.
    fn change(&self, doc: &mut Doc, text: Text) -> Result<Option<Data>, Failure>;
}

/// A processor that changes a text, or each text of a list.
pub(super) struct TextProcessor<C> {
    field: FieldPath,
    target: Option<FieldPath>,
    ignore_missing: bool,
    change: C,
}

impl<C: TextChange> TextProcessor<C> {
    /// Reads the options that all of them have.
    pub(super) fn compile(options: &mut Options<'_, '_>, change: C) -> Result<Self, OptionError> {
        Self::compile_with(options, |_| Ok(change))
    }

    /// Reads the options that all of them have, and then those of the change.
    pub(super) fn compile_with(
        options: &mut Options<'_, '_>,
        change: impl FnOnce(&mut Options<'_, '_>) -> Result<C, OptionError>,
    ) -> Result<Self, OptionError> {
        Ok(Self {
            field: options.path("field")?,
            ignore_missing: options.boolean("ignore_missing", false)?,
            target: options.optional_path("target_field")?,
            change: change(options)?,
        })
    }

    fn changed(&self, doc: &mut Doc, value: NodeId, in_list: bool) -> Result<NodeId, Failure> {
        let Data::Str(text) = doc.data(value) else { return Err(self.no_text(doc, value, in_list)) };
        let data = self.change.change(doc, text)?;
        Ok(doc.node(data.unwrap_or(Data::Str(text))))
    }

    fn no_text(&self, doc: &Doc, value: NodeId, in_list: bool) -> Failure {
        let (field, class) = (self.field.as_str(), doc.class_name(value));
        if !in_list {
            return wrong_class(field, class, "java.lang.String");
        }
        if doc.data(value) == Data::Null {
            let reason = "Cannot invoke \"Object.getClass()\" because \"value\" is null";
            return Failure::new("null_pointer_exception", reason);
        }
        let mut text = String::new();
        crate::template::java_text(doc, value, false, &mut text);
        Failure::illegal_argument(format!(
            "value [{text}] of type [{class}] in list field [{field}] cannot be cast to [java.lang.String]"
        ))
    }
}

/// The text that a processor of one text works on; `None` when it is missing or null and that is no error.
///
/// # Errors
/// When it is missing or null all the same, or no text.
pub(super) fn text_of(doc: &Doc, path: &FieldPath, ignore_missing: bool) -> Result<Option<Text>, Failure> {
    let null = |field: &str| format!("field [{field}] is null, cannot process it.");
    match value_of(doc, path, ignore_missing, null)?.map(|node| (node, doc.data(node))) {
        None => Ok(None),
        Some((_, Data::Str(text))) => Ok(Some(text)),
        Some((node, _)) => Err(wrong_class(path.as_str(), doc.class_name(node), "java.lang.String")),
    }
}

/// The failure of a value that has the wrong class.
pub(super) fn wrong_class(field: &str, class: &str, wanted: &str) -> Failure {
    Failure::illegal_argument(format!("field [{field}] of type [{class}] cannot be cast to [{wanted}]"))
}

impl<C: TextChange> Processor for TextProcessor<C> {
    fn run(&self, run: &mut Run<'_>) -> Result<Flow, Failure> {
        let doc = &mut *run.doc;
        let null = |field: &str| format!("field [{field}] is null, cannot process it.");
        let Some(node) = value_of(doc, &self.field, self.ignore_missing, null)? else {
            return Ok(Flow::Continue);
        };
        let changed = match doc.data(node) {
            Data::Array(_) => {
                let list = doc.node(Data::EMPTY_ARRAY);
                let mut next = doc.first_child(node);
                while let Some(value) = next {
                    next = doc.next_sibling(value);
                    let value = self.changed(doc, value, true)?;
                    doc.push(list, value);
                }
                list
            }
            _ => self.changed(doc, node, false)?,
        };
        doc.set(self.target.as_ref().unwrap_or(&self.field), changed)?;
        Ok(Flow::Continue)
    }

    fn idle_without(&self) -> Place {
        if self.ignore_missing { self.field.certain_place() } else { Place::NONE }
    }
}
