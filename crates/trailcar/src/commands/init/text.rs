//! The configuration that answers become.

use std::fmt;

/// What was answered.
pub(super) struct Answers {
    pub(super) data_dir: String,
    pub(super) sources: Vec<Source>,
    /// Without one, the embedded store.
    pub(super) server: Option<Server>,
}

/// Where events come from.
pub(super) enum Source {
    /// Files of Cursor's events, which are followed or read once.
    CursorFiles { paths: Vec<String>, follow: bool },
    /// Cursor's Admin API.
    CursorApi { api_key_file: String },
    /// Cursor's audit log in S3.
    CursorS3(Objects),
    /// promptfoo's API.
    PromptfooApi { url: String, token_file: String },
    /// Folders, files or globs of Cencori's exports, which are watched.
    CencoriExports(Vec<String>),
    /// The route of Cencori's dashboard.
    CencoriApi { url: String, slug: String, header_file: String },
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
        if self.sources.is_empty() {
            f.write_str("sources: []\n\n")?;
        } else {
            f.write_str("sources:\n")?;
            self.sources.iter().try_for_each(|source| writeln!(f, "{source}"))?;
        }
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

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CursorFiles { paths, follow } => {
                f.write_str(
                    "  # Copies of the stream's objects, or pages of the Admin API: docs/cursor.md\n",
                )?;
                writeln!(f, "  - type: files\n    dataset: cursor.audit\n    paths: {}", list(paths))?;
                writeln!(f, "    follow: {follow}  # whether to wait for more")?;
                f.write_str("    tags: [forwarded, cursor-audit]\n")
            }
            Self::CursorApi { api_key_file } => {
                f.write_str("  # Cursor's Admin API, one such source for each team: docs/cursor.md\n")?;
                writeln!(f, "  - type: cursor_api\n    api_key_file: {}", quoted(api_key_file))?;
                f.write_str(LOOKBACK)
            }
            Self::CursorS3(objects) => {
                let (key, value) = match objects {
                    Objects::Queue(url) => ("queue_url", url),
                    Objects::Bucket(name) => ("bucket_arn", name),
                };
                f.write_str("  # Cursor's audit log, streamed to a bucket; credentials as the AWS SDK finds them: docs/s3.md\n")?;
                writeln!(f, "  - type: cursor_s3\n    {key}: {}", quoted(value))
            }
            Self::PromptfooApi { url, token_file } => {
                f.write_str("  # promptfoo's API, with the key of an administrator: docs/promptfoo.md\n")?;
                writeln!(f, "  - type: promptfoo_api\n    url: {}", quoted(url))?;
                writeln!(f, "    token_file: {}", quoted(token_file))?;
                f.write_str(LOOKBACK)
            }
            Self::CencoriExports(paths) => {
                let paths: Vec<String> = paths.iter().flat_map(|path| exports(path)).collect();
                f.write_str("  # Exports of Cencori's audit log, put into a folder that is watched: docs/cencori.md\n")?;
                writeln!(f, "  - type: files\n    dataset: cencori.audit\n    paths: {}", list(&paths))?;
                f.write_str("    follow: true\n    tags: [forwarded, cencori-audit]\n")
            }
            Self::CencoriApi { url, slug, header_file } => {
                f.write_str(
                    "  # The route of Cencori's dashboard, with the header of a session: docs/cencori.md\n",
                )?;
                writeln!(f, "  - type: cencori_api\n    url: {}\n    slug: {}", quoted(url), quoted(slug))?;
                writeln!(f, "    header_file: {}", quoted(header_file))?;
                f.write_str(LOOKBACK)
            }
        }
    }
}

const LOOKBACK: &str =
    "    initial_lookback: 24h  # where the first run begins; older events: trailcar backfill\n";

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

/// What is read of exports: a folder's tables and objects, or what was named.
fn exports(path: &str) -> Vec<String> {
    let is_file = path.contains(['*', '?', '[']) || std::path::Path::new(path).extension().is_some();
    if is_file {
        return vec![path.to_owned()];
    }
    let folder = path.trim_end_matches('/');
    ["csv", "json"].map(|kind| format!("{folder}/*.{kind}")).to_vec()
}

fn list(texts: &[String]) -> String {
    let texts: Vec<String> = texts.iter().map(|text| quoted(text)).collect();
    format!("[{}]", texts.join(", "))
}

/// A YAML text that holds what was answered, `$` and quotes included.
fn quoted(answer: &str) -> String {
    serde_json::Value::from(answer.replace("${", "$${")).to_string()
}
