//! What one item of a response, or a whole answer, means for its documents.

use event::{DeliverError, Verdict};

use super::response::{Cause, ItemBody, failure};
use crate::client::Answer;

const DROPPED: &str = "an ingest pipeline of the cluster dropped the document (output.elasticsearch.pipeline, or a \
                       final_pipeline of its template)";

/// What one item means.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// The document is answered for.
    Known(Verdict),
    /// The document alone is sent again.
    Again {
        /// Why.
        reason: String,
        /// Whether it may have been taken all the same.
        unclear: bool,
    },
    /// Somebody must act before this or any document like it is taken.
    Fatal(String),
}

/// What an answer means when it is not the response to a bulk request carried out.
#[derive(Debug)]
pub(crate) enum Whole {
    /// Too many bytes for the server or a proxy before it.
    TooLarge,
    /// The server refuses the request for one of its documents, and does not say which.
    OneIsRefused(Verdict),
    /// No document was touched, or none is known to be.
    Error(DeliverError),
}

impl ItemBody<'_> {
    /// Reads the item by itself. `None`: it says too little to be an answer.
    pub(crate) fn outcome(&self) -> Option<Outcome> {
        let status = self.status?;
        let diverted = self.failure_store.as_ref().is_some_and(|store| store.0 == "used");
        Some(match (status, &self.error) {
            (200..=299, None) if diverted => Outcome::Known(Verdict::Diverted),
            // what is created is answered 201; 200 is a document that a pipeline of the cluster has dropped
            (200, None) => Outcome::Known(Verdict::Rejected { status, reason: DROPPED.to_owned() }),
            (201..=299, None) => Outcome::Known(Verdict::Created),
            (200..=299, Some(_)) => return None,
            (409, _) => Outcome::Known(Verdict::AlreadyThere),
            (_, error) => refused(status, error.as_ref().unwrap_or(&Cause::default())),
        })
    }
}

fn refused(status: u16, cause: &Cause<'_>) -> Outcome {
    let words = cause.words();
    match (status, cause.kind()) {
        (_, "cluster_block_exception") | (429 | 500..=599, _) => {
            Outcome::Again { reason: format!("{status} {words}"), unclear: status >= 500 }
        }
        (404, "index_not_found_exception") => Outcome::Fatal(format!(
            "no index template makes this data stream: run `trailcar setup` ({words})"
        )),
        (400, "illegal_argument_exception") if words.contains("pipeline with id") => {
            Outcome::Fatal(format!("{words}: install it, or leave output.elasticsearch.pipeline out"))
        }
        (401 | 403, _) => Outcome::Fatal(format!(
            "the credentials may not write here: give them create_doc and auto_configure, as `trailcar setup \
             --print-role` shows ({words})"
        )),
        _ => Outcome::Known(Verdict::Rejected { status, reason: words }),
    }
}

/// Reads an answer whose status is not 200.
pub(crate) fn whole(answer: &Answer) -> Whole {
    let cause = failure(&answer.body);
    let (host, status, words) = (&answer.host, answer.status, cause.words());
    let fatal = |message: String| Whole::Error(DeliverError::Fatal(message));
    match status {
        413 => Whole::TooLarge,
        400 if cause.kind() == "action_request_validation_exception" => {
            Whole::OneIsRefused(Verdict::Rejected { status, reason: words })
        }
        401 => fatal(format!(
            "{host} refuses the credentials (401): check that api_key or password is right and not expired ({words})"
        )),
        403 => fatal(format!(
            "{host} refuses the request (403): give the credentials what `trailcar setup --print-role` shows ({words})"
        )),
        404 | 405 => fatal(format!("{host} has no _bulk ({status}): check path and port of the address")),
        400 | 406 => fatal(format!("{host} does not take the request ({status}): {words}")),
        _ => Whole::Error(DeliverError::Retry(format!("{host} answers {status}: {words}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(json: &str) -> Option<Outcome> {
        serde_json::from_str::<ItemBody<'_>>(json).unwrap().outcome()
    }

    #[test]
    fn every_item_has_its_own_verdict() {
        assert_eq!(outcome(r#"{"status":201}"#), Some(Outcome::Known(Verdict::Created)));
        assert_eq!(
            outcome(r#"{"status":409,"error":{"type":"version_conflict_engine_exception"}}"#),
            Some(Outcome::Known(Verdict::AlreadyThere))
        );
        assert_eq!(
            outcome(r#"{"status":201,"failure_store":"used"}"#),
            Some(Outcome::Known(Verdict::Diverted))
        );
        assert_eq!(
            outcome(r#"{"status":201,"failure_store":"not_enabled"}"#),
            Some(Outcome::Known(Verdict::Created))
        );
        assert!(matches!(
            outcome(r#"{"status":200}"#),
            Some(Outcome::Known(Verdict::Rejected { status: 200, .. }))
        ));
        for status in [429, 500, 503] {
            assert!(matches!(outcome(&format!(r#"{{"status":{status}}}"#)), Some(Outcome::Again { .. })));
        }
        assert!(matches!(
            outcome(r#"{"status":403,"error":{"type":"cluster_block_exception"}}"#),
            Some(Outcome::Again { .. })
        ));
        assert_eq!(
            outcome(
                r#"{"status":400,"failure_store":"failed","error":{"type":"document_parsing_exception","reason":"no"}}"#
            ),
            Some(Outcome::Known(Verdict::Rejected {
                status: 400,
                reason: "document_parsing_exception: no".to_owned()
            }))
        );
    }

    #[test]
    fn what_somebody_must_act_on_names_the_cure() {
        for (json, cure) in [
            (r#"{"status":404,"error":{"type":"index_not_found_exception"}}"#, "trailcar setup"),
            (r#"{"status":403,"error":{"type":"security_exception"}}"#, "create_doc"),
            (
                r#"{"status":400,"error":{"type":"illegal_argument_exception","reason":"pipeline with id [x] does not exist"}}"#,
                "output.elasticsearch.pipeline",
            ),
        ] {
            let Some(Outcome::Fatal(message)) = outcome(json) else { panic!("{json}") };
            assert!(message.contains(cure), "{message}");
        }
    }

    #[test]
    fn an_item_that_says_too_little_is_no_answer() {
        assert_eq!(outcome("{}"), None);
        assert_eq!(outcome(r#"{"status":201,"error":{"type":"x"}}"#), None);
    }
}
