//! What can go wrong with a request, in words that say what to do.

use std::time::Duration;

use event::CollectError;

/// How much of what the service says is told.
const LONGEST_WORDS: usize = 200;

/// Why a request brought no page.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    /// The key can not be read.
    #[error("{0}")]
    NoKey(String),
    /// 400.
    #[error("the service refuses the request as it is (400{said}): {advice}")]
    BadRequest {
        /// What the service says.
        said: String,
        /// What to do.
        advice: &'static str,
    },
    /// 401.
    #[error("the service does not take the {key} (401{said}): {advice}")]
    Unauthorized {
        /// What the key is called.
        key: &'static str,
        /// What the service says.
        said: String,
        /// What to do.
        advice: &'static str,
    },
    /// 403.
    #[error("the service refuses this {key} the audit log (403{said}): {advice}")]
    Forbidden {
        /// What the key is called.
        key: &'static str,
        /// What the service says.
        said: String,
        /// What to do.
        advice: &'static str,
    },
    /// 404.
    #[error("there is no audit log at {url} (404{said}): {advice}")]
    NotFound {
        /// The address.
        url: String,
        /// What the service says.
        said: String,
        /// What to do.
        advice: &'static str,
    },
    /// 429.
    #[error(
        "the service takes no more requests for now (429): {advice}. Asking again in {} s", .wait.as_secs()
    )]
    TooMany {
        /// How long it is left alone.
        wait: Duration,
        /// What to do.
        advice: &'static str,
    },
    /// 5xx.
    #[error("the service fails ({status}{said}): nothing to do here, it is asked again")]
    Server {
        /// The status.
        status: u16,
        /// What the service says.
        said: String,
    },
    /// 3xx.
    #[error("{url} leads elsewhere ({status}, to {target}), and the {key} is not sent there: {advice}")]
    Redirect {
        /// The address.
        url: String,
        /// The status.
        status: u16,
        /// Where to.
        target: String,
        /// What the key is called.
        key: &'static str,
        /// What to do.
        advice: &'static str,
    },
    /// Any other.
    #[error("the service answers with the status {status}{said}: {advice}")]
    Status {
        /// The status.
        status: u16,
        /// What the service says.
        said: String,
        /// What to do.
        advice: &'static str,
    },
    /// A page of something else.
    #[error(
        "{url} answers with a web page in place of JSON: a proxy, firewall or login page stands between; {advice}"
    )]
    WebPage {
        /// The address.
        url: String,
        /// What to do.
        advice: &'static str,
    },
    /// JSON that ends too early, or is another.
    #[error(
        "the service's answer can not be read ({0}): it is cut or of another form; it is asked for again"
    )]
    Malformed(String),
    /// Larger than any page.
    #[error("the service's answer is larger than {} MiB: lower page_size", .0 >> 20)]
    TooLarge(usize),
    /// No answer in time.
    #[error("{url} gives no answer within {} s: check network and proxy_url, or raise timeout", .timeout.as_secs_f64())]
    Timeout {
        /// The address.
        url: String,
        /// How long it was waited for.
        timeout: Duration,
    },
    /// No connection, or one that broke.
    #[error("{url} can not be reached: {reason}; check url, network, proxy_url and ssl")]
    Unreachable {
        /// The address.
        url: String,
        /// Why.
        reason: String,
    },
}

impl Trouble {
    /// Whether it stays until somebody acts.
    pub fn is_lasting(&self) -> bool {
        match self {
            Self::NoKey(_)
            | Self::BadRequest { .. }
            | Self::Unauthorized { .. }
            | Self::Forbidden { .. }
            | Self::NotFound { .. }
            | Self::Redirect { .. }
            | Self::Status { .. }
            | Self::TooLarge(_) => true,
            Self::TooMany { .. }
            | Self::Server { .. }
            | Self::WebPage { .. }
            | Self::Malformed(_)
            | Self::Timeout { .. }
            | Self::Unreachable { .. } => false,
        }
    }
}

impl From<Trouble> for CollectError {
    fn from(trouble: Trouble) -> Self {
        if trouble.is_lasting() { Self::Fatal(trouble.to_string()) } else { Self::Retry(trouble.to_string()) }
    }
}

/// What the service says in the body of an error, short, in one line, and introduced by a comma; nothing when it
/// says nothing that can be read.
pub(crate) fn said(body: &[u8]) -> String {
    let json: Option<serde_json::Value> = serde_json::from_slice(body).ok();
    let words = json.as_ref().and_then(|json| {
        ["message", "error"].iter().find_map(|key| json[*key].as_str().filter(|words| !words.is_empty()))
    });
    words.map_or_else(String::new, |words| {
        let line: String =
            words.chars().map(|c| if c.is_control() { ' ' } else { c }).take(LONGEST_WORDS).collect();
        format!(", {line}")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_service_says_is_told_in_one_short_line() {
        assert_eq!(said(br#"{"error":"Bad","message":"no\nsuch"}"#), ", no such");
        assert_eq!(said(br#"{"error":"Too Many Requests","message":""}"#), ", Too Many Requests");
        assert_eq!(said(b"<html>"), "");
        assert_eq!(
            said(format!(r#"{{"message":"{}"}}"#, "x".repeat(999)).as_bytes()).len(),
            LONGEST_WORDS + 2
        );
    }
}
