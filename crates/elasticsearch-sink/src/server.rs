//! Which server is it, and is it one that is supported.

use elasticsearch::http::Method;
use event::DeliverError;
use serde::Deserialize;

use crate::client::{Answer, Client, Request};

/// The kinds of server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flavor {
    /// Elasticsearch 8.19 or later.
    Elasticsearch,
    /// Elastic Cloud Serverless: no lifecycle policies, no shard settings.
    Serverless,
    /// OpenSearch 2.19 or later.
    OpenSearch,
}

/// A server that answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Server {
    /// Its kind.
    pub flavor: Flavor,
    /// Its version; `None` where the credentials may not see it.
    pub version: Option<String>,
}

#[derive(Deserialize)]
struct Root {
    version: Version,
}

#[derive(Deserialize)]
struct Version {
    number: String,
    #[serde(default)]
    distribution: String,
    #[serde(default)]
    build_flavor: String,
}

impl Server {
    /// Asks the server for its kind and version.
    ///
    /// # Errors
    /// [`DeliverError::Retry`] when it does not answer, [`DeliverError::Fatal`] when it is none of the supported.
    pub(crate) async fn detect(client: &Client) -> Result<Self, DeliverError> {
        let answer = client.send(&Request::new(Method::Get, "/")).await;
        Self::read(&answer.map_err(|error| DeliverError::Retry(error.to_string()))?)
    }

    /// Reads the answer to `GET /`.
    ///
    /// # Errors
    /// As of [`Server::detect`].
    pub(crate) fn read(answer: &Answer) -> Result<Self, DeliverError> {
        let host = &answer.host;
        match answer.status {
            200 => {}
            // a key that may only write may not ask for the version
            403 if answer.elastic => return Ok(Self { flavor: Flavor::Elasticsearch, version: None }),
            403 => return Ok(Self { flavor: Flavor::OpenSearch, version: None }),
            401 => {
                return Err(DeliverError::Fatal(format!(
                    "{host} refuses the credentials (401): check that api_key or password is right and not expired"
                )));
            }
            429 | 500..=599 => return Err(DeliverError::Retry(format!("{host} answers {}", answer.status))),
            status => {
                return Err(DeliverError::Fatal(format!(
                    "{host} answers {status}: this is not Elasticsearch or OpenSearch; check the address"
                )));
            }
        }
        let root: Root = serde_json::from_slice(&answer.body).map_err(|_| {
            DeliverError::Fatal(format!("{host} is not Elasticsearch or OpenSearch; check the address"))
        })?;
        let Version { number, distribution, build_flavor } = root.version;
        let (flavor, least) = match (distribution.as_str(), build_flavor.as_str()) {
            ("opensearch", _) => (Flavor::OpenSearch, (2, 19)),
            (_, "serverless") => (Flavor::Serverless, (0, 0)),
            _ => (Flavor::Elasticsearch, (8, 19)),
        };
        if major_minor(&number).is_none_or(|version| version < least) {
            return Err(DeliverError::Fatal(format!(
                "{host} is {flavor:?} {number}: {}.{} or later is needed",
                least.0, least.1
            )));
        }
        Ok(Self { flavor, version: Some(number) })
    }
}

fn major_minor(number: &str) -> Option<(u32, u32)> {
    let mut parts = number.split(['.', '-']).map(|part| part.parse().ok());
    Some((parts.next()??, parts.next()??))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(status: u16, elastic: bool, body: &str) -> Result<Server, DeliverError> {
        let body = bytes::Bytes::copy_from_slice(body.as_bytes());
        Server::read(&Answer { host: "http://es".to_owned(), status, elastic, retry_after: None, body })
    }

    #[test]
    fn kinds_and_versions_are_told_apart() {
        for (body, flavor) in [
            (r#"{"version":{"number":"9.1.0","build_flavor":"default"}}"#, Flavor::Elasticsearch),
            (r#"{"version":{"number":"8.19.0"}}"#, Flavor::Elasticsearch),
            (r#"{"version":{"number":"8.11.0","build_flavor":"serverless"}}"#, Flavor::Serverless),
            (r#"{"version":{"number":"2.19.6","distribution":"opensearch"}}"#, Flavor::OpenSearch),
            (r#"{"version":{"number":"3.0.0-beta1","distribution":"opensearch"}}"#, Flavor::OpenSearch),
        ] {
            assert_eq!(read(200, true, body).unwrap().flavor, flavor, "{body}");
        }
        assert_eq!(read(403, true, "").unwrap().flavor, Flavor::Elasticsearch);
        assert_eq!(read(403, false, "").unwrap().flavor, Flavor::OpenSearch);
    }

    #[test]
    fn others_are_refused_with_words() {
        for (status, body, words) in [
            (200, r#"{"version":{"number":"8.18.9"}}"#, "8.19 or later"),
            (200, r#"{"version":{"number":"2.9.0","distribution":"opensearch"}}"#, "2.19 or later"),
            (200, "<html>", "not Elasticsearch"),
            (200, r#"{"version":{"number":"x"}}"#, "or later"),
            (302, "", "check the address"),
            (401, "", "check that api_key"),
        ] {
            let told = read(status, true, body).unwrap_err();
            assert!(matches!(&told, DeliverError::Fatal(message) if message.contains(words)), "{told}");
        }
        assert!(matches!(read(503, true, ""), Err(DeliverError::Retry(_))));
    }
}
