//! What is asked for: what there is no good default for.

use std::io::{BufRead, Write};

use anyhow::Context;

use super::text::{Answers, Objects, Server, Source};

pub(super) const DATA_DIR: &str = "./data";
/// promptfoo's own cloud.
pub(super) const PROMPTFOO: &str = "https://www.promptfoo.app";
/// Cencori's dashboard.
pub(super) const CENCORI: &str = "https://cencori.com";

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
        let data_dir = self.ask("Directory for positions, counts and the embedded store", DATA_DIR)?;
        let mut sources = Vec::new();
        sources.extend(self.cursor_files()?);
        let key = self.unless_none("File that holds a key of Cursor's Admin API; - for none", NONE)?;
        sources.extend(key.map(|api_key_file| Source::CursorApi { api_key_file }));
        sources.extend(self.objects()?.map(Source::CursorS3));
        sources.extend(self.promptfoo()?);
        let folder = self.unless_none("Folder that Cencori's exports are put into; - for none", NONE)?;
        sources.extend(folder.map(|folder| Source::CencoriExports(vec![folder])));
        sources.extend(self.cencori()?);
        Ok(Answers { data_dir, sources, server: self.server()? })
    }

    fn cursor_files(&mut self) -> anyhow::Result<Option<Source>> {
        let question = "Files of Cursor audit events, globs allowed; - for none";
        let Some(path) = self.unless_none(question, "/var/log/cursor/*.jsonl*")? else { return Ok(None) };
        let follow = self.ask("Wait for more events in these files (yes or no)", "yes")?;
        let follow = ["y", "yes", "true"].contains(&follow.to_lowercase().as_str());
        Ok(Some(Source::CursorFiles { paths: vec![path], follow }))
    }

    fn objects(&mut self) -> anyhow::Result<Option<Objects>> {
        let question =
            "Cursor's audit log in S3: address of its SQS queue, or name of its bucket; - for none";
        let answer = self.unless_none(question, NONE)?;
        let is_address = |answer: &String| answer.contains("://");
        Ok(answer
            .map(|answer| if is_address(&answer) { Objects::Queue(answer) } else { Objects::Bucket(answer) }))
    }

    fn promptfoo(&mut self) -> anyhow::Result<Option<Source>> {
        let question = "File that holds an API key of an administrator of promptfoo; - for none";
        let Some(token_file) = self.unless_none(question, NONE)? else { return Ok(None) };
        let url = self.ask("Address of promptfoo", PROMPTFOO)?;
        Ok(Some(Source::PromptfooApi { url, token_file }))
    }

    fn cencori(&mut self) -> anyhow::Result<Option<Source>> {
        let question =
            "File that holds the header of a request of Cencori's dashboard, to poll it; - for none";
        let Some(header_file) = self.unless_none(question, NONE)? else { return Ok(None) };
        let slug =
            self.must("The organization's name in the dashboard's address, my-company for instance")?;
        let url = self.ask("Address of the dashboard", CENCORI)?;
        Ok(Some(Source::CencoriApi { url, slug, header_file }))
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
        let answer = self.line(&format!("{question} [{default}]: "))?;
        Ok(if answer.is_empty() { default.to_owned() } else { answer })
    }

    /// One answer that there is no default for.
    fn must(&mut self, question: &str) -> anyhow::Result<String> {
        loop {
            let answer = self.line(&format!("{question}: "))?;
            if !answer.is_empty() {
                return Ok(answer);
            }
        }
    }

    fn line(&mut self, prompt: &str) -> anyhow::Result<String> {
        write!(self.output, "{prompt}")?;
        self.output.flush()?;
        let mut line = String::new();
        let read = self.input.read_line(&mut line).context("the answer can not be read")?;
        anyhow::ensure!(read > 0, "the answers ended before the questions did; nothing was written");
        Ok(line.trim().to_owned())
    }
}
