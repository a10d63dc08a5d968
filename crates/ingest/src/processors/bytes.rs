//! `bytes`: sizes as people write them, in bytes.

use event::{Data, Doc, doc::Text};

use super::string::{OPTIONS, TextChange, TextProcessor};
use super::{Compiled, Example, Info};
use crate::failure::Failure;
use crate::options::Options;

pub(super) const INFO: Info = Info {
    name: "bytes",
    summary: "Converts a size as people write it, 1kb for instance, to a number of bytes.",
    options: OPTIONS,
    examples: &[
        Example {
            about: "units are powers of 1024, in any case",
            processor: "bytes: {field: a}",
            before: r#"{"a":["1kb"," 12 MB ","3b","1.5g"]}"#,
            after: Ok(r#"{"a":[1024,12582912,3,1610612736]}"#),
        },
        Example {
            about: "a part of a byte counts as one",
            processor: "bytes: {field: a}",
            before: r#"{"a":"1.55kb"}"#,
            after: Ok(r#"{"a":1588}"#),
        },
        Example {
            about: "a number without a unit is an error",
            processor: "bytes: {field: a}",
            before: r#"{"a":"12"}"#,
            after: Err(
                "failed to parse setting [Ingest Field] with value [12] as a size in bytes: unit is missing \
                 or unrecognized",
            ),
        },
        Example {
            about: "so is what a long can not hold",
            processor: "bytes: {field: a}",
            before: r#"{"a":"8192pb"}"#,
            after: Err("failed to parse setting [Ingest Field] with value [8192pb] as a size in bytes"),
        },
    ],
    differences: &[],
    compile: |options: &mut Options<'_, '_>| -> Compiled {
        Ok(Box::new(TextProcessor::compile(options, Bytes)?))
    },
};

struct Bytes;

impl TextChange for Bytes {
    fn change(&self, doc: &mut Doc, text: Text) -> Result<Option<Data>, Failure> {
        parse(doc.text(text)).map(|size| Some(Data::Long(size)))
    }
}

/// Units and the power of two that they stand for; the longer spelling first.
const UNITS: [(&str, u32); 10] = [
    ("kb", 10),
    ("k", 10),
    ("mb", 20),
    ("m", 20),
    ("gb", 30),
    ("g", 30),
    ("tb", 40),
    ("t", 40),
    ("pb", 50),
    ("p", 50),
];

/// Reads a size as Elasticsearch's settings are read: a decimal with at most two places, rounded up.
fn parse(text: &str) -> Result<i64, Failure> {
    let lower = text.trim_matches(|c| c <= ' ').to_lowercase();
    let failed = |why: &str| {
        Failure::new(
            "parse_exception",
            format!("failed to parse setting [Ingest Field] with value [{text}]{why}"),
        )
    };
    let no_number = |digits: &str| failed("").caused_by(format!("For input string: \"{digits}\""));
    let unit = UNITS
        .iter()
        .find_map(|(unit, power)| Some((lower.strip_suffix(unit)?.trim_matches(|c| c <= ' '), *power)));
    let (digits, power) = match (unit, lower.strip_suffix('b')) {
        (Some(found), _) => found,
        (None, Some(digits)) => (digits.trim_matches(|c| c <= ' '), 0),
        (None, None) => {
            return match lower.as_str() {
                "0" => Ok(0),
                "-1" => Ok(-1),
                _ => Err(failed(" as a size in bytes: unit is missing or unrecognized")),
            };
        }
    };
    let whole = digits.parse::<i64>().ok();
    let size = match whole {
        Some(whole) => i128::from(whole) << power,
        None if power == 0 => return Err(no_number(digits)),
        None => {
            let decimal = Decimal::parse(digits).ok_or_else(|| no_number(digits))?;
            if decimal.mantissa < 0 {
                return Err(failed(""));
            }
            if decimal.places > 2 {
                return Err(Failure::new(
                    "parse_exception",
                    format!(
                        "failed to parse setting [Ingest Field] with more than two decimals in value [{text}]"
                    ),
                ));
            }
            match decimal.times(power).filter(|size| *size <= i128::from(i64::MAX)) {
                Some(size) => size,
                None => {
                    let reason = format!(
                        "failed to parse setting [Ingest Field] with value beyond {}: [{text}]",
                        i64::MAX
                    );
                    return Err(Failure::new("parse_exception", reason).caused_by("Overflow"));
                }
            }
        }
    };
    let limit = |words: &str| {
        failed(" as a size in bytes").caused_by(format!("{words} bytes are not supported: {text}"))
    };
    match i64::try_from(size) {
        Err(_) if size > 0 => Err(limit(&format!("Values greater than {}", i64::MAX))),
        // Of less than one unit, and of less than one byte, there is nothing.
        Ok(size) if size >= 0 || (size == -1 && power == 0) => Ok(size),
        _ => Err(limit("Values less than -1")),
    }
}

/// `mantissa` divided by ten to the power of `places`.
struct Decimal {
    mantissa: i128,
    places: i64,
}

impl Decimal {
    /// As Java's `BigDecimal` reads it, as far as it can be a size.
    fn parse(text: &str) -> Option<Self> {
        let (number, exponent) = match text.split_once('e') {
            Some((number, exponent)) => (number, exponent.parse::<i32>().ok()?),
            None => (text, 0),
        };
        let (negative, unsigned) = match number.strip_prefix(['-', '+']) {
            Some(rest) => (number.starts_with('-'), rest),
            None => (false, number),
        };
        let (before, after) = unsigned.split_once('.').unwrap_or((unsigned, ""));
        let mut digits = before.bytes().chain(after.bytes()).peekable();
        digits.peek()?;
        let mantissa = digits.try_fold(0i128, |sum, digit| {
            // More digits than a size has are as good as infinity.
            digit.is_ascii_digit().then(|| sum.saturating_mul(10).saturating_add(i128::from(digit - b'0')))
        })?;
        let places = after.len() as i64 - i64::from(exponent);
        Some(Self { mantissa: if negative { -mantissa } else { mantissa }, places })
    }

    /// The number of bytes, rounded up; `None` when it is too large.
    fn times(&self, power: u32) -> Option<i128> {
        if self.mantissa == 0 {
            return Some(0);
        }
        let scaled = self.mantissa.checked_mul(1 << power)?;
        match u32::try_from(self.places) {
            Ok(places) => {
                let divisor = 10i128.checked_pow(places)?;
                Some(scaled.div_euclid(divisor) + i128::from(scaled.rem_euclid(divisor) != 0))
            }
            Err(_) => scaled.checked_mul(10i128.checked_pow(u32::try_from(-self.places).ok()?)?),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    // Seen on Elasticsearch 9.1, which reads its settings so.
    #[test]
    fn sizes_are_read_as_settings_are() {
        for (text, size) in [
            ("0", Ok(0)),
            ("-1", Ok(-1)),
            ("1e3kb", Ok(1_024_000)),
            ("0.29kb", Ok(297)),
            (".5kb", Ok(512)),
            ("8191.99pb", Ok(9_223_360_777_855_707_382)),
            ("-0.0kb", Ok(0)),
            ("-2b", Err("Values less than -1 bytes are not supported: -2b")),
            ("-1kb", Err("Values less than -1 bytes are not supported: -1kb")),
            ("1.5b", Err("For input string: \"1.5\"")),
            ("kb", Err("For input string: \"\"")),
            ("1e30kb", Err("Overflow")),
            (
                "1e-3kb",
                Err("failed to parse setting [Ingest Field] with more than two decimals in value [1e-3kb]"),
            ),
            ("-0.5kb", Err("failed to parse setting [Ingest Field] with value [-0.5kb]")),
        ] {
            let read = parse(text).map_err(|failure| failure.root_message().to_owned());
            assert_eq!(read, size.map_err(str::to_owned), "{text}");
        }
    }

    proptest! {
        #[test]
        fn nothing_breaks_it(text in r"[+-]?[0-9.eE]{0,40} ?[kmgtpb]{0,2}|\PC*") {
            drop(parse(&text));
        }
    }
}
