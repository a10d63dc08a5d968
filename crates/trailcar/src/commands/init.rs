//! `trailcar init`.

use std::fmt::Write as _;
use std::fs::OpenOptions;
use std::io::{BufRead, Write};
use std::os::unix::fs::OpenOptionsExt;

use anyhow::Context;
use clap::Args;

use crate::cli::{ConfigFile, Outcome};
use crate::config::Config;

/// Write a configuration by answering a few questions
///
/// Asks on the terminal, or takes one answer a line from standard input; an empty line takes what stands in
/// brackets. The file is checked before it is written, and one that is there is left alone.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  trailcar init
  trailcar init --config /etc/trailcar/trailcar.yml")]
pub(crate) struct Init {
    #[command(flatten)]
    config: ConfigFile,
}

impl Init {
    pub(crate) fn run(self) -> anyhow::Result<Outcome> {
        let path = self.config.path();
        let shown = path.display();
        anyhow::ensure!(
            !path.exists(),
            "{shown} is there already: name another file with --config, or move it away"
        );
        let mut questions = Questions { input: std::io::stdin().lock(), output: std::io::stdout().lock() };
        let text = configuration(&mut questions)?;
        Config::parse(&text, &|name| std::env::var(name).ok()).map_err(|mistakes| {
            let lines: Vec<String> =
                mistakes.iter().map(|mistake| format!("{}: {}", mistake.key, mistake.message)).collect();
            anyhow::anyhow!("nothing was written, since these answers do not work:\n{}", lines.join("\n"))
        })?;
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
        let file = file.as_mut().map_err(|error| anyhow::anyhow!("{shown} can not be written: {error}"))?;
        file.write_all(text.as_bytes()).with_context(|| format!("{shown} can not be written"))?;
        writeln!(questions.output, "\nWrote {shown}. Next: trailcar check")?;
        Ok(Outcome::Done)
    }
}

/// Asks for what there is no good default for.
fn configuration(questions: &mut Questions<impl BufRead, impl Write>) -> anyhow::Result<String> {
    let mut text = String::from("# All keys: docs/configuration.md\n");
    let data_dir = questions.ask("Directory for positions, counts and the embedded store", "./data")?;
    writeln!(text, "data_dir: {}\n", quoted(&data_dir))?;

    let paths = questions
        .ask("Files of Cursor audit events, globs allowed; - for none", "/var/log/cursor/*.jsonl*")?;
    if paths == "-" {
        text.push_str("sources: []\n\n");
    } else {
        let follow = questions.ask("Wait for more events in these files (yes or no)", "yes")?;
        writeln!(
            text,
            "sources:\n  - type: files\n    dataset: cursor.audit\n    paths: [{}]",
            quoted(&paths)
        )?;
        writeln!(text, "    follow: {}\n    tags: [forwarded, cursor-audit]\n", is_yes(&follow))?;
    }

    let host =
        questions.ask("Address of Elasticsearch; - for the embedded store", "https://localhost:9200")?;
    if host == "-" {
        text.push_str("output:\n  store: {}\n");
    } else {
        let key = questions.ask("File that holds its API key; - for none", "-")?;
        let authority = questions
            .ask("PEM file of the authority that signed its certificate; - for a public one", "-")?;
        writeln!(text, "output:\n  elasticsearch:\n    hosts: [{}]", quoted(&host))?;
        if key != "-" {
            writeln!(text, "    api_key_file: {}", quoted(&key))?;
        }
        if authority != "-" {
            writeln!(text, "    ssl:\n      certificate_authorities: [{}]", quoted(&authority))?;
        }
    }
    Ok(text)
}

fn is_yes(answer: &str) -> bool {
    ["y", "yes", "true"].contains(&answer.to_lowercase().as_str())
}

/// A YAML text that holds what was answered, `$` and quotes included.
fn quoted(answer: &str) -> String {
    serde_json::Value::from(answer.replace("${", "$${")).to_string()
}

struct Questions<I, O> {
    input: I,
    output: O,
}

impl<I: BufRead, O: Write> Questions<I, O> {
    /// One answer; an empty one is the default.
    fn ask(&mut self, question: &str, default: &str) -> anyhow::Result<String> {
        write!(self.output, "{question} [{default}]: ")?;
        self.output.flush()?;
        let mut line = String::new();
        let read = self.input.read_line(&mut line).context("the answer can not be read")?;
        anyhow::ensure!(read > 0, "the answers ended before the questions did; nothing was written");
        let answer = line.trim();
        Ok(if answer.is_empty() { default.to_owned() } else { answer.to_owned() })
    }
}
