//! How far a source is, as JSON:
//! `{"version":1,"origin":…,"mark":…,"seen":["id ms",…],"window":{"start","end","live","pages","sum","newest","query"}}`.
//!
//! The window is the one under way, with the pages of it that are read; without it the next one is yet to be opened.
//! `query` tells whether it was asked for by the same filters: under others its pages are other ones.

use event::Checkpoint;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::config::{Begin, Config, Until};
use crate::pass::{Pass, Sum};
use crate::seen::Id;
use crate::service::Service;
use crate::walk::{Walk, Window};

const VERSION: u64 = 1;

/// A checkpoint that can not be gone on from.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CheckpointError {
    /// Written by another version.
    #[error(
        "the kept position has version {0}, this program knows version {VERSION}: run the version that wrote it, or \
         give the source another id, which begins anew"
    )]
    Version(String),
    /// Damaged.
    #[error("the kept position can not be read ({0}): give the source another id, which begins anew")]
    Form(String),
}

#[derive(Serialize, Deserialize)]
struct Kept {
    version: u64,
    origin: Timestamp,
    mark: Timestamp,
    seen: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    window: Option<KeptWindow>,
}

#[derive(Serialize, Deserialize)]
struct KeptWindow {
    start: Timestamp,
    end: Timestamp,
    live: bool,
    pages: u32,
    sum: Sum,
    newest: Option<Timestamp>,
    query: String,
}

/// What has to be the same for the pages of a window to be the same.
fn query<S: Service>(config: &Config<S>) -> String {
    let asked = (&config.url, &config.service, config.page_size);
    format!("{:016x}", Id::of(format!("{asked:?}").as_bytes()).0)
}

/// Writes down how far a walk is.
pub(crate) fn write<S: Service>(walk: &Walk, config: &Config<S>) -> Checkpoint {
    let window = walk.window.as_ref().map(|window| KeptWindow {
        start: window.start,
        end: window.end,
        live: window.live,
        pages: window.pass.pages,
        sum: window.pass.sum,
        newest: window.newest,
        query: query(config),
    });
    let kept = Kept { version: VERSION, origin: walk.origin, mark: walk.mark, seen: walk.kept(), window };
    // Times, numbers and texts always are JSON; `null` would leave the older position as it is.
    Checkpoint(serde_json::to_value(kept).unwrap_or(Value::Null))
}

/// Goes on from a checkpoint, or begins where the configuration says. A range that begins elsewhere than the kept one
/// begins anew.
///
/// # Errors
/// [`CheckpointError`] for a checkpoint of another version or form.
pub(crate) fn read<S: Service>(
    checkpoint: Option<Checkpoint>,
    config: &Config<S>,
    now: Timestamp,
) -> Result<Walk, CheckpointError> {
    let mut walk = Walk::new(config, now);
    let Some(Checkpoint(value)) = checkpoint.filter(|checkpoint| !checkpoint.0.is_null()) else {
        return Ok(walk);
    };
    if value["version"] != VERSION {
        let found = value.get("version").map_or_else(|| "none".to_owned(), Value::to_string);
        return Err(CheckpointError::Version(found));
    }
    let kept: Kept =
        serde_json::from_value(value).map_err(|error| CheckpointError::Form(error.to_string()))?;
    let is_range = matches!(config.until, Until::At(_));
    if is_range && config.begin != Begin::At(kept.origin) {
        return Ok(walk);
    }
    (walk.origin, walk.mark) = (kept.origin, kept.mark);
    if let Some(row) = kept.seen.iter().find(|row| !walk.seen.add_row(row)) {
        return Err(CheckpointError::Form(format!("at [{row}]")));
    }
    let window = kept.window.filter(|window| match config.until {
        Until::At(until) => window.end <= until,
        Until::Stopped | Until::Now => true,
    });
    walk.window = window.map(|kept| {
        let mut window = Window::new(kept.start, kept.end, kept.live && !is_range);
        window.newest = kept.newest;
        if kept.query == query(config) {
            window.pass = Pass::resumed(kept.pages, kept.sum);
        }
        window
    });
    Ok(walk)
}
