//! Values as text, and equality.

use event::doc::{Data, NodeId, double_text, float_text};

use super::{Outcome, Run, same_number};
use crate::exception::Thrown;
use crate::fixed::Fixed;
use crate::value::{Object, Value};

impl<'c> Run<'_, 'c> {
    /// What Java's `String.valueOf` gives.
    pub(crate) fn text_of(&mut self, value: Value<'c>) -> Result<String, Thrown> {
        let mut out = String::new();
        self.append(value, &mut out)?;
        Ok(out)
    }

    /// Appends what Java's `String.valueOf` gives.
    pub(crate) fn append(&mut self, value: Value<'c>, out: &mut String) -> Result<(), Thrown> {
        match value {
            Value::Null => out.push_str("null"),
            Value::Bool(value) => out.push_str(if value.get() { "true" } else { "false" }),
            Value::Int(value) => out.push_str(&value.get().to_string()),
            Value::Long(value) => out.push_str(&value.to_string()),
            Value::Float(value) => out.push_str(&float_text(value.get())),
            Value::Double(value) => out.push_str(&double_text(value.get())),
            Value::Char(unit) => out.push_str(&String::from_utf16_lossy(&[unit.get()])),
            Value::Big(text) | Value::Str(text) => out.push_str(self.doc.text(text)),
            Value::Lit(text) => out.push_str(text.name()),
            Value::List(id) | Value::Set(id) | Value::Array(id) | Value::Map(id) => {
                self.check_depth(id.get())?;
                self.doc.append_text(id.get(), out);
            }
            Value::Fixed(fixed) => append_fixed(fixed, out),
            Value::Keys(_) | Value::Values(_) | Value::Entries(_) => {
                let values = self.listed(value)?;
                out.push('[');
                for (place, value) in values.into_iter().enumerate() {
                    out.push_str(if place > 0 { ", " } else { "" });
                    self.append(value, out)?;
                }
                out.push(']');
            }
            Value::Entry(_) | Value::Pair(_) => {
                self.append(self.entry_key(value), out)?;
                out.push('=');
                self.append(self.entry_value(value), out)?;
            }
            Value::Pattern(pattern) => out.push_str(pattern.source()),
            Value::Object(index) => match &self.objects[index] {
                Object::Builder(text) => out.push_str(text),
                Object::Moment(moment) => out.push_str(&crate::methods::write_time(moment)),
                Object::Duration(length) => out.push_str(&crate::methods::write_length(*length)),
                Object::Unit(length) => out.push_str(crate::methods::unit_name(*length)),
                Object::Exception(exception) => out.push_str(&exception.text()),
                _ => out.push_str(self.class(value).java()),
            },
        }
        self.check_size(out.len())
    }

    /// `left + right` where one is a text.
    pub(super) fn concat(&mut self, left: Value<'c>, right: Value<'c>) -> Outcome<'c> {
        let mut text = self.text_of(left)?;
        self.append(right, &mut text)?;
        self.string(&text)
    }

    /// `==`: numbers by value, everything else by `equals`.
    pub(crate) fn equal(&self, left: Value<'c>, right: Value<'c>) -> bool {
        match (left, right) {
            (Value::Null, Value::Null) => true,
            (Value::Null, _) | (_, Value::Null) => false,
            (Value::Lit(a), Value::Lit(b)) => a == b,
            (Value::Str(a), Value::Lit(b)) | (Value::Lit(b), Value::Str(a)) => self.doc.is_key(a, b),
            (Value::Str(a), Value::Str(b)) => a == b || self.doc.text(a) == self.doc.text(b),
            (Value::Bool(a), Value::Bool(b)) => a == b,
            _ => same_number(left, right).unwrap_or_else(|| self.equals(left, right)),
        }
    }

    /// `left.equals(right)`: numbers are equal only to those of their own class.
    pub(crate) fn equals(&self, left: Value<'c>, right: Value<'c>) -> bool {
        match (left, right) {
            (Value::Null, Value::Null) => true,
            (Value::Bool(a), Value::Bool(b)) => a == b,
            (Value::Int(a), Value::Int(b)) => a == b,
            (Value::Long(a), Value::Long(b)) => a == b,
            (Value::Float(a), Value::Float(b)) => a.get().to_bits() == b.get().to_bits(),
            (Value::Double(a), Value::Double(b)) => a.get().to_bits() == b.get().to_bits(),
            (Value::Char(a), Value::Char(b)) => a == b,
            (Value::Big(a), Value::Big(b)) => self.doc.text(a) == self.doc.text(b),
            (Value::List(a), Value::List(b)) | (Value::Map(a), Value::Map(b)) => {
                a == b || self.equal_trees(a.get(), b.get())
            }
            (Value::Set(a), Value::Set(b)) => {
                self.doc.len(a.get()) == self.doc.len(b.get())
                    && self
                        .doc
                        .children(a.get())
                        .all(|x| self.doc.children(b.get()).any(|y| self.equal_trees(x, y)))
            }
            (Value::Array(a), Value::Array(b)) => a == b,
            (Value::Fixed(a), _) if matches!(right, Value::Fixed(_) | Value::List(_) | Value::Map(_)) => {
                self.equals_fixed(right, a)
            }
            (_, Value::Fixed(b)) if matches!(left, Value::List(_) | Value::Map(_)) => {
                self.equals_fixed(left, b)
            }
            (Value::Keys(a), Value::Keys(b))
            | (Value::Values(a), Value::Values(b))
            | (Value::Entries(a), Value::Entries(b)) => a == b,
            (Value::Entry(_) | Value::Pair(_), Value::Entry(_) | Value::Pair(_)) => {
                self.equals(self.entry_key(left), self.entry_key(right))
                    && self.equals(self.entry_value(left), self.entry_value(right))
            }
            (Value::Object(a), Value::Object(b)) => match (&self.objects[a], &self.objects[b]) {
                (Object::Moment(a), Object::Moment(b)) => a == b,
                (Object::Duration(a), Object::Duration(b)) | (Object::Unit(a), Object::Unit(b)) => a == b,
                _ => a == b,
            },
            _ => match (self.as_str(left), self.as_str(right)) {
                (Some(a), Some(b)) => a == b,
                _ => false,
            },
        }
    }

    /// Trees that a script nested too deep are not equal to anything.
    fn equal_trees(&self, a: NodeId, b: NodeId) -> bool {
        self.check_depth(a).is_ok() && self.check_depth(b).is_ok() && self.doc.equals(a, b)
    }

    fn equals_fixed(&self, value: Value<'c>, fixed: &'c Fixed) -> bool {
        match (value, fixed) {
            (Value::List(list), Fixed::List(values)) => {
                self.doc.len(list.get()) == values.len()
                    && self
                        .doc
                        .children(list.get())
                        .zip(values)
                        .all(|(node, value)| self.equals_fixed(self.read(node), value))
            }
            (Value::Map(map), Fixed::Map(entries)) => {
                self.doc.len(map.get()) == entries.len()
                    && self.doc.children(map.get()).all(|node| {
                        let value = entries.get_named(self.doc.key(node));
                        value.is_some_and(|value| self.equals_fixed(self.read(node), value))
                    })
            }
            (Value::Fixed(a), b) => std::ptr::eq(a, b) || fixed_equals(a, b),
            _ => self.equals(value, fixed.value()),
        }
    }

    /// `===`: the same object. Texts of the script itself are one object each, as Java interns them.
    pub(super) fn same(&self, left: Value<'c>, right: Value<'c>) -> bool {
        match (left, right) {
            (Value::Str(a), Value::Str(b)) => a == b,
            (Value::Lit(a), Value::Lit(b)) => a == b,
            (Value::Str(_), Value::Lit(_)) | (Value::Lit(_), Value::Str(_)) => false,
            (Value::List(a), Value::List(b)) | (Value::Map(a), Value::Map(b)) => a == b,
            (Value::Set(a), Value::Set(b)) | (Value::Array(a), Value::Array(b)) => a == b,
            (Value::Fixed(a), Value::Fixed(b)) => std::ptr::eq(a, b),
            (Value::List(_) | Value::Map(_), _) | (_, Value::List(_) | Value::Map(_)) => false,
            _ => self.equals(left, right),
        }
    }

    /// Whether a node's value equals a value: what `contains` asks.
    pub(crate) fn node_equals(&self, node: NodeId, value: Value<'c>) -> bool {
        match (self.doc.data(node), value) {
            (Data::Str(a), Value::Str(b)) => self.doc.text(a) == self.doc.text(b),
            (Data::Str(a), Value::Lit(b)) => self.doc.is_key(a, b),
            _ => self.equals(self.read(node), value),
        }
    }
}

fn fixed_equals(a: &Fixed, b: &Fixed) -> bool {
    match (a, b) {
        (Fixed::Null, Fixed::Null) => true,
        (Fixed::Bool(a), Fixed::Bool(b)) => a == b,
        (Fixed::Int(a), Fixed::Int(b)) => a == b,
        (Fixed::Long(a), Fixed::Long(b)) => a == b,
        (Fixed::Float(a), Fixed::Float(b)) => a.to_bits() == b.to_bits(),
        (Fixed::Double(a), Fixed::Double(b)) => a.to_bits() == b.to_bits(),
        (Fixed::Text(a), Fixed::Text(b)) => a == b,
        (Fixed::List(a), Fixed::List(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| fixed_equals(a, b))
        }
        (Fixed::Map(a), Fixed::Map(b)) => {
            a.len() == b.len()
                && a.entries().iter().all(|(key, a)| b.get(key).is_some_and(|b| fixed_equals(a, b)))
        }
        _ => false,
    }
}

fn append_fixed(fixed: &Fixed, out: &mut String) {
    match fixed {
        Fixed::Null => out.push_str("null"),
        Fixed::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        Fixed::Int(value) => out.push_str(&value.to_string()),
        Fixed::Long(value) => out.push_str(&value.to_string()),
        Fixed::Float(value) => out.push_str(&float_text(*value)),
        Fixed::Double(value) => out.push_str(&double_text(*value)),
        Fixed::Text(text) => out.push_str(text.name()),
        Fixed::List(values) => {
            out.push('[');
            for (place, value) in values.iter().enumerate() {
                out.push_str(if place > 0 { ", " } else { "" });
                append_fixed(value, out);
            }
            out.push(']');
        }
        Fixed::Map(map) => {
            out.push('{');
            for (place, (key, value)) in map.entries().iter().enumerate() {
                out.push_str(if place > 0 { ", " } else { "" });
                out.push_str(key.name());
                out.push('=');
                append_fixed(value, out);
            }
            out.push('}');
        }
    }
}
