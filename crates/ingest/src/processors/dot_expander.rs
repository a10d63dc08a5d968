//! `dot_expander`: a field whose name has dots becomes objects.

use event::{Data, Doc, FieldPath, NodeId};

use super::string::wrong_class;
use super::{Compiled, Example, Info};
use crate::failure::Failure;
use crate::options::{OptionError, Options};
use crate::pipeline::{Flow, Processor, Run};

pub(super) const INFO: Info = Info {
    name: "dot_expander",
    summary: "Turns a field whose name has dots into objects, so that other processors reach it.",
    options: &[
        ("field", "", "name with dots; * is every such name at the top, or in path"),
        ("path", "", "object that the field is in, unless it is at the top"),
        (
            "override",
            "false",
            "whether a value that is there already is replaced; else both end up in a list",
        ),
    ],
    examples: &[
        Example {
            about: "objects that are there already are used",
            processor: "dot_expander: {field: foo.bar}",
            before: r#"{"foo.bar":1,"foo":{"x":2}}"#,
            after: Ok(r#"{"foo":{"x":2,"bar":1}}"#),
        },
        Example {
            about: "two values become a list",
            processor: "dot_expander: {field: foo.bar}",
            before: r#"{"foo.bar":1,"foo":{"bar":2}}"#,
            after: Ok(r#"{"foo":{"bar":[2,1]}}"#),
        },
        Example {
            about: "unless the new one replaces the old one",
            processor: "dot_expander: {field: foo.bar, override: true}",
            before: r#"{"foo.bar":1,"foo":{"bar":2}}"#,
            after: Ok(r#"{"foo":{"bar":1}}"#),
        },
        Example {
            about: "all fields of an object at once",
            processor: "dot_expander: {field: '*', path: o}",
            before: r#"{"a.b":0,"o":{"c.d":1,"e.f.g":2,"h":3}}"#,
            after: Ok(r#"{"a.b":0,"o":{"h":3,"c":{"d":1},"e":{"f":{"g":2}}}}"#),
        },
        Example {
            about: "a value in the way is an error",
            processor: "dot_expander: {field: foo.bar}",
            before: r#"{"foo.bar":1,"foo":2}"#,
            after: Err("cannot expend [foo.bar], because [foo] is not an object field, but a value field"),
        },
    ],
    differences: &[],
    compile,
};

struct DotExpander {
    /// None: every field whose name has a dot.
    name: Option<String>,
    path: Option<FieldPath>,
    overrides: bool,
}

fn compile(options: &mut Options<'_, '_>) -> Compiled {
    let name = options.string("field")?;
    let mistake = |reason: &str| Err(OptionError::of("field", reason));
    let name = match name.as_str() {
        "*" => None,
        name if !name.contains('.') => return mistake("field does not contain a dot and is not a wildcard"),
        name if name.starts_with('.') || name.ends_with('.') => {
            return mistake("Field can't start or end with a dot");
        }
        name if name.contains("..") => return mistake("No space between dots"),
        name => Some(name.to_owned()),
    };
    let path = options.optional_path("path")?;
    Ok(Box::new(DotExpander { name, path, overrides: options.boolean("override", false)? }))
}

impl Processor for DotExpander {
    fn run(&self, run: &mut Run<'_>) -> Result<Flow, Failure> {
        let doc = &mut *run.doc;
        let object = match &self.path {
            None => Doc::SOURCE,
            Some(path) => {
                let node = doc.resolve(path)?;
                match doc.data(node) {
                    Data::Object(_) => node,
                    Data::Null => {
                        let reason =
                            "Cannot invoke \"java.util.Map.containsKey(Object)\" because \"map\" is null";
                        return Err(Failure::new("null_pointer_exception", reason));
                    }
                    _ => return Err(wrong_class(path.as_str(), doc.class_name(node), "java.util.Map")),
                }
            }
        };
        match &self.name {
            Some(name) => {
                if let Some(node) = doc.get_named(object, name) {
                    self.expand(doc, object, node, name)?;
                }
            }
            None => {
                let dotted =
                    |doc: &Doc, node: NodeId| Some(doc.key(node).to_owned()).filter(|key| key.contains('.'));
                let fields: Vec<(NodeId, String)> =
                    doc.children(object).filter_map(|node| Some((node, dotted(doc, node)?))).collect();
                for (node, name) in fields {
                    self.expand(doc, object, node, &name)?;
                }
            }
        }
        Ok(Flow::Continue)
    }
}

impl DotExpander {
    fn expand(&self, doc: &mut Doc, object: NodeId, node: NodeId, name: &str) -> Result<(), Failure> {
        let prefix = self.path.as_ref().map(|path| format!("{}.", path.as_str())).unwrap_or_default();
        // Names that no path can be made of stay.
        if FieldPath::parse(name).is_err() {
            return Ok(());
        }
        let (parents, last) = name.rsplit_once('.').unwrap_or(("", name));
        let mut at = object;
        let mut walked = 0;
        let mut missing = None;
        for part in parents.split('.') {
            walked += part.len() + usize::from(walked > 0);
            match doc.get_named(at, part) {
                Some(next) if matches!(doc.data(next), Data::Object(_)) => at = next,
                Some(_) => {
                    let reason = format!(
                        "cannot expend [{prefix}{name}], because [{prefix}{}] is not an object field, but a value \
                         field",
                        &name[..walked]
                    );
                    return Err(Failure::illegal_argument(reason));
                }
                None => {
                    missing = Some(walked - part.len());
                    break;
                }
            }
        }
        doc.unlink(object, node);
        for part in missing.map(|from| parents[from..].split('.')).into_iter().flatten() {
            let made = doc.node(Data::EMPTY_OBJECT);
            doc.put_named(at, part, made);
            at = made;
        }
        match doc.get_named(at, last).filter(|_| !self.overrides) {
            Some(old) => add(doc, at, last, old, node),
            None => {
                doc.put_named(at, last, node);
            }
        }
        Ok(())
    }
}

/// Adds a value to the one that a field has, as `append` does.
fn add(doc: &mut Doc, object: NodeId, name: &str, old: NodeId, new: NodeId) {
    let list = if matches!(doc.data(old), Data::Array(_)) {
        old
    } else {
        let list = doc.node(Data::EMPTY_ARRAY);
        doc.put_named(object, name, list);
        doc.push(list, old);
        list
    };
    if !matches!(doc.data(new), Data::Array(_)) {
        doc.push(list, new);
        return;
    }
    let mut next = doc.first_child(new);
    while let Some(value) = next {
        next = doc.next_sibling(value);
        doc.push(list, value);
    }
}
