//! `type: cursor_s3`: Cursor's audit log, streamed to a bucket.

use std::sync::Arc;

use collect_s3::S3Settings;

use super::SourceConfig;
use super::resolve::{Checks, Common};

impl Checks<'_> {
    /// The source of its settings; its dataset and tags are those of Cursor's audit log unless others are given.
    pub(super) fn cursor_s3(
        &mut self,
        mut settings: S3Settings,
        path: &str,
        datasets: &[&str],
        namespace: &str,
    ) -> Option<SourceConfig> {
        let own = settings.namespace.take();
        let tags = settings.tags.take();
        let common = Common {
            kind: "s3",
            id: settings.id.take(),
            dataset: settings.dataset.take().unwrap_or_else(|| "cursor.audit".to_owned()),
            namespace: own.as_deref().unwrap_or(namespace),
            tags: tags.unwrap_or_else(|| vec!["forwarded".to_owned(), "cursor-audit".to_owned()]),
            preserve_original_event: settings.preserve_original_event,
        };
        let source = self.source(common, path, datasets)?;
        match settings.resolve(Arc::new(source)) {
            Ok(config) => Some(SourceConfig::S3(Box::new(config))),
            Err(mistakes) => {
                for mistake in mistakes {
                    let key = if mistake.key.is_empty() {
                        path.to_owned()
                    } else {
                        format!("{path}.{}", mistake.key)
                    };
                    self.mistake(&key, mistake.message);
                }
                None
            }
        }
    }
}
