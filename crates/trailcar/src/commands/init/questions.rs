//! What is asked for: what there is no good default for.

use std::io::{BufRead, Write};

use anyhow::Context;

use super::text::{Answers, Files, Objects, Server};

pub(super) const DATA_DIR: &str = "./data";

/// The answer that leaves something out.
const NONE: &str = "-";

/// Asks on `output`, and takes the answers of `input`.
pub(super) struct Questions<I, O> {
    pub(super) input: I,
    pub(super) output: O,
}

impl<I: BufRead, O: Write> Questions<I, O> {
    /// All answers.
    ///
    /// # Errors
    /// They end before the questions do.
    pub(super) fn answers(&mut self) -> anyhow::Result<Answers> {
        Ok(Answers {
            data_dir: self.ask("Directory for positions, counts and the embedded store", DATA_DIR)?,
            files: self.files()?,
            cursor_api_key_file: self
                .unless_none("File that holds a key of Cursor's Admin API; - for none", NONE)?,
            objects: self.objects()?,
            server: self.server()?,
        })
    }

    fn files(&mut self) -> anyhow::Result<Option<Files>> {
        let question = "Files of Cursor audit events, globs allowed; - for none";
        let Some(path) = self.unless_none(question, "/var/log/cursor/*.jsonl*")? else { return Ok(None) };
        let follow = self.ask("Wait for more events in these files (yes or no)", "yes")?;
        let follow = ["y", "yes", "true"].contains(&follow.to_lowercase().as_str());
        Ok(Some(Files { paths: vec![path], follow }))
    }

    fn objects(&mut self) -> anyhow::Result<Option<Objects>> {
        let question =
            "Cursor's audit log in S3: address of its SQS queue, or name of its bucket; - for none";
        let answer = self.unless_none(question, NONE)?;
        let is_address = |answer: &String| answer.contains("://");
        Ok(answer
            .map(|answer| if is_address(&answer) { Objects::Queue(answer) } else { Objects::Bucket(answer) }))
    }

    fn server(&mut self) -> anyhow::Result<Option<Server>> {
        let question = "Address of Elasticsearch; - for the embedded store";
        let Some(host) = self.unless_none(question, "https://localhost:9200")? else { return Ok(None) };
        Ok(Some(Server {
            host,
            api_key_file: self.unless_none("File that holds its API key; - for none", NONE)?,
            authority: self.unless_none(
                "PEM file of the authority that signed its certificate; - for a public one",
                NONE,
            )?,
        }))
    }

    fn unless_none(&mut self, question: &str, default: &str) -> anyhow::Result<Option<String>> {
        Ok(Some(self.ask(question, default)?).filter(|answer| answer != NONE))
    }

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
