//! `gsub`: replaces what a pattern matches.

use event::{Data, Doc, doc::Text};

use super::string::{TextChange, TextProcessor};
use super::{Compiled, Example, Info};
use crate::failure::Failure;
use crate::options::{OptionError, Options};
use crate::scratch;
use painless::pattern::{Pattern, Replacement};

pub(super) const INFO: Info = Info {
    name: "gsub",
    summary: "Replaces every match of a regular expression in a text.",
    options: &[
        ("field", "", "text, or list of texts"),
        ("pattern", "", "regular expression in Java's syntax"),
        (
            "replacement",
            "",
            "what stands in for a match; $1 is a group, \\ takes the next character as it is",
        ),
        ("target_field", "field", "where the result goes"),
        ("ignore_missing", "false", "whether a missing or null field is no error"),
    ],
    examples: &[
        Example {
            about: "groups can be used",
            processor: r"gsub: {field: a, pattern: '(\w+)-(x)', replacement: '$2\$$1'}",
            before: r#"{"a":"ab-x cd-x"}"#,
            after: Ok(r#"{"a":"x$ab x$cd"}"#),
        },
        Example {
            about: "a group that is not there is an error",
            processor: "gsub: {field: a, pattern: 'x', replacement: '$9'}",
            before: r#"{"a":"ab-x"}"#,
            after: Err("No group 9"),
        },
    ],
    differences: &[
        "a pattern that takes too many steps fails, instead of running on; a mistake in one is told in words of the engine's own",
    ],
    compile,
};

struct Gsub {
    pattern: Pattern,
    replacement: Replacement,
}

fn compile(options: &mut Options<'_, '_>) -> Compiled {
    Ok(Box::new(TextProcessor::compile_with(options, |options| {
        let source = options.string("pattern")?;
        let pattern = Pattern::compile(&source)
            .map_err(|reason| OptionError::of("pattern", format!("Invalid regex pattern. {reason}")))?;
        let replacement = Replacement::compile(&options.string("replacement")?);
        Ok(Gsub { pattern, replacement })
    })?))
}

impl TextChange for Gsub {
    fn change(&self, doc: &mut Doc, text: Text) -> Result<Option<Data>, Failure> {
        scratch::with(|new| {
            let changed = self.pattern.replace_into(doc.text(text), &self.replacement, new)?;
            Ok(changed.then(|| Data::Str(doc.add_text(new))))
        })
    }
}
