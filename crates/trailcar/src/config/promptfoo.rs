//! `type: promptfoo_api`: the section as it is written, and what becomes of it.

use std::path::PathBuf;

use collect_promptfoo::{Filters, Promptfoo, PromptfooConfig};
use event::Secret;

use super::polled::{GivenKey, Kind, polled};
use super::resolve::{At, Checks};

polled! {
    /// `type: promptfoo_api`.
    PromptfooFile, Own {
        token: Option<Secret>,
        token_file: Option<PathBuf>,
        action: Option<String>,
        target: Option<String>,
        actor_id: Option<String>,
    }
}

const KIND: Kind =
    Kind { name: "promptfoo_api", dataset: "promptfoo.audit", tags: ["forwarded", "promptfoo-audit"] };

impl Checks<'_> {
    pub(super) fn promptfoo_api(&mut self, file: PromptfooFile, at: &At<'_>) -> Option<Box<PromptfooConfig>> {
        let (polled, own) = file.split();
        let filters = Filters { action: own.action, target: own.target, actor_id: own.actor_id };
        let key = GivenKey { inline: own.token, file: own.token_file };
        self.polled(polled, &KIND, key, Promptfoo { filters }, Vec::new(), at)
    }
}
