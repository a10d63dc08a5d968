//! Which call a request is, by its path and method.

use percent_encoding::percent_decode_str;

use crate::error::ApiError;

/// How a request asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// `GET`
    Get,
    /// `HEAD`
    Head,
    /// `POST`
    Post,
    /// `PUT`
    Put,
    /// `DELETE`
    Delete,
}

impl Method {
    fn name(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Head => "HEAD",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Delete => "DELETE",
        }
    }
}

/// A call, with what its path names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Call {
    Info,
    GetPipelines(String),
    PutPipeline(String),
    DeletePipelines(String),
    Simulate(Option<String>),
    SimulateWrites(Option<String>),
    Grok,
    GetScript(String),
    PutScript { id: String, context: Option<String> },
    DeleteScript(String),
    Execute,
}

use Method::{Delete, Get, Head, Post, Put};

impl Call {
    /// # Errors
    /// There is no such path (400, as Elasticsearch answers), or it does not take the method (405).
    pub(crate) fn find(method: Method, path: &str) -> Result<Self, ApiError> {
        let segments: Vec<String> = path
            .split('/')
            .filter(|segment| !segment.is_empty())
            .map(|segment| percent_decode_str(segment).decode_utf8().map(Into::into))
            .collect::<Result<_, _>>()
            .map_err(|_| ApiError::illegal("the path is not UTF-8"))?;
        let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
        let (allowed, call) = Self::of(method, &segments);
        match (call, allowed) {
            (Some(call), _) => Ok(call),
            (None, "") => Err(ApiError::Plain {
                status: 400,
                words: format!("no handler found for uri [{path}] and method [{}]", method.name()),
                told: false,
                allow: None,
            }),
            (None, allowed) => Err(ApiError::Plain {
                status: 405,
                words: format!(
                    "Incorrect HTTP method for uri [{path}] and method [{}], allowed: [{allowed}]",
                    method.name()
                ),
                told: true,
                allow: Some(allowed),
            }),
        }
    }

    /// The methods that a path takes, and the call.
    fn of(method: Method, segments: &[&str]) -> (&'static str, Option<Self>) {
        let one = |wanted: &[Method], call: Self| wanted.contains(&method).then_some(call);
        let asks = &[Get, Post][..];
        match segments {
            [] => ("GET, HEAD", one(&[Get, Head], Self::Info)),
            ["_ingest", "pipeline"] => ("GET", one(&[Get], Self::GetPipelines("*".to_owned()))),
            ["_ingest", "pipeline", "_simulate"] => ("GET, POST", one(asks, Self::Simulate(None))),
            ["_ingest", "pipeline", id] => {
                let id = (*id).to_owned();
                let call = match method {
                    Get => Some(Self::GetPipelines(id)),
                    Put => Some(Self::PutPipeline(id)),
                    Delete => Some(Self::DeletePipelines(id)),
                    Head | Post => None,
                };
                ("GET, PUT, DELETE", call)
            }
            ["_ingest", "pipeline", id, "_simulate"] => {
                ("GET, POST", one(asks, Self::Simulate(Some((*id).to_owned()))))
            }
            ["_ingest", "_simulate"] => ("GET, POST", one(asks, Self::SimulateWrites(None))),
            ["_ingest", "processor", "grok"] => ("GET", one(&[Get], Self::Grok)),
            ["_ingest", index, "_simulate"] => {
                ("GET, POST", one(asks, Self::SimulateWrites(Some((*index).to_owned()))))
            }
            ["_scripts", "painless", "_execute"] => ("GET, POST", one(asks, Self::Execute)),
            ["_scripts", id] => {
                let id = (*id).to_owned();
                let call = match method {
                    Get => Some(Self::GetScript(id)),
                    Put | Post => Some(Self::PutScript { id, context: None }),
                    Delete => Some(Self::DeleteScript(id)),
                    Head => None,
                };
                ("GET, POST, PUT, DELETE", call)
            }
            ["_scripts", id, context] => {
                let (id, context) = ((*id).to_owned(), Some((*context).to_owned()));
                ("POST, PUT", one(&[Put, Post], Self::PutScript { id, context }))
            }
            _ => ("", None),
        }
    }

    /// The parameters that the call takes beside those that all do.
    pub(crate) fn parameters(&self) -> &'static [&'static str] {
        match self {
            Self::GetPipelines(_) => &["summary", "master_timeout"],
            Self::PutPipeline(_) => &["if_version", "timeout", "master_timeout"],
            Self::DeletePipelines(_) | Self::DeleteScript(_) => &["timeout", "master_timeout"],
            Self::Simulate(_) => &["verbose"],
            Self::SimulateWrites(_) => &["pipeline"],
            Self::Grok => &["ecs_compatibility", "s"],
            Self::GetScript(_) => &["master_timeout"],
            Self::PutScript { .. } => &["context", "timeout", "master_timeout"],
            Self::Info | Self::Execute => &[],
        }
    }

    /// What the journal calls it.
    pub(crate) fn action(&self) -> &'static str {
        match self {
            Self::Info => "view_page",
            Self::GetPipelines(_) | Self::Grok => "view_pipelines",
            Self::PutPipeline(_) => "pipeline_put",
            Self::DeletePipelines(_) => "pipeline_deleted",
            Self::Simulate(_) | Self::SimulateWrites(_) => "simulate_pipeline",
            Self::GetScript(_) => "view_scripts",
            Self::PutScript { .. } => "script_put",
            Self::DeleteScript(_) => "script_deleted",
            Self::Execute => "execute_script",
        }
    }

    /// Whether it is told of where it is done, since it changes something.
    pub(crate) fn changes(&self) -> bool {
        matches!(
            self,
            Self::PutPipeline(_) | Self::DeletePipelines(_) | Self::PutScript { .. } | Self::DeleteScript(_)
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_calls() {
        for (method, path, call) in [
            (Get, "/", Call::Info),
            (Head, "/", Call::Info),
            (Get, "/_ingest/pipeline/", Call::GetPipelines("*".to_owned())),
            (Get, "/_ingest/pipeline/a%2Fb", Call::GetPipelines("a/b".to_owned())),
            (Post, "/_ingest/pipeline/_simulate", Call::Simulate(None)),
            (Get, "/_ingest/pipeline/x/_simulate", Call::Simulate(Some("x".to_owned()))),
            (Post, "/_ingest/_simulate", Call::SimulateWrites(None)),
            (Post, "/_ingest/i/_simulate", Call::SimulateWrites(Some("i".to_owned()))),
            (Post, "/_scripts/x", Call::PutScript { id: "x".to_owned(), context: None }),
            (Post, "/_scripts/painless/_execute", Call::Execute),
            (
                Put,
                "/_scripts/x/ingest",
                Call::PutScript { id: "x".to_owned(), context: Some("ingest".to_owned()) },
            ),
        ] {
            assert_eq!(Call::find(method, path), Ok(call), "{path}");
        }
    }
}
