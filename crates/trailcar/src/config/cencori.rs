//! `type: cencori_api`: the section as it is written, and what becomes of it.

use std::path::PathBuf;

use collect_cencori::{Cencori, CencoriConfig, Filters};
use event::Secret;

use super::polled::{GivenKey, Kind, polled};
use super::resolve::{At, Checks};

polled! {
    /// `type: cencori_api`.
    CencoriFile, Own {
        slug: String,
        header: Option<Secret>,
        header_file: Option<PathBuf>,
        category: Option<String>,
        project_id: Option<String>,
        search: Option<String>,
    }
}

const KIND: Kind =
    Kind { name: "cencori_api", dataset: "cencori.audit", tags: ["forwarded", "cencori-audit"] };

impl Checks<'_> {
    pub(super) fn cencori_api(&mut self, file: CencoriFile, at: &At<'_>) -> Option<Box<CencoriConfig>> {
        let (polled, own) = file.split();
        let filters = Filters { category: own.category, project_id: own.project_id, search: own.search };
        let key = GivenKey { inline: own.header, file: own.header_file };
        self.polled(polled, &KIND, key, Cencori { slug: own.slug, filters }, Vec::new(), at)
    }
}
