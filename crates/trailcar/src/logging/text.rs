//! Log lines for people: time, level, message, fields.

use std::fmt;

use jiff::Timestamp;
use serde_json::Value;
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::registry::LookupSpan;

use super::fields::{Fields, escape};

pub(super) struct Text {
    /// Whether levels are coloured.
    pub(super) colours: bool,
}

impl<S, N> FormatEvent<S, N> for Text
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'w> FormatFields<'w> + 'static,
{
    fn format_event(&self, _: &FmtContext<'_, S, N>, mut out: Writer<'_>, event: &Event<'_>) -> fmt::Result {
        let level = *event.metadata().level();
        write!(out, "{:.3} ", Timestamp::now())?;
        if self.colours {
            write!(out, "\x1b[{}m{level:>5}\x1b[0m ", colour(level))?;
        } else {
            write!(out, "{level:>5} ")?;
        }
        line(&mut out, &Fields::of(event))?;
        writeln!(out)
    }
}

fn colour(level: Level) -> u8 {
    match level {
        Level::ERROR => 31,
        Level::WARN => 33,
        Level::INFO => 32,
        _ => 2,
    }
}

fn line(out: &mut impl fmt::Write, fields: &Fields) -> fmt::Result {
    out.write_str(&escape(&fields.message))?;
    for (name, value) in &fields.rest {
        write!(out, " {name}=")?;
        match value {
            Value::String(text) if text.is_empty() || text.contains([' ', '"', '=']) => {
                write!(out, "\"{}\"", escape(&text.replace('"', "\\\"")))?;
            }
            Value::String(text) => out.write_str(&escape(text))?,
            other => write!(out, "{other}")?,
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_from_outside_stays_on_its_line() {
        let fields = Fields {
            message: "bad\u{1b}[31m\nline\u{202e}".to_owned(),
            rest: vec![
                ("file", "a b\r".into()),
                ("offset", 7.into()),
                ("source", "x".into()),
                ("none", "".into()),
            ],
        };
        let mut out = String::new();
        line(&mut out, &fields).unwrap();
        assert_eq!(out, r#"bad\u{1b}[31m\nline\u{202e} file="a b\u{d}" offset=7 source=x none="""#);
    }
}
