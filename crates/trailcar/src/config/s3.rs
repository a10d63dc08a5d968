//! `type: cursor_s3`: Cursor's audit log, streamed to a bucket.

use std::sync::Arc;

use collect_s3::{S3Config, S3Settings};

use super::cursor::KIND;
use super::resolve::{At, Checks, SourceKeys};

impl Checks<'_> {
    /// The source of its settings; its dataset and tags are those of Cursor's audit log unless others are given.
    pub(super) fn cursor_s3(&mut self, mut file: S3Settings, at: &At<'_>) -> Option<Box<S3Config>> {
        let keys = SourceKeys {
            id: file.id.take(),
            dataset: file.dataset.take().unwrap_or_else(|| KIND.dataset.to_owned()),
            namespace: file.namespace.take(),
            tags: file.tags.take().unwrap_or_else(|| KIND.tags.map(str::to_owned).to_vec()),
            preserve_original_event: file.preserve_original_event,
        };
        let source = self.source(keys, "cursor_s3", at)?;
        file.resolve(Arc::new(source)).map(Box::new).map_err(|mistakes| self.mistakes_at(at, mistakes)).ok()
    }
}
