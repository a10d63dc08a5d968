//! The configuration that answers become.

use std::fmt;

/// What was answered.
pub(super) struct Answers {
    pub(super) data_dir: String,
    pub(super) files: Option<Files>,
    pub(super) cursor_api_key_file: Option<String>,
    pub(super) objects: Option<Objects>,
    /// Without one, the embedded store.
    pub(super) server: Option<Server>,
}

/// Files to read.
pub(super) struct Files {
    pub(super) paths: Vec<String>,
    pub(super) follow: bool,
}

/// Where Cursor's audit log is in S3.
pub(super) enum Objects {
    /// The address of the queue that tells of it.
    Queue(String),
    /// Its name or ARN.
    Bucket(String),
}

/// An Elasticsearch.
pub(super) struct Server {
    pub(super) host: String,
    pub(super) api_key_file: Option<String>,
    pub(super) authority: Option<String>,
}

impl fmt::Display for Answers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("# All keys: docs/configuration.md. After a change: trailcar check\n\n")?;
        f.write_str("# Positions, counts, quarantine and the embedded store.\n")?;
        writeln!(f, "data_dir: {}\n", quoted(&self.data_dir))?;
        self.sources(f)?;
        f.write_str(
            "# GeoLite2-City.mmdb and GeoLite2-ASN.mmdb, where addresses are to get places: docs/geoip.md\n",
        )?;
        f.write_str("# geoip:\n#   directory: ./geoip\n\n")?;
        match &self.server {
            Some(server) => server.fmt(f),
            None => f.write_str("# Into data_dir, with a viewer. Or elasticsearch: docs/elasticsearch.md\noutput:\n  store: {}\n"),
        }
    }
}

impl Answers {
    fn sources(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { files, cursor_api_key_file, objects, .. } = self;
        if files.is_none() && cursor_api_key_file.is_none() && objects.is_none() {
            return f.write_str("sources: []\n\n");
        }
        f.write_str("sources:\n")?;
        if let Some(Files { paths, follow }) = files {
            let paths: Vec<String> = paths.iter().map(|path| quoted(path)).collect();
            f.write_str("  # Copies of the stream's objects, or pages of the Admin API: docs/cursor.md\n")?;
            writeln!(f, "  - type: files\n    dataset: cursor.audit\n    paths: [{}]", paths.join(", "))?;
            writeln!(f, "    follow: {follow}  # whether to wait for more")?;
            f.write_str("    tags: [forwarded, cursor-audit]\n\n")?;
        }
        if let Some(file) = cursor_api_key_file {
            f.write_str("  # Cursor's Admin API, one such source for each team: docs/cursor.md\n")?;
            writeln!(f, "  - type: cursor_api\n    api_key_file: {}", quoted(file))?;
            f.write_str("    initial_lookback: 24h  # where the first run begins; older events: trailcar backfill\n\n")?;
        }
        if let Some(objects) = objects {
            let (key, value) = match objects {
                Objects::Queue(url) => ("queue_url", url),
                Objects::Bucket(name) => ("bucket_arn", name),
            };
            f.write_str("  # Cursor's audit log, streamed to a bucket; credentials as the AWS SDK finds them: docs/s3.md\n")?;
            writeln!(f, "  - type: cursor_s3\n    {key}: {}\n", quoted(value))?;
        }
        Ok(())
    }
}

impl fmt::Display for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("# Once before the first run: trailcar setup. See docs/elasticsearch.md\n")?;
        writeln!(f, "output:\n  elasticsearch:\n    hosts: [{}]", quoted(&self.host))?;
        if let Some(file) = &self.api_key_file {
            writeln!(f, "    api_key_file: {}", quoted(file))?;
        }
        if let Some(file) = &self.authority {
            writeln!(f, "    ssl:\n      certificate_authorities: [{}]", quoted(file))?;
        }
        Ok(())
    }
}

/// A YAML text that holds what was answered, `$` and quotes included.
fn quoted(answer: &str) -> String {
    serde_json::Value::from(answer.replace("${", "$${")).to_string()
}
