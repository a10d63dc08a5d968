//! Elasticsearch's interface for ingest pipelines and stored scripts, without its HTTP side: a [`Request`] becomes an [`Answer`].
//!
//! [`Library`] holds the definitions and the normalization that runs them; what is put is kept in the ledger and counts from the
//! next batch of events on. Shapes, words and statuses are Elasticsearch's, so that its official clients work unchanged; they were
//! taken from its documentation and from what running servers answer.
//!
//! Reading order: `route` (calls), `parameters`, `body`, `media`; `pipelines` and `scripts` (what is put, got and deleted, in the
//! [`library`]); `simulate` with `verbose`, `writes` and `documents` (what is tried out); `execute`; `error`, `filter`.
//!
//! # Limits
//! Whatever comes is answered with a 4xx, or an error in the place of the document that it is about: bodies are refused beyond
//! [`MOST_BYTES`] and 127 levels, documents beyond 1,000, definitions beyond 1,000 of a kind and 16 MiB, scripts beyond 64 KiB; an
//! answer holds 64 MiB of documents, and 20 s after a request has come, no further document of it is run.

mod body;
mod documents;
mod error;
mod execute;
mod filter;
mod info;
pub mod library;
mod media;
mod parameters;
mod pipelines;
mod route;
mod script_error;
mod scripts;
mod simulate;
mod verbose;
mod wildcard;
mod writes;

use serde_json::{Value, json};

pub use library::{Base, Library, OpenError, Place, Tell, Told};
pub use media::wants_json;
pub use route::Method;

use error::{ApiError, Exception};
use parameters::Parameters;
use route::Call;

/// The largest body, after it is unpacked.
pub const MOST_BYTES: usize = 10 << 20;

/// What somebody asks for.
#[derive(Clone, Debug)]
pub struct Request<'r> {
    /// How.
    pub method: Method,
    /// Behind the host, as it is sent.
    pub path: &'r str,
    /// Behind the `?`, as it is sent.
    pub query: &'r str,
    /// The header `Accept`.
    pub accept: Option<&'r str>,
    /// The header `Content-Type`.
    pub content_type: Option<&'r str>,
    /// The body, unpacked.
    pub body: &'r [u8],
}

/// What they get.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The header `Content-Type`.
    pub content_type: String,
    /// The header `Allow`, where the method was wrong.
    pub allow: Option<&'static str>,
    /// The body.
    pub body: String,
    /// What the journal calls it.
    pub action: &'static str,
    /// Whether the journal has been told of it, since it changed something.
    pub is_told: bool,
}

/// Answers a request. Takes as long as documents run: not for a thread that others wait for.
pub fn answer(library: &Library, request: &Request<'_>, tell: Tell<'_>) -> Answer {
    let parameters = Parameters::read(request.query);
    let call = Call::find(request.method, request.path);
    let answered = match &call {
        Ok(call) => respond(library, request, call, &parameters, tell),
        Err(error) => Err(error.clone()),
    };
    let is_told = answered.is_ok() && call.as_ref().is_ok_and(Call::changes);
    let action = call.as_ref().map_or("view_page", Call::action);
    Answer { action, is_told, ..written(request, &parameters, answered) }
}

/// What somebody gets who is not let in, or whose request can not be read: an exception with a status. `more` are further keys.
pub fn refused(
    request: &Request<'_>,
    status: u16,
    kind: &str,
    reason: &str,
    more: &[(&str, Value)],
) -> Answer {
    let exception = Exception::new(kind, reason);
    let exception = more.iter().fold(exception, |exception, (key, value)| exception.with(key, value.clone()));
    written(request, &Parameters::read(request.query), Err(exception.with_status(status)))
}

fn written(
    request: &Request<'_>,
    parameters: &Parameters,
    answered: Result<(u16, Value), ApiError>,
) -> Answer {
    let (media, answered) = match media::answer(request.accept) {
        Ok(media) => (media, answered),
        Err(error) => (media::JSON.to_owned(), answered.and(Err(error))),
    };
    let (status, body, allow) = match answered {
        Ok((status, body)) => (status, body, None),
        Err(error) => (error.status(), error.json(parameters.is("error_trace")), error.allow()),
    };
    let body = match parameters.get("filter_path") {
        Some(filters) => filter::filtered(body, filters),
        None => body,
    };
    let body = if parameters.is("pretty") { format!("{body:#}\n") } else { body.to_string() };
    Answer { status, content_type: media, allow, body, action: "view_page", is_told: false }
}

/// # Errors
/// Why the call is not answered with what it asks for.
fn respond(
    library: &Library,
    request: &Request<'_>,
    call: &Call,
    parameters: &Parameters,
    tell: Tell<'_>,
) -> Result<(u16, Value), ApiError> {
    media::answer(request.accept)?;
    parameters.check(call, request.path)?;
    let body = || body::object(request.body, request.content_type, body::MISSING);
    let script = || body::object(request.body, request.content_type, body::MISSING_SCRIPT);
    let done = |value: Value| (200, value);
    match call {
        Call::Info => Ok(done(info::info())),
        Call::GetPipelines(patterns) => Ok(pipelines::get(library, patterns, parameters.is("summary"))),
        Call::PutPipeline(id) => {
            pipelines::put(library, id, body()?, parameters.get("if_version"), tell).map(done)
        }
        Call::DeletePipelines(pattern) => pipelines::delete(library, pattern, tell).map(done),
        Call::Simulate(id) => {
            simulate::run(library, id.as_deref(), body()?, parameters.is("verbose")).map(done)
        }
        Call::SimulateWrites(index) => {
            writes::run(library, index.as_deref(), parameters.get("pipeline"), body()?).map(done)
        }
        Call::Grok => {
            let ecs = parameters.get("ecs_compatibility").unwrap_or("disabled");
            match ecs {
                "disabled" | "v1" => Ok(done(json!({ "patterns": ingest::grok_library(ecs == "v1") }))),
                other => Err(ApiError::illegal(format!("unsupported ECS compatibility mode [{other}]"))),
            }
        }
        Call::GetScript(id) => Ok(scripts::get(library, id)),
        Call::PutScript { id, context } => {
            let context = context.as_deref().or(parameters.get("context"));
            scripts::put(library, id, context, script()?, tell).map(done)
        }
        Call::DeleteScript(id) => scripts::delete(library, id, tell).map(done),
        Call::Execute => execute::run(body()?).map(done),
    }
}
