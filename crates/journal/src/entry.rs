//! What was done, by whom, from where.

use std::collections::BTreeMap;
use std::net::IpAddr;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use rand::TryRng;
use rand::rngs::SysRng;
use serde::Serialize;

/// The longest text of an entry, in bytes; what comes from outside is cut there.
const MAX_TEXT: usize = 4_096;

/// How it went.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It was done.
    #[default]
    Success,
    /// It was refused, or did not work.
    Failure,
}

/// Who did it, as far as that is known.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize)]
pub struct Who {
    /// The user; on the command line the operating system's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The role in which it was done.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<&'static str>,
    /// How it came: `page`, `token`, `open` (nobody has to log in) or `command_line`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<&'static str>,
    /// The address it came from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<IpAddr>,
    /// The program it came from, as it calls itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agent: Option<String>,
}

/// What an export holds.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct Exported {
    /// Its format.
    pub format: &'static str,
    /// Its events.
    pub events: u64,
    /// Its bytes.
    pub bytes: u64,
    /// Their SHA-256, in hexadecimal digits.
    pub sha256: String,
}

/// Something that was done. What is equal, but for when it was, is a repetition.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize)]
pub struct Entry {
    /// What, `login` for instance.
    pub action: &'static str,
    /// How it went.
    pub outcome: Outcome,
    /// Who did it.
    pub who: Who,
    /// The page or interface.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// What was asked for, as a query of a URL.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub query: Option<String>,
    /// The status that was answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// Why it was refused or did not work.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Who was changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<Who>,
    /// What was exported.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub export: Option<Exported>,
    /// The id of the pipeline or script that was changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub definition: Option<String>,
    /// What became of events that were brought in, sent again or removed: `accepted`, say, and how many.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub events: BTreeMap<&'static str, u64>,
}

/// An entry with its id and time, as a line.
#[derive(Serialize)]
struct Line<'a> {
    id: String,
    time: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    repeated: Option<u64>,
    #[serde(flatten)]
    entry: &'a Entry,
}

/// How often something was repeated, and until when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Repeated {
    pub(crate) times: u64,
    pub(crate) until: Timestamp,
}

impl Entry {
    /// The same with no text longer than fits.
    pub(crate) fn cut(mut self) -> Self {
        let texts = [
            &mut self.path,
            &mut self.query,
            &mut self.reason,
            &mut self.definition,
            &mut self.who.agent,
            &mut self.who.name,
        ];
        for text in texts.into_iter().flatten() {
            text.truncate(text.floor_char_boundary(MAX_TEXT));
        }
        self
    }

    /// As a line of JSON, with an id that no other has.
    pub(crate) fn line(&self, time: Timestamp, repeated: Option<Repeated>) -> std::io::Result<Vec<u8>> {
        let mut random = [0; 15];
        SysRng.try_fill_bytes(&mut random).map_err(std::io::Error::other)?;
        let line = Line {
            id: URL_SAFE_NO_PAD.encode(random),
            time: time.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string(),
            until: repeated.map(|repeated| repeated.until.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string()),
            repeated: repeated.map(|repeated| repeated.times),
            entry: self,
        };
        let mut line = serde_json::to_vec(&line)?;
        line.push(b'\n');
        Ok(line)
    }
}
