//! `trailcar init`.

mod questions;
mod text;

use std::fs::OpenOptions;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;

use anyhow::Context;
use clap::Args;

use self::questions::Questions;
use self::text::{Answers, Objects, Server, Source};
use crate::cli::{ConfigFile, Outcome};
use crate::config::Config;

/// Write a configuration by answering a few questions
///
/// Asks on the terminal, or takes one answer a line from standard input; an empty line takes what stands in
/// brackets. With any of the options that answer a question nothing is asked: sources that are not named are left out, and
/// without --elasticsearch events go to the embedded store. The file is checked before it is written, and one that is there
/// is left alone.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  trailcar init
  trailcar init --config /etc/trailcar/trailcar.yml
  trailcar init --cursor-api-key-file /run/secrets/cursor_api_key
  trailcar init --promptfoo-token-file /run/secrets/promptfoo_token --cencori-exports /srv/cencori-exports
  trailcar init --queue-url https://sqs.eu-central-1.amazonaws.com/123456789012/cursor-audit \\
    --elasticsearch https://es.example:9200 --elasticsearch-api-key-file /run/secrets/elasticsearch_api_key")]
pub(crate) struct Init {
    #[command(flatten)]
    config: ConfigFile,
    #[command(flatten)]
    given: Given,
}

/// Answers on the command line.
#[derive(Debug, Args)]
#[group(multiple = true)]
struct Given {
    /// Directory for positions, counts and the embedded store [default: ./data]
    #[arg(long, value_name = "DIR")]
    data_dir: Option<String>,
    /// Files of Cursor audit events that are followed; a glob, may be given several times
    #[arg(long, value_name = "GLOB")]
    files: Vec<String>,
    /// File that holds a key of Cursor's Admin API
    #[arg(long, value_name = "FILE")]
    cursor_api_key_file: Option<String>,
    /// Queue that tells of the objects of Cursor's audit log
    #[arg(long, value_name = "URL", conflicts_with = "bucket")]
    queue_url: Option<String>,
    /// Bucket of Cursor's audit log, by name or ARN, to be listed
    #[arg(long, value_name = "BUCKET")]
    bucket: Option<String>,
    /// File that holds an API key of an administrator of promptfoo
    #[arg(long, value_name = "FILE")]
    promptfoo_token_file: Option<String>,
    /// Address of promptfoo [default: www.promptfoo.app, over HTTPS]
    #[arg(long, value_name = "URL", requires = "promptfoo_token_file")]
    promptfoo_url: Option<String>,
    /// Folder that Cencori's exports are put into, or a glob; may be given several times
    #[arg(long, value_name = "DIR")]
    cencori_exports: Vec<String>,
    /// File that holds the header of a request of Cencori's dashboard, to poll it
    #[arg(long, value_name = "FILE", requires = "cencori_slug")]
    cencori_header_file: Option<String>,
    /// The organization's name in the dashboard's address
    #[arg(long, value_name = "NAME", requires = "cencori_header_file")]
    cencori_slug: Option<String>,
    /// Address of the dashboard [default: cencori.com, over HTTPS]
    #[arg(long, value_name = "URL", requires = "cencori_header_file")]
    cencori_url: Option<String>,
    /// Address of Elasticsearch
    #[arg(long, value_name = "URL")]
    elasticsearch: Option<String>,
    /// File that holds its API key
    #[arg(long, value_name = "FILE", requires = "elasticsearch")]
    elasticsearch_api_key_file: Option<String>,
    /// PEM file of the authority that signed its certificate
    #[arg(long, value_name = "FILE", requires = "elasticsearch")]
    elasticsearch_ca: Option<String>,
}

impl Given {
    /// The answers; `None` when there is not one.
    fn answers(self) -> Option<Answers> {
        let server = self.elasticsearch.clone().map(|host| Server {
            host,
            api_key_file: self.elasticsearch_api_key_file.clone(),
            authority: self.elasticsearch_ca.clone(),
        });
        let data_dir = self.data_dir.clone();
        let sources = self.sources();
        let is_asked = data_dir.is_none() && sources.is_empty() && server.is_none();
        let data_dir = data_dir.unwrap_or_else(|| questions::DATA_DIR.to_owned());
        (!is_asked).then_some(Answers { data_dir, sources, server })
    }

    fn sources(self) -> Vec<Source> {
        let or = |given: Option<String>, default: &str| given.unwrap_or_else(|| default.to_owned());
        let files = self.files;
        let exports = self.cencori_exports;
        let objects = self.queue_url.map(Objects::Queue).or(self.bucket.map(Objects::Bucket));
        let promptfoo = self.promptfoo_token_file.map(|token_file| Source::PromptfooApi {
            url: or(self.promptfoo_url, questions::PROMPTFOO),
            token_file,
        });
        let cencori = self.cencori_header_file.zip(self.cencori_slug).map(|(header_file, slug)| {
            Source::CencoriApi { url: or(self.cencori_url, questions::CENCORI), slug, header_file }
        });
        let all = [
            (!files.is_empty()).then_some(Source::CursorFiles { paths: files, follow: true }),
            self.cursor_api_key_file.map(|api_key_file| Source::CursorApi { api_key_file }),
            objects.map(Source::CursorS3),
            promptfoo,
            (!exports.is_empty()).then_some(Source::CencoriExports(exports)),
            cencori,
        ];
        all.into_iter().flatten().collect()
    }
}

impl Init {
    pub(crate) fn run(self) -> anyhow::Result<Outcome> {
        let path = self.config.path();
        let shown = path.display();
        anyhow::ensure!(
            !path.exists(),
            "{shown} is there already: name another file with --config, or move it away"
        );
        let answers = match self.given.answers() {
            Some(answers) => answers,
            None => {
                Questions { input: std::io::stdin().lock(), output: std::io::stdout().lock() }.answers()?
            }
        };
        let text = answers.to_string();
        Config::parse(&text, &|name| std::env::var(name).ok()).map_err(|mistakes| {
            let lines: Vec<String> =
                mistakes.iter().map(|mistake| format!("{}: {}", mistake.key, mistake.message)).collect();
            anyhow::anyhow!("nothing was written, since these answers do not work:\n{}", lines.join("\n"))
        })?;
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
        let file = file.as_mut().map_err(|error| anyhow::anyhow!("{shown} can not be written: {error}"))?;
        file.write_all(text.as_bytes()).with_context(|| format!("{shown} can not be written"))?;
        writeln!(std::io::stdout(), "\nWrote {shown}. Next: trailcar check")?;
        Ok(Outcome::Done)
    }
}
