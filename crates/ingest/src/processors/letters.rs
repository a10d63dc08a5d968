//! `lowercase`, `uppercase` and `trim`: the processors of texts that have no option of their own.

use event::{Data, Doc, doc::Text};

use super::string::{OPTIONS, TextChange, TextProcessor};
use super::{Compiled, Example, Info};
use crate::failure::Failure;
use crate::options::Options;
use crate::scratch;

pub(super) const LOWERCASE: Info = Info {
    name: "lowercase",
    summary: "Turns a text into lower case.",
    options: OPTIONS,
    examples: &[
        Example {
            about: "texts of a list are changed one by one",
            processor: "lowercase: {field: a, target_field: b}",
            before: r#"{"a":["MEMBER","Ä"]}"#,
            after: Ok(r#"{"a":["MEMBER","Ä"],"b":["member","ä"]}"#),
        },
        Example {
            about: "what is no text is an error",
            processor: "lowercase: {field: a}",
            before: r#"{"a":5}"#,
            after: Err("field [a] of type [java.lang.Integer] cannot be cast to [java.lang.String]"),
        },
        Example {
            about: "in a list as well",
            processor: "lowercase: {field: a}",
            before: r#"{"a":["X",5]}"#,
            after: Err(
                "value [5] of type [java.lang.Integer] in list field [a] cannot be cast to [java.lang.String]",
            ),
        },
        Example {
            about: "null is an error",
            processor: "lowercase: {field: a}",
            before: r#"{"a":null}"#,
            after: Err("field [a] is null, cannot process it."),
        },
        Example {
            about: "a missing field may be ignored",
            processor: "lowercase: {field: a.b, ignore_missing: true}",
            before: "{}",
            after: Ok("{}"),
        },
    ],
    differences: &[],
    compile: |options| compile(options, Letters::Lower),
};

pub(super) const UPPERCASE: Info = Info {
    name: "uppercase",
    summary: "Turns a text into upper case.",
    options: OPTIONS,
    examples: &[Example {
        about: "some letters become two",
        processor: "uppercase: {field: a}",
        before: r#"{"a":"straße"}"#,
        after: Ok(r#"{"a":"STRASSE"}"#),
    }],
    differences: &[],
    compile: |options| compile(options, Letters::Upper),
};

pub(super) const TRIM: Info = Info {
    name: "trim",
    summary: "Removes white space from both ends of a text.",
    options: OPTIONS,
    examples: &[Example {
        about: "white space is what Java's trim removes: characters up to the space",
        processor: "trim: {field: a}",
        before: r#"{"a":" \t x y\u00a0\n"}"#,
        after: Ok(r#"{"a":"x y\u00a0"}"#),
    }],
    differences: &[],
    compile: |options| compile(options, Letters::Trim),
};

enum Letters {
    Lower,
    Upper,
    Trim,
}

fn compile(options: &mut Options<'_, '_>, letters: Letters) -> Compiled {
    Ok(Box::new(TextProcessor::compile(options, letters)?))
}

impl TextChange for Letters {
    fn change(&self, doc: &mut Doc, text: Text) -> Result<Option<Data>, Failure> {
        let old = doc.text(text);
        let new = match self {
            Self::Lower if !old.bytes().any(|byte| byte.is_ascii_uppercase() || !byte.is_ascii()) => {
                return Ok(None);
            }
            Self::Upper if !old.bytes().any(|byte| byte.is_ascii_lowercase() || !byte.is_ascii()) => {
                return Ok(None);
            }
            Self::Trim => {
                let start = old.len() - old.trim_start_matches(|c: char| c <= ' ').len();
                let kept = start..start + old[start..].trim_end_matches(|c: char| c <= ' ').len();
                return Ok((kept.len() < old.len()).then(|| Data::Str(doc.copy_text(text, kept))));
            }
            Self::Lower | Self::Upper if old.is_ascii() => scratch::with(|new| {
                new.push_str(doc.text(text));
                match self {
                    Self::Lower => new.make_ascii_lowercase(),
                    _ => new.make_ascii_uppercase(),
                }
                doc.add_text(new)
            }),
            Self::Lower => doc.add_text(&old.to_lowercase()),
            Self::Upper => doc.add_text(&old.to_uppercase()),
        };
        Ok(Some(Data::Str(new)))
    }
}
