//! `date`: reads a date and writes it in one format.

use std::borrow::Cow;

use event::doc::Text;
use event::{Data, Doc, FieldPath, NodeId};
use jiff::tz::TimeZone;

use super::{Compiled, Example, Info};
use crate::datetime::{Format, Names, Pattern, zone};
use crate::failure::Failure;
use crate::options::{OptionError, Options, templated};
use crate::pipeline::{Flow, Processor, Run};
use crate::scratch;
use crate::template::{MediaType, Template, java_text};

pub(super) const INFO: Info = Info {
    name: "date",
    summary: "Reads a date in the first format that fits and writes it to @timestamp.",
    options: &[
        ("field", "", "date to read"),
        ("formats", "", "list of java.time patterns, ISO8601, UNIX, UNIX_MS or TAI64N"),
        ("target_field", "@timestamp", "where the date goes"),
        ("timezone", "UTC", "zone of dates that name none, and of the result; may be a template"),
        ("locale", "ENGLISH", "language of the names of months and days; may be a template"),
        ("output_format", "yyyy-MM-dd'T'HH:mm:ss.SSSXXX", "java.time pattern of the result"),
    ],
    examples: &[
        Example {
            about: "an offset is taken into account",
            processor: "date: {field: t, formats: [ISO8601]}",
            before: r#"{"t":"2026-01-02T03:04:05,123456789+0530"}"#,
            after: Ok(
                r#"{"t":"2026-01-02T03:04:05,123456789+0530","@timestamp":"2026-01-01T21:34:05.123Z"}"#,
            ),
        },
        Example {
            about: "formats are tried in their order",
            processor: "date: {field: t, formats: [ISO8601, UNIX_MS, UNIX], target_field: t}",
            before: r#"{"t":"1700000000123"}"#,
            after: Ok(r#"{"t":"2023-11-14T22:13:20.123Z"}"#),
        },
        Example {
            about: "a zone counts for dates that have none",
            processor: "date: {field: t, formats: [ISO8601], timezone: Europe/Amsterdam, target_field: t}",
            before: r#"{"t":"2026-01-02T03:04:05"}"#,
            after: Ok(r#"{"t":"2026-01-02T03:04:05.000+01:00"}"#),
        },
        Example {
            about: "names of months follow the locale",
            processor: "date: {field: t, formats: [d MMMM yyyy], locale: fr, target_field: t, output_format: yyyy-MM}",
            before: r#"{"t":"2 mars 2026"}"#,
            after: Ok(r#"{"t":"2026-03"}"#),
        },
        Example {
            about: "what fits no format is an error",
            processor: "date: {field: t, formats: [ISO8601, UNIX]}",
            before: r#"{"t":"abc"}"#,
            after: Err("unable to parse date [abc]"),
        },
    ],
    differences: &[
        "of the names that Elasticsearch has for formats, ISO8601, UNIX, UNIX_MS, TAI64N, iso8601, strict_date_optional_time and strict_date_optional_time_nanos are known; java.time patterns say the others",
        "letters for weeks and quarters and for the era (w, W, e, c, F, Q, q, G) and for the thousandths and billionths of a day (A, N) are refused, and Y is read as y",
        "dates end with the year 9999",
        "a time zone or language that there is not is refused when the pipeline is loaded, unless it comes from a template",
    ],
    compile,
};

const DEFAULT_OUTPUT: &str = "yyyy-MM-dd'T'HH:mm:ss.SSSXXX";

/// A setting that may be a template.
enum Setting<T> {
    Fixed(T),
    Template(Template, fn(&str) -> Result<T, String>),
}

impl<T: Clone> Setting<T> {
    fn compile(
        options: &mut Options<'_, '_>,
        name: &str,
        default: &str,
        read: fn(&str) -> Result<T, String>,
    ) -> Result<Self, OptionError> {
        let text = options.optional_string(name)?.unwrap_or_else(|| default.to_owned());
        let of = |reason: String| OptionError::of(name, reason);
        if templated(&text) {
            return Ok(Self::Template(
                Template::compile(&text, MediaType::Json, options.places()).map_err(of)?,
                read,
            ));
        }
        read(&text).map(Self::Fixed).map_err(of)
    }

    fn get(&self, doc: &Doc) -> Result<Cow<'_, T>, String> {
        match self {
            Self::Fixed(value) => Ok(Cow::Borrowed(value)),
            Self::Template(template, read) => {
                let mut text = String::new();
                template.render(doc, &mut text);
                read(&text).map(Cow::Owned)
            }
        }
    }
}

struct Date {
    field: FieldPath,
    target: FieldPath,
    formats: Vec<Format>,
    zone: Setting<TimeZone>,
    names: Setting<std::sync::Arc<Names>>,
    output: Pattern,
    output_names: Names,
    /// The first format is ISO 8601, the zone UTC and the output the default: a text in the output's own form is
    /// its own result.
    plain: bool,
}

fn compile(options: &mut Options<'_, '_>) -> Compiled {
    let field = options.path("field")?;
    let target = options.path_or("target_field", "@timestamp")?;
    let formats =
        options.list("formats")?.ok_or_else(|| OptionError::of("formats", "required property is missing"))?;
    let plain_format = formats.first().is_some_and(|format| format == "ISO8601");
    let formats = formats
        .iter()
        .map(|format| Format::compile(format).map_err(|reason| OptionError::of("formats", reason)))
        .collect::<Result<Vec<_>, _>>()?;
    let zone = Setting::compile(options, "timezone", "UTC", zone)?;
    let names = Setting::compile(options, "locale", "en", |name| Names::of(name).map(std::sync::Arc::new))?;
    let output = options.optional_string("output_format")?.unwrap_or_else(|| DEFAULT_OUTPUT.to_owned());
    let plain = plain_format
        && output == DEFAULT_OUTPUT
        && matches!(&zone, Setting::Fixed(zone) if *zone == TimeZone::UTC);
    let output = Pattern::compile(&output).map_err(|reason| OptionError::of("output_format", reason))?;
    let output_names = Names::root();
    Ok(Box::new(Date { field, target, formats, zone, names, output, output_names, plain }))
}

impl Processor for Date {
    fn run(&self, run: &mut Run<'_>) -> Result<Flow, Failure> {
        let doc = &mut *run.doc;
        let node = doc.resolve(&self.field)?;
        let result = match doc.data(node) {
            Data::Str(text) if self.plain && is_plain(doc.text(text)) => doc.node(Data::Str(text)),
            Data::Str(text) => self.converted(doc, &From::Document(text), false)?,
            data => {
                let mut text = String::new();
                java_text(doc, node, true, &mut text);
                self.converted(doc, &From::Own(&text), data == Data::Null)?
            }
        };
        doc.set(&self.target, result)?;
        Ok(Flow::Continue)
    }
}

/// Where the text of a date is.
enum From<'a> {
    Document(Text),
    /// Written for what is no text in the document.
    Own(&'a str),
}

impl Date {
    /// A new node with the date of a text in the form of the output.
    fn converted(&self, doc: &mut Doc, text: &From<'_>, null: bool) -> Result<NodeId, Failure> {
        scratch::with(|out| {
            let read = match text {
                From::Document(text) => doc.text(*text),
                From::Own(text) => text,
            };
            self.convert(doc, read, null, out).map_err(|cause| {
                let shown = if null { "null" } else { read };
                let failure = Failure::illegal_argument(format!("unable to parse date [{shown}]"));
                match cause {
                    Some(cause) => failure.caused_by(cause),
                    None => failure,
                }
            })?;
            Ok(doc.string(out))
        })
    }

    /// Appends the date in the form of the output. The error is the innermost cause; none where there is no format.
    fn convert(&self, doc: &Doc, text: &str, null: bool, out: &mut String) -> Result<(), Option<String>> {
        if self.formats.is_empty() {
            return Err(None);
        }
        let (zone, names) = (self.zone.get(doc).map_err(Some)?, self.names.get(doc).map_err(Some)?);
        // The cause that is told is the first format's, as in Elasticsearch, where the others are its suppressed ones.
        let mut cause = None;
        for format in &self.formats {
            let of_null = format.words_for_null().filter(|_| null);
            match of_null.map_or_else(|| format.parse(text, &zone, &names), |words| Err(words.to_owned())) {
                Ok(date) => {
                    self.output.format_into(&date, &self.output_names, out);
                    return Ok(());
                }
                Err(error) => cause = cause.or(Some(error)),
            }
        }
        Err(cause)
    }
}

/// Whether a text is a date in the default output format, in UTC.
fn is_plain(text: &str) -> bool {
    let shape = b"0000-00-00T00:00:00.000Z";
    let bytes = text.as_bytes();
    if bytes.len() != shape.len()
        || !bytes
            .iter()
            .zip(shape)
            .all(|(byte, wanted)| if *wanted == b'0' { byte.is_ascii_digit() } else { byte == wanted })
    {
        return false;
    }
    let two = |at: usize| (bytes[at] - b'0') * 10 + bytes[at + 1] - b'0';
    let (month, day) = (two(5), two(8));
    // Days that not every month has take the long way.
    (1..=12).contains(&month) && (1..=28).contains(&day) && two(11) < 24 && two(14) < 60 && two(17) < 60
}
