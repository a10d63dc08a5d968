//! Parameters of a URL, of which none may be unknown.

use percent_encoding::percent_decode_str;

use crate::error::ApiError;
use crate::route::Call;

/// Those that every call takes.
const COMMON: [&str; 5] = ["pretty", "human", "error_trace", "filter_path", "format"];
const BOOLEANS: [&str; 6] = ["pretty", "human", "error_trace", "summary", "verbose", "s"];
const TIMES: [&str; 2] = ["timeout", "master_timeout"];
const UNITS: [&str; 7] = ["nanos", "micros", "ms", "s", "m", "h", "d"];

/// What a URL says behind its `?`. Where something is said twice, the last counts, as in Elasticsearch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Parameters(Vec<(String, String)>);

impl Parameters {
    pub(crate) fn read(query: &str) -> Self {
        let text = |part: &str| percent_decode_str(&part.replace('+', " ")).decode_utf8_lossy().into_owned();
        let parts = query.split('&').filter(|part| !part.is_empty());
        Self(
            parts
                .map(|part| part.split_once('=').unwrap_or((part, "")))
                .map(|(n, v)| (text(n), text(v)))
                .collect(),
        )
    }

    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().rev().find(|(own, _)| own == name).map(|(_, value)| value.as_str())
    }

    /// Whether something is said to be so; `?name` alone says it, too.
    pub(crate) fn is(&self, name: &str) -> bool {
        matches!(self.get(name), Some("" | "true"))
    }

    /// # Errors
    /// A parameter that the call does not take, or a value that is none.
    pub(crate) fn check(&self, call: &Call, path: &str) -> Result<(), ApiError> {
        let known = |name: &str| COMMON.contains(&name) || call.parameters().contains(&name);
        let mut unknown: Vec<String> =
            self.0.iter().filter(|(name, _)| !known(name)).map(|(name, _)| format!("[{name}]")).collect();
        if !unknown.is_empty() {
            unknown.sort();
            unknown.dedup();
            let s = if unknown.len() == 1 { "" } else { "s" };
            let reason =
                format!("request [{path}] contains unrecognized parameter{s}: {}", unknown.join(", "));
            return Err(ApiError::illegal(reason));
        }
        for (name, value) in &self.0 {
            if BOOLEANS.contains(&name.as_str()) && !["", "true", "false"].contains(&value.as_str()) {
                let reason =
                    format!("Failed to parse value [{value}] as only [true] or [false] are allowed.");
                return Err(ApiError::illegal(reason));
            }
            if TIMES.contains(&name.as_str()) && !is_time(value) {
                let reason = format!(
                    "failed to parse setting [{name}] with value [{value}] as a time value: unit is missing or unrecognized"
                );
                return Err(ApiError::illegal(reason));
            }
        }
        match self.get("format") {
            None | Some("json") => Ok(()),
            Some(other) => {
                Err(ApiError::illegal(format!("format [{other}] is not spoken here: only [json] is")))
            }
        }
    }
}

fn is_time(text: &str) -> bool {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit = &text[digits.len()..];
    ["-1", "0"].contains(&text)
        || (UNITS.contains(&unit) && digits.parse::<f64>().is_ok_and(|value| value >= 0.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrong_parameters_are_named() {
        let call = Call::PutPipeline("a".to_owned());
        for (query, reason) in [
            ("", None),
            ("pretty&human=true&filter_path=a.b&timeout=1.5m&master_timeout=-1&if_version=1", None),
            ("zork=1", Some("request [/p] contains unrecognized parameter: [zork]")),
            ("z%6Frk&a=", Some("request [/p] contains unrecognized parameters: [a], [zork]")),
            ("pretty=maybe", Some("Failed to parse value [maybe] as only [true] or [false] are allowed.")),
            (
                "timeout=zz",
                Some(
                    "failed to parse setting [timeout] with value [zz] as a time value: unit is missing or unrecognized",
                ),
            ),
            ("format=yaml", Some("format [yaml] is not spoken here: only [json] is")),
        ] {
            let found = Parameters::read(query).check(&call, "/p").err();
            let found = found.map(|error| error.json(false)["error"]["reason"].as_str().unwrap().to_owned());
            assert_eq!(found.as_deref(), reason, "{query}");
        }
    }
}
