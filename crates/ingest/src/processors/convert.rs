//! `convert`: changes the type of a value.

use event::doc::Place;
use event::{Data, Doc, FieldPath, NodeId};

use super::{Compiled, Example, Info};
use crate::failure::Failure;
use crate::field::value_of;
use crate::options::{OptionError, Options};
use crate::pipeline::{Flow, Processor, Run};
use crate::scratch;
use crate::template::java_text;

pub(super) const INFO: Info = Info {
    name: "convert",
    summary: "Converts a value, or each value of a list, to another type.",
    options: &[
        ("field", "", "field to convert"),
        ("target_field", "field", "where the converted value goes"),
        ("type", "", "integer, long, float, double, string, boolean, ip or auto"),
        ("ignore_missing", "false", "whether a missing or null field is no error"),
    ],
    examples: &[
        Example {
            about: "a text becomes a number",
            processor: "convert: {field: a, type: long}",
            before: r#"{"a":"5000"}"#,
            after: Ok(r#"{"a":5000}"#),
        },
        Example {
            about: "every value of a list is converted",
            processor: "convert: {field: a, type: integer, target_field: b}",
            before: r#"{"a":["1","0x1F","010"]}"#,
            after: Ok(r#"{"a":["1","0x1F","010"],"b":[1,31,10]}"#),
        },
        Example {
            about: "what is no number is an error",
            processor: "convert: {field: a, type: long}",
            before: r#"{"a":1.5}"#,
            after: Err("unable to convert [1.5] to long"),
        },
        Example {
            about: "only true and false are booleans",
            processor: "convert: {field: a, type: boolean}",
            before: r#"{"a":"yes"}"#,
            after: Err("[yes] is not a boolean value, cannot convert to boolean"),
        },
        Example {
            about: "an address is checked and left as it is",
            processor: "convert: {field: a, type: ip, target_field: ip}",
            before: r#"{"a":"1.2.3"}"#,
            after: Err("'1.2.3' is not an IP string literal."),
        },
        Example {
            about: "a number becomes text as Java writes it",
            processor: "convert: {field: a, type: string}",
            before: r#"{"a":{"b":[1,null,1.0,1e10,true]}}"#,
            after: Ok(r#"{"a":"{b=[1, null, 1.0, 1.0E10, true]}"}"#),
        },
        Example {
            about: "auto tries boolean, whole numbers and fractions",
            processor: "convert: {field: a, type: auto}",
            before: r#"{"a":["1","1.5","true","x","99999999999"]}"#,
            after: Ok(r#"{"a":[1,1.5,true,"x",99999999999]}"#),
        },
        Example {
            about: "null is an error",
            processor: "convert: {field: a, type: long}",
            before: r#"{"a":null}"#,
            after: Err("Field [a] is null, cannot be converted to type [long]"),
        },
    ],
    differences: &[
        "hexadecimal numbers with a fraction (0x1p3) and digits of other scripts than 0 to 9 are no numbers",
    ],
    compile,
};

#[derive(Clone, Copy)]
enum Type {
    Integer,
    Long,
    Float,
    Double,
    Boolean,
    String,
    Ip,
    Auto,
}

impl Type {
    fn parse(name: &str) -> Option<Self> {
        Some(match name.to_ascii_lowercase().as_str() {
            "integer" => Self::Integer,
            "long" => Self::Long,
            "float" => Self::Float,
            "double" => Self::Double,
            "boolean" => Self::Boolean,
            "string" => Self::String,
            "ip" => Self::Ip,
            "auto" => Self::Auto,
            _ => return None,
        })
    }

    fn name(self) -> &'static str {
        match self {
            Self::Integer => "integer",
            Self::Long => "long",
            Self::Float => "float",
            Self::Double => "double",
            Self::Boolean => "boolean",
            Self::String => "string",
            Self::Ip => "ip",
            Self::Auto => "auto",
        }
    }
}

struct Convert {
    field: FieldPath,
    target: Option<FieldPath>,
    to: Type,
    ignore_missing: bool,
}

fn compile(options: &mut Options<'_, '_>) -> Compiled {
    let field = options.path("field")?;
    let name = options.string("type")?;
    let target = options.optional_path("target_field")?;
    let to = Type::parse(&name).ok_or_else(|| {
        OptionError::of("type", format!("type [{name}] not supported, cannot convert field."))
    })?;
    Ok(Box::new(Convert { field, target, to, ignore_missing: options.boolean("ignore_missing", false)? }))
}

impl Processor for Convert {
    fn run(&self, run: &mut Run<'_>) -> Result<Flow, Failure> {
        let doc = &mut *run.doc;
        let null = |field: &str| {
            format!("Field [{field}] is null, cannot be converted to type [{}]", self.to.name())
        };
        let Some(node) = value_of(doc, &self.field, self.ignore_missing, null)? else {
            return Ok(Flow::Continue);
        };
        let converted = match doc.data(node) {
            Data::Array(_) => {
                let list = doc.node(Data::EMPTY_ARRAY);
                let mut next = doc.first_child(node);
                while let Some(value) = next {
                    next = doc.next_sibling(value);
                    if doc.data(value) == Data::Null && !matches!(self.to, Type::Auto) {
                        let reason = "Cannot invoke \"Object.toString()\" because \"value\" is null";
                        return Err(Failure::new("null_pointer_exception", reason));
                    }
                    let data = self.convert(doc, value)?;
                    let node = copy_with(doc, value, data);
                    doc.push(list, node);
                }
                list
            }
            _ => {
                let data = self.convert(doc, node)?;
                copy_with(doc, node, data)
            }
        };
        doc.set(self.target.as_ref().unwrap_or(&self.field), converted)?;
        Ok(Flow::Continue)
    }

    fn idle_without(&self) -> Place {
        if self.ignore_missing { self.field.certain_place() } else { Place::NONE }
    }
}

/// A detached node with new data; `None` keeps the value as it is.
fn copy_with(doc: &mut Doc, value: NodeId, data: Option<Data>) -> NodeId {
    match data {
        Some(data) => doc.node(data),
        None => doc.copy(value),
    }
}

impl Convert {
    /// What becomes of a value; `None` where it stays what it is.
    fn convert(&self, doc: &mut Doc, value: NodeId) -> Result<Option<Data>, Failure> {
        let stays = match self.to {
            Type::Ip => doc.address(value).is_some(),
            Type::String => doc.str_at(value).is_some(),
            Type::Auto => doc.str_at(value).is_none(),
            _ => false,
        };
        if stays {
            return Ok(None);
        }
        scratch::with(|text| {
            java_text(doc, value, false, text);
            self.convert_text(doc, text)
        })
    }

    /// The same for one that does not stay by its type, with the text that it is written as.
    fn convert_text(&self, doc: &mut Doc, text: &str) -> Result<Option<Data>, Failure> {
        let number = |parsed: Option<Data>| {
            parsed.map(Some).ok_or_else(|| {
                Failure::illegal_argument(format!("unable to convert [{text}] to {}", self.to.name()))
                    .caused_by(no_number(text, self.to))
            })
        };
        match self.to {
            Type::Integer => number(integer(text).and_then(|value| i32::try_from(value).ok()).map(Data::int)),
            Type::Long => number(integer(text).map(Data::Long)),
            Type::Float => number(float(text).map(Data::float)),
            Type::Double => number(float(text).map(Data::double)),
            Type::Boolean => match boolean(text) {
                Some(value) => Ok(Some(Data::bool(value))),
                None => Err(Failure::illegal_argument(format!(
                    "[{text}] is not a boolean value, cannot convert to boolean"
                ))),
            },
            Type::Ip => Err(Failure::illegal_argument(format!("'{text}' is not an IP string literal."))),
            Type::String => Ok(Some(Data::Str(doc.add_text(text)))),
            Type::Auto => Ok(auto(text)),
        }
    }
}

fn auto(text: &str) -> Option<Data> {
    if let Some(value) = boolean(text) {
        return Some(Data::bool(value));
    }
    if let Some(value) = integer(text) {
        return Some(i32::try_from(value).map_or(Data::Long(value), Data::int));
    }
    float(text).map(Data::float)
}

/// What grok makes of a captured text.
///
/// # Errors
/// When it is no number of the type.
pub(super) fn number_of(text: &str, to: super::grok::expression::Type) -> Result<Data, Failure> {
    use super::grok::expression::Type as Captured;
    let (number, class) = match to {
        Captured::Integer => (text.parse().ok().map(Data::int), Type::Integer),
        Captured::Long => (text.parse().ok().map(Data::Long), Type::Long),
        Captured::Float => (float(text).map(Data::float), Type::Float),
        _ => (float(text).map(Data::double), Type::Double),
    };
    number.ok_or_else(|| Failure::new("number_format_exception", no_number(text, class)))
}

fn boolean(text: &str) -> Option<bool> {
    match text {
        _ if text.eq_ignore_ascii_case("true") => Some(true),
        _ if text.eq_ignore_ascii_case("false") => Some(false),
        _ => None,
    }
}

/// `Long.parseLong`, or `Long.decode` for hexadecimal.
fn integer(text: &str) -> Option<i64> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let Some(hex) = digits.strip_prefix("0x") else {
        return text.parse().ok();
    };
    if hex.starts_with(['+', '-']) {
        return None;
    }
    let value = i128::from_str_radix(hex, 16).ok()?;
    i64::try_from(if negative { -value } else { value }).ok()
}

/// What Java says of a text that is no number.
fn no_number(text: &str, to: Type) -> String {
    let whole = matches!(to, Type::Integer | Type::Long);
    let (sign, digits) = text.strip_prefix('-').map_or(("", text), |digits| ("-", digits));
    match digits.strip_prefix("0x") {
        Some(hex) if whole && hex.starts_with(['+', '-']) => "Sign character in wrong position".to_owned(),
        Some(hex) if whole => format!("For input string: \"{sign}{hex}\" under radix 16"),
        None if !whole && text.trim_matches(|c: char| c <= ' ').is_empty() => "empty String".to_owned(),
        None if !whole && painless::has_two_points(text) => "multiple points".to_owned(),
        _ => format!("For input string: \"{text}\""),
    }
}

/// `Double.parseDouble` and `Float.parseFloat`: white space around is skipped, a type suffix is read over.
fn float<F: std::str::FromStr + From<f32>>(text: &str) -> Option<F> {
    let trimmed = text.trim_matches(|c: char| c <= ' ');
    match trimmed {
        "NaN" | "+NaN" | "-NaN" => return Some(f32::NAN.into()),
        "Infinity" | "+Infinity" => return Some(f32::INFINITY.into()),
        "-Infinity" => return Some(f32::NEG_INFINITY.into()),
        _ => {}
    }
    let digits = trimmed.strip_suffix(['f', 'F', 'd', 'D']).unwrap_or(trimmed);
    // Rust also reads "inf" and "nan", which Java does not.
    if !digits.ends_with(|c: char| c.is_ascii_digit() || c == '.') {
        return None;
    }
    digits.parse().ok()
}
