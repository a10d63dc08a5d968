//! `type: cursor_api`: the section as it is written, and what becomes of it.

use std::path::PathBuf;

use collect::Mistake;
use collect_cursor::{Cursor, CursorConfig, Endpoint, Filters};
use event::Secret;
use serde::Deserialize;

use super::polled::{GivenKey, Kind, polled};
use super::resolve::{At, Checks};

polled! {
    /// `type: cursor_api`.
    CursorFile, Own {
        #[serde(default)]
        endpoint: EndpointWord,
        team_id: Option<String>,
        api_key: Option<Secret>,
        api_key_file: Option<PathBuf>,
        #[serde(default)]
        event_types: Vec<String>,
        #[serde(default)]
        users: Vec<String>,
        search: Option<String>,
    }
}

/// `endpoint`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum EndpointWord {
    #[default]
    Team,
    Organization,
}

/// Cursor's audit log, by every route.
pub(super) const KIND: Kind =
    Kind { name: "cursor_api", dataset: "cursor.audit", tags: ["forwarded", "cursor-audit"] };

impl Checks<'_> {
    pub(super) fn cursor_api(&mut self, file: CursorFile, at: &At<'_>) -> Option<Box<CursorConfig>> {
        let (polled, own) = file.split();
        let mut mistakes = Vec::new();
        if own.team_id.is_some() && own.endpoint == EndpointWord::Team {
            let message = "goes with endpoint: organization; a team's key has its own team's events alone";
            mistakes.push(Mistake { key: "team_id", message: message.to_owned() });
        }
        let service = Cursor {
            endpoint: match own.endpoint {
                EndpointWord::Team => Endpoint::Team,
                EndpointWord::Organization => Endpoint::Organization { team_id: own.team_id },
            },
            filters: Filters { event_types: own.event_types, users: own.users, search: own.search },
        };
        let key = GivenKey { inline: own.api_key, file: own.api_key_file };
        self.polled(polled, &KIND, key, service, mistakes, at)
    }
}
