//! `date_index_name`: the index of a document by its date, as date math that the server resolves.

use event::{Data, Doc, FieldPath, Key};
use jiff::tz::TimeZone;

use super::{Compiled, Example, Info};
use crate::datetime::{Format, Names, Pattern, zone};
use crate::failure::Failure;
use crate::options::{OptionError, Options, templated};
use crate::pipeline::{Flow, Processor, Run};
use crate::template::{MediaType, Template, java_text};

pub(super) const INFO: Info = Info {
    name: "date_index_name",
    summary: "Names the index after a date of the document, with a date math expression.",
    options: &[
        ("field", "", "field with the date"),
        ("index_name_prefix", "", "what the name begins with; may be a template"),
        ("date_rounding", "", "y, M, w, d, h, m or s: how far the date is rounded down; may be a template"),
        (
            "date_formats",
            "yyyy-MM-dd'T'HH:mm:ss.SSSXX",
            "list of java.time patterns, ISO8601, UNIX, UNIX_MS or TAI64N",
        ),
        ("timezone", "UTC", "zone of dates that name none, and of the name"),
        ("locale", "ENGLISH", "language of the names of months and days"),
        ("index_name_format", "yyyy-MM-dd", "java.time pattern of the date in the name; may be a template"),
    ],
    examples: &[
        Example {
            about: "only _index changes, to <my-{2016-04-25||/M{yyyy-MM-dd|UTC}}> here, which the server resolves",
            processor: "date_index_name: {field: d, index_name_prefix: 'my-', date_rounding: M}",
            before: r#"{"d":"2016-04-25T12:02:01.789Z"}"#,
            after: Ok(r#"{"d":"2016-04-25T12:02:01.789Z"}"#),
        },
        Example {
            about: "what fits no format is an error",
            processor: "date_index_name: {field: d, date_rounding: M}",
            before: r#"{"d":"x"}"#,
            after: Err("unable to parse date [x]"),
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

/// A text that may be a template.
enum Text {
    Fixed(String),
    Template(Template),
}

impl Text {
    fn compile(options: &mut Options<'_, '_>, name: &str, text: String) -> Result<Self, OptionError> {
        if !templated(&text) {
            return Ok(Self::Fixed(text));
        }
        Template::compile(&text, MediaType::Json, options.places())
            .map(Self::Template)
            .map_err(|reason| OptionError::of(name, reason))
    }

    fn render(&self, doc: &Doc, out: &mut String) {
        match self {
            Self::Fixed(text) => out.push_str(text),
            Self::Template(template) => template.render(doc, out),
        }
    }
}

/// The format of the date in the name: compiled where it is no template.
enum NameFormat {
    Fixed(String, Pattern),
    Template(Template),
}

struct DateIndexName {
    field: FieldPath,
    prefix: Text,
    rounding: Text,
    formats: Vec<Format>,
    zone: TimeZone,
    zone_name: String,
    names: Names,
    format: NameFormat,
    output_names: Names,
    index: Key,
}

fn compile(options: &mut Options<'_, '_>) -> Compiled {
    let locale = options.optional_string("locale")?;
    let names =
        Names::of(locale.as_deref().unwrap_or("en")).map_err(|reason| OptionError::of("locale", reason))?;
    let zone_name = options.optional_string("timezone")?.unwrap_or_else(|| "UTC".to_owned());
    let zone = zone(&zone_name).map_err(|reason| OptionError::of("timezone", reason))?;
    let formats =
        options.list("date_formats")?.unwrap_or_else(|| vec!["yyyy-MM-dd'T'HH:mm:ss.SSSXX".to_owned()]);
    let formats = formats
        .iter()
        .map(|format| Format::compile(format).map_err(|reason| OptionError::of("date_formats", reason)))
        .collect::<Result<_, _>>()?;
    let field = options.path("field")?;
    let prefix = options.optional_string("index_name_prefix")?.unwrap_or_default();
    let prefix = Text::compile(options, "index_name_prefix", prefix)?;
    let rounding = options.string("date_rounding")?;
    let rounding = Text::compile(options, "date_rounding", rounding)?;
    let format = options.optional_string("index_name_format")?.unwrap_or_else(|| "yyyy-MM-dd".to_owned());
    let of_format = |reason: String| OptionError::of("index_name_format", reason);
    let format = if templated(&format) {
        let template = Template::compile(&format, MediaType::Json, options.places());
        NameFormat::Template(template.map_err(of_format)?)
    } else {
        let pattern = Pattern::compile(&format).map_err(of_format)?;
        NameFormat::Fixed(format, pattern)
    };
    let (output_names, index) = (Names::root(), Key::new("_index"));
    Ok(Box::new(DateIndexName {
        field,
        prefix,
        rounding,
        formats,
        zone,
        zone_name,
        names,
        format,
        output_names,
        index,
    }))
}

impl Processor for DateIndexName {
    fn run(&self, run: &mut Run<'_>) -> Result<Flow, Failure> {
        let doc = &mut *run.doc;
        let node = doc.resolve(&self.field)?;
        let mut date = String::new();
        java_text(doc, node, true, &mut date);
        let shown = if doc.data(node) == Data::Null { "null" } else { &date };
        let unparsed = |cause: Option<String>| {
            let failure = Failure::illegal_argument(format!("unable to parse date [{shown}]"));
            match cause {
                Some(cause) => failure.caused_by(cause),
                None => failure,
            }
        };
        let empty = date.is_empty() && !self.formats.is_empty();
        let mut cause = empty.then(|| "cannot parse empty date".to_owned());
        let parsed = self.formats.iter().find_map(|format| {
            let parsed = format.parse(&date, &self.zone, &self.names);
            parsed.map_err(|error| cause = cause.take().or(Some(error))).ok()
        });
        let Some(parsed) = parsed else { return Err(unparsed(cause)) };
        let mut name = "<".to_owned();
        self.prefix.render(doc, &mut name);
        let mut filled = String::new();
        let (format, text) = match &self.format {
            NameFormat::Fixed(format, pattern) => {
                (format.as_str(), pattern.format(&parsed, &self.output_names))
            }
            NameFormat::Template(template) => {
                template.render(doc, &mut filled);
                if filled.is_empty() {
                    return Err(Failure::illegal_argument("No date pattern provided"));
                }
                let pattern = Pattern::compile(&filled).map_err(|reason| {
                    let told = format!("Invalid format: [{filled}]: ");
                    let reason = reason.strip_prefix(&told).unwrap_or(&reason);
                    Failure::illegal_argument(format!("{told}{reason}")).caused_by(reason)
                })?;
                (filled.as_str(), pattern.format(&parsed, &self.output_names))
            }
        };
        name.push_str(&format!("{{{text}||/"));
        self.rounding.render(doc, &mut name);
        name.push_str(&format!("{{{format}|{}}}}}>", self.zone_name));
        let node = doc.string(&name);
        doc.put(Doc::METADATA, &self.index, node);
        Ok(Flow::Continue)
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::run;

    #[test]
    fn the_name_is_a_date_math_expression() {
        let processor = "date_index_name: {field: d, index_name_prefix: 'my-', date_rounding: M}}, {set: {field: at, value: '{{{_index}}}'}";
        let after = run(processor, r#"{"d":"2016-04-25T12:02:01.789Z"}"#).unwrap();
        assert_eq!(after["at"], "<my-{2016-04-25||/M{yyyy-MM-dd|UTC}}>");
    }
}
