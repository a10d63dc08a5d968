//! `sort`: puts the elements of a list in order.

use std::cmp::Ordering;

use event::{Data, Doc, FieldPath, NodeId};

use super::string::wrong_class;
use super::{Compiled, Example, Info};
use crate::failure::Failure;
use crate::options::{OptionError, Options};
use crate::pipeline::{Flow, Processor, Run};

pub(super) const INFO: Info = Info {
    name: "sort",
    summary: "Sorts a list of numbers, of texts or of booleans.",
    options: &[
        ("field", "", "list to sort"),
        ("order", "asc", "asc or desc"),
        ("target_field", "field", "where the sorted list goes"),
    ],
    examples: &[
        Example {
            about: "numbers are sorted by their value, texts by their characters",
            processor: "sort: {field: a, order: desc}",
            before: r#"{"a":[3,11,2]}"#,
            after: Ok(r#"{"a":[11,3,2]}"#),
        },
        Example {
            about: "elements of different classes can not be compared",
            processor: "sort: {field: a}",
            before: r#"{"a":[1,"b"]}"#,
            after: Err(
                "class java.lang.Integer cannot be cast to class java.lang.String (java.lang.Integer and \
                 java.lang.String are in module java.base of loader 'bootstrap')",
            ),
        },
        Example {
            about: "what is no list is an error",
            processor: "sort: {field: a}",
            before: r#"{"a":"x"}"#,
            after: Err("field [a] of type [java.lang.String] cannot be cast to [java.util.List]"),
        },
    ],
    differences: &[],
    compile,
};

struct Sort {
    field: FieldPath,
    target: Option<FieldPath>,
    descending: bool,
}

fn compile(options: &mut Options<'_, '_>) -> Compiled {
    let field = options.path("field")?;
    let target = options.optional_path("target_field")?;
    let descending = match options.optional_string("order")?.as_deref() {
        None | Some("asc") => false,
        Some("desc") => true,
        Some(other) => {
            let reason = format!("Sort direction [{other}] not recognized. Valid values are: [asc, desc]");
            return Err(OptionError::of("order", reason));
        }
    };
    Ok(Box::new(Sort { field, target, descending }))
}

impl Processor for Sort {
    fn run(&self, run: &mut Run<'_>) -> Result<Flow, Failure> {
        let doc = &mut *run.doc;
        let node = doc.resolve(&self.field)?;
        let field = self.field.as_str();
        match doc.data(node) {
            Data::Array(_) => {}
            Data::Null => {
                return Err(Failure::illegal_argument(format!("field [{field}] is null, cannot sort.")));
            }
            _ => return Err(wrong_class(field, doc.class_name(node), "java.util.List")),
        }
        let mut elements: Vec<NodeId> = doc.children(node).collect();
        self.check(doc, &elements)?;
        elements.sort_by(|a, b| {
            let ordering = compare(doc, *a, *b);
            if self.descending { ordering.reverse() } else { ordering }
        });
        let list = doc.node(Data::EMPTY_ARRAY);
        for element in elements {
            let copy = doc.copy(element);
            doc.push(list, copy);
        }
        doc.set(self.target.as_ref().unwrap_or(&self.field), list)?;
        Ok(Flow::Continue)
    }
}

impl Sort {
    /// Refuses lists whose elements can not be compared, in Java's words: each new element is compared with one that
    /// is sorted already, or the other way round where the order is descending.
    fn check(&self, doc: &Doc, elements: &[NodeId]) -> Result<(), Failure> {
        for pair in elements.windows(2) {
            let (old, new) = (pair[0], pair[1]);
            let (asked, given) = if self.descending { (old, new) } else { (new, old) };
            let name = if self.descending { "c2" } else { "a[runHi]" };
            let of_map = |node: &NodeId| matches!(doc.data(*node), Data::Array(_) | Data::Object(_));
            // What turns the order around asks both whether they can be compared, the new one first.
            if let Some(node) = [new, old].into_iter().find(of_map).filter(|_| self.descending) {
                return Err(no_cast(doc.class_name(node), "java.lang.Comparable"));
            }
            if doc.data(asked) == Data::Null {
                let reason = format!(
                    "Cannot invoke \"java.lang.Comparable.compareTo(Object)\" because \"{name}\" is null"
                );
                return Err(Failure::new("null_pointer_exception", reason));
            }
            if of_map(&asked) {
                return Err(no_cast(doc.class_name(asked), "java.lang.Comparable"));
            }
            if doc.data(given) == Data::Null {
                let class = doc.class_name(asked);
                let simple = class.rsplit('.').next().unwrap_or(class);
                let (part, argument) = match simple {
                    "Boolean" => ("value", "b"),
                    _ => ("value", simple),
                };
                let argument = if argument == "b" { "b".to_owned() } else { format!("another{argument}") };
                let reason = format!("Cannot read field \"{part}\" because \"{argument}\" is null");
                return Err(Failure::new("null_pointer_exception", reason));
            }
            if doc.class_name(asked) != doc.class_name(given) {
                return Err(no_cast(doc.class_name(given), doc.class_name(asked)));
            }
        }
        Ok(())
    }
}

fn no_cast(from: &str, to: &str) -> Failure {
    let reason = format!(
        "class {from} cannot be cast to class {to} ({from} and {to} are in module java.base of loader 'bootstrap')"
    );
    Failure::new("class_cast_exception", reason)
}

/// Java's order of two scalars of one class: texts by their UTF-16 units.
fn compare(doc: &Doc, a: NodeId, b: NodeId) -> Ordering {
    match (doc.data(a), doc.data(b)) {
        (Data::Str(x), Data::Str(y)) => doc.text(x).encode_utf16().cmp(doc.text(y).encode_utf16()),
        (Data::Bool(x), Data::Bool(y)) => x.get().cmp(&y.get()),
        (Data::Number(x), Data::Number(y)) if doc.class_name(a) == "java.math.BigInteger" => {
            whole(doc.text(x)).cmp(&whole(doc.text(y)))
        }
        _ => match (doc.as_i64(a), doc.as_i64(b)) {
            (Some(x), Some(y)) => x.cmp(&y),
            _ => doc.as_f64(a).unwrap_or(f64::NAN).total_cmp(&doc.as_f64(b).unwrap_or(f64::NAN)),
        },
    }
}

/// What orders whole numbers of any size as their digits are written.
fn whole(text: &str) -> (bool, i64, Ordered<'_>) {
    let (positive, digits) = match text.strip_prefix('-') {
        Some(digits) => (false, digits),
        None => (true, text),
    };
    let length = digits.len() as i64;
    (positive, if positive { length } else { -length }, Ordered { digits, reversed: !positive })
}

#[derive(PartialEq, Eq)]
struct Ordered<'a> {
    digits: &'a str,
    reversed: bool,
}

impl Ord for Ordered<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        let ordering = self.digits.cmp(other.digits);
        if self.reversed { ordering.reverse() } else { ordering }
    }
}

impl PartialOrd for Ordered<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::run;

    #[test]
    fn numbers_beyond_64_bits_are_ordered_by_value() {
        let before = r#"{"a":[99999999999999999999,-99999999999999999999,-100000000000000000000,100000000000000000000]}"#;
        let after = run("sort: {field: a}", before).unwrap();
        let sorted =
            "[-100000000000000000000,-99999999999999999999,99999999999999999999,100000000000000000000]";
        assert_eq!(after["a"], serde_json::from_str::<serde_json::Value>(sorted).unwrap());
    }
}
