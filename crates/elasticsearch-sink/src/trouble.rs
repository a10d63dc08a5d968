//! What went wrong on the way to a server, in words that name the cure.

use std::error::Error;
use std::io::ErrorKind;

use url::Url;

/// A request without an answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum SendError {
    /// It never left, so nothing can have come of it.
    #[error("{0}")]
    NotSent(String),
    /// It may have been carried out all the same: the wait was over, the connection was cut.
    #[error("{0}")]
    Unclear(String),
}

/// Says what became of a request to `url`.
pub(crate) fn trouble(url: &Url, error: &elasticsearch::Error) -> SendError {
    let causes = causes(error);
    let words = causes.iter().map(ToString::to_string).collect::<Vec<_>>().join(": ");
    let http = causes.iter().find_map(|cause| cause.downcast_ref::<reqwest::Error>());
    let not_sent = http.is_none_or(|error| error.is_connect() || error.is_builder());
    let message = format!("{} {}", url.as_str().trim_end_matches('/'), cure(url, &causes, &words, not_sent));
    if not_sent { SendError::NotSent(message) } else { SendError::Unclear(message) }
}

/// An error and all that it came from, outermost first.
fn causes(error: &elasticsearch::Error) -> Vec<&(dyn Error + 'static)> {
    std::iter::successors(error.source(), |&cause| cause.source()).collect()
}

/// The causes that users meet, each with what to do; any other as it stands.
fn cure(url: &Url, causes: &[&(dyn Error + 'static)], words: &str, not_sent: bool) -> String {
    let io = |kind| {
        causes.iter().filter_map(|cause| cause.downcast_ref::<std::io::Error>()).any(|io| io.kind() == kind)
    };
    let timed_out = causes
        .iter()
        .filter_map(|cause| cause.downcast_ref::<reqwest::Error>())
        .any(reqwest::Error::is_timeout);
    if words.contains("UnknownIssuer") {
        "has a certificate of an authority that is not trusted: name its CA file in ssl.certificate_authorities"
            .to_owned()
    } else if words.contains("NotValidForName") || words.contains("not valid for name") {
        "has a certificate for another host name: write the address as the certificate names it".to_owned()
    } else if words.contains("certificate expired") || words.contains("Expired") {
        "has a certificate that is out of date: renew it, or set this machine's clock right".to_owned()
    } else if words.contains("InvalidContentType") || words.contains("corrupt message") {
        "does not speak TLS: write http:// if it is meant to be open, or check the port".to_owned()
    } else if words.contains("dns error") {
        format!("can not be found ({}): check the host name", last(causes))
    } else if io(ErrorKind::ConnectionRefused) {
        "refuses the connection: is the server up, and is the port right?".to_owned()
    } else if timed_out {
        "did not answer in time: it may be overloaded or behind a firewall; timeout sets the wait".to_owned()
    } else if not_sent {
        format!("can not be reached: {words}")
    } else if url.scheme() == "http" && words.contains("before message completed") {
        "closed the connection without an answer: write https:// if it expects TLS".to_owned()
    } else {
        format!("gave no complete answer: {}", last(causes))
    }
}

fn last(causes: &[&(dyn Error + 'static)]) -> String {
    causes.last().map_or_else(|| "unknown cause".to_owned(), ToString::to_string)
}
