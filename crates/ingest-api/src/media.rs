//! Media types: which bodies are read, and how they are answered.

use crate::error::{ApiError, Exception};

/// The one for answers to those who ask for none in particular.
pub(crate) const JSON: &str = "application/json";
const VENDOR: &str = "application/vnd.elasticsearch+json";
/// The versions of clients that are answered in kind.
const VERSIONS: [&str; 2] = ["9", "8"];

/// A media type, without the spaces, and its parameters.
struct Media {
    name: String,
    parameters: Vec<(String, String)>,
}

/// Reads one; `None` where it is none.
fn read(text: &str) -> Option<Media> {
    let mut parts = text.split(';').map(str::trim);
    let name = parts.next()?.to_ascii_lowercase();
    let token = |text: &str| {
        let is_part = |c: char| c.is_ascii_alphanumeric() || "!#$&-^_.+*".contains(c);
        !text.is_empty() && text.chars().all(is_part)
    };
    let (kind, subtype) = name.split_once('/')?;
    if !token(kind) || !token(subtype) {
        return None;
    }
    let parameters = parts.filter(|part| !part.is_empty()).map(|part| {
        let (name, value) = part.split_once('=')?;
        Some((name.trim().to_ascii_lowercase(), value.trim().to_ascii_lowercase()))
    });
    Some(Media { parameters: parameters.collect::<Option<_>>()?, name })
}

impl Media {
    fn text(&self) -> String {
        let parameters = self.parameters.iter().filter(|(name, _)| name != "q");
        parameters.fold(self.name.clone(), |text, (name, value)| format!("{text};{name}={value}"))
    }

    fn version(&self) -> Option<&str> {
        self.parameters.iter().find(|(name, _)| name == "compatible-with").map(|(_, value)| value.as_str())
    }
}

fn wrong(header: &str, kind: &str, reason: String) -> ApiError {
    Exception::new("media_type_header_exception", format!("Invalid media-type value on headers [{header}]"))
        .caused_by(Exception::new(kind, reason))
        .with_status(400)
}

fn checked(header: &str, text: &str) -> Result<Media, ApiError> {
    let media = read(text).ok_or_else(|| {
        let reason = format!("invalid media-type [{text}]");
        wrong(header, "illegal_argument_exception", reason)
    })?;
    match media.version().filter(|version| media.name == VENDOR && !VERSIONS.contains(version)) {
        Some(version) => {
            let reason = format!(
                "{header} version must be either version 9 or 8, but found {version}. {header}={text}"
            );
            Err(wrong(header, "status_exception", reason))
        }
        None => Ok(media),
    }
}

/// The media type of the answer to an `Accept` header.
///
/// # Errors
/// It is no list of media types, or wants a version that nobody speaks here.
pub(crate) fn answer(accept: Option<&str>) -> Result<String, ApiError> {
    let mut found = None;
    for text in accept.unwrap_or_default().split(',').map(str::trim).filter(|text| !text.is_empty()) {
        let media = checked("Accept", text)?;
        if found.is_none() && [JSON, VENDOR].contains(&media.name.as_str()) {
            found = Some(media.text());
        }
    }
    Ok(found.unwrap_or_else(|| JSON.to_owned()))
}

/// Whether an `Accept` header asks for JSON and not for a page.
pub fn wants_json(accept: &str) -> bool {
    let named = |wanted: &[&str]| {
        let names = accept.split(',').filter_map(|text| text.split(';').next());
        let mut names = names.map(str::trim);
        names.any(|name| wanted.iter().any(|one| one.eq_ignore_ascii_case(name)))
    };
    named(&[JSON, VENDOR]) && !named(&["text/html"])
}

/// Lets bodies through that are JSON.
///
/// # Errors
/// The `Content-Type` header is missing, or says something else: 406, as Elasticsearch answers.
pub(crate) fn body(content_type: Option<&str>) -> Result<(), ApiError> {
    let text = content_type.unwrap_or_default().trim();
    let unsupported = || ApiError::Plain {
        status: 406,
        words: format!("Content-Type header [{text}] is not supported"),
        told: true,
        allow: None,
    };
    if text.is_empty() {
        return Err(unsupported());
    }
    let media = checked("Content-Type", text)?;
    let known = [JSON, VENDOR, "application/x-ndjson", "application/vnd.elasticsearch+x-ndjson"];
    if known.contains(&media.name.as_str()) { Ok(()) } else { Err(unsupported()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clients_are_answered_in_kind() {
        for (accept, expected) in [
            (None, JSON),
            (Some("*/*"), JSON),
            (Some("text/plain"), JSON),
            (Some("application/yaml"), JSON),
            (Some("application/json; charset=utf-8"), "application/json;charset=utf-8"),
            (Some("application/vnd.elasticsearch+json"), "application/vnd.elasticsearch+json"),
            (
                Some("application/vnd.elasticsearch+json; compatible-with=9"),
                "application/vnd.elasticsearch+json;compatible-with=9",
            ),
            (
                Some("Application/Vnd.elasticsearch+json;compatible-with=8,text/plain"),
                "application/vnd.elasticsearch+json;compatible-with=8",
            ),
            (Some("text/plain, application/json;q=0.5"), JSON),
        ] {
            assert_eq!(answer(accept).unwrap(), expected, "{accept:?}");
        }
    }

    #[test]
    fn what_is_no_media_type_or_an_old_version_is_refused() {
        for (accept, reason) in [
            ("zork", "invalid media-type [zork]"),
            ("a/b;c", "invalid media-type [a/b;c]"),
            (
                "application/vnd.elasticsearch+json; compatible-with=7",
                "Accept version must be either version 9 or 8, but found 7. \
                 Accept=application/vnd.elasticsearch+json; compatible-with=7",
            ),
        ] {
            let error = answer(Some(accept)).unwrap_err();
            assert_eq!(
                (error.status(), &error.json(false)["error"]["caused_by"]["reason"]),
                (400, &reason.into())
            );
        }
    }

    #[test]
    fn bodies_are_json() {
        for fits in [JSON, "application/vnd.elasticsearch+json;compatible-with=8", "application/x-ndjson"] {
            body(Some(fits)).unwrap();
        }
        for (header, status) in [
            (None, 406),
            (Some(""), 406),
            (Some("text/plain"), 406),
            (Some("application/yaml"), 406),
            (Some("x"), 400),
        ] {
            assert_eq!(body(header).unwrap_err().status(), status, "{header:?}");
        }
    }

    #[test]
    fn browsers_get_pages() {
        for (accept, json) in [
            ("", false),
            ("*/*", false),
            ("text/html,application/xhtml+xml,application/json;q=0.9", false),
            ("application/json", true),
            ("application/vnd.elasticsearch+json; compatible-with=9", true),
        ] {
            assert_eq!(wants_json(accept), json, "{accept}");
        }
    }
}
