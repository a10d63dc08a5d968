//! From the file to the configuration: what serde can not check.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;

use collect::Mistake;
use collect_files::FilesConfig;
use elasticsearch_sink::ElasticsearchSink;
use enrich::Networks;
use event::{Dataset, Source, SourceId, raw};
use ingest::{Definition, StoredScript};
use ipnet::IpNet;
use normalize::{DefinitionError, definitions, scripts};

use super::file::{File, FilesFile, OutputFile, PipelinesFile, SourceFile, UserAgentFile};
use super::mistakes::Mistakes;
use super::tree::Node;
use super::{Config, Geoip, Logging, Output, SourceConfig, check_dataset};

/// Checks a file as a whole. `None` when a part is missing without which there is no configuration; its mistake is
/// noted.
pub(super) fn resolve(file: File, root: &Node, mistakes: &mut Mistakes) -> Option<Config> {
    let mut checks = Checks { root, mistakes };
    let definitions = checks.definitions(&file.pipelines);
    let scripts = checks.scripts(&file.pipelines);
    let regex_files = checks.regex_files(&file.user_agent);
    let networks = checks.networks(&file.networks);
    let output = checks.output(file.output);
    let sources = checks.sources(file.sources, &definitions, output.namespace());
    let trusted_proxies = checks.trusted_proxies(&file.server.trusted_proxies);
    let users = checks.users(file.users);
    if file.data_dir.as_os_str().is_empty() {
        checks.mistake("data_dir", "is empty: name a directory");
    }
    Some(Config {
        data_dir: file.data_dir,
        sources,
        geoip: Geoip::Directory(file.geoip.directory),
        networks: networks?,
        definitions,
        scripts,
        regex_files,
        output,
        listen: file.server.listen,
        trusted_proxies,
        users,
        logging: Logging { level: file.logging.level, format: file.logging.format },
    })
}

/// Where a source stands, and what is around it.
pub(super) struct At<'a> {
    path: &'a str,
    datasets: &'a [&'a str],
    namespace: &'a str,
}

/// The keys that every type of source has.
pub(super) struct SourceKeys {
    pub(super) id: Option<String>,
    pub(super) dataset: String,
    pub(super) namespace: Option<String>,
    pub(super) tags: Vec<String>,
    pub(super) preserve_original_event: bool,
}

pub(super) struct Checks<'a> {
    root: &'a Node,
    mistakes: &'a mut Mistakes,
}

impl Checks<'_> {
    pub(super) fn mistake(&mut self, key: &str, message: impl Into<String>) {
        self.mistakes.at(self.root, key, message);
    }

    /// The shipped pipelines and those of a directory, which win over shipped ones of the same id.
    fn definitions(&mut self, file: &PipelinesFile) -> Vec<Definition> {
        let own = file.directory.as_deref().map(|directory| definitions::directory(directory, None));
        let own = own.transpose().unwrap_or_else(|error| {
            match error {
                DefinitionError::Load(errors) => errors.iter().for_each(|error| {
                    self.mistake("pipelines.directory", error.to_string());
                }),
                error => self.mistake("pipelines.directory", error.to_string()),
            }
            None
        });
        let own = own.unwrap_or_default();
        let mut all = definitions::shipped().unwrap_or_else(|error| {
            self.mistake("pipelines", error.to_string());
            Vec::new()
        });
        all.retain(|shipped| own.iter().all(|definition| definition.id != shipped.id));
        all.extend(own);
        all
    }

    fn scripts(&mut self, file: &PipelinesFile) -> BTreeMap<String, StoredScript> {
        let read = file.directory.as_deref().map(scripts::directory).transpose();
        read.map_err(|error| self.mistake("pipelines.directory", error.to_string()))
            .ok()
            .flatten()
            .unwrap_or_default()
    }

    fn regex_files(&mut self, file: &UserAgentFile) -> BTreeMap<String, String> {
        let read = file.directory.as_deref().map(enrich::regex_files).transpose();
        read.map_err(|error| self.mistake("user_agent.directory", error.to_string()))
            .ok()
            .flatten()
            .unwrap_or_default()
    }

    fn networks(&mut self, named: &BTreeMap<String, Vec<String>>) -> Option<Networks> {
        Networks::new(named)
            .map_err(|error| {
                let text = error.to_string();
                let (key, message) = text.split_once(": ").unwrap_or(("networks", &text));
                self.mistake(key, message);
            })
            .ok()
    }

    fn output(&mut self, file: OutputFile) -> Output {
        match file {
            OutputFile::Elasticsearch(config) => {
                if let Err(error) = ElasticsearchSink::new(&config) {
                    for mistake in error.0 {
                        self.mistake(&mistake.key, mistake.message);
                    }
                }
                Output::Elasticsearch(config)
            }
            OutputFile::Store(_) => Output::Store,
            OutputFile::File(file) => {
                if file.path.is_dir() {
                    self.mistake("output.file.path", "is a directory: name a file in it");
                }
                Output::File(file.path)
            }
        }
    }

    fn sources(
        &mut self,
        files: Vec<SourceFile>,
        known: &[Definition],
        namespace: &str,
    ) -> Vec<SourceConfig> {
        let datasets = definitions::datasets(known);
        let places = self.places("sources", files.len());
        let mut ids: BTreeMap<SourceId, String> = BTreeMap::new();
        let mut sources = Vec::new();
        for (file, path) in files.into_iter().zip(places) {
            let at = At { path: &path, datasets: &datasets, namespace };
            let config = match file {
                SourceFile::Files(file) => self.files(file, &at).map(SourceConfig::Files),
                SourceFile::CursorApi(file) => self.cursor_api(*file, &at).map(SourceConfig::CursorApi),
                SourceFile::CursorS3(file) => self.cursor_s3(*file, &at).map(SourceConfig::CursorS3),
                SourceFile::PromptfooApi(file) => {
                    self.promptfoo_api(*file, &at).map(SourceConfig::PromptfooApi)
                }
                SourceFile::CencoriApi(file) => self.cencori_api(*file, &at).map(SourceConfig::CencoriApi),
            };
            let Some(config) = config else { continue };
            let id = config.source().id.clone();
            if let Some(first) = ids.get(&id) {
                let message = format!(
                    "is called [{id}] like {first}: give each an id of its own, by which its position is kept"
                );
                self.mistake(&path, message);
            } else {
                ids.insert(id, path);
            }
            sources.push(config);
        }
        sources
    }

    /// Where the elements of a list stand: those that could not be decoded are not in it any more.
    pub(super) fn places(&self, list: &str, count: usize) -> Vec<String> {
        let all = (0..).map(|at| format!("{list}[{at}]"));
        all.filter(|path| !self.mistakes.is_broken(path)).take(count).collect()
    }

    /// Networks and single addresses of proxies.
    fn trusted_proxies(&mut self, texts: &[String]) -> Vec<IpNet> {
        let mut networks = Vec::new();
        for (at, text) in texts.iter().enumerate() {
            match text.parse().or_else(|_| text.parse().map(|address: IpAddr| address.into())) {
                Ok(network) => networks.push(network),
                Err(_) => {
                    let message =
                        format!("[{text}] is neither an address nor a network: write 10.0.0.0/8 or ::1, say");
                    self.mistake(&format!("server.trusted_proxies[{at}]"), message);
                }
            }
        }
        networks
    }

    /// Notes what is wrong with the source that stands there.
    pub(super) fn mistakes_at(&mut self, at: &At<'_>, mistakes: impl IntoIterator<Item = Mistake>) {
        for Mistake { key, message } in mistakes {
            let dot = if key.is_empty() { "" } else { "." };
            self.mistake(&format!("{}{dot}{key}", at.path), message);
        }
    }

    /// What all types of sources have in common; `kind` begins the id of one that has none.
    pub(super) fn source(&mut self, keys: SourceKeys, kind: &str, at: &At<'_>) -> Option<Source> {
        let path = at.path;
        check_dataset(&keys.dataset, at.datasets)
            .map_err(|message| self.mistake(&format!("{path}.dataset"), message))
            .ok()?;
        let dataset = Dataset::new(&keys.dataset)
            .map_err(|error| self.mistake(&format!("{path}.dataset"), error.to_string()))
            .ok()?;
        let namespace = keys.namespace.as_deref().unwrap_or(at.namespace);
        if let Err(error) = raw::check_stream_part("the namespace", namespace) {
            self.mistake(&format!("{path}.namespace"), error.to_string());
        }
        let id = keys.id.unwrap_or_else(|| format!("{kind}-{dataset}"));
        if id == journal::SOURCE {
            let message = format!("must be another: [{id}] collects what users do");
            self.mistake(&format!("{path}.id"), message);
        }
        if id.trim().is_empty() || id.chars().any(char::is_control) {
            self.mistake(&format!("{path}.id"), "must be a word: by it the source's position is kept");
        }
        Some(Source {
            id: SourceId::new(&id),
            dataset,
            namespace: namespace.into(),
            tags: keys.tags,
            preserve_original_event: keys.preserve_original_event,
        })
    }

    fn files(&mut self, file: FilesFile, at: &At<'_>) -> Option<FilesConfig> {
        let path = at.path;
        let keys = SourceKeys {
            id: file.id,
            dataset: file.dataset,
            namespace: file.namespace,
            tags: file.tags,
            preserve_original_event: file.preserve_original_event,
        };
        let source = self.source(keys, "files", at)?;
        if file.scan_interval.is_zero() {
            self.mistake(&format!("{path}.scan_interval"), "must be longer than 0s");
        }
        let (split, inflate) = collect::limits(file.max_event_bytes, file.max_inflated_bytes, file.max_ratio);
        let config = FilesConfig {
            source: Arc::new(source),
            paths: file.paths,
            follow: file.follow,
            scan_interval: file.scan_interval,
            split,
            inflate,
        };
        if let Err(error) = config.check() {
            self.mistake(&format!("{path}.paths"), error.to_string());
        }
        Some(config)
    }
}
