//! What a stand-in is asked, and what it answers.

use serde_json::json;

/// A request, as far as it matters.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// `/teams/audit-logs`, say.
    pub path: String,
    /// What stands behind the `?`.
    pub query: String,
    headers: Vec<(String, String)>,
}

impl Request {
    /// One without headers.
    pub fn new(path: &str, query: &str) -> Self {
        Self { path: path.to_owned(), query: query.to_owned(), headers: Vec::new() }
    }

    /// The same with one more header, by its name in small letters.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The value of a header.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// The status.
    pub status: u16,
    /// The type of the body.
    pub content_type: &'static str,
    /// Other headers.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: String,
    /// It never comes.
    pub silence: bool,
}

impl Reply {
    /// A page.
    pub(crate) fn page(body: String) -> Self {
        Self { status: 200, content_type: "application/json", headers: Vec::new(), body, silence: false }
    }

    /// A refusal that says why.
    pub(crate) fn refusal(status: u16, error: &str, message: &str) -> Self {
        Self { status, ..Self::page(json!({"error": error, "message": message}).to_string()) }
    }

    /// 429, with this `Retry-After`.
    pub(crate) fn too_many(wait: Option<String>) -> Self {
        let refusal = Self::refusal(429, "Too Many Requests", "Rate limit exceeded. Please try again later.");
        Self { headers: wait.map(|wait| ("retry-after", wait)).into_iter().collect(), ..refusal }
    }
}
